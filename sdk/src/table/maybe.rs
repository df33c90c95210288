//! What setters take for texts, enums and structs.

/// What a setter takes: a value that becomes a `T`, or an `Option` of one, whose `None` leaves the
/// parameter out.
///
/// ```
/// # use cloudnet::vpc::CreateVpc;
/// let name: Option<&str> = None;
/// let vpc = CreateVpc::default().cidr_block("10.0.0.0/8").description(Some("mine")).vpc_name(name);
/// assert_eq!((vpc.description.as_deref(), vpc.vpc_name), (Some("mine"), None));
/// ```
///
/// `As` is filled in by the compiler: it tells the two ways apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value for a parameter of type `{T}`",
    label = "neither becomes `{T}` nor is an `Option` of what does",
    note = "a setter takes what is `Into<{T}>`, or an `Option` of that, whose `None` leaves the parameter out"
)]
pub trait MaybeInto<T, As> {
    /// The value, if it is one.
    fn maybe_into(self) -> Option<T>;
}

/// A value.
#[derive(Debug)]
pub enum AsValue {}

/// A value or none.
#[derive(Debug)]
pub enum AsOption {}

impl<T, V: Into<T>> MaybeInto<T, AsValue> for V {
    #[inline]
    fn maybe_into(self) -> Option<T> {
        Some(self.into())
    }
}

impl<T, V: Into<T>> MaybeInto<T, AsOption> for Option<V> {
    #[inline]
    fn maybe_into(self) -> Option<T> {
        self.map(Into::into)
    }
}
