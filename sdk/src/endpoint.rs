//! Which host a request goes to. Everything that could move it elsewhere is refused here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Error;
use crate::schema::Service;

/// From where a service is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Network {
    /// From anywhere, over the internet.
    #[default]
    Public,
    /// From inside a VPC of the vendor, without the internet.
    Vpc,
}

/// The host of a service.
///
/// Inside a VPC it is the service's VPC host. Otherwise the service's map of exceptional regions
/// comes first, then its central host if it has one, then its rule.
///
/// # Errors
///
/// If the region is not one DNS label of `a`-`z`, `0`-`9` and `-`, at most 63 long, or if the
/// service has no host in that network.
///
/// ```
/// use cloudnet::endpoint::{self, Network};
/// # use cloudnet::schema::{Endpoints, Protocol, Service};
/// # static SERVICE: Service = Service {
/// #     name: "vpc", title: "", product: "Vpc", version: "2016-04-28",
/// #     protocol: Protocol::AcsRpc,
/// #     endpoints: Endpoints {
/// #         rule: "vpc.{region}.aliyuncs.com", vpc_network: None, central: None,
/// #         home_region: None, map: &[],
/// #     },
/// #     errors: &[],
/// # };
///
/// let host = endpoint::resolve(&SERVICE, "cn-beijing", Network::Public)?;
/// assert_eq!(host, "vpc.cn-beijing.aliyuncs.com");
/// assert!(endpoint::resolve(&SERVICE, "x@evil.com:443/#", Network::Public).is_err());
/// # Ok::<(), cloudnet::Error>(())
/// ```
pub fn resolve(service: &Service, region: &str, network: Network) -> Result<String, Error> {
    check_region(region)?;
    let endpoints = &service.endpoints;
    let mapped = endpoints.map.iter().find(|(name, _)| *name == region).map(|(_, host)| *host);
    let rule = match network {
        Network::Public => mapped.or(endpoints.central).unwrap_or(endpoints.rule),
        Network::Vpc => endpoints
            .vpc_network
            .ok_or_else(|| Error::configuration(format!("{} has no endpoint inside a VPC", service.name)))?,
    };
    Ok(rule.replace("{region}", region))
}

/// Where a client sends its requests, and in the name of which region it signs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// `https://host[:port]`.
    pub(crate) origin: String,
    /// `host[:port]`, without a port that goes without saying.
    pub(crate) host: String,
    /// The region of the credential scope.
    pub(crate) signing_region: String,
}

impl Endpoint {
    /// The endpoint that the tables know.
    pub(crate) fn of(service: &Service, region: &str, network: Network) -> Result<Self, Error> {
        let host = resolve(service, region, network)?;
        let signing_region = service.endpoints.home_region.unwrap_or(region).to_owned();
        Ok(Self { origin: format!("https://{host}"), host, signing_region })
    }

    /// An endpoint that the caller names: a host or a URL without a path.
    pub(crate) fn explicit(
        service: &Service,
        text: &str,
        region: &str,
        allow_plain: bool,
    ) -> Result<Self, Error> {
        check_region(region)?;
        let (is_plain, authority) = match text.split_once("://") {
            None => (false, text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (true, rest),
            Some(_) => return Err(refused("its scheme is neither https nor http")),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority)?;
        if is_plain && !allow_plain && !is_loopback(&host) {
            return Err(refused("plain http is only for loopback hosts, unless it is allowed"));
        }
        let (scheme, usual_port) = if is_plain { ("http", 80) } else { ("https", 443) };
        let host = match port {
            Some(port) if port != usual_port => format!("{host}:{port}"),
            _ => host,
        };
        let signing_region = service.endpoints.home_region.unwrap_or(region).to_owned();
        Ok(Self { origin: format!("{scheme}://{host}"), host, signing_region })
    }
}

/// A region becomes a part of a host, so it must be one DNS label.
pub(crate) fn check_region(region: &str) -> Result<(), Error> {
    let is_label = matches!(region.len(), 1..=63)
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if is_label {
        return Ok(());
    }
    Err(Error::configuration("the region must be 1 to 63 characters of a-z, 0-9 and -"))
}

fn split_port(authority: &str) -> Result<(String, Option<u16>), Error> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']').ok_or_else(|| refused("a bracket is missing"))?;
        let address: Ipv6Addr = address.parse().map_err(|_| refused("the IPv6 address is not valid"))?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return Err(refused("something follows the host")),
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

fn parse_port(port: &str) -> Result<u16, Error> {
    let is_decimal = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(number) if is_decimal && number != 0 => Ok(number),
        _ => Err(refused("the port is not a number from 1 to 65535")),
    }
}

fn check_host(host: &str) -> Result<(), Error> {
    let is_label = |label: &str| {
        matches!(label.len(), 1..=63)
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(refused("it is not a host, optionally with scheme and port"));
    }
    // URL parsers read `127.1` and `0x7f000001` as addresses; a name never ends in a number.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|c: char| c.is_ascii_digit())
        && (last.bytes().all(|byte| byte.is_ascii_digit()) || last[1..].starts_with(['x', 'X']));
    if is_number && host.parse::<Ipv4Addr>().is_err() {
        return Err(refused("the IPv4 address is not valid"));
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The endpoint itself is not quoted: it may hold a password.
fn refused(reason: &str) -> Error {
    Error::configuration(format!("the endpoint is refused: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::test_service::{CENTRAL, SERVICE};

    fn explicit(text: &str) -> Option<String> {
        Endpoint::explicit(&SERVICE, text, "cn-beijing", false).ok().map(|endpoint| endpoint.origin)
    }

    #[test]
    fn the_map_precedes_the_rule() -> Result<(), Error> {
        assert_eq!(resolve(&SERVICE, "cn-beijing", Network::Public)?, "thing.cn-beijing.aliyuncs.com");
        assert_eq!(resolve(&SERVICE, "cn-hangzhou", Network::Public)?, "thing.aliyuncs.com");
        assert_eq!(resolve(&SERVICE, "cn-hangzhou", Network::Vpc)?, "thing-vpc.cn-hangzhou.aliyuncs.com");
        assert!(resolve(&CENTRAL, "cn-hangzhou", Network::Vpc).is_err());
        Ok(())
    }

    #[test]
    fn a_central_service_signs_for_its_own_region() -> Result<(), Error> {
        let endpoint = Endpoint::of(&CENTRAL, "eu-west-1", Network::Public)?;
        assert_eq!(endpoint.origin, "https://globalthing.us-west-2.amazonaws.com");
        assert_eq!(endpoint.signing_region, "us-west-2");
        let endpoint = Endpoint::explicit(&CENTRAL, "127.0.0.1", "eu-west-1", false)?;
        assert_eq!((endpoint.host.as_str(), endpoint.signing_region.as_str()), ("127.0.0.1", "us-west-2"));
        let endpoint = Endpoint::explicit(&SERVICE, "127.0.0.1", "cn-beijing", false)?;
        assert_eq!(endpoint.signing_region, "cn-beijing");
        Ok(())
    }

    #[test]
    fn no_region_moves_a_request() {
        let long = "a".repeat(64);
        let refused = [
            "",
            "x@evil.com:443/#",
            "a/b",
            "..",
            "a.b",
            "a\r\nb",
            "A",
            "é",
            "a b",
            "-a",
            "a-",
            "a%2e",
            "a?b",
            "a\\b",
            &long,
        ];
        for region in refused {
            for network in [Network::Public, Network::Vpc] {
                assert!(resolve(&SERVICE, region, network).is_err(), "{region:?}");
            }
            assert!(Endpoint::explicit(&SERVICE, "h", region, false).is_err(), "{region:?}");
        }
    }

    #[test]
    fn an_endpoint_is_a_host_or_a_bare_url() {
        for (text, origin) in [
            ("vpc.example.internal", "https://vpc.example.internal"),
            ("VPC.Example.com:443", "https://vpc.example.com"),
            ("https://vpc.example.com:8443/", "https://vpc.example.com:8443"),
            ("[::1]:8080", "https://[::1]:8080"),
            ("http://[0:0::1]", "http://[::1]"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("HTTP://localhost:80", "http://localhost"),
        ] {
            assert_eq!(explicit(text).as_deref(), Some(origin), "{text}");
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
            assert_eq!(explicit(text), None, "{text:?}");
        }
    }

    #[test]
    fn plain_http_elsewhere_is_a_choice() {
        assert!(Endpoint::explicit(&SERVICE, "http://10.0.0.1", "cn-beijing", true).is_ok());
        assert!(Endpoint::explicit(&SERVICE, "http://10.0.0.1", "cn-beijing", false).is_err());
    }

    #[test]
    fn a_refusal_does_not_quote_a_password() -> Result<(), &'static str> {
        match Endpoint::explicit(&SERVICE, "https://user:hunter2@h", "cn-beijing", true) {
            Ok(_) => Err("user info was accepted"),
            Err(error) => {
                assert!(!format!("{error} {error:?}").contains("hunter2"));
                Ok(())
            }
        }
    }
}
