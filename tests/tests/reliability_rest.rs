//! What callers may do with the types and the futures of a client: move and share them.

use std::future::Future;

use cloudnet::{Awaited, Error, Operation, Paged, RawResponse, Request, Secret, Waiter};
use cloudnet::{ga, privatelink, vpc};
use cloudnet_tests::server::Server;

/// What a future may take on the stack, or in the task of its caller.
const LARGEST: usize = 4096;

fn is_shared<T: Send + Sync + 'static>() {}

fn is_moved<T: Send + 'static>(_: &T) {}

/// A future for `tokio::spawn`, and how large it is.
fn size<F: Future + Send + 'static>(future: &F) -> usize {
    size_of_val(future)
}

/// A future that borrows what it goes on with.
fn borrowing<F: Future + Send>(future: &F) -> usize {
    size_of_val(future)
}

fn sizes_of_call<O: Operation>(name: &str, request: &Request<O>) {
    let sizes = [size(&request.clone().send()), size(&request.clone().send_raw())];
    assert!(sizes.iter().all(|size| *size < LARGEST), "{name}: {sizes:?}");
}

fn sizes_of_wait<O: Awaited>(name: &str, request: &Request<O>) {
    sizes_of_call(name, request);
    let sizes = [size(&request.clone().send_and_wait()), size(&request.clone().send_with_waiter())];
    assert!(sizes.iter().all(|size| *size < LARGEST), "{name}: {sizes:?}");
}

fn sizes_of_listing<O: Paged>(name: &str, request: &Request<O>) {
    sizes_of_call(name, request);
    let (mut pages, mut items) = (request.clone().pages(), request.clone().items());
    is_moved(&pages);
    is_moved(&items);
    let all = size(&request.clone().items().collect());
    let streams = [size_of_val(&pages), size_of_val(&items)];
    let steps = [borrowing(&pages.next()), borrowing(&items.next())];
    let sizes = [&streams[..], &steps, &[all]].concat();
    assert!(sizes.iter().all(|size| *size < LARGEST), "{name}: {sizes:?}");
}

#[test]
fn r37_what_a_program_keeps_can_be_shared() {
    is_shared::<vpc::Client>();
    is_shared::<Request<vpc::CreateVpc>>();
    is_shared::<Error>();
    is_shared::<RawResponse>();
    is_shared::<Secret>();
    is_shared::<Waiter>();
}

#[tokio::test]
async fn r37_futures_can_be_moved_and_are_small() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let ga = server.aim(ga::Client::builder()).build()?;
    sizes_of_wait("CreateVpc", &client.create_vpc());
    sizes_of_wait("DeleteVpc", &client.delete_vpc());
    // Those with the most parameters, and the largest outputs.
    sizes_of_call("CreateRouterInterface", &client.create_router_interface());
    sizes_of_call("CreateEndpointGroup", &ga.create_endpoint_group());
    sizes_of_call("DescribeVpcAttribute", &client.describe_vpc_attribute());
    sizes_of_wait("CreateNatGateway", &client.create_nat_gateway());
    sizes_of_listing("DescribeVpcs", &client.describe_vpcs());
    sizes_of_listing("DescribeEipAddresses", &client.describe_eip_addresses());
    sizes_of_listing("DescribeRouterInterfaces", &client.describe_router_interfaces());
    let asked = size(&ga.create_custom_routing_endpoint_group_destinations().dry_run());
    let privatelink = server.aim(privatelink::Client::builder()).build()?;
    let created = size(&privatelink.create_vpc_endpoint_service().dry_run());
    assert!(asked.max(created) < LARGEST, "{asked} {created}");

    let mut waiter = client.wait_for_vpc_available("vpc-1");
    let step = borrowing(&waiter.next_state());
    let whole = size(&waiter.into_future());
    assert!(step.max(whole) < LARGEST, "{step} {whole}");
    assert_eq!(server.requests(), 0, "nothing is sent before it is polled");
    Ok(())
}
