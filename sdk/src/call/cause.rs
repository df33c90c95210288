//! The causes of an error told anew: in texts without secrets, and what the system said as it is.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

/// The longest chain that is told.
const LINKS: usize = 16;

/// What caused an error.
pub(crate) type Source = Arc<dyn StdError + Send + Sync>;

type Link = Box<dyn StdError + Send + Sync>;

/// The causes of an error, each text cleaned. An error of the system stays one, with its kind and number.
pub(crate) fn retold(error: &dyn StdError, clean: impl Fn(&str) -> String) -> Option<Source> {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source()).take(LINKS);
    let causes: Vec<_> = causes.collect();
    let told = |source, cause: &&(dyn StdError + 'static)| Some(link(*cause, source, &clean));
    causes.iter().rev().fold(None, told).map(Source::from)
}

fn link(cause: &(dyn StdError + 'static), source: Option<Link>, clean: &impl Fn(&str) -> String) -> Link {
    let system = cause.downcast_ref::<io::Error>();
    if let Some(number) = system.and_then(io::Error::raw_os_error) {
        return Box::new(io::Error::from_raw_os_error(number));
    }
    let told = Cause { text: clean(&cause.to_string()), source };
    match system {
        Some(error) => Box::new(io::Error::new(error.kind(), told)),
        None => Box::new(told),
    }
}

/// An error of any other crate.
struct Cause {
    text: String,
    source: Option<Link>,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}
