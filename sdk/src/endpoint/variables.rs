//! Environment variables that name endpoints.

use super::Named;
use crate::credentials::ProviderConfig;
use crate::schema::{Protocol, Service};

/// The variables that may name the endpoint of a service. The service's own comes first.
pub(crate) struct Variables {
    of_service: Option<&'static str>,
    of_vendor: &'static str,
    /// Says `true` where neither counts.
    switch_off: Option<&'static str>,
}

impl Variables {
    pub(crate) fn of(service: &Service) -> Self {
        let of_service = service.endpoints.variable;
        match service.protocol {
            Protocol::AcsRpc => Self::of_alibaba_cloud(of_service),
            Protocol::AwsJson { .. } => Self::of_aws(of_service),
        }
    }

    pub(crate) fn of_alibaba_cloud(of_service: Option<&'static str>) -> Self {
        Self { of_service, of_vendor: "ALIBABA_CLOUD_ENDPOINT", switch_off: None }
    }

    fn of_aws(of_service: Option<&'static str>) -> Self {
        Self {
            of_service,
            of_vendor: "AWS_ENDPOINT_URL",
            switch_off: Some("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
        }
    }

    /// The endpoint that the environment of a machine names.
    pub(crate) fn named(&self, machine: &ProviderConfig) -> Option<Named> {
        if self.switch_off.is_some_and(|name| machine.is_switched_on(name)) {
            return None;
        }
        let names = self.of_service.into_iter().chain([self.of_vendor]);
        names.filter_map(|name| Some(Named::in_variable(name, machine.variable(name)?))).next()
    }
}
