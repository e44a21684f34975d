//! The layers of settings, put one over the other.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::{ConfigError, Settings};

/// The environment, as a value.
pub type Environment = BTreeMap<String, String>;

/// Where each setting that was set came from, by its key: the file, the variable or `--set`.
pub type Origins = BTreeMap<String, String>;

/// Names that operators know, the keys they set, and whether they hold several, comma separated. Any
/// `SENTINEL_SECTION__KEY` wins over them.
const KNOWN_NAMES: [(&str, &str); 11] = [
    ("GITHUB_WEBHOOK_SECRET", "webhook.secrets"),
    ("SENTINEL_API_KEY", "api.keys"),
    ("SENTINEL_DB_PATH", "data.dir"),
    ("MODEL_SIGNATURE_SECRET", "model.signature_secret"),
    ("GITHUB_TOKEN", "github.token"),
    ("PSI_MODERATE_THRESHOLD", "drift.psi_moderate"),
    ("PSI_SEVERE_THRESHOLD", "drift.psi_severe"),
    ("PSI_BINS", "drift.bins"),
    ("RETRAIN_THRESHOLD", "retrain.threshold"),
    ("RATE_LIMIT_WEBHOOK_PER_MINUTE", "webhook.rate_per_minute"),
    ("RATE_LIMIT_API_PER_MINUTE", "api.rate_per_minute"),
];

/// Loads settings: defaults, the file, the environment, then `section.key=value` flags. `read` reads a secret's file.
///
/// # Errors
/// The first key or value that cannot be used.
pub fn load(
    file: Option<(&Path, &str)>,
    environment: &Environment,
    flags: &[String],
    read: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<Settings, ConfigError> {
    trace(file, environment, flags, read).map(|(settings, _)| settings)
}

/// As [`load`], and says where each setting came from; what is not named is the default.
///
/// # Errors
/// As [`load`].
pub fn trace(
    file: Option<(&Path, &str)>,
    environment: &Environment,
    flags: &[String],
    read: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<(Settings, Origins), ConfigError> {
    let known = known();
    let mut table = Table::new();
    let mut origins = Origins::new();
    if let Some((path, text)) = file {
        table = parse(path, text)?;
        check_keys(&known, &table, &path.display().to_string())?;
        check_values(&table, &path.display().to_string())?;
        for (section, keys) in &table {
            let keys = keys.as_table().into_iter().flat_map(|keys| keys.keys());
            origins.extend(keys.map(|key| (format!("{section}.{key}"), path.display().to_string())));
        }
    }
    for (name, key, value) in from_environment(environment, read)? {
        set(&known, &mut table, &key, &value, &name)?;
        origins.insert(key, name);
    }
    for flag in flags {
        let (key, value) = flag.split_once('=').ok_or_else(|| ConfigError::Value {
            origin: "--set".into(),
            key: flag.clone(),
            value: String::new(),
            what: "write it as section.key=value".into(),
        })?;
        set(&known, &mut table, key.trim(), value.trim(), "--set")?;
        origins.insert(key.trim().to_owned(), "--set".to_owned());
    }
    let settings = deserialize(table, "settings")?;
    settings.check()?;
    Ok((settings, origins))
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    text.parse::<Table>().map_err(|error| ConfigError::File {
        file: path.display().to_string(),
        what: error.to_string(),
    })
}

fn deserialize(table: Table, origin: &str) -> Result<Settings, ConfigError> {
    Value::Table(table)
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::File {
            file: origin.to_owned(),
            what: error.message().to_owned(),
        })
}

/// All keys with their default values, by section.
fn known() -> Table {
    Table::try_from(Settings::default()).unwrap_or_default()
}

/// Looks every key of a table up among the known ones.
fn check_keys(known: &Table, table: &Table, origin: &str) -> Result<(), ConfigError> {
    for (section, value) in table {
        let Some(Value::Table(keys)) = known.get(section) else {
            return Err(unknown(known, section, origin));
        };
        let Value::Table(values) = value else {
            return Err(unknown(known, section, origin));
        };
        if let Some(key) = values.keys().find(|key| !keys.contains_key(*key)) {
            return Err(unknown(known, &format!("{section}.{key}"), origin));
        }
    }
    Ok(())
}

/// Tries each value alone, so that the error names its key.
fn check_values(table: &Table, origin: &str) -> Result<(), ConfigError> {
    for (section, value) in table {
        for (key, value) in value.as_table().into_iter().flatten() {
            try_value(section, key, value, origin)?;
        }
    }
    Ok(())
}

fn try_value(section: &str, key: &str, value: &Value, origin: &str) -> Result<(), ConfigError> {
    let alone = Table::from_iter([(
        section.to_owned(),
        Value::Table(Table::from_iter([(key.to_owned(), value.clone())])),
    )]);
    deserialize(alone, origin).map(drop).map_err(|error| {
        let what = match error {
            ConfigError::File { what, .. } => what,
            other => other.to_string(),
        };
        let secret = matches!(key, "secrets" | "keys" | "signature_secret" | "token");
        let value = if secret { "***".to_owned() } else { value.to_string() };
        let what = if secret {
            "not a list of the expected shape".to_owned()
        } else {
            what
        };
        ConfigError::Value {
            origin: origin.to_owned(),
            key: format!("{section}.{key}"),
            value,
            what,
        }
    })
}

fn unknown(known: &Table, key: &str, origin: &str) -> ConfigError {
    let all = known.iter().flat_map(|(section, keys)| {
        let keys = keys.as_table().into_iter().flat_map(|keys| keys.keys());
        keys.map(move |key| format!("{section}.{key}")).chain([section.clone()])
    });
    let nearest = all
        .map(|candidate| (strsim::damerau_levenshtein(&candidate, key), candidate))
        .filter(|(distance, _)| *distance <= 1 + key.len() / 3)
        .min();
    ConfigError::Unknown {
        origin: origin.to_owned(),
        key: key.chars().take(80).collect(),
        nearest: nearest.map(|(_, candidate)| candidate),
    }
}

/// Sets one key from a text, read as the kind of value that the default has.
fn set(known: &Table, table: &mut Table, key: &str, text: &str, origin: &str) -> Result<(), ConfigError> {
    let (section, name) = key.split_once('.').unwrap_or((key, ""));
    let Some(default) = known.get(section).and_then(|keys| keys.get(name)) else {
        return Err(unknown(known, key, origin));
    };
    let value = if key == "api.keys" {
        admin_key(text)
    } else {
        read_as(default, text)
    };
    try_value(section, name, &value, origin)?;
    if let Value::Table(keys) = table.entry(section).or_insert_with(|| Value::Table(Table::new())) {
        keys.insert(name.to_owned(), value);
    }
    Ok(())
}

fn read_as(default: &Value, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match default {
        Value::Integer(_) => text.parse().map_or_else(|_| as_text(), Value::Integer),
        Value::Float(_) => text.parse().map_or_else(|_| as_text(), Value::Float),
        Value::Boolean(_) => text.parse().map_or_else(|_| as_text(), Value::Boolean),
        Value::Array(_) if text.starts_with('[') => {
            let parsed = format!("value = {text}")
                .parse::<Table>()
                .ok()
                .and_then(|mut table| table.remove("value"));
            parsed.unwrap_or_else(as_text)
        }
        Value::Array(_) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Value::String(part.into()))
                .collect(),
        ),
        Value::String(_) | Value::Datetime(_) | Value::Table(_) => as_text(),
    }
}

/// `SENTINEL_API_KEY` is a key of the role admin.
fn admin_key(text: &str) -> Value {
    let key = [("name", "admin"), ("key", text), ("role", "admin")];
    Value::Array(vec![Value::Table(
        key.into_iter()
            .map(|(name, value)| (name.to_owned(), Value::String(value.into())))
            .collect(),
    )])
}

/// `(variable, key, value)` of every setting in the environment, the weaker names first.
fn from_environment(
    environment: &Environment,
    read: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<Vec<(String, String, String)>, ConfigError> {
    let mut found = Vec::new();
    for (name, key) in KNOWN_NAMES {
        if let Some(value) = value_or_file(environment, name, read)? {
            let value = if key == "data.dir" { folder_of(&value) } else { value };
            found.push((name.to_owned(), key.to_owned(), value));
        }
    }
    for (name, value) in environment {
        let Some(key) = name.strip_prefix("SENTINEL_").filter(|rest| rest.contains("__")) else {
            continue;
        };
        let (key, is_file) = key.strip_suffix("_FILE").map_or((key, false), |key| (key, true));
        let key = key.to_lowercase().replacen("__", ".", 1);
        let value = if is_file {
            read_secret(name, value, read)?
        } else {
            value.clone()
        };
        found.push((name.clone(), key, value));
    }
    Ok(found)
}

/// A variable, or the file that `NAME_FILE` names. An empty one counts as not set.
fn value_or_file(
    environment: &Environment,
    name: &str,
    read: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<Option<String>, ConfigError> {
    let from_file = format!("{name}_FILE");
    let value = match (environment.get(name), environment.get(&from_file)) {
        (Some(value), _) => Some(value.clone()),
        (None, Some(path)) => Some(read_secret(&from_file, path, read)?),
        (None, None) => None,
    };
    Ok(value.filter(|value| !value.is_empty()))
}

fn read_secret(name: &str, path: &str, read: &dyn Fn(&Path) -> std::io::Result<String>) -> Result<String, ConfigError> {
    let error = |error: std::io::Error| ConfigError::File {
        file: format!("{name} ({path})"),
        what: error.to_string(),
    };
    Ok(read(Path::new(path))
        .map_err(error)?
        .trim_end_matches(['\r', '\n'])
        .to_owned())
}

fn folder_of(file: &str) -> String {
    let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or_else(|| ".".to_owned(), |folder| folder.display().to_string())
}
