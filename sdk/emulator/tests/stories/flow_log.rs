//! Flow logs.

use cloudnet::vpc::types::Tag;
use cloudnet::{Error, ErrorClass};

use crate::cloud::{Cloud, only, passed, refused};

#[tokio::test]
async fn a_flow_log_is_stopped_and_started() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let vpc = cloud.vpc("10.0.0.0/8").await?;
    let create = || {
        let create = cloud.vpc.create_flow_log().resource_type("VPC").resource_id(&vpc).traffic_type("All");
        create.project_name("flow-project").log_store_name("flow-store")
    };
    let log = create().flow_log_name("all").send_and_wait().await?.flow_log_id.unwrap();
    let dropped = create().flow_log_name("dropped").traffic_type("Drop").send_and_wait().await?;
    refused(create().traffic_type("Some"), ErrorClass::InvalidParameter, "INVALID_PARAMETER").await;
    refused(create().resource_id(None::<&str>), ErrorClass::InvalidParameter, "MissingParameter").await;
    let listing = || cloud.vpc.describe_flow_logs();
    let found = listing().traffic_type("Drop").send().await?.flow_logs;
    assert_eq!((found.len(), &found[0].flow_log_id), (1, &dropped.flow_log_id));
    assert_eq!(listing().resource_id(&vpc).send().await?.flow_logs.len(), 2);

    let (_, states) = passed(cloud.vpc.deactive_flow_log().flow_log_id(&log)).await?;
    assert_eq!(states, ["Inactive"]);
    let change = cloud.vpc.modify_flow_log_attribute().flow_log_id(&log).flow_log_name("each");
    change.description("every packet").send_and_wait().await?;
    let shown = listing().flow_log_name("each").send().await?.flow_logs.remove(0);
    assert_eq!(
        (shown.flow_log_id.as_ref(), shown.description.as_deref()),
        (Some(&log), Some("every packet"))
    );
    assert_eq!(shown.status.as_deref(), Some("Inactive"));
    let (_, states) = passed(cloud.vpc.active_flow_log().flow_log_id(&log)).await?;
    assert_eq!(states, ["Active"]);

    for id in [Some(log), dropped.flow_log_id] {
        cloud.vpc.delete_flow_log().flow_log_id(id).send_and_wait().await?;
    }
    assert!(listing().send().await?.flow_logs.is_empty());
    cloud.vpc.delete_vpc().vpc_id(&vpc).send_and_wait().await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

#[tokio::test]
async fn flow_logs_are_found_by_vpc_and_on_pages() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let (vpc, other) = (cloud.vpc("10.0.0.0/8").await?, cloud.vpc("10.0.0.0/8").await?);
    let vswitch = cloud.vswitch(&vpc, "10.1.0.0/16").await?;
    for (ty, of) in [("VPC", &vpc), ("VSwitch", &vswitch), ("VPC", &other)] {
        let create = cloud.vpc.create_flow_log().resource_type(ty).resource_id(of).traffic_type("All");
        let create = create.project_name("flow-project").log_store_name("flow-store").aggregation_interval(1);
        let create = create.traffic_path(["natGateway", "vbr"]).tags([Tag::default().key("of").value(of)]);
        assert_eq!(create.send_and_wait().await?.success.as_deref(), Some("true"));
    }
    let listing = || cloud.vpc.describe_flow_logs();
    assert_eq!(listing().page_size(2).items().collect().await?.len(), 3);
    assert_eq!(listing().page_size(2).send().await?.total_count, Some(3));
    assert_eq!(listing().vpc_id(&vpc).items().collect().await?.len(), 2);
    let found = only(listing().tags([Tag::default().key("of").value(&vswitch)])).await?;
    assert_eq!((found.resource_id.as_ref(), found.aggregation_interval), (Some(&vswitch), Some(1)));
    assert_eq!((found.traffic_path.join(","), found.tags.len()), ("natGateway,vbr".to_owned(), 1));
    Ok(())
}
