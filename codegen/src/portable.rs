//! File names that mean the same on every system.

/// Names that Windows keeps for devices, whatever their extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

const LONGEST: usize = 100;

/// Why a file or folder cannot have this name, if so.
pub(crate) fn objection(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|number| number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if name.is_empty() || name == "." || name == ".." {
        Some("it does not name a file")
    } else if name.len() > LONGEST {
        Some("it is longer than 100 characters")
    } else if !name.bytes().all(is_plain) {
        Some("it has characters other than letters, digits, `_`, `-` and `.`")
    } else if name.starts_with('.') || name.ends_with('.') {
        Some("it begins or ends with a dot")
    } else if RESERVED.contains(&stem.as_str()) || is_numbered("com") || is_numbered("lpt") {
        Some("Windows keeps it for a device")
    } else {
        None
    }
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
