//! Files as they lie on disk: a wheel, which is a zip, or JSON, plain or packed.

use std::borrow::Cow;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use zip::ZipArchive;

/// More than any file in a package has; what is packed may pretend to anything.
const LARGEST: u64 = 64 << 20;

/// What a file is.
pub(super) enum Opened {
    Wheel(Wheel),
    Json(String),
}

/// Opens a file and looks what it is.
pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let is_wheel = path.extension().is_some_and(|extension| extension == "whl");
    match bytes.as_slice() {
        [b'P', b'K', ..] => Wheel::new(bytes).map(Opened::Wheel),
        _ if is_wheel => Err("is no zip; expected a wheel as `pip download` has it".to_owned()),
        [0x1f, 0x8b, ..] => unpacked(&bytes).map(Opened::Json),
        _ => match String::from_utf8(bytes) {
            Ok(text) if text.trim_start().starts_with('{') => Ok(Opened::Json(text)),
            _ => Err("is neither a wheel nor a `service-2.json`".to_owned()),
        },
    }
}

/// A Python package: names and texts of its files.
pub(super) struct Wheel {
    zip: ZipArchive<Cursor<Vec<u8>>>,
    names: Vec<String>,
    /// As `import` knows it: `alibabacloud_vpc20160428`.
    pub(super) package: String,
    pub(super) version: String,
}

impl Wheel {
    fn new(bytes: Vec<u8>) -> Result<Self, String> {
        let zip = ZipArchive::new(Cursor::new(bytes));
        let broken = |error| format!("is no whole zip, as a wheel is: {error}");
        let zip = zip.map_err(broken)?;
        let names = zip.file_names().map(|name| name.map(Cow::into_owned));
        let names = names.collect::<Result<_, _>>().map_err(broken)?;
        let mut wheel = Self { zip, names, package: String::new(), version: String::new() };
        let is_metadata = |name: &str| {
            name.split_once('/')
                .is_some_and(|(folder, file)| folder.ends_with(".dist-info") && file == "METADATA")
        };
        let name = wheel.names().find(|name| is_metadata(name)).map(str::to_owned);
        let name = name.ok_or("has no `*.dist-info/METADATA`; expected a wheel of Python")?;
        let metadata = wheel.text(&name)?;
        let header = |key: &str| {
            let headers = metadata.lines().take_while(|line| !line.is_empty());
            let value = headers.filter_map(|line| line.split_once(": ")).find(|(name, _)| *name == key);
            value
                .map(|(_, value)| value.trim().to_owned())
                .ok_or_else(|| format!("{name}: expected a `{key}`"))
        };
        (wheel.package, wheel.version) =
            (header("Name")?.replace(['-', '.'], "_").to_lowercase(), header("Version")?);
        Ok(wheel)
    }

    /// Names of its files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The text of a file, which is unpacked if its name says that it is packed.
    pub(super) fn text(&mut self, name: &str) -> Result<String, String> {
        let file = self.zip.by_name(name).map_err(|error| format!("{name}: {error}"))?;
        let bytes = limited(file).map_err(|error| format!("{name}: {error}"))?;
        if name.ends_with(".gz") {
            return unpacked(&bytes).map_err(|error| format!("{name}: {error}"));
        }
        String::from_utf8(bytes).map_err(|_| format!("{name}: is no UTF-8 text"))
    }
}

fn unpacked(bytes: &[u8]) -> Result<String, String> {
    let bytes = limited(GzDecoder::new(bytes)).map_err(|error| format!("cannot be unpacked: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "is no UTF-8 text".to_owned())
}

fn limited(from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > LARGEST { Err("is larger than any file of a package".to_owned()) } else { Ok(bytes) }
}
