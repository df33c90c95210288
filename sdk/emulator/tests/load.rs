//! Many callers at once, through clients: nothing is lost, and what is gone takes no room.

use std::collections::HashSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use cloudnet::{Error, vpc};
use cloudnet_emulator::{Emulator, Options, Transitions};
use tokio::task::JoinSet;

const CALLERS: usize = 64;

/// Memory is the process's, so that one test looks at it at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn nothing_is_lost_in_process() {
    load(8_000, 600);
}

/// `cargo test --release -p cloudnet-emulator --test load -- --ignored --nocapture`
#[test]
#[ignore = "takes its time, above all without optimization"]
fn nothing_is_lost_in_a_hundred_thousand_calls() {
    load(100_000, 10_000);
}

#[test]
fn nothing_is_lost_over_a_socket() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let emulator = Emulator::start();
    let listening = emulator.listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let client = || {
        let builder = vpc::Client::builder().region("cn-hangzhou").endpoint(listening.url());
        builder.credentials(cloudnet::Credentials::new("testid", "testsecret")).build().unwrap()
    };
    let kept = crowd(1_600, 200, client);
    check(&emulator, &kept, 1_600);
}

#[test]
fn nothing_is_lost_while_states_take_time() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let transitions = Transitions::After(Duration::from_secs(30));
    let emulator = Emulator::with(Options { transitions, ..Options::default() });
    let kept = crowd(1_600, 1_600 / 3, || emulator.client().unwrap());
    emulator.advance(Duration::from_secs(60));
    check_kept(&emulator, &kept);
    // What is on its way cannot be deleted: that is called for again.
    assert!(emulator.calls().last().unwrap().number > 1_600);
}

/// Calls of which so many creates are for good; then as many that leave nothing behind.
fn load(calls: usize, kept: usize) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let emulator = Emulator::start();
    let start = Instant::now();
    let all = crowd(calls, kept, || emulator.client().unwrap());
    let first = start.elapsed();
    check(&emulator, &all, calls);
    let (before, start) = (memory(), Instant::now());
    let none = crowd(calls, 0, || emulator.client().unwrap());
    let second = start.elapsed();
    assert!(none.is_empty());
    check(&emulator, &all, 2 * calls);
    let grown = memory().saturating_sub(before);
    println!("{calls} calls: {first:.1?}, with {kept} kept {second:.1?}; {before} KiB, {grown} KiB more");
    // Nonces and tokens are remembered for their time: some 200 bytes for each call.
    assert!(grown < 8_192 + calls / 4, "{grown} KiB more");
}

/// What is made, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Vpc,
    Eip,
    CustomerGateway,
}

/// So many calls of all callers together; those that were made and not deleted again.
fn crowd(calls: usize, kept: usize, client: impl Fn() -> vpc::Client) -> Vec<(Kind, String)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let share = |whole: usize| whole / CALLERS + usize::from(caller < whole % CALLERS);
            callers.spawn(call(client(), caller, share(calls), share(kept)));
        }
        let all = callers.join_all().await;
        all.into_iter().flat_map(|kept| kept.expect("every call succeeds")).collect()
    })
}

/// One caller: first what stays, then what goes again.
async fn call(
    client: vpc::Client,
    caller: usize,
    calls: usize,
    kept: usize,
) -> Result<Vec<(Kind, String)>, Error> {
    let mut stays = Vec::new();
    let mut left = calls;
    for round in 0.. {
        let kind = [Kind::Vpc, Kind::Eip, Kind::CustomerGateway][round % 3];
        let goes = stays.len() == kept;
        if left < if goes { 3 } else { 2 } {
            break;
        }
        let id = create(&client, kind, caller).await?;
        assert_eq!(found(&client, kind, &id).await?, std::slice::from_ref(&id));
        left -= 2;
        if goes {
            delete(&client, kind, &id).await?;
            left -= 1;
        } else {
            stays.push((kind, id));
        }
    }
    for _ in 0..left {
        client.describe_vpcs().send().await?;
    }
    Ok(stays)
}

async fn create(client: &vpc::Client, kind: Kind, caller: usize) -> Result<String, Error> {
    let id = match kind {
        Kind::Vpc => client.create_vpc().vpc_name(format!("of-{caller}")).send().await?.vpc_id,
        Kind::Eip => client.allocate_eip_address().send().await?.allocation_id,
        Kind::CustomerGateway => {
            static ADDRESSES: AtomicU32 = AtomicU32::new(0x0800_0001);
            let address = Ipv4Addr::from(ADDRESSES.fetch_add(1, Ordering::Relaxed)).to_string();
            client.create_customer_gateway().ip_address(address).send().await?.customer_gateway_id
        }
    };
    Ok(id.expect("an ID"))
}

/// The IDs that a read finds under one.
async fn found(client: &vpc::Client, kind: Kind, id: &str) -> Result<Vec<String>, Error> {
    let ids: Vec<Option<String>> = match kind {
        Kind::Vpc => {
            let read = client.describe_vpcs().vpc_id(id).send().await?;
            read.vpcs.into_iter().map(|vpc| vpc.vpc_id).collect()
        }
        Kind::Eip => {
            let read = client.describe_eip_addresses().allocation_id(id).send().await?;
            read.eip_addresses.into_iter().map(|eip| eip.allocation_id).collect()
        }
        Kind::CustomerGateway => {
            vec![client.describe_customer_gateway().customer_gateway_id(id).send().await?.customer_gateway_id]
        }
    };
    Ok(ids.into_iter().flatten().collect())
}

async fn delete(client: &vpc::Client, kind: Kind, id: &str) -> Result<(), Error> {
    match kind {
        Kind::Vpc => client.delete_vpc().vpc_id(id).send().await.map(drop),
        Kind::Eip => client.release_eip_address().allocation_id(id).send().await.map(drop),
        Kind::CustomerGateway => {
            client.delete_customer_gateway().customer_gateway_id(id).send().await.map(drop)
        }
    }
}

/// Every call was counted, and did what it should.
fn check(emulator: &Emulator, kept: &[(Kind, String)], calls: usize) {
    check_kept(emulator, kept);
    let log = emulator.calls();
    assert_eq!((log.len(), log[999].number), (1_000, calls as u64));
}

/// What there is, is what was kept, each once.
fn check_kept(emulator: &Emulator, kept: &[(Kind, String)]) {
    let ids: HashSet<&str> = kept.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(ids.len(), kept.len());
    let state = emulator.state();
    for (kind, name, key) in [
        (Kind::Vpc, "Vpc", "VpcId"),
        (Kind::Eip, "Eip", "AllocationId"),
        (Kind::CustomerGateway, "CustomerGateway", "CustomerGatewayId"),
    ] {
        let there = state["kinds"]["vpc"][name].as_object().into_iter().flatten();
        let mut there: Vec<&str> = there.map(|(_, thing)| thing["fields"][key].as_str().unwrap()).collect();
        let mut wanted: Vec<&str> =
            kept.iter().filter(|(other, _)| *other == kind).map(|(_, id)| id.as_str()).collect();
        there.sort_unstable();
        wanted.sort_unstable();
        assert!(there == wanted, "{name}: {} there, {} wanted", there.len(), wanted.len());
    }
    // Each VPC has brought its router and its route table.
    let vpcs = kept.iter().filter(|(kind, _)| *kind == Kind::Vpc).count();
    for brought in ["VRouter", "RouteTable"] {
        assert_eq!(state["kinds"]["vpc"][brought].as_object().map_or(0, serde_json::Map::len), vpcs);
    }
}

/// Of the process, in KiB; 0 where nobody says.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}
