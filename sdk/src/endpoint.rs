//! Which host a request goes to. Everything that could move it elsewhere is refused here.

mod named;
mod variables;

use crate::error::Error;
use crate::schema::Service;

pub(crate) use self::named::{Named, Origin};
pub(crate) use self::variables::Variables;

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
/// # static SERVICE: Service =
/// #     Service::new("vpc", "Vpc", "2016-04-28", Protocol::AcsRpc, Endpoints::by("vpc.{region}.aliyuncs.com"));
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

    /// An endpoint that somebody names.
    pub(crate) fn named(
        service: &Service,
        named: &Named,
        region: &str,
        allow_plain: bool,
    ) -> Result<Self, Error> {
        check_region(region)?;
        let origin = named.origin(allow_plain)?;
        let signing_region = service.endpoints.home_region.unwrap_or(region).to_owned();
        Ok(Self { origin: origin.to_string(), host: origin.host, signing_region })
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

#[cfg(test)]
mod tests {
    use super::*;

    use crate::test_service::{CENTRAL, SERVICE};

    fn named(service: &Service, text: &str, region: &str) -> Result<Endpoint, Error> {
        Endpoint::named(service, &Named::in_code("the endpoint", text), region, false)
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
        let endpoint = named(&CENTRAL, "127.0.0.1", "eu-west-1")?;
        assert_eq!((endpoint.host.as_str(), endpoint.signing_region.as_str()), ("127.0.0.1", "us-west-2"));
        let endpoint = named(&SERVICE, "127.0.0.1", "cn-beijing")?;
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
            assert!(named(&SERVICE, "h", region).is_err(), "{region:?}");
        }
    }
}
