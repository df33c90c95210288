//! Tables as text: one row is one line, however long it is.

const STEP: &str = "    ";

/// The entries of a struct in which a table differs from what is usual, each on a line of its own.
#[derive(Debug, Default)]
pub(super) struct Entries(Vec<String>);

impl Entries {
    pub(super) fn put(&mut self, name: &str, value: &str) {
        self.0.push(format!("{name}: {value}"));
    }

    /// `name: Some(…)`, where there is one.
    pub(super) fn put_some(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.put(name, &format!("Some({value})"));
        }
    }

    /// `name: &[…]`, where there are any.
    pub(super) fn put_list(&mut self, name: &str, values: impl Iterator<Item = String>) {
        let mut values = values.peekable();
        if values.peek().is_some() {
            self.put(name, &list(values));
        }
    }

    /// The struct, so many steps from the margin; what is not said is as in `usual`.
    pub(super) fn written(self, name: &str, usual: &str, depth: usize) -> String {
        let [outer, inner] = [STEP.repeat(depth), STEP.repeat(depth + 1)];
        let entries: String = self.0.iter().map(|entry| format!("{inner}{entry},\n")).collect();
        format!("{name} {{\n{entries}{inner}..{usual}\n{outer}}}")
    }

    /// The struct on one line.
    pub(super) fn in_line(self, name: &str, usual: &str) -> String {
        let entries: String = self.0.iter().map(|entry| format!("{entry}, ")).collect();
        format!("{name} {{ {entries}..{usual} }}")
    }
}

/// `&[…]` on one line.
pub(super) fn list(values: impl Iterator<Item = String>) -> String {
    format!("&[{}]", values.collect::<Vec<_>>().join(", "))
}

/// `&[…]` with a line for each row, so many steps from the margin.
pub(super) fn block(rows: impl Iterator<Item = String>, depth: usize) -> String {
    let [outer, inner] = [STEP.repeat(depth), STEP.repeat(depth + 1)];
    let rows: String = rows.map(|row| format!("{inner}{row},\n")).collect();
    if rows.is_empty() { "&[]".to_owned() } else { format!("&[\n{rows}{outer}]") }
}

#[cfg(test)]
mod tests {
    use super::{Entries, block, list};

    fn words(words: &[&str]) -> impl Iterator<Item = String> {
        words.iter().map(|&word| word.to_owned())
    }

    #[test]
    fn what_is_usual_is_left_out() {
        let entries = || {
            let mut entries = Entries::default();
            entries.put_some("token", None);
            entries.put_list("states", words(&[]));
            entries.put_some("size", Some("1".to_owned()));
            entries.put_list("keys", words(&["A", "B"]));
            entries
        };
        assert_eq!(entries().in_line("Wait", "USUAL"), "Wait { size: Some(1), keys: &[A, B], ..USUAL }");
        let written = "Wait {\n        size: Some(1),\n        keys: &[A, B],\n        ..USUAL\n    }";
        assert_eq!(entries().written("Wait", "USUAL", 1), written);
    }

    #[test]
    fn a_row_is_a_line() {
        assert_eq!(block(words(&["A", "B"]), 1), "&[\n        A,\n        B,\n    ]");
        assert_eq!((block(words(&[]), 1), list(words(&[]))), ("&[]".to_owned(), "&[]".to_owned()));
    }
}
