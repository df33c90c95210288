//! What vendors publish of their services, in one form, and how the specs differ from it.
//!
//! [`read()`] reads wheels and botocore into the form [`published`]; [`compare()`] holds the specs against it.

mod acknowledged;
mod archive;
mod botocore;
mod compare;
pub mod published;
pub mod report;
mod wheel;

use std::fmt;
use std::path::{Path, PathBuf};

use cloudnet_codegen::facts::Protocol;
use cloudnet_codegen::model::{Model, Service};

pub use self::acknowledged::Stale;
pub use self::compare::{Difference, compare};
pub use self::report::Report;

use self::archive::Opened;
use self::published::Published;

/// What is wrong with a file.
#[derive(Debug)]
pub struct Error {
    /// The file, as it was named.
    pub file: PathBuf,
    /// What it is, and what was expected.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.file.display(), self.message)
    }
}

/// A service of ours, and what a file says of it.
#[derive(Debug)]
pub struct Source<'m> {
    /// The file, as it was named.
    pub file: PathBuf,
    /// The service.
    pub service: &'m Service,
    /// What is published of it.
    pub published: Published,
}

/// Reads files, each of a service that the specs have. Nothing is downloaded, and nothing in them is run.
///
/// # Errors
///
/// What is wrong with the files, of all of them at once.
pub fn read<'m>(files: &[PathBuf], model: &'m Model) -> Result<Vec<Source<'m>>, Vec<Error>> {
    let (mut sources, mut errors) = (Vec::<Source<'m>>::new(), Vec::new());
    for file in files {
        match read_file(file, model) {
            Ok(found) => sources.extend(found),
            Err(message) => errors.push(Error { file: file.clone(), message }),
        }
    }
    for (index, source) in sources.iter().enumerate() {
        let before = sources.iter().take(index).find(|other| other.service.name == source.service.name);
        if let Some(before) = before {
            let message = format!("is about `{}`, as {} is", source.service.name, before.file.display());
            errors.push(Error { file: source.file.clone(), message });
        }
    }
    if errors.is_empty() { Ok(sources) } else { Err(errors) }
}

fn read_file<'m>(file: &Path, model: &'m Model) -> Result<Vec<Source<'m>>, String> {
    let source = |service, published| Source { file: file.to_owned(), service, published };
    match archive::open(file)? {
        Opened::Json(text) => {
            let published = botocore::read(&text)?;
            Ok(vec![source(service_of(&published, model)?, published)])
        }
        Opened::Wheel(mut wheel) if wheel.package == botocore::PACKAGE => {
            let mut sources = Vec::new();
            for service in with_package(&wheel.package, model)? {
                let Protocol::AwsJson { signing_name, .. } = &service.protocol else {
                    return Err(format!("is botocore, which `{}` is not of", service.name));
                };
                let published = botocore::read_wheel(&mut wheel, signing_name, &service.version)?;
                sources.push(source(service, published));
            }
            Ok(sources)
        }
        Opened::Wheel(mut wheel) => {
            with_package(&wheel.package, model)?;
            let published = wheel::read(&mut wheel)?;
            Ok(vec![source(service_of(&published, model)?, published)])
        }
    }
}

/// The services that a package is about.
fn with_package<'m>(package: &str, model: &'m Model) -> Result<Vec<&'m Service>, String> {
    let of = |service: &&Service| package_of(service) == Some(package);
    let services: Vec<&Service> = model.services.iter().filter(of).collect();
    if services.is_empty() {
        return Err(format!("is the package `{package}`, which no service names; expected {}", known(model)));
    }
    Ok(services)
}

/// The service that something published is about.
fn service_of<'m>(published: &Published, model: &'m Model) -> Result<&'m Service, String> {
    let services = with_package(&published.package, model)?;
    let product = |service: &Service| match &service.protocol {
        Protocol::AwsJson { target, .. } => *target == published.product,
        Protocol::AcsRpc => service.product.eq_ignore_ascii_case(&published.product),
    };
    let is_it = |service: &Service| product(service) && service.version == published.api_version;
    services.into_iter().find(|service| is_it(service)).ok_or_else(|| {
        let Published { product, api_version, .. } = published;
        format!("is about `{product}` of {api_version}, which is no service here; expected {}", known(model))
    })
}

fn package_of(service: &Service) -> Option<&str> {
    service.spec.published.as_ref().map(|published| published.package.as_str())
}

/// What the services are published as.
fn known(model: &Model) -> String {
    let packages = model.services.iter().filter_map(|service| {
        package_of(service).map(|package| format!("`{package}` (`{}` of {})", service.name, service.version))
    });
    let packages: Vec<String> = packages.collect();
    if packages.is_empty() {
        "one that a `_service.yaml` names under `published`".to_owned()
    } else {
        packages.join(", ")
    }
}
