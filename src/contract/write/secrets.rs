//! What looks like a secret: it must not get into a contract, which people share.

/// Words of names whose text nobody should copy.
const WORDS: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pw",
    "passwords",
    "secret",
    "secrets",
    "token",
    "tokens",
    "apikey",
    "credential",
    "credentials",
    "cookie",
    "dsn",
];
/// The same of two words.
const PAIRS: [&str; 8] = [
    "api_key",
    "access_key",
    "private_key",
    "secret_key",
    "signing_key",
    "encryption_key",
    "session_key",
    "client_key",
];
/// How well-known kinds of keys begin.
const PREFIXES: [&str; 16] = [
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "sk-",
    "sk_live_",
    "AIza",
    "eyJ",
    "pypi-",
];

/// Whether a text under this name may be a secret.
pub(super) fn may_be_secret(name: &str, text: &str) -> bool {
    let name = words(name);
    let named = name.split('_').any(|word| WORDS.contains(&word)) || PAIRS.iter().any(|pair| name.contains(pair));
    named || looks_secret(text)
}

/// The name in lower case, words joined by underscores: `apiKey` is `api_key`.
fn words(name: &str) -> String {
    let mut out = String::new();
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && after_lower {
            out.push('_');
        }
        after_lower = c.is_lowercase() || c.is_numeric();
        out.extend(c.to_lowercase());
    }
    out
}

fn looks_secret(text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") || has_login(text) {
        return true;
    }
    let key_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-' | '.');
    if text.len() < 16 || !text.chars().all(key_like) {
        return false;
    }
    let has = |kind: fn(&char) -> bool| text.chars().filter(kind).count() >= 3;
    let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    let hexadecimal = text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit()) && has(char::is_ascii_digit);
    PREFIXES.iter().any(|prefix| text.starts_with(prefix)) || mixed && text.len() >= 20 || hexadecimal
}

/// `scheme://user:password@host`.
fn has_login(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.split_once('@').is_some_and(|(login, _)| login.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_or_by_look() {
        for (name, text) in [
            ("password", "hunter2"),
            ("DB_PASSWORD", "x"),
            ("apiKey", "x"),
            ("API_KEY", "x"),
            ("token", "x"),
            ("pw", "x"),
            ("passwords", "x"),
            ("authToken", "x"),
            ("URL", "postgres://ada:pw@host/db"),
            ("A", "-----BEGIN PRIVATE KEY-----"),
            ("A", "ghp_0123456789abcdefghij"),
            ("A", "AKIAIOSFODNN7EXAMPLE"),
            ("A", "wJalrXUtnFEMI7K7MDENG0bPxRfiCYEXAMPLEKEY"),
            ("A", "5f4dcc3b5aa765d61d8327deb882cf99"),
        ] {
            assert!(may_be_secret(name, text), "{name} = {text:?}");
        }
        for (name, text) in [
            ("engine", "docker"),
            ("keyword", "x"),
            ("tokenizer", "x"),
            ("monkey", "x"),
            ("URL", "https://example.org/a@b:c"),
            ("A", "the quick brown fox jumps over 13 lazy dogs"),
            ("A", "application/vnd.oasis.opendocument.text"),
            ("A", "SomeVeryLongClassName"),
            ("A", "2024-01-01T00:00:00.000"),
        ] {
            assert!(!may_be_secret(name, text), "{name} = {text:?}");
        }
    }
}
