//! The table of secrets: how each kind starts, and what has to follow.

use super::class::Class;

/// What to do where a start was found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// A token with a fixed start.
    Token(Token),
    /// A key of an assignment, a header or a flag: `password=`, `"api_key": "`, `--token `.
    Key(Strength),
    /// `Authorization: Bearer `, with whatever scheme.
    Authorization,
    /// `bearer ` anywhere else.
    Bearer,
    /// `Cookie: a=b; c=d`.
    Cookie,
    /// `://`, behind which a user and a password may stand.
    Url,
    /// The rest of an address that is a secret as a whole, or a parameter that signs it.
    Address,
    /// A command whose flag carries a password.
    Command(&'static [u8]),
    /// The first line of a private key.
    KeyBlock,
}

/// How sure a key is to name a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// Nobody writes a value behind it that is none.
    Password,
    /// `secret`, `api_key` and the like.
    Secret,
    /// Compilers and tokenizers use the word as well.
    Token,
}

/// A token that is known by its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) start: &'static str,
    /// What at least `min` bytes behind the start are made of.
    pub(super) class: Class,
    pub(super) min: usize,
    /// Whether the start is so short that it must open a word, and a digit must follow.
    pub(super) weak: bool,
}

const fn token(start: &'static str, class: Class, min: usize) -> Token {
    Token {
        start,
        class,
        min,
        weak: false,
    }
}

const fn weak(start: &'static str, class: Class, min: usize) -> Token {
    Token {
        start,
        class,
        min,
        weak: true,
    }
}

/// Tokens as their makers document them (prefix and least length of the rest).
pub(super) const TOKENS: &[Token] = &[
    // GitHub: personal, OAuth, user-to-server, server-to-server, refresh, fine-grained.
    token("ghp_", Class::Alnum, 20),
    token("gho_", Class::Alnum, 20),
    token("ghu_", Class::Alnum, 20),
    token("ghs_", Class::Alnum, 20),
    token("ghr_", Class::Alnum, 20),
    token("github_pat_", Class::Word, 22),
    // GitLab: personal, deploy, runner, trigger, feed, CI job, SCIM, mail, agent.
    token("glpat-", Class::Word, 20),
    token("gldt-", Class::Word, 20),
    token("glrt-", Class::Word, 20),
    token("glptt-", Class::Word, 20),
    token("glft-", Class::Word, 20),
    token("glcbt-", Class::Word, 20),
    token("glsoat-", Class::Word, 20),
    token("glimt-", Class::Word, 20),
    token("glagent-", Class::Word, 20),
    // Atlassian, Bitbucket.
    token("ATATT3", Class::Word, 40),
    token("ATCTT3", Class::Word, 40),
    weak("ATBB", Class::Alnum, 28),
    weak("BBDC-", Class::Base64, 30),
    // Package registries: npm, PyPI, NuGet, RubyGems, crates.io, Docker Hub, Clojars.
    token("npm_", Class::Alnum, 30),
    token("pypi-Ag", Class::Word, 40),
    weak("oy2", Class::Alnum, 43),
    token("rubygems_", Class::Hex, 40),
    weak("cio", Class::Alnum, 32),
    token("dckr_pat_", Class::Word, 20),
    token("dckr_oat_", Class::Word, 20),
    token("CLOJARS_", Class::Hex, 40),
    // Chat: Slack, Telegram (behind the id of the bot).
    token("xoxb-", Class::Word, 20),
    token("xoxp-", Class::Word, 20),
    token("xoxa-", Class::Word, 20),
    token("xoxr-", Class::Word, 20),
    token("xoxs-", Class::Word, 20),
    token("xoxe-", Class::Word, 20),
    token("xoxe.", Class::Dotted, 20),
    token("xapp-", Class::Word, 20),
    token(":AA", Class::Word, 31),
    // Payment: Stripe, Square, Shopify.
    token("sk_live_", Class::Alnum, 16),
    token("sk_test_", Class::Alnum, 16),
    token("rk_live_", Class::Alnum, 16),
    token("rk_test_", Class::Alnum, 16),
    token("whsec_", Class::Base64, 24),
    token("sq0atp-", Class::Word, 20),
    token("sq0csp-", Class::Word, 30),
    token("shpat_", Class::Hex, 30),
    token("shpss_", Class::Hex, 30),
    token("shpca_", Class::Hex, 30),
    token("shppa_", Class::Hex, 30),
    // Clouds: AWS key ids, Google, Azure AD secrets, Heroku, DigitalOcean, Databricks, Fly.
    weak("AKIA", Class::Upper, 16),
    weak("ASIA", Class::Upper, 16),
    weak("ABIA", Class::Upper, 16),
    weak("ACCA", Class::Upper, 16),
    token("AIza", Class::Word, 35),
    weak("ya29.", Class::Word, 20),
    token("GOCSPX-", Class::Word, 20),
    weak("1//0", Class::Word, 40),
    token("8Q~", Class::Azure, 31),
    token("7Q~", Class::Azure, 31),
    token("HRKU-", Class::Word, 30),
    token("dop_v1_", Class::Hex, 40),
    token("doo_v1_", Class::Hex, 40),
    token("dor_v1_", Class::Hex, 40),
    weak("dapi", Class::Hex, 32),
    token("FlyV1 fm", Class::Base64, 40),
    // Mail and telephone: SendGrid, Twilio, Mailgun.
    weak("SG.", Class::Dotted, 50),
    weak("SK", Class::Hex, 32),
    weak("key-", Class::Hex, 32),
    // HashiCorp: Vault, Terraform Cloud. Pulumi. Grafana, New Relic, Sentry, Dynatrace, PagerDuty, Datadog.
    weak("hvs.", Class::Word, 20),
    weak("hvb.", Class::Word, 20),
    weak("hvr.", Class::Word, 20),
    token(".atlasv1.", Class::Word, 50),
    weak("pul-", Class::Hex, 40),
    token("glsa_", Class::Word, 30),
    token("glc_ey", Class::Base64, 30),
    token("NRAK-", Class::Alnum, 20),
    token("sntrys_", Class::Base64, 30),
    token("sntryu_", Class::Hex, 40),
    token("dt0c01.", Class::Dotted, 40),
    // Models: OpenAI and those that write theirs alike, Hugging Face, Groq, Replicate, xAI, Perplexity, NVIDIA.
    weak("sk-", Class::Word, 20),
    weak("hf_", Class::Alnum, 30),
    weak("gsk_", Class::Alnum, 30),
    weak("r8_", Class::Alnum, 30),
    weak("xai-", Class::Alnum, 40),
    weak("pplx-", Class::Alnum, 30),
    token("nvapi-", Class::Word, 40),
    // Tools: Linear, Notion, Figma, Postman, Doppler, 1Password, Airtable, Supabase, SonarQube, age.
    token("lin_api_", Class::Alnum, 30),
    weak("ntn_", Class::Alnum, 40),
    weak("figd_", Class::Word, 30),
    token("PMAK-", Class::Word, 40),
    weak("dp.pt.", Class::Alnum, 40),
    token("ops_eyJ", Class::Base64, 40),
    weak("sbp_", Class::Hex, 40),
    weak("sqp_", Class::Hex, 40),
    weak("squ_", Class::Hex, 40),
    token("AGE-SECRET-KEY-1", Class::Upper, 40),
    // JSON Web Token: header, payload and signature.
    weak("eyJ", Class::Jwt, 30),
];

/// Words, and what follows them.
pub(super) const WORDS: &[(&str, Rule)] = &[
    ("password", Rule::Key(Strength::Password)),
    ("passwd", Rule::Key(Strength::Password)),
    ("passphrase", Rule::Key(Strength::Password)),
    ("_pass", Rule::Key(Strength::Password)),
    ("pwd", Rule::Key(Strength::Password)),
    ("identified by", Rule::Key(Strength::Password)),
    ("secret", Rule::Key(Strength::Secret)),
    ("api_key", Rule::Key(Strength::Secret)),
    ("api-key", Rule::Key(Strength::Secret)),
    ("apikey", Rule::Key(Strength::Secret)),
    ("access_key", Rule::Key(Strength::Secret)),
    ("access-key", Rule::Key(Strength::Secret)),
    ("accesskey", Rule::Key(Strength::Secret)),
    ("account_key", Rule::Key(Strength::Secret)),
    ("accountkey", Rule::Key(Strength::Secret)),
    ("private_key", Rule::Key(Strength::Secret)),
    ("privatekey", Rule::Key(Strength::Secret)),
    ("encryption_key", Rule::Key(Strength::Secret)),
    ("encryptionkey", Rule::Key(Strength::Secret)),
    ("signing_key", Rule::Key(Strength::Secret)),
    ("signingkey", Rule::Key(Strength::Secret)),
    ("subscription_key", Rule::Key(Strength::Secret)),
    ("subscription-key", Rule::Key(Strength::Secret)),
    ("license_key", Rule::Key(Strength::Secret)),
    ("master_key", Rule::Key(Strength::Secret)),
    ("deploy_key", Rule::Key(Strength::Secret)),
    ("auth_key", Rule::Key(Strength::Secret)),
    ("_auth", Rule::Key(Strength::Secret)),
    ("credentials", Rule::Key(Strength::Token)),
    ("sharedaccesssignature", Rule::Key(Strength::Secret)),
    ("sonar.login", Rule::Key(Strength::Secret)),
    ("sessionid", Rule::Key(Strength::Token)),
    ("session_id", Rule::Key(Strength::Token)),
    ("phpsessid", Rule::Key(Strength::Secret)),
    ("jsessionid", Rule::Key(Strength::Secret)),
    ("connect.sid", Rule::Key(Strength::Secret)),
    ("token", Rule::Key(Strength::Token)),
    ("authorization", Rule::Authorization),
    ("bearer ", Rule::Bearer),
    ("cookie", Rule::Cookie),
    ("://", Rule::Url),
    ("hooks.slack.com/", Rule::Address),
    ("discord.com/api/webhooks/", Rule::Address),
    ("discordapp.com/api/webhooks/", Rule::Address),
    ("outlook.office.com/webhook/", Rule::Address),
    ("webhook.office.com/webhookb2/", Rule::Address),
    ("hooks.zapier.com/hooks/catch/", Rule::Address),
    ("events.pagerduty.com/integration/", Rule::Address),
    ("maker.ifttt.com/trigger/", Rule::Address),
    ("?sig=", Rule::Address),
    ("&sig=", Rule::Address),
    ("signature=", Rule::Address),
    (" login ", Rule::Command(b" -p")),
    ("sshpass ", Rule::Command(b"-p")),
    ("mysql -", Rule::Command(b"-p")),
    ("mysqldump -", Rule::Command(b"-p")),
    ("mysqladmin -", Rule::Command(b"-p")),
    ("redis-cli -", Rule::Command(b"-a ")),
    ("curl ", Rule::Command(b"-u ")),
    ("private key-----", Rule::KeyBlock),
    ("private key block-----", Rule::KeyBlock),
];
