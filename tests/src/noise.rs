//! Repeatable randomness for tests: xorshift, so that a failure can be run again.

/// A stream of numbers that looks random and depends on its seed alone.
#[derive(Clone, Debug)]
pub struct Noise(u64);

impl Noise {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below a bound; 0 if the bound is.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.number() % bound).unwrap_or_default()
    }

    /// One of the choices, of which there must be some.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// A text of what tends to break encodings.
    pub fn text(&mut self, longest: usize) -> String {
        const PARTS: &[&str] = &[
            "\r\n",
            "\0",
            "&",
            "=",
            "#",
            "?",
            "%",
            "%2E",
            "+",
            "*",
            "~",
            "/",
            "/../",
            "..",
            " ",
            "  ",
            ";",
            "'",
            "\"",
            "\\",
            "<",
            "é",
            "网络",
            "😀",
            "\u{202e}",
            "\u{7f}",
            "\u{feff}",
            "e\u{301}",
            "a",
            "Z",
            "0",
            "-",
            "_",
            ".",
            ",",
            ":",
            "\t",
            "\u{10ffff}",
            "{",
            "}",
        ];
        let parts = self.below(longest + 1);
        (0..parts).map(|_| self.one_of(PARTS)).collect()
    }
}
