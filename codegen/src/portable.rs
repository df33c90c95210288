//! File names that mean the same on every system.

/// Names that Windows keeps for devices, whatever their extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

const LONGEST: usize = 100;

/// Why a file or folder cannot have this name, if so.
pub fn objection(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if name.is_empty() || name == "." || name == ".." {
        Some("it does not name a file")
    } else if name.len() > LONGEST {
        Some("it is longer than 100 characters")
    } else if !name.bytes().all(is_plain) {
        Some("it has characters other than letters, digits, `_`, `-` and `.`")
    } else if name.starts_with('.') || name.ends_with('.') {
        Some("it begins or ends with a dot")
    } else if is_device(stem) {
        Some("Windows keeps it for a device")
    } else {
        None
    }
}

/// Whether Windows takes a name without its extension for a device.
pub(crate) fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    RESERVED.contains(&stem.as_str()) || number.is_some_and(|n| matches!(n.as_bytes(), [b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::objection;

    #[test]
    fn only_portable_names_pass() {
        for name in ["CreateVpc.yaml", "_service.yaml", "mod.rs", "com.rs", "console.rs"] {
            assert_eq!(objection(name), None, "{name}");
        }
        let long = "x".repeat(101);
        for name in [
            "", ".", "..", "a/b", "a\\b", "C:x", "a%2fb", "é", "a b", "con", "CON.rs", "aux.yaml", "nul.",
            "com1", "LPT9.rs", ".hidden", "x.", "a\0", &long,
        ] {
            assert!(objection(name).is_some(), "{name:?}");
        }
    }
}
