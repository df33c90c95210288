//! What programs do with the clients, from outside: against the emulator, or by rules where that cannot happen there.

use std::time::Duration;

use cloudnet::testing::{Documented, ManualClock};
use cloudnet::vpc::{self, CreateNatGateway, DeleteVSwitch, DeleteVSwitchOutput};
use cloudnet::{Error, ErrorClass, ErrorKind, Operation, Request, blocking};
use cloudnet_emulator::{Emulator, Fault, Options, Transitions};
use cloudnet_tests::failed;

const MINUTE: Duration = Duration::from_secs(60);

/// A VPC, and a VSwitch in it.
async fn network(vpc: &vpc::Client) -> Result<(String, String), Error> {
    let created = vpc.create_vpc().cidr_block("10.0.0.0/8").send_and_wait().await?;
    let id = created.vpc_id.unwrap();
    let create = vpc.create_vswitch().vpc_id(&id).zone_id("cn-hangzhou-b").cidr_block("10.1.0.0/16");
    Ok((id, create.send_and_wait().await?.vswitch_id.unwrap()))
}

/// A conflict of a minute needs no setting, and one that lasts ends within the time of the call.
#[tokio::test]
async fn what_is_busy_for_a_minute_is_deleted_all_the_same() -> Result<(), Error> {
    for code in ["IncorrectVSwitchStatus", "TaskConflict", "OperationConflict"] {
        let clock = ManualClock::automatic();
        let service = Documented::with_clock(&clock);
        let vpc: vpc::Client = service.client("cn-hangzhou")?;
        let (begun, ends) = (clock.clone(), MINUTE);
        service.on_action("DeleteVSwitch").when_call(move |_| begun.passed() < ends).fail(code).always();
        service.on::<DeleteVSwitch>().answer(DeleteVSwitchOutput::default());
        vpc.delete_vswitch().vswitch_id("vsw-1").send().await?;
        service.assert_all_used();

        service.on::<DeleteVSwitch>().fail(code).always();
        let begun = clock.passed();
        let error = failed(vpc.delete_vswitch().vswitch_id("vsw-1").send().await);
        assert_eq!((error.class(), error.code()), (ErrorClass::Busy, Some(code)));
        assert!(
            (MINUTE..MINUTE * 5).contains(&(clock.passed() - begun)),
            "{code}: {:?}",
            clock.passed() - begun
        );
    }
    Ok(())
}

/// A loop that takes no notice of errors ends.
#[test]
fn a_listing_without_permission_ends_for_who_ignores_errors() -> Result<(), Error> {
    let emulator = Emulator::start();
    let vpc: blocking::Client<vpc::Client> = blocking::Client::new(emulator.client()?)?;
    emulator.fault(Fault::code("Forbidden.RAM").times(u64::MAX));
    assert_eq!(vpc.each(vpc.describe_vpcs().items()).flatten().count(), 0);
    assert_eq!(emulator.calls().len(), 1);
    assert_eq!(vpc.each(vpc.describe_vpcs().page_size(1_000).items()).take(1_000).count(), 1);
    assert_eq!(emulator.calls().len(), 1);
    Ok(())
}

/// A wait that is over too early tells what was made, so that it can be used or go.
#[tokio::test]
async fn what_a_failed_wait_left_is_found_in_its_error() -> Result<(), Error> {
    let emulator = Emulator::with(Options { transitions: Transitions::After(MINUTE), ..Options::default() });
    let vpc: vpc::Client = emulator.client()?;
    let (id, vswitch) = network(&vpc).await?;
    let create = vpc.create_nat_gateway().vpc_id(&id).vswitch_id(&vswitch);
    let begun = emulator.clock().passed();
    let error = failed(create.with_deadline(Duration::from_secs(20)).send_and_wait().await);
    let took = emulator.clock().passed() - begun;
    assert!(took < Duration::from_secs(25), "the deadline is for the call and its wait: {took:?}");

    let answer = error.applied().unwrap().decode::<CreateNatGateway>()?;
    let (nat, snat) = (answer.nat_gateway_id.unwrap(), &answer.snat_table_ids);
    assert_eq!((error.kind(), snat.len()), (ErrorKind::Wait, 1));
    assert_eq!(error.waited_for(), [("NatGatewayId", nat.clone())]);
    let told = format!("CreateNatGateway was applied: NatGatewayId {nat}");
    assert!(error.to_string().contains(&told), "{error}");

    vpc.wait_for_nat_gateway_available(&nat).await?;
    vpc.delete_nat_gateway().nat_gateway_id(nat).send_and_wait().await?;
    Ok(())
}

async fn is_gone<O: Operation>(delete: Request<O>) -> bool {
    delete.send().await.is_err_and(|error| error.is_gone())
}

/// Deletes without a wait say so too; a region that is not there says nothing.
#[tokio::test]
async fn what_is_deleted_twice_is_gone() -> Result<(), Error> {
    let emulator = Emulator::start();
    let vpc: vpc::Client = emulator.client()?;
    let made = vpc.create_customer_gateway().ip_address("203.0.113.1").send().await?;
    let delete = || vpc.delete_customer_gateway().customer_gateway_id(made.customer_gateway_id.as_deref());
    delete().send().await?;
    assert!(is_gone(delete()).await);
    assert!(is_gone(vpc.delete_physical_connection().physical_connection_id("pc-1")).await);
    assert!(is_gone(vpc.delete_router_interface().router_interface_id("ri-1")).await);
    assert!(is_gone(vpc.delete_ssl_vpn_client_cert().ssl_vpn_client_cert_id("vsc-1")).await);

    emulator.fault(Fault::code("InvalidRegionId.NotFound").on("DeleteCustomerGateway"));
    let error = failed(delete().send().await);
    assert_eq!((error.class(), error.is_gone()), (ErrorClass::NotFound, false));
    Ok(())
}

/// What a describe shows is what a modify takes, secret included, and what is written of it has none.
#[tokio::test]
async fn the_settings_of_a_tunnel_are_read_changed_and_sent_back() -> Result<(), Error> {
    let emulator = Emulator::start();
    let vpc: vpc::Client = emulator.client()?;
    let (id, _) = network(&vpc).await?;
    let gateway = vpc.create_vpn_gateway().vpc_id(&id).bandwidth(10).auto_pay(true).send_and_wait().await?;
    let customer = vpc.create_customer_gateway().ip_address("203.0.113.1").send().await?;
    let key = vpc::create_vpn_connection::IkeConfig::default().psk("hunter2hunter2");
    let create = vpc.create_vpn_connection().customer_gateway_id(customer.customer_gateway_id);
    let create = create.vpn_gateway_id(gateway.vpn_gateway_id).ike_config(key);
    let create = create.local_subnet("10.0.0.0/8").remote_subnet("192.168.0.0/16");
    let connection = create.send_and_wait().await?.vpn_connection_id.unwrap();
    let show = || vpc.describe_vpn_connection().vpn_connection_id(&connection).send();

    let shown = show().await?;
    let mut ike = shown.ike_config.unwrap();
    ike.ike_lifetime = Some(3_600);
    let change = vpc.modify_vpn_connection_attribute().vpn_connection_id(&connection);
    change.ike_config(ike).ipsec_config(shown.ipsec_config).send_and_wait().await?;

    let shown = show().await?;
    let written = serde_json::to_string(&shown).unwrap();
    assert!(written.contains(r#""Psk":"***""#) && !written.contains("hunter2"), "{written}");
    let ike = shown.ike_config.unwrap();
    assert_eq!(ike.ike_lifetime, Some(3_600));
    assert_eq!(ike.psk.unwrap().expose(), "hunter2hunter2");
    Ok(())
}
