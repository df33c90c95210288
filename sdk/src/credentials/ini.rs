//! Files of sections with keys and values.

use super::CredentialsError;

/// A file. No `Debug`: values are secrets.
#[derive(Default)]
pub(super) struct Ini {
    sections: Vec<Section>,
}

/// One section; all of one name are one.
pub(super) struct Section {
    name: String,
    entries: Vec<(String, String)>,
}

impl Ini {
    /// Reads a text, whose values end where `without_comment` cuts them.
    pub(super) fn parse(text: &str, without_comment: fn(&str) -> &str) -> Result<Self, CredentialsError> {
        let mut file = Self::default();
        let mut current = None;
        let mut key_indent = 0;
        for (index, line) in text.lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with(['#', ';']) {
                continue;
            }
            let not_understood = || {
                let problem = "is neither a section nor a key with its value";
                CredentialsError::new(format!("line {} {problem}", index + 1))
            };
            if let Some(name) = section_name(content) {
                current = Some(file.position_of(name));
                key_indent = usize::MAX;
                continue;
            }
            let entries = &mut file.sections[current.ok_or_else(not_understood)?].entries;
            let indent = line.len() - line.trim_start().len();
            match entries.last_mut() {
                // What stands further in than the key above goes on with its value.
                Some((_, value)) if indent > key_indent => {
                    value.push('\n');
                    value.push_str(without_comment(content).trim_end());
                }
                _ => {
                    let (key, value) = content.split_once(['=', ':']).ok_or_else(not_understood)?;
                    let value = without_comment(value).trim();
                    entries.push((key.trim().to_ascii_lowercase(), value.to_owned()));
                    key_indent = indent;
                }
            }
        }
        Ok(file)
    }

    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    fn position_of(&mut self, name: &str) -> usize {
        let known = self.sections.iter().position(|section| section.name == name);
        known.unwrap_or_else(|| {
            self.sections.push(Section { name: name.to_owned(), entries: Vec::new() });
            self.sections.len() - 1
        })
    }
}

impl Section {
    /// The last value of a key, unless it is empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self.entries.iter().rev().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

fn section_name(content: &str) -> Option<&str> {
    let (name, _) = content.strip_prefix('[')?.split_once(']')?;
    Some(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_hash(value: &str) -> &str {
        value.split('#').next().unwrap_or_default()
    }

    fn value(text: &str, section: &str, key: &str) -> Option<String> {
        Ini::parse(text, to_hash).ok()?.section(section)?.get(key).map(str::to_owned)
    }

    #[test]
    fn values_lose_blanks_and_comments() {
        let text = "# c\n; c\n\r\n[ a ]\r\nKey = v = 1 # c\r\nother:2#c\nempty =\n[b]\nkey=3\n[a]\nkey=4";
        assert_eq!(value(text, "a", "key").as_deref(), Some("4"));
        assert_eq!(value(text, "a", "other").as_deref(), Some("2"));
        assert_eq!(value(text, "a", "empty"), None);
        assert_eq!(value(text, "b", "key").as_deref(), Some("3"));
        assert_eq!(value("[a]\nkey = v = 1 # c", "a", "key").as_deref(), Some("v = 1"));
        assert_eq!(value(text, "c", "key"), None);
    }

    #[test]
    fn what_stands_further_in_goes_on() {
        let text = "[a]\n  policy = {\n    \"x\": 1 # c\n   }\n  key = 2\n";
        assert_eq!(value(text, "a", "key").as_deref(), Some("2"));
        assert!(value("[a]\ns3 =\n  key = 1\nkey = 2", "a", "key").as_deref() == Some("2"));
        assert_eq!(value("[a]\np = {\n \"x\": 1 # c\n }", "a", "p").as_deref(), Some("{\n\"x\": 1\n}"));
    }

    #[test]
    fn a_line_that_is_nothing_is_named_and_not_quoted() {
        for text in ["[a]\nsecret", "secret = 1", "[a\nsecret"] {
            let error = Ini::parse(text, to_hash).err().map(|error| error.to_string());
            assert!(
                error.is_some_and(|error| error.contains("line ") && !error.contains("secret")),
                "{text}"
            );
        }
    }
}
