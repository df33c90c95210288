//! Which line of a spec a generated line comes from.

/// The spec behind a generated file.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Path of the spec file, or of the folder of several, `spec/` included.
    pub file: String,
    /// Wire names and codes of the spec, and the line of each.
    pub lines: Vec<(String, u32)>,
}

impl Origin {
    /// The spec file, with the line whose fact a diff is about if there is one.
    pub fn blamed(&self, diff: &str) -> String {
        let is_change = |line: &&str| {
            let marked = line.starts_with(['+', '-']);
            marked && !line.starts_with("+++") && !line.starts_with("---")
        };
        let longest = |line: &str| {
            let named = self.lines.iter().filter(|(name, _)| line.contains(name.as_str()));
            named.max_by_key(|(name, _)| name.len())
        };
        match diff.lines().filter(is_change).find_map(longest) {
            Some((_, line)) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}
