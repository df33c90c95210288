//! The rig itself: a server that accepted anything would prove nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use cloudnet::{Credentials, ErrorClass, Signature, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::server::{Key, Message, Server, pairs};

#[tokio::test]
async fn it_makes_lists_changes_and_removes() -> Result<(), cloudnet::Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let documented = client.describe_vpcs().send().await?;
    assert!(!documented.vpcs.is_empty(), "the documented example");
    let server = Server::remembering();
    let client = server.aim(vpc::Client::builder()).build()?;
    let first = client.create_vpc().vpc_name("first").send().await?.vpc_id;
    let second = client.create_vpc().vpc_name("second").send().await?.vpc_id;
    assert_ne!(first, second);
    let listed = client.describe_vpcs().send().await?.vpcs;
    assert_eq!(listed.iter().map(|vpc| vpc.vpc_id.clone()).collect::<Vec<_>>(), [first.clone(), second]);
    assert_eq!(listed[0].vpc_name.as_deref(), Some("first"));
    let id = first.unwrap_or_default();
    client.modify_vpc_attribute().vpc_id(&id).vpc_name("renamed").send().await?;
    let shown = client.describe_vpc_attribute().vpc_id(&id).send().await?;
    assert_eq!(shown.vpc_name.as_deref(), Some("renamed"));
    client.delete_vpc().vpc_id(&id).send().await?;
    assert_eq!(client.describe_vpcs().send().await?.vpcs.len(), 1);
    let again = failed(client.delete_vpc().vpc_id(&id).send().await);
    assert_eq!(again.class(), ErrorClass::NotFound, "{again}");
    assert_eq!((server.applied("CreateVpc"), server.applied("DeleteVpc")), (2, 1));
    Ok(())
}

#[tokio::test]
async fn it_demands_parameters_and_repeats_tokens() -> Result<(), cloudnet::Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let off = cloudnet::ValidationPolicy::Off;
    let missing = failed(client.delete_vpc().with_validation(off).send().await);
    assert_eq!(missing.code(), Some("MissingParameter"), "{missing}");
    let create = || client.create_vpc().vpc_name("same").with_token("token-1");
    let (first, second) = (create().send().await?, create().send().await?);
    assert_eq!((first.vpc_id, server.applied("CreateVpc")), (second.vpc_id, 1));
    let other = failed(create().vpc_name("other").send().await);
    assert_eq!((other.class(), other.attempts()), (ErrorClass::Idempotency, 1), "{other}");
    Ok(())
}

#[tokio::test]
async fn it_refuses_what_is_not_signed_right() -> Result<(), cloudnet::Error> {
    let server = Server::start();
    let client = |credentials, signature| {
        let builder = server.aim(vpc::Client::builder());
        builder.credentials(credentials).signature(signature).build()
    };
    let id = cloudnet_tests::server::KEY_ID;
    for signature in [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1] {
        for (credentials, code) in [
            (Credentials::new("unknown", "x"), "InvalidAccessKeyId.NotFound"),
            (Credentials::new(id, "wrong"), "SignatureDoesNotMatch"),
            (
                Credentials::new(id, cloudnet_tests::server::KEY_SECRET).with_security_token("none"),
                "InvalidSecurityToken.Malformed",
            ),
        ] {
            let refused = failed(client(credentials, signature)?.describe_vpcs().send().await);
            assert_eq!((refused.code(), refused.attempts()), (Some(code), 1), "{refused}");
        }
        let key = Key { id: "STS.1".into(), secret: "s".into(), token: Some("tok+en/==".into()) };
        server.know(key);
        let temporary = Credentials::new("STS.1", "s").with_security_token("tok+en/==");
        client(temporary, signature)?.describe_vpcs().send().await?;
    }
    Ok(())
}

#[tokio::test]
async fn it_refuses_a_changed_or_repeated_request() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    client.create_vpc().vpc_name("one").send().await?;
    let message = server.last().message;
    let replayed = send(&server, &message).await?;
    assert!(replayed.contains("SignatureNonceUsed"), "{replayed}");
    for (from, to) in [("one", "two"), ("cn-hangzhou", "cn-hangzhoU")] {
        let mut changed = message.clone();
        changed.target = changed.target.replace(from, to);
        let refused = send(&server, &changed).await?;
        assert!(refused.contains("SignatureDoesNotMatch"), "{refused}");
    }
    for name in ["x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "x-acs-action", "host"] {
        let mut changed = message.clone();
        for (_, value) in changed.headers.iter_mut().filter(|(known, _)| known == name) {
            value.push('0');
        }
        let refused = send(&server, &changed).await?;
        assert!(refused.contains("SignatureDoesNotMatch"), "{name}: {refused}");
    }
    assert_eq!(server.applied("CreateVpc"), 1);
    Ok(())
}

/// Sends a request as it is, and returns the answer as it comes.
async fn send(server: &Server, message: &Message) -> std::io::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server.address()).await?;
    let mut head = format!("{} {} HTTP/1.1\r\n", message.method, message.target);
    message.headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn sixty_four_callers_never_share_a_nonce_or_a_token() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start();
    let client = Arc::new(server.aim(vpc::Client::builder()).build()?);
    let calls: Vec<_> = (0..64)
        .map(|caller| {
            let client = Arc::clone(&client);
            tokio::spawn(async move {
                for _ in 0..4 {
                    client.create_vpc().vpc_name(format!("of-{caller}")).send().await?;
                }
                Ok::<_, cloudnet::Error>(())
            })
        })
        .collect();
    for call in calls {
        call.await??;
    }
    let arrivals = server.arrivals();
    let nonces: BTreeSet<_> = arrivals.iter().filter_map(|arrival| arrival.nonce.as_ref()).collect();
    let tokens: BTreeSet<_> =
        arrivals.iter().filter_map(|arrival| arrival.parameters.get("ClientToken")).collect();
    assert_eq!((arrivals.len(), nonces.len(), tokens.len()), (256, 256, 256));
    assert_eq!(server.applied("CreateVpc"), 256);
    Ok(())
}

#[test]
fn it_decodes_strictly() {
    assert_eq!(
        pairs("a=b+c&d=%C3%A9&e="),
        Some(vec![
            ("a".to_owned(), "b c".to_owned()),
            ("d".to_owned(), "é".to_owned()),
            ("e".to_owned(), String::new()),
        ])
    );
    for malformed in ["a", "a=%", "a=%C3", "a=%zz", "=%+1"] {
        assert_eq!(pairs(malformed), None, "{malformed}");
    }
}
