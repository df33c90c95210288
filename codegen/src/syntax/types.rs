//! Types.

use proc_macro2::Span;
use syn::{
    AngleBracketedGenericArguments, AssocType, GenericArgument, Lifetime, Path, PathArguments, TraitBound,
    TraitBoundModifiers, Type, TypeImplTrait, TypeParamBound, TypePath, TypeReference, TypeSlice, TypeTuple,
    token,
};

use super::ident;

/// `String`, `super::Vpc`
pub(crate) fn named(path: &str) -> Type {
    of_path(super::path(path))
}

/// `Vec<String>`
pub(crate) fn generic(path: &str, of: Type) -> Type {
    of_path(with_argument(path, of, None))
}

/// `&Service`
pub(crate) fn reference(to: Type) -> Type {
    referring(None, to)
}

/// `&'static Action`
pub(crate) fn static_reference(to: Type) -> Type {
    referring(Some(Lifetime::new("'static", Span::call_site())), to)
}

/// `[Entry]`
pub(crate) fn slice(of: Type) -> Type {
    Type::Slice(TypeSlice { attrs: Vec::new(), bracket_token: token::Bracket::default(), elem: Box::new(of) })
}

/// `(String, i64)`
pub(crate) fn tuple(elements: impl IntoIterator<Item = Type>) -> Type {
    Type::Tuple(TypeTuple {
        attrs: Vec::new(),
        paren_token: token::Paren::default(),
        elems: elements.into_iter().collect(),
    })
}

/// `impl Into<String>`
pub(crate) fn into(target: Type) -> Type {
    implementor(with_argument("Into", target, None))
}

/// `impl IntoIterator<Item = String>`
pub(crate) fn iterable(item: Type) -> Type {
    let item = GenericArgument::AssocType(AssocType {
        ident: ident("Item"),
        generics: None,
        eq_token: token::Eq::default(),
        ty: item,
    });
    implementor(with_arguments("IntoIterator", angle_brackets(item, None)))
}

fn of_path(path: Path) -> Type {
    Type::Path(TypePath { attrs: Vec::new(), qself: None, path })
}

fn referring(lifetime: Option<Lifetime>, to: Type) -> Type {
    Type::Reference(TypeReference {
        attrs: Vec::new(),
        and_token: token::And::default(),
        lifetime,
        mutability: None,
        elem: Box::new(to),
    })
}

fn implementor(of: Path) -> Type {
    let bound = TypeParamBound::Trait(TraitBound {
        paren_token: None,
        lifetimes: None,
        modifiers: TraitBoundModifiers::default(),
        maybe: None,
        path: of,
    });
    Type::ImplTrait(TypeImplTrait {
        attrs: Vec::new(),
        impl_token: token::Impl::default(),
        bounds: [bound].into_iter().collect(),
    })
}

/// A path whose last name has an argument.
pub(super) fn with_argument(path: &str, of: Type, turbofish: Option<token::PathSep>) -> Path {
    with_arguments(path, arguments(of, turbofish))
}

fn with_arguments(path: &str, arguments: AngleBracketedGenericArguments) -> Path {
    let mut path = super::path(path);
    if let Some(last) = path.segments.last_mut() {
        last.arguments = PathArguments::AngleBracketed(arguments);
    }
    path
}

/// `<Type>`, or `::<Type>` in an expression.
pub(super) fn arguments(of: Type, turbofish: Option<token::PathSep>) -> AngleBracketedGenericArguments {
    angle_brackets(GenericArgument::Type(of), turbofish)
}

fn angle_brackets(
    argument: GenericArgument,
    turbofish: Option<token::PathSep>,
) -> AngleBracketedGenericArguments {
    AngleBracketedGenericArguments {
        colon2_token: turbofish,
        lt_token: token::Lt::default(),
        args: [argument].into_iter().collect(),
        gt_token: token::Gt::default(),
    }
}
