//! Moments on the wire: seconds since 1970, as JSON has numbers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloudnet::{Credentials, Error, ErrorKind};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::{Scripted, Turn};
use serde_json::{Value as Json, json};

use crate::things::{GlobalThings, ListStampedThings, ListStampedThingsOutput};

async fn answered(body: String) -> Result<ListStampedThingsOutput, Error> {
    let transport = Scripted::new(move |_, _| Turn::answer(200, body.clone()));
    client(transport).request(ListStampedThings::default()).send().await
}

fn client(transport: std::sync::Arc<Scripted>) -> GlobalThings {
    use cloudnet::ServiceClient as _;

    let credentials = Credentials::new("id", "secret");
    GlobalThings::builder().transport(transport).credentials(credentials).build().unwrap()
}

async fn created(number: &str) -> Result<Option<SystemTime>, Error> {
    let found = answered(format!(r#"{{"Name":"n","CreatedTime":{number}}}"#)).await?;
    assert_eq!(found.name.as_deref(), Some("n"), "what stands beside it is read: {number}");
    Ok(found.created_time)
}

fn after(microseconds: u64) -> Option<SystemTime> {
    Some(UNIX_EPOCH + Duration::from_micros(microseconds))
}

#[tokio::test(start_paused = true)]
async fn seconds_are_read_with_and_without_a_fraction() -> Result<(), Error> {
    const MOMENT: u64 = 1_600_000_000_000_000;
    for (number, expected) in [
        ("1.6e9", after(MOMENT)),
        ("1.6E9", after(MOMENT)),
        ("1600000000", after(MOMENT)),
        ("1600000000.0", after(MOMENT)),
        ("1600000000.123", after(MOMENT + 123_000)),
        ("1.600000000654321e9", after(MOMENT + 654_321)),
        ("0", after(0)),
        ("-1.5", Some(UNIX_EPOCH - Duration::from_millis(1_500))),
        // As other protocols of the vendor have it.
        (r#""1600000000""#, after(MOMENT)),
        (r#""2020-09-13T12:26:40.25Z""#, after(MOMENT + 250_000)),
        (r#""""#, None),
        ("null", None),
    ] {
        assert_eq!(created(number).await?, expected, "{number}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_no_moment_is_left_out_and_breaks_nothing() -> Result<(), Error> {
    for number in [
        // Milliseconds, and what is beyond all years.
        "1600000000000",
        "1e300",
        "-1e300",
        "-62167219201",
        "253402300800",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "true",
        r#""soon""#,
        r#""NaN""#,
        r#""inf""#,
        r#""2020-02-30T00:00:00Z""#,
        "[1600000000]",
        r#"{"seconds":1600000000}"#,
    ] {
        assert_eq!(created(number).await?, None, "{number}");
    }
    // No JSON parser takes it for a number: the answer as a whole is none, which is said and not guessed at.
    let error = failed(created("1e400").await);
    assert_eq!(error.kind(), ErrorKind::Response, "{error}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn lists_hold_moments() -> Result<(), Error> {
    let found = answered(r#"{"Seen":[1,2.5,"x",1e300,3]}"#.to_owned()).await?;
    let seen: Vec<_> = found.seen.into_iter().map(Some).collect();
    assert_eq!(seen, [after(1_000_000), after(2_500_000), after(3_000_000)]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_moment_is_sent_as_it_is_read() -> Result<(), Error> {
    for (micros, written) in [
        (1_600_000_000_000_000, json!(1_600_000_000)),
        (1_600_000_000_123_000, json!(1_600_000_000.123)),
        (1_600_000_000_123_456, json!(1_600_000_000.123_456)),
        (0, json!(0)),
        (500_000, json!(0.5)),
    ] {
        let at = after(micros).unwrap();
        // What is finer than a microsecond is not sent.
        let sent =
            sent(ListStampedThings { since: Some(at + Duration::from_nanos(999)), at: vec![at] }).await?;
        assert_eq!(sent, json!({ "Since": written, "At": [written] }));
        assert_eq!(created(&written.to_string()).await?, Some(at), "{written}");
    }
    let before = sent(ListStampedThings { since: Some(UNIX_EPOCH - Duration::from_millis(250)), at: vec![] });
    assert_eq!(before.await?, json!({ "Since": -0.25 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_moment_beyond_all_years_is_sent_as_the_last_one() -> Result<(), Error> {
    // Not every system has such times.
    let Some(far) = UNIX_EPOCH.checked_add(Duration::from_secs(1 << 60)) else { return Ok(()) };
    let sent = sent(ListStampedThings { since: Some(far), at: vec![] }).await?;
    assert_eq!(sent, json!({ "Since": 253_402_300_799_i64 }));
    Ok(())
}

async fn sent(input: ListStampedThings) -> Result<Json, Error> {
    let transport = Scripted::new(|_, _| Turn::answer(200, "{}"));
    client(transport.clone()).request(input).send().await?;
    let request = transport.take_last().expect("something was sent");
    Ok(serde_json::from_slice(request.body()).expect("the body is JSON"))
}
