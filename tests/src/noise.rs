//! Repeatable randomness for tests: xorshift, so that a failure can be run again.

/// What tends to break parsers: of JSON, YAML, forms and text.
const TOKENS: &[&[u8]] = &[
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\\u0000",
    b"[[[[[[[[",
    b"{\"a\":",
    b"null",
    b"true",
    b"\"\"",
    b"{}",
    b"[]",
    b"NaN",
    b"-0",
    b"1e400",
    b"-1e-400",
    b"9223372036854775808",
    b"18446744073709551616",
    b"0.1",
    b"\r\n",
    b"\t",
    b"\n",
    b"&a ",
    b"*a",
    b"<<: ",
    b"---\n",
    b"!!binary ",
    b"%25",
    b"%ff",
    b"&amp;",
    b"&#0;",
    b"&#x110000;",
    b".N.",
    b".1.",
];

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

    /// A body with some bytes changed, cut out, doubled, or taken from another one or from what tends to break parsers.
    ///
    /// # Panics
    ///
    /// If there are no others.
    #[must_use]
    pub fn changed(&mut self, body: &[u8], others: &[&[u8]]) -> Vec<u8> {
        let mut body = body.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(body.len() + 1);
            let end = (at + self.below(16)).min(body.len());
            match self.below(6) {
                0 => drop(body.drain(at..end)),
                1 => body.splice(at..at, body[at..end].to_vec()).for_each(drop),
                2 => body[at..end].iter_mut().for_each(|byte| *byte = self.number().to_le_bytes()[0]),
                3 => body.splice(at..end, self.one_of(TOKENS).iter().copied()).for_each(drop),
                4 => body.splice(at..end, self.text(3).into_bytes()).for_each(drop),
                _ => {
                    let other = self.one_of(others);
                    let from = self.below(other.len() + 1);
                    let to = (from + self.below(64)).min(other.len());
                    body.splice(at..end, other[from..to].iter().copied()).for_each(drop);
                }
            }
        }
        body
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
