//! What the benchmarks of calls have in common: a key, an answer, and a look at what is sent.

use std::future::ready;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cloudnet::transport::{Limits, ResponseFuture, Transport};
use http::{Request, Response};

pub(crate) const KEY_ID: &str = "LTAI5tExampleAccessKeyId";
pub(crate) const KEY_SECRET: &str = "ExampleAccessKeySecret30Letters";

pub(crate) const CREATED: &str = r#"{"VpcId":"vpc-bp15zckdt37pq72zv","VRouterId":"vrt-bp1lhl0taikrteen8","RouteTableId":"vtb-bp145q7glnuzdv","RequestId":"0ED8D006-F706-4D23-88ED-E11ED28DCAC0","ResourceGroupId":"rg-acfmxazb4ph6aiy"}"#;

/// Keeps the request, and answers that a VPC was created.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Option<Request<Bytes>>>>);

impl Kept {
    /// The request that was sent last.
    pub(crate) fn take(&self) -> Request<Bytes> {
        self.0.lock().expect("no panic").take().expect("it was sent")
    }
}

impl Transport for Kept {
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        *self.0.lock().expect("no panic") = Some(request);
        Box::pin(ready(Ok(Response::new(Bytes::from_static(CREATED.as_bytes())))))
    }
}
