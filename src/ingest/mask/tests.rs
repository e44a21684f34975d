//! What is masked, what is not, and what holds for any bytes.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::mask;

fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask(&mut bytes);
    String::from_utf8(bytes).expect("masking keeps UTF-8")
}

/// A made-up rest of a token: letters of both cases and digits.
fn random(length: usize) -> String {
    "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7".chars().cycle().take(length).collect()
}

fn hex(length: usize) -> String {
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
        .chars()
        .cycle()
        .take(length)
        .collect()
}

/// Lines with one secret each: what stands before it, the secret, what stands behind it.
#[expect(clippy::too_many_lines, reason = "a table")]
fn secrets() -> Vec<(String, String, String)> {
    let upper = random(16).to_uppercase();
    let jwt = format!("hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{}", random(43));
    let of = |before: &str, secret: String, behind: &str| (before.to_owned(), secret, behind.to_owned());
    vec![
        of("remote: ghp_", random(36), " used"),
        of("GITHUB: gho_", random(36), ""),
        of("ghu_", random(36), ""),
        of(
            "url https://x-access-token:",
            format!("ghs_{}", random(36)),
            "@github.com/o/r",
        ),
        of("ghr_", random(36), ""),
        of("github_pat_", random(82), ","),
        of("job glpat-", random(20), " "),
        of("gldt-", random(20), ""),
        of("glrt-", random(20), ""),
        of("glcbt-", format!("64_{}", random(20)), ""),
        of("npm_", random(36), ""),
        of("//registry.npmjs.org/:_authToken=", random(36), ""),
        of("pypi-Ag", random(100), ""),
        of("nuget push -k oy2", random(43).to_lowercase(), ""),
        of("rubygems_", hex(48), ""),
        of("dckr_pat_", random(27), ""),
        of(
            "slack xoxb-",
            "123456789012-1234567890123-aB3dE6gH9jK2mN5pQ8sT1vW4".into(),
            "",
        ),
        of("xapp-", "1-A0123456789-1234567890123-abcdef0123456789".into(), ""),
        of(
            "https://hooks.slack.com/",
            "services/T00000000/B00000000/aB3dE6gH9jK2mN5pQ8sT1vW4".into(),
            " ",
        ),
        of(
            "https://discord.com/api/webhooks/",
            format!("1234567890/{}", random(60)),
            "",
        ),
        of(
            "https://x.webhook.office.com/webhookb2/",
            format!("{}@{}/IncomingWebhook/{}", hex(32), hex(32), hex(32)),
            "",
        ),
        of("stripe sk_live_", random(24), ""),
        of("rk_test_", random(24), ""),
        of("whsec_", random(32), ""),
        of("AWS AKIA", upper.clone(), " "),
        of("creds ASIA", upper, "\t"),
        of(
            "aws_secret_access_key = ",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            "",
        ),
        of(
            "AWS_SECRET_ACCESS_KEY=",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            "",
        ),
        of("X-Amz-Signature=", hex(64), "&x=1"),
        of("maps AIza", random(35), ""),
        of("ya29.", random(60), ""),
        of("GOCSPX-", random(28), ""),
        of("client a7Q8Q~", random(34), ""),
        of(
            "AccountName=x;AccountKey=",
            format!("{}==", random(86)),
            ";EndpointSuffix=core.windows.net",
        ),
        of(
            "https://x.blob.core.windows.net/c/f?sv=2022&sig=",
            format!("{}%3D", random(43)),
            "&se=2024",
        ),
        of("Endpoint=sb://x/;SharedAccessKey=", format!("{}=", random(43)), ""),
        of("HEROKU_API_KEY=", "01234567-89ab-cdef-0123-456789abcdef".into(), ""),
        of("SG.", format!("{}.{}", random(22), random(43)), ""),
        of("twilio SK", hex(32), ""),
        of("dop_v1_", hex(64), ""),
        of("vault hvs.", random(90), ""),
        of("dapi", hex(32), ""),
        of("openai sk-", format!("proj-{}", random(48)), ""),
        of("anthropic sk-", format!("ant-api03-{}", random(90)), ""),
        of("hf_", random(34), ""),
        of("bot 123456789:AA", random(33), "/getMe"),
        of("jwt eyJ", jwt.clone(), ""),
        of("Authorization: Bearer ", random(40), ""),
        of("authorization: Basic ", "dXNlcjpodW50ZXIy".into(), ""),
        of("-H 'Authorization: token ", random(40), "'"),
        of("{\"Authorization\": \"Bearer ", random(40), "\"}"),
        of(
            "authorization: Digest ",
            "username=\"\"".replace('"', "") + "x, response=abc",
            "",
        ),
        of("got bearer ", random(40), ""),
        of("PRIVATE-TOKEN: ", random(20), ""),
        of("X-API-Key: ", random(20), ""),
        of("postgres://app:", "hunter2".into(), "@db:5432/app"),
        of("https://", random(40), "@github.com/o/r.git"),
        of("redis://:", "p@ss!word".into(), "@cache:6379"),
        of("password=", "hunter2".into(), ""),
        of("DB_PASSWORD: ", "s3cr3t-pw".into(), ""),
        of("Server=x;Uid=sa;Pwd=", "Passw0rd!".into(), ";"),
        of("\"password\": \"", "correct horse".into(), "\""),
        of("log {\\\"password\\\":\\\"", "hunter two".into(), "\\\"}"),
        of("secret: '", "anything".into(), "'"),
        of("client_secret=", "abcdefgh".into(), "&grant_type=x"),
        of("<password>", "hunter2".into(), "</password>"),
        of("deploy --password ", "correcthorse".into(), " --force"),
        of("deploy --api-token=", "abc123def".into(), ""),
        of("[\"--token\",\"", "abc123def456".into(), "\"]"),
        of("docker login -u me -p ", "hunter2".into(), " ghcr.io"),
        of("mysql -u root -p", "hunter2".into(), " app"),
        of("sshpass -p ", "hunter2".into(), " ssh x"),
        of("curl -s -u me:", "hunter2".into(), " https://x"),
        of("CREATE USER x IDENTIFIED BY '", "hunter2".into(), "'"),
        of("Cookie: session=", random(32), ""),
        of("Set-Cookie: sid=", random(32), "; Path=/; HttpOnly"),
        of("SECRET_KEY_BASE=", hex(128), ""),
        of("lin_api_", random(40), ""),
        of("glsa_", random(41), ""),
        of("age AGE-SECRET-KEY-1", random(58).to_uppercase(), ""),
    ]
}

#[test]
fn every_kind_of_secret_is_covered_and_nothing_around_it() {
    for (before, secret, behind) in secrets() {
        let covered = format!("{before}{}{behind}", "*".repeat(secret.len()));
        assert_eq!(masked(&format!("{before}{secret}{behind}")), covered);
    }
}

#[test]
fn every_kind_is_covered_in_a_json_string_with_escapes_around_it() {
    for (before, secret, behind) in secrets() {
        let text = format!("\n{before}{secret}{behind}\n\"quoted\" \u{1b}[0m");
        let body = json!({"text": text, "n": 12345, "token": 1_234_567, "secret": null}).to_string();
        let read: Value = serde_json::from_str(&masked(&body)).expect("still JSON");
        assert_eq!(
            read["text"],
            json!(text.replace(&secret, &"*".repeat(secret.len()))),
            "{body}"
        );
        assert_eq!(
            (&read["n"], &read["token"], &read["secret"]),
            (&json!(12345), &json!(1_234_567), &Value::Null)
        );
    }
}

#[test]
fn ordinary_lines_stay_as_they_are() {
    for line in [
        "password: incorrect",
        "Password: required",
        "error: token expired",
        "Error: Bad credentials: token is invalid",
        "unexpected token: 'foo'",
        "SyntaxError: Unexpected token: punc (})",
        "syntax error near unexpected token `('",
        "tokens: 1024, tokenizer=bert-base-uncased",
        "GITHUB_TOKEN: ***",
        "password=***",
        "AUTHORIZATION: basic ***",
        "secret: my-secret-name",
        "secretName: registry-credentials-2",
        "Authorization: required",
        "Secret not found: DB_PASSWORD",
        "commit 3484a3fb816e0859fd6e1cea078d76385ff50625",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "    --hash=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "https://github.com/owner/repo/actions/runs/123456789/job/987654321",
        "git@github.com:owner/repo.git",
        "npm ERR! 404 https://registry.npmjs.org/@babel%2fcore",
        "http://localhost:4873/@scope/package",
        "token=${{ secrets.GITHUB_TOKEN }}",
        "password: ${DB_PASSWORD}",
        "api_key=$API_KEY",
        "export TOKEN=$(cat file)",
        "const token = await getToken()",
        "if (password == null) throw",
        "Token::new(1)",
        "PWD=/home/runner/work",
        "PWD: '/gpt'",
        "elixir_erl_pass:translate/2",
        "https://$GH_TOKEN:@github.com",
        "--password-stdin",
        "use --password to log in",
        "error: the --token flag is required",
        "docker run -p 8080:80 image",
        "mkdir -p build/output",
        "task-1234567890-1234567890-abc passed",
        "at Disk.sk (app.js:1:2)",
        "cookie: not found",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "curl -u https://example.com",
        "process.env.TOKEN",
        "token: process.env.TOKEN1",
        "access_key: 12",
        "max_token=512",
        "E: The repository 'https://x.y' has no secret.",
    ] {
        assert_eq!(masked(line), line);
    }
}

fn key_block() -> String {
    let lines: String = (0..24).map(|n| format!("{}{:02}\n", random(62), n)).collect();
    format!("-----BEGIN RSA PRIVATE KEY-----\n{lines}aB3d==\n-----END RSA PRIVATE KEY-----\n")
}

#[test]
fn a_private_key_is_covered_over_all_its_lines() {
    let text = format!("before\n{}after the key\n", key_block());
    let covered = masked(&text);
    assert!(
        covered.starts_with("before\n-----BEGIN RSA PRIVATE KEY-----\n***"),
        "{covered}"
    );
    assert!(
        covered.ends_with("***\n******\n-----END RSA PRIVATE KEY-----\nafter the key\n"),
        "{covered}"
    );
    assert!(!covered.contains("aB3d"));
}

#[test]
fn a_private_key_behind_timestamps_or_in_a_json_string_is_covered() {
    let stamped: String = key_block()
        .lines()
        .map(|line| format!("2024-05-01T10:00:00.0000000Z {line}\n"))
        .collect();
    assert!(!masked(&stamped).contains("aB3d"));
    let body = json!({"pem": key_block(), "client_id": 1234, "next": "word"}).to_string();
    let covered = masked(&body);
    assert!(
        !covered.contains("aB3d") && covered.contains("\\n-----END"),
        "{covered}"
    );
    assert_eq!(
        serde_json::from_str::<Value>(&covered).unwrap()["client_id"],
        json!(1234)
    );
}

#[test]
fn a_private_key_without_end_does_not_cover_what_follows() {
    let text = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n{}\nab==\nError: could not read the key\n",
        random(64),
        random(64)
    );
    let covered = masked(&text);
    assert!(!covered.contains("aB3d"), "{covered}");
    assert!(covered.contains("Error: could not read the key"), "{covered}");
}

#[test]
fn a_line_from_the_middle_of_a_private_key_is_covered() {
    assert_eq!(
        masked(&format!("  {}\nok\n", random(64))),
        format!("  {}\nok\n", "*".repeat(64))
    );
}

#[test]
fn a_secret_of_many_bytes_a_character_leaves_valid_text() {
    assert_eq!(masked("password='pässwörd' x"), "password='**********' x");
}

#[test]
fn a_line_of_many_megabytes_of_starts_takes_no_longer_than_others() {
    for start in [
        "token=",
        "eyJ",
        "sk-",
        "mysql -",
        "://",
        "password:\"",
        "\\",
        "cookie:a=",
        "ghp_",
        "-----BEGIN PRIVATE KEY-----",
    ] {
        let mut bytes = start.as_bytes().repeat(4_000_000 / start.len());
        mask(&mut bytes);
        assert_eq!(bytes.len(), 4_000_000 / start.len() * start.len());
    }
}

/// Text that is full of starts of secrets, quotes, escapes and other borders.
fn suspicious() -> impl Strategy<Value = String> {
    let starts: Vec<&'static str> = super::TOKENS
        .iter()
        .map(|token| token.start)
        .chain(super::WORDS.iter().map(|(word, _)| *word))
        .collect();
    let part = prop_oneof![
        4 => proptest::sample::select(starts).prop_map(str::to_owned),
        4 => proptest::sample::select(vec!["=", ":", ": ", "\"", "'", "\\\"", "\\", " ", "-", "--", "@", "/", ">", "<", ";", ",", "***", "é", "\r"])
            .prop_map(str::to_owned),
        2 => "[a-zA-Z0-9_]{1,12}",
        1 => "[a-zA-Z0-9]{30,70}",
        1 => ".{1,4}",
    ];
    proptest::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn length_line_breaks_and_utf8_stay(lines in proptest::collection::vec(suspicious(), 0..4)) {
        let text = lines.join("\n");
        let covered = masked(&text);
        prop_assert_eq!(covered.len(), text.len());
        let breaks = |text: &str| text.bytes().map(|byte| byte == b'\n').collect::<Vec<_>>();
        prop_assert_eq!(breaks(&covered), breaks(&text));
    }

    #[test]
    fn masking_again_changes_nothing(text in suspicious()) {
        let once = masked(&text);
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn line_by_line_is_the_same_as_the_whole(lines in proptest::collection::vec(suspicious(), 0..5)) {
        let lines: Vec<String> =
            lines.iter().map(|line| line.to_lowercase().replace("private", "").replace('\n', " ")).collect();
        let apart: Vec<String> = lines.iter().map(|line| masked(line)).collect();
        prop_assert_eq!(masked(&lines.join("\n")), apart.join("\n"));
    }

    #[test]
    fn json_stays_json(texts in proptest::collection::vec(suspicious(), 1..4), number in any::<i64>()) {
        let inner = json!({"password": texts[0], "token": number, "log": texts}).to_string();
        let object: serde_json::Map<String, Value> =
            texts.iter().map(|text| (text.clone(), json!([number, text, true, null, inner]))).collect();
        let body = Value::Object(object).to_string();
        let covered = masked(&body);
        prop_assert!(serde_json::from_str::<Value>(&covered).is_ok(), "{}\n{}", body, covered);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256), text in suspicious()) {
        let mut bytes = [bytes.as_slice(), text.as_bytes(), bytes.as_slice()].concat();
        let length = bytes.len();
        mask(&mut bytes);
        prop_assert_eq!(bytes.len(), length);
    }
}
