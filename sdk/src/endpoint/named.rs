//! An endpoint that somebody names: a host or a URL without a path.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Error;

/// An endpoint as it was named. It is not printed, since it may hold a password.
pub(crate) struct Named {
    /// As errors call it.
    what: String,
    text: String,
}

impl Named {
    /// By the program.
    pub(crate) fn in_code(what: &str, text: &str) -> Self {
        Self { what: what.to_owned(), text: text.to_owned() }
    }

    /// By the value of an environment variable.
    pub(super) fn in_variable(name: &str, text: String) -> Self {
        Self { what: format!("the endpoint in {name}"), text }
    }

    /// Where it leads.
    ///
    /// # Errors
    ///
    /// If it is anything else than a host or a bare URL, or `http` where that is not allowed.
    pub(crate) fn origin(&self, allow_plain: bool) -> Result<Origin, Error> {
        let refused = |reason| Error::configuration(format!("{} is refused: {reason}", self.what));
        Origin::parse(&self.text, allow_plain).map_err(refused)
    }
}

/// A host that may be called, and how. It prints as `https://host[:port]`.
pub(crate) struct Origin {
    pub(crate) is_plain: bool,
    /// `host[:port]`, without a port that goes without saying.
    pub(crate) host: String,
}

impl Origin {
    /// By HTTPS.
    pub(crate) fn https(host: String) -> Self {
        Self { is_plain: false, host }
    }

    fn parse(text: &str, allow_plain: bool) -> Result<Self, &'static str> {
        let (is_plain, authority) = match text.split_once("://") {
            None => (false, text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (true, rest),
            Some(_) => return Err("its scheme is neither https nor http"),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority)?;
        if is_plain && !allow_plain && !is_loopback(&host) {
            return Err("plain http is only for loopback hosts, and for clients that allow it");
        }
        let usual_port = if is_plain { 80 } else { 443 };
        let host = match port {
            Some(port) if port != usual_port => format!("{host}:{port}"),
            _ => host,
        };
        Ok(Self { is_plain, host })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.is_plain { "http" } else { "https" }, self.host)
    }
}

fn split_port(authority: &str) -> Result<(String, Option<u16>), &'static str> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']').ok_or("a bracket is missing")?;
        let address: Ipv6Addr = address.parse().map_err(|_| "the IPv6 address is not valid")?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return Err("something follows the host"),
            Some(port) => Some(parse_port(port)?),
        };
        return Ok((format!("[{address}]"), port));
    }
    let (host, port) = match authority.split_once(':') {
        None => (authority, None),
        Some((host, port)) => (host, Some(parse_port(port)?)),
    };
    check_host(host)?;
    Ok((host.to_ascii_lowercase(), port))
}

fn parse_port(port: &str) -> Result<u16, &'static str> {
    let is_decimal = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(number) if is_decimal && number != 0 => Ok(number),
        _ => Err("the port is not a number from 1 to 65535"),
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    let is_label = |label: &str| {
        matches!(label.len(), 1..=63)
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err("it is not a host, optionally with scheme and port");
    }
    // URL parsers read `127.1` and `0x7f000001` as addresses; a name never ends in a number.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|c: char| c.is_ascii_digit())
        && (last.bytes().all(|byte| byte.is_ascii_digit()) || last[1..].starts_with(['x', 'X']));
    if is_number && host.parse::<Ipv4Addr>().is_err() {
        return Err("the IPv4 address is not valid");
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Option<String> {
        Named::in_code("it", text).origin(false).ok().map(|origin| origin.to_string())
    }

    #[test]
    fn an_endpoint_is_a_host_or_a_bare_url() {
        for (text, expected) in [
            ("vpc.example.internal", "https://vpc.example.internal"),
            ("VPC.Example.com:443", "https://vpc.example.com"),
            ("https://vpc.example.com:8443/", "https://vpc.example.com:8443"),
            ("[::1]:8080", "https://[::1]:8080"),
            ("http://[0:0::1]", "http://[::1]"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("HTTP://localhost:80", "http://localhost"),
        ] {
            assert_eq!(url(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "https://",
            "://h",
            "ftp://h",
            "https://u@h",
            "https://u:p@h",
            "h/path",
            "h//",
            "h?q",
            "h#f",
            "h:0",
            "h:+1",
            "h:65536",
            "h:",
            "h:1:2",
            "[::1",
            "[::1]x",
            "[::g]",
            "::1",
            "a..b",
            "a.",
            ".a",
            "a b",
            "a\tb",
            "h\n",
            "é.com",
            "h\\x",
            "a%2eb",
            "127.1",
            "0x7f000001",
            "1.2.3.4.5",
            "http://evil.com",
            "http://127.0.0.1.evil.com",
            "http://localhost.evil.com",
            "a_b",
            "*",
            "https://https://h",
            "h\0",
        ] {
            assert_eq!(url(text), None, "{text:?}");
        }
    }

    #[test]
    fn plain_http_elsewhere_is_a_choice() {
        assert!(Named::in_code("it", "http://10.0.0.1").origin(true).is_ok());
        assert!(Named::in_code("it", "http://10.0.0.1").origin(false).is_err());
    }

    #[test]
    fn a_refusal_does_not_quote_a_password() -> Result<(), &'static str> {
        match Named::in_code("it", "https://user:hunter2@h").origin(true) {
            Ok(_) => Err("user info was accepted"),
            Err(error) => {
                assert!(!format!("{error} {error:?}").contains("hunter2"));
                Ok(())
            }
        }
    }
}
