//! What people do with a network, told through the clients of `cloudnet` to an emulator: one story each,
//! from what is made first until nothing is left, where the actions here take it back.

mod addresses;
mod cloud;
mod credentials;
mod endpoints;
mod faults;
mod flow_log;
mod nat;
mod physical_connection;
mod private_link;
mod router_interfaces;
mod vpc;
mod vpn;
