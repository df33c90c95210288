//! The network services of Alibaba Cloud and AWS Global Accelerator as a local service that remembers.

mod model;
mod refusal;
mod state;
mod timestamp;
