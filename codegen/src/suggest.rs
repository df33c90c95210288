//! What a word is a slip for.

/// No word of the dialect is longer; beyond it two words are far apart anyway.
const LONGEST: usize = 64;

/// "Did you mean …?", or the list of what there is.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    match (nearest(word, known), known) {
        (Some(close), _) => did_you_mean(close),
        (None, []) => String::new(),
        (None, _) => format!("Known here: `{}`.", known.join("`, `")),
    }
}

/// The question.
pub fn did_you_mean(word: &str) -> String {
    format!("Did you mean `{word}`?")
}

/// What a word is a slip for, if anything.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let by_distance = known.iter().map(|known| (distance(word, known), *known));
    let (distance, known) = by_distance.min()?;
    (distance <= known.chars().count().div_ceil(3)).then_some(known)
}

/// The number of characters to insert, remove or replace to come from one word to the other.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let is_far = from.len() > LONGEST || to.len() > LONGEST;
    if is_far { usize::MAX } else { strsim::levenshtein(from, to) }
}

#[cfg(test)]
mod tests {
    use super::{distance, suggestion};

    #[test]
    fn suggests_only_what_is_close() {
        assert_eq!(suggestion("lenght", &["length", "range"]), "Did you mean `length`?");
        assert_eq!(suggestion("zzz", &["length", "range"]), "Known here: `length`, `range`.");
        assert_eq!(suggestion("zzz", &[]), "");
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance(&"x".repeat(100_000), "abc"), usize::MAX);
    }
}
