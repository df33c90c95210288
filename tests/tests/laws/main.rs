//! What holds for every action of the emulator, by what its spec says: each law is a test, made from the specs,
//! through our own client.

mod blocks;
mod book;
mod dependency;
mod echo;
mod filters;
mod ledger;
mod not_found;
mod pages;
mod parameters;
mod quota;
mod refused;
mod states;
mod stores;
mod tokens;
mod values;
mod waits;
mod world;
