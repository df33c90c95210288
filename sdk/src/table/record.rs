//! How the runtime reads and fills generated structs: by position, through one table.
//!
//! A generated struct lists references to its fields in the order of its [`Shape`]. That one list
//! serves validation, encoding, decoding, printing and redaction, so none of them is compiled
//! once per action.
//!
//! [`Shape`]: crate::schema::Shape

use std::fmt;
use std::hash::{DefaultHasher, Hash as _};
use std::time::SystemTime;

use crate::secret::Secret;
use crate::wire::timestamp;

/// A generated struct.
pub trait Record: Send + Sync {
    /// Hands out the fields, in the order of the struct's table.
    fn fields<'a>(&'a self, read: &mut dyn FnMut(&[&'a dyn Field]));
    /// Hands out the fields to be filled, in the same order.
    fn fields_mut(&mut self, fill: &mut dyn FnMut(&mut [&mut dyn Field]));
    /// Name of the struct and of its fields in Rust.
    fn names(&self) -> (&'static str, &'static [&'static str]);
}

/// One field of a [`Record`], or one entry of a list.
pub trait Field: Send + Sync {
    /// What it holds.
    fn value(&self) -> Value<'_>;
    /// Takes a scalar from a response; a list appends it. `false` if the value does not fit.
    fn set(&mut self, scalar: Scalar<'_>) -> bool;
    /// The struct inside; a list appends a new one. `None` if the field holds no struct.
    fn nested(&mut self) -> Option<&mut dyn Record> {
        None
    }
    /// Forgets what it holds.
    fn clear(&mut self);
}

/// What a field holds. Printed without secrets.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Nothing.
    Absent,
    /// A string.
    Text(&'a str),
    /// A string that is never printed.
    Secret(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Double(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A moment.
    Time(SystemTime),
    /// A list with at least one entry.
    List(&'a dyn List),
    /// A struct.
    Record(&'a dyn Record),
}

/// A list of field values, never empty.
#[expect(clippy::len_without_is_empty, reason = "an empty list is `Value::Absent`")]
pub trait List {
    /// Number of entries.
    fn len(&self) -> usize;
    /// The entry at a position below [`len`](List::len).
    fn entry(&self, index: usize) -> Value<'_>;
}

/// A scalar of a response, before it is fitted to a field.
#[derive(Clone, Copy, Debug)]
pub enum Scalar<'a> {
    /// A string.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A whole number above `i64::MAX`.
    Unsigned(u64),
    /// A number with a fraction.
    Double(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A moment.
    Time(SystemTime),
}

impl Value<'_> {
    /// Whether nothing is held.
    #[must_use]
    pub fn is_absent(self) -> bool {
        matches!(self, Value::Absent)
    }
}

/// What an optional field or an entry of a list can be: a scalar, an open enum or a struct.
pub trait Held: Send + Sync + Sized {
    /// What it holds.
    fn held(&self) -> Value<'_>;
    /// `None` if the scalar does not fit.
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self>;
    /// The struct in an optional field, made if it is not there; `None` for scalars.
    fn nested_in(_: &mut Option<Self>) -> Option<&mut dyn Record> {
        None
    }
    /// A new struct at the end of a list; `None` for scalars.
    fn nested_at_end(_: &mut Vec<Self>) -> Option<&mut dyn Record> {
        None
    }
    /// Whether `""` in a response means "nothing" rather than an empty value.
    const BLANK_IS_ABSENT: bool = false;
}

impl<T: Held> Field for Option<T> {
    fn value(&self) -> Value<'_> {
        match self {
            Some(held) => held.held(),
            None => Value::Absent,
        }
    }

    fn set(&mut self, scalar: Scalar<'_>) -> bool {
        *self = T::from_scalar(scalar);
        self.is_some() || (T::BLANK_IS_ABSENT && matches!(scalar, Scalar::Text("")))
    }

    fn nested(&mut self) -> Option<&mut dyn Record> {
        T::nested_in(self)
    }

    fn clear(&mut self) {
        *self = None;
    }
}

impl<T: Held> Field for Vec<T> {
    fn value(&self) -> Value<'_> {
        if self.is_empty() { Value::Absent } else { Value::List(self) }
    }

    fn set(&mut self, scalar: Scalar<'_>) -> bool {
        match T::from_scalar(scalar) {
            Some(entry) => {
                self.push(entry);
                true
            }
            None => false,
        }
    }

    fn nested(&mut self) -> Option<&mut dyn Record> {
        T::nested_at_end(self)
    }

    fn clear(&mut self) {
        Vec::clear(self);
    }
}

impl<T: Held> List for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn entry(&self, index: usize) -> Value<'_> {
        match self.get(index) {
            Some(entry) => entry.held(),
            None => Value::Absent,
        }
    }
}

/// A generated struct that fields and lists can hold.
pub trait Element: Record + Default {}

impl<T: Element> Held for T {
    fn held(&self) -> Value<'_> {
        Value::Record(self)
    }

    fn from_scalar(_: Scalar<'_>) -> Option<Self> {
        None
    }

    fn nested_in(slot: &mut Option<Self>) -> Option<&mut dyn Record> {
        Some(slot.get_or_insert_default())
    }

    fn nested_at_end(list: &mut Vec<Self>) -> Option<&mut dyn Record> {
        list.push(Self::default());
        Some(list.last_mut()?)
    }
}

impl Held for String {
    fn held(&self) -> Value<'_> {
        Value::Text(self)
    }

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        Some(scalar.text().into_owned())
    }
}

impl Held for Secret {
    fn held(&self) -> Value<'_> {
        Value::Secret(self.expose())
    }

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        Some(Secret::from(scalar.text().into_owned()))
    }
}

impl Held for i64 {
    fn held(&self) -> Value<'_> {
        Value::Integer(*self)
    }

    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers in range are cast")]
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match scalar {
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Integer(number) => Some(number),
            Scalar::Unsigned(_) => None,
            Scalar::Double(number) => {
                (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
            }
            Scalar::Boolean(flag) => Some(Self::from(flag)),
            Scalar::Time(_) => None,
        }
    }

    const BLANK_IS_ABSENT: bool = true;
}

impl Held for f64 {
    fn held(&self) -> Value<'_> {
        Value::Double(*self)
    }

    #[expect(clippy::cast_precision_loss, reason = "a JSON number is a double to begin with")]
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Integer(number) => Some(number as f64),
            Scalar::Unsigned(number) => Some(number as f64),
            Scalar::Double(number) => Some(number),
            Scalar::Boolean(_) | Scalar::Time(_) => None,
        }
    }

    const BLANK_IS_ABSENT: bool = true;
}

impl Held for bool {
    fn held(&self) -> Value<'_> {
        Value::Boolean(*self)
    }

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Scalar::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Scalar::Text("1") | Scalar::Integer(1) => Some(true),
            Scalar::Text("0") | Scalar::Integer(0) => Some(false),
            Scalar::Boolean(flag) => Some(flag),
            _ => None,
        }
    }

    const BLANK_IS_ABSENT: bool = true;
}

impl Held for SystemTime {
    fn held(&self) -> Value<'_> {
        Value::Time(*self)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what a double does not hold exactly is in no year with four digits"
    )]
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => {
                let seconds = text.trim().parse().ok().and_then(timestamp::of_seconds);
                seconds.or_else(|| timestamp::parse(text.trim()))
            }
            Scalar::Integer(number) => timestamp::of_seconds(number as f64),
            Scalar::Double(number) => timestamp::of_seconds(number),
            Scalar::Unsigned(_) | Scalar::Boolean(_) => None,
            Scalar::Time(at) => Some(at),
        }
    }

    const BLANK_IS_ABSENT: bool = true;
}

/// Whether two records of one type hold the same.
pub(crate) fn equal(one: &dyn Record, other: &dyn Record) -> bool {
    let mut same = false;
    one.fields(&mut |ones| {
        other.fields(&mut |others| {
            same = ones.iter().zip(others).all(|(one, other)| one.value() == other.value());
        });
    });
    same
}

/// What a record holds, in a record with fields of the same names.
#[inline]
pub(crate) fn copied<R: Record + Default>(from: &dyn Record) -> R {
    let mut copied = R::default();
    copy(from, &mut copied);
    copied
}

fn copy(from: &dyn Record, to: &mut dyn Record) {
    let ((_, known), (_, wanted)) = (from.names(), to.names());
    from.fields(&mut |ones| {
        to.fields_mut(&mut |others| {
            for (name, other) in wanted.iter().zip(others) {
                if let Some((_, one)) = known.iter().zip(ones).find(|(known, _)| *known == name) {
                    copy_value(one.value(), *other);
                }
            }
        });
    });
}

fn copy_value(value: Value<'_>, to: &mut dyn Field) {
    let scalar = match value {
        Value::Absent => return,
        Value::Text(text) | Value::Secret(text) => Scalar::Text(text),
        Value::Integer(number) => Scalar::Integer(number),
        Value::Double(number) => Scalar::Double(number),
        Value::Boolean(flag) => Scalar::Boolean(flag),
        Value::Time(at) => Scalar::Time(at),
        Value::List(list) => return (0..list.len()).for_each(|index| copy_value(list.entry(index), to)),
        Value::Record(record) => {
            if let Some(nested) = to.nested() {
                copy(record, nested);
            }
            return;
        }
    };
    to.set(scalar);
}

/// Hashes what a value holds, whatever struct it is in.
pub(crate) fn hash(value: Value<'_>, hasher: &mut DefaultHasher) {
    match value {
        Value::Absent => 0_u8.hash(hasher),
        Value::Text(text) | Value::Secret(text) => text.hash(hasher),
        Value::Integer(number) => number.hash(hasher),
        Value::Double(number) => number.to_bits().hash(hasher),
        Value::Boolean(flag) => flag.hash(hasher),
        Value::Time(at) => at.hash(hasher),
        Value::List(list) => {
            list.len().hash(hasher);
            (0..list.len()).for_each(|index| hash(list.entry(index), hasher));
        }
        Value::Record(record) => record.fields(&mut |fields| {
            fields.iter().for_each(|field| hash(field.value(), hasher));
        }),
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Absent, Value::Absent) => true,
            (Value::Text(one), Value::Text(other)) | (Value::Secret(one), Value::Secret(other)) => {
                one == other
            }
            (Value::Integer(one), Value::Integer(other)) => one == other,
            (Value::Double(one), Value::Double(other)) => one == other,
            (Value::Boolean(one), Value::Boolean(other)) => one == other,
            (Value::Time(one), Value::Time(other)) => one == other,
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len() && (0..one.len()).all(|at| one.entry(at) == other.entry(at))
            }
            (Value::Record(one), Value::Record(other)) => equal(*one, *other),
            _ => false,
        }
    }
}

/// Prints a record as `derive(Debug)` would, without absent fields and without secrets.
pub(crate) fn debug(record: &dyn Record, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (name, field_names) = record.names();
    let mut printed = f.debug_struct(name);
    record.fields(&mut |fields| {
        for (field_name, field) in field_names.iter().zip(fields) {
            let value = field.value();
            if !value.is_absent() {
                printed.field(field_name, &value);
            }
        }
    });
    printed.finish()
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Absent => f.write_str("absent"),
            Value::Text(text) => fmt::Debug::fmt(text, f),
            Value::Secret(_) => f.write_str("***"),
            Value::Integer(number) => fmt::Debug::fmt(number, f),
            Value::Double(number) => fmt::Debug::fmt(number, f),
            Value::Boolean(flag) => fmt::Debug::fmt(flag, f),
            Value::Time(at) => f.write_str(&timestamp::in_full(*at)),
            Value::List(list) => {
                f.debug_list().entries((0..list.len()).map(|index| list.entry(index))).finish()
            }
            Value::Record(record) => debug(*record, f),
        }
    }
}

/// Makes a struct a [`Record`]: its fields, in the order of its table.
///
/// All of it is inline: a program compiles the actions that it uses, and the SDK none.
macro_rules! record {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::record::Record for $name {
            #[inline]
            fn fields<'a>(&'a self, read: &mut dyn FnMut(&[&'a dyn $crate::record::Field])) {
                read(&[$(&self.$field),*]);
            }
            #[inline]
            fn fields_mut(&mut self, fill: &mut dyn FnMut(&mut [&mut dyn $crate::record::Field])) {
                fill(&mut [$(&mut self.$field),*]);
            }
            #[inline]
            fn names(&self) -> (&'static str, &'static [&'static str]) {
                (stringify!($name), &[$(stringify!($field)),*])
            }
        }
        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::record::equal(self, other)
            }
        }
        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::record::debug(self, f)
            }
        }
    };
}
pub(crate) use record;
