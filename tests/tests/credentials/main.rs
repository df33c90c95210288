//! Every source of credentials, on machines that exist only here.

mod cache;
mod chain;
mod environment;
mod metadata;
mod profiles;
mod program;
mod refused;
mod sts;
mod uri;

use std::sync::Arc;

use cloudnet::ProvideCredentials;
use cloudnet_tests::machine::{Network, Reply};
use serde_json::json;

/// What the environment may hold, for three sources.
const VARIABLES: [&[(&str, &str)]; 3] = [
    &[("ALIBABA_CLOUD_ACCESS_KEY_ID", "env-id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")],
    &[
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/home/me/token"),
    ],
    &[("ALIBABA_CLOUD_CREDENTIALS_URI", "http://localhost:7002/x?y")],
];

fn temporary(id: &str) -> serde_json::Value {
    json!({
        "Code": "Success",
        "AccessKeyId": id,
        "AccessKeySecret": "canary-issued-secret",
        "SecurityToken": "canary-issued-token",
        "Expiration": "2024-03-05T07:07:08Z",
    })
}

/// An instance with a role, STS, and a credentials URI on this machine. What answers in the clear is
/// not there for a proxy.
fn cloud() -> Arc<Network> {
    Network::new(|seen| {
        if seen.is_direct == seen.line.contains(" https://") {
            return Reply::Fail;
        }
        let body = match seen.line.as_str() {
            line if line.starts_with("POST https://sts") => json!({ "Credentials": temporary("STS.role") }),
            line if line.ends_with("/api/token") => return Reply::Answer(200, "metadata-token".to_owned()),
            line if line.ends_with("/security-credentials/") => {
                return Reply::Answer(200, "web\n".to_owned());
            }
            line if line.contains("/security-credentials/") => temporary("STS.ecs"),
            line if line.contains("localhost") => temporary("STS.uri"),
            _ => return Reply::Fail,
        };
        Reply::Answer(200, body.to_string())
    })
}

fn nothing() -> Arc<Network> {
    Network::new(|_| Reply::Fail)
}

/// The ID and the provider, or the error.
async fn found(source: impl ProvideCredentials) -> Result<(String, String), String> {
    match source.provide().await {
        Ok(key) => Ok((key.access_key_id().to_owned(), key.provider_name().to_owned())),
        Err(error) => Err(error.to_string()),
    }
}

fn key(id: &str, provider: &str) -> Result<(String, String), String> {
    Ok((id.to_owned(), provider.to_owned()))
}
