//! What all sources have in common.

use super::*;

#[test]
fn debug_shows_the_id_and_no_secret() {
    let credentials = Credentials::new("LTAI1", "very-secret").with_security_token("also-secret");
    let printed = format!("{credentials:?}");
    assert!(printed.contains("LTAI1"), "{printed}");
    assert!(!printed.contains("very") && !printed.contains("also"), "{printed}");
}

#[test]
fn a_given_key_has_the_vendors_name() {
    let key = Credentials::new("id", "secret");
    assert_eq!(key.provider_name(), "static_ak");
    let temporary = key.with_security_token("token");
    assert_eq!(temporary.provider_name(), "static_sts");
    assert_eq!(
        temporary.passed_on_by("profile").passed_on_by("default").provider_name(),
        "default/profile/static_sts"
    );
}
