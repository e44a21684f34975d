//! Layers, names and errors of settings.

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn read(file: Option<&str>, pairs: &[(&str, &str)], flags: &[&str]) -> Result<Settings, ConfigError> {
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let secret = |path: &Path| -> std::io::Result<String> {
        if path == Path::new("/run/key") {
            Ok("from-a-file\n".to_owned())
        } else {
            Err(std::io::ErrorKind::NotFound.into())
        }
    };
    load(
        file.map(|text| (Path::new("config.toml"), text)),
        &environment(pairs),
        &flags,
        &secret,
    )
}

fn error(file: Option<&str>, pairs: &[(&str, &str)], flags: &[&str]) -> String {
    read(file, pairs, flags).expect_err("must be refused").to_string()
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = Some("[drift]\nwindow = 200\nbins = 5\nmin_samples = 20\n");
    let settings = read(
        file,
        &[("SENTINEL_DRIFT__BINS", "6"), ("PSI_BINS", "7")],
        &["drift.window=300"],
    )
    .expect("settings");
    assert_eq!(
        (settings.drift.window, settings.drift.bins, settings.drift.min_samples),
        (300, 6, 20)
    );
}

#[test]
fn names_that_operators_know_are_read() {
    let settings = read(
        None,
        &[
            ("GITHUB_WEBHOOK_SECRET", "one, two"),
            ("SENTINEL_API_KEY_FILE", "/run/key"),
            ("SENTINEL_DB_PATH", "/srv/ci/sentinel.db"),
            ("RETRAIN_THRESHOLD", "42"),
        ],
        &[],
    )
    .expect("settings");
    assert_eq!(
        settings
            .webhook
            .secrets
            .iter()
            .map(super::super::http::Secret::expose)
            .collect::<Vec<_>>(),
        ["one", "two"]
    );
    assert_eq!(
        (settings.api.keys[0].key.expose(), settings.api.keys[0].role),
        ("from-a-file", crate::http::Role::Admin)
    );
    assert_eq!(settings.data.dir, PathBuf::from("/srv/ci"));
    assert_eq!(settings.retrain.threshold, 42);
}

#[test]
fn an_unknown_key_is_answered_with_the_nearest_known_one() {
    let message = error(Some("[drift]\npsi_sever = 0.3\n"), &[], &[]);
    assert_eq!(
        message,
        "config.toml: there is no setting `drift.psi_sever`; did you mean `drift.psi_severe`?"
    );
    assert!(error(None, &[("SENTINEL_SERVER__LISTN", "x")], &[]).contains("did you mean `server.listen`?"));
    assert!(error(None, &[], &["dirft.window=3"]).contains("did you mean `drift.window`?"));
}

#[test]
fn a_wrong_value_is_named_with_its_key() {
    assert!(error(Some("[drift]\nbins = \"many\"\n"), &[], &[]).starts_with("config.toml: drift.bins = \"many\": "));
    assert!(error(None, &[("PSI_BINS", "many")], &[]).starts_with("PSI_BINS: drift.bins = \"many\": "));
    assert!(error(None, &[], &["drift.psi_severe=0.05"]).contains("must not be below drift.psi_moderate"));
    assert!(error(None, &[], &["server.listen=nowhere"]).contains("give an IP address and a port"));
    assert!(
        error(None, &[], &["server.trusted_proxies=[\"10.0.0.0/33\"]"]).contains("`10.0.0.0/33` is neither an address")
    );
    assert!(error(Some("not toml"), &[], &[]).starts_with("config.toml: "));
}

#[test]
fn a_secret_is_in_no_message() {
    for message in [
        error(Some("[webhook]\nsecrets = \"hunter2hunter2\"\n"), &[], &[]),
        format!("{:?}", read(None, &[("GITHUB_WEBHOOK_SECRET", "hunter2hunter2")], &[])),
        toml::to_string(&read(None, &[("SENTINEL_API_KEY", "hunter2hunter2")], &[]).expect("settings")).expect("toml"),
    ] {
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn without_secrets_only_this_machine_may_talk() {
    assert!(error(None, &[], &["server.listen=0.0.0.0:8200"]).contains("GITHUB_WEBHOOK_SECRET"));
    read(None, &[], &["server.listen=0.0.0.0:8200", "server.insecure=true"]).expect("told to");
    let guarded = [("GITHUB_WEBHOOK_SECRET", "s"), ("SENTINEL_API_KEY", "k")];
    read(None, &guarded, &["server.listen=0.0.0.0:8200"]).expect("guarded");
}

#[test]
fn the_shipped_file_holds_every_key_with_its_default() {
    let text = include_str!("../../config.toml");
    let settings = read(Some(text), &[], &[]).expect("the shipped file");
    assert_eq!(settings, Settings::default());
    let table: toml::Table = text.parse().expect("toml");
    let defaults = toml::Table::try_from(Settings::default()).expect("defaults");
    for (section, keys) in &defaults {
        for key in keys.as_table().expect("a section").keys() {
            assert!(
                table[section].get(key).is_some(),
                "{section}.{key} is not in config.toml"
            );
        }
    }
}
