use super::*;

use crate::encode::percent;
use crate::test_service::CREATE;

fn redactor(secrets: &[&str]) -> Redactor {
    let mut redactor = Redactor::default();
    secrets.iter().for_each(|secret| redactor.learn(secret));
    redactor
}
