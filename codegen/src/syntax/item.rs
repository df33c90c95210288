//! Items, and what stands in their braces.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Block, ConstModifiers, Expr, Field, FieldModifiers, Fields, FieldsNamed, FieldsUnnamed, FnArg,
    FnModifiers, Generics, ImplItem, ImplItemConst, ImplItemFn, ImplItemType, ImplModifiers, Item, ItemEnum,
    ItemImpl, ItemMacro, ItemMod, ItemStatic, ItemStruct, ItemType, ItemUse, Macro, MacroDelimiter, Pat,
    PatIdent, PatType, Receiver, ReceiverKind, ReturnType, Safety, Signature, StaticMutability, Stmt, Type,
    TypeModifiers, UseGlob, UseGroup, UseName, UsePath, UseTree, Variant, Visibility, WhereClausePlacement,
    token,
};

use super::expression::statements_in_braces;
use super::{ident, path, public};

/// `use path::*;`
pub(crate) fn import_all(path: &str) -> Item {
    let all = UseTree::Glob(UseGlob { star_token: token::Star::default() });
    imported(Vec::new(), Visibility::Inherited, path, all)
}

/// `pub use path::*;`
pub(crate) fn export_all(attrs: Vec<Attribute>, path: &str) -> Item {
    let all = UseTree::Glob(UseGlob { star_token: token::Star::default() });
    imported(attrs, public(), path, all)
}

/// `use path::name;`
pub(crate) fn import(path: &str, name: &str) -> Item {
    imported(Vec::new(), Visibility::Inherited, path, used(name))
}

/// `use path::{name, name};`
pub(crate) fn import_some<'a>(vis: Visibility, path: &str, names: impl IntoIterator<Item = &'a str>) -> Item {
    let brace_token = token::Brace::default();
    let group = UseGroup { brace_token, items: names.into_iter().map(used).collect() };
    imported(Vec::new(), vis, path, UseTree::Group(group))
}

fn used(name: &str) -> UseTree {
    UseTree::Name(UseName { ident: ident(name) })
}

fn imported(attrs: Vec<Attribute>, vis: Visibility, path: &str, tree: UseTree) -> Item {
    let inside = |tree, name: &str| {
        let colon2_token = token::PathSep::default();
        UseTree::Path(UsePath { ident: ident(name), colon2_token, tree: Box::new(tree) })
    };
    Item::Use(ItemUse {
        attrs,
        vis,
        use_token: token::Use::default(),
        leading_colon: None,
        tree: path.rsplit("::").fold(tree, inside),
        semi_token: token::Semi::default(),
    })
}

/// `mod name;`
pub(crate) fn module_file(attrs: Vec<Attribute>, vis: Visibility, name: &str) -> Item {
    let semi = Some(token::Semi::default());
    Item::Mod(ItemMod { semi, ..empty_module(attrs, vis, name) })
}

/// `mod name { … }`
pub(crate) fn module(attrs: Vec<Attribute>, vis: Visibility, name: &str, items: Vec<Item>) -> Item {
    let content = Some((token::Brace::default(), items));
    Item::Mod(ItemMod { content, ..empty_module(attrs, vis, name) })
}

fn empty_module(attrs: Vec<Attribute>, vis: Visibility, name: &str) -> ItemMod {
    ItemMod {
        attrs,
        vis,
        unsafety: None,
        mod_token: token::Mod::default(),
        ident: ident(name),
        content: None,
        semi: None,
    }
}

/// `static NAME: Type = …;`
pub(crate) fn table(attrs: Vec<Attribute>, vis: Visibility, name: &str, ty: Type, content: Expr) -> Item {
    Item::Static(ItemStatic {
        attrs,
        vis,
        static_token: token::Static::default(),
        mutability: StaticMutability::None,
        ident: ident(name),
        colon_token: token::Colon::default(),
        ty: Box::new(ty),
        eq_token: token::Eq::default(),
        expr: Box::new(content),
        semi_token: token::Semi::default(),
    })
}

/// `pub type Name = Type;`
pub(crate) fn alias(attrs: Vec<Attribute>, name: &str, ty: Type) -> Item {
    Item::Type(ItemType {
        attrs,
        vis: public(),
        modifiers: TypeModifiers::default(),
        type_token: token::Type::default(),
        ident: ident(name),
        generics: Generics::default(),
        eq_token: token::Eq::default(),
        ty: Box::new(ty),
        semi_token: token::Semi::default(),
        where_clause_placement: WhereClausePlacement::Late,
    })
}

/// `name!(…);`
pub(crate) fn invocation(name: &str, tokens: TokenStream) -> Item {
    Item::Macro(ItemMacro {
        attrs: Vec::new(),
        ident: None,
        mac: Macro {
            path: path(name),
            bang_token: token::Not::default(),
            delimiter: MacroDelimiter::Paren(token::Paren::default()),
            tokens,
        },
        semi_token: Some(token::Semi::default()),
    })
}

/// `pub struct Name;`
pub(crate) fn unit_structure(attrs: Vec<Attribute>, name: &str) -> Item {
    let semi_token = Some(token::Semi::default());
    Item::Struct(ItemStruct { semi_token, ..structure_of(attrs, name, Fields::Unit) })
}

/// `pub struct Name { … }`
pub(crate) fn structure(attrs: Vec<Attribute>, name: &str, fields: impl IntoIterator<Item = Field>) -> Item {
    let brace_token = token::Brace::default();
    let fields = Fields::Named(FieldsNamed { brace_token, named: fields.into_iter().collect() });
    Item::Struct(structure_of(attrs, name, fields))
}

fn structure_of(attrs: Vec<Attribute>, name: &str, fields: Fields) -> ItemStruct {
    ItemStruct {
        attrs,
        vis: public(),
        struct_token: token::Struct::default(),
        ident: ident(name),
        generics: Generics::default(),
        fields,
        semi_token: None,
    }
}

/// `pub name: Type`
pub(crate) fn field(attrs: Vec<Attribute>, name: &str, ty: Type) -> Field {
    let colon_token = Some(token::Colon::default());
    Field { attrs, vis: public(), ident: Some(ident(name)), colon_token, ..unnamed(ty) }
}

fn unnamed(ty: Type) -> Field {
    Field {
        attrs: Vec::new(),
        vis: Visibility::Inherited,
        modifiers: FieldModifiers::default(),
        ident: None,
        colon_token: None,
        ty,
        default: None,
    }
}

/// `pub enum Name { … }`
pub(crate) fn enumeration(
    attrs: Vec<Attribute>,
    name: &str,
    variants: impl IntoIterator<Item = Variant>,
) -> Item {
    Item::Enum(ItemEnum {
        attrs,
        vis: public(),
        enum_token: token::Enum::default(),
        ident: ident(name),
        generics: Generics::default(),
        brace_token: token::Brace::default(),
        variants: variants.into_iter().collect(),
    })
}

/// `Name`
pub(crate) fn variant(attrs: Vec<Attribute>, name: &str) -> Variant {
    Variant { attrs, ident: ident(name), fields: Fields::Unit, discriminant: None }
}

/// `Name(Type)`
pub(crate) fn variant_of(attrs: Vec<Attribute>, name: &str, ty: Type) -> Variant {
    let paren_token = token::Paren::default();
    let fields = Fields::Unnamed(FieldsUnnamed { paren_token, unnamed: [unnamed(ty)].into_iter().collect() });
    Variant { fields, ..variant(attrs, name) }
}

/// `impl Type { … }`
pub(crate) fn inherent(of: Type, items: Vec<ImplItem>) -> Item {
    Item::Impl(implemented(of, items))
}

/// `impl Trait for Type { … }`
pub(crate) fn implementation(of_trait: &str, of: Type, items: Vec<ImplItem>) -> Item {
    let trait_ = Some((path(of_trait), token::For::default()));
    Item::Impl(ItemImpl { trait_, ..implemented(of, items) })
}

fn implemented(of: Type, items: Vec<ImplItem>) -> ItemImpl {
    ItemImpl {
        attrs: Vec::new(),
        modifiers: ImplModifiers::default(),
        unsafety: None,
        impl_token: token::Impl::default(),
        generics: Generics::default(),
        trait_: None,
        self_ty: Box::new(of),
        brace_token: token::Brace::default(),
        items,
    }
}

/// `const NAME: Type = …;` of an implementation.
pub(crate) fn constant(name: &str, ty: Type, value: Expr) -> ImplItem {
    ImplItem::Const(ImplItemConst {
        attrs: Vec::new(),
        vis: Visibility::Inherited,
        modifiers: ConstModifiers::default(),
        const_token: token::Const::default(),
        ident: ident(name),
        generics: Generics::default(),
        colon_token: token::Colon::default(),
        ty,
        eq_token: token::Eq::default(),
        expr: value,
        semi_token: token::Semi::default(),
    })
}

/// `type Name = Type;` of an implementation.
pub(crate) fn associated_type(name: &str, ty: Type) -> ImplItem {
    ImplItem::Type(ImplItemType {
        attrs: Vec::new(),
        vis: Visibility::Inherited,
        modifiers: TypeModifiers::default(),
        type_token: token::Type::default(),
        ident: ident(name),
        generics: Generics::default(),
        eq_token: token::Eq::default(),
        ty,
        semi_token: token::Semi::default(),
    })
}

/// A function of an implementation.
pub(crate) struct Function<'a> {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub name: &'a str,
    pub arguments: Vec<FnArg>,
    pub returns: Type,
    pub body: Vec<Stmt>,
}

impl Function<'_> {
    /// As an item of the implementation.
    pub(crate) fn item(self) -> ImplItem {
        let sig = Signature {
            constness: None,
            asyncness: None,
            safety: Safety::Default,
            abi: None,
            fn_token: token::Fn::default(),
            ident: ident(self.name),
            generics: Generics::default(),
            paren_token: token::Paren::default(),
            inputs: self.arguments.into_iter().collect(),
            variadic: None,
            output: ReturnType::Type(token::RArrow::default(), Box::new(self.returns)),
        };
        let (attrs, vis, modifiers) = (self.attrs, self.vis, FnModifiers::default());
        let block: Block = statements_in_braces(self.body);
        ImplItem::Fn(ImplItemFn { attrs, vis, modifiers, sig, block })
    }
}

/// `&self`
pub(crate) fn borrowed_self() -> FnArg {
    receiver(None, ReceiverKind::Reference(token::And::default(), None, None))
}

/// `mut self`
pub(crate) fn owned_self() -> FnArg {
    receiver(Some(token::Mut::default()), ReceiverKind::Value)
}

fn receiver(mutability: Option<token::Mut>, kind: ReceiverKind) -> FnArg {
    FnArg::Receiver(Receiver { attrs: Vec::new(), mutability, self_token: token::SelfValue::default(), kind })
}

/// `name: Type`
pub(crate) fn argument(name: &str, ty: Type) -> FnArg {
    let attrs = Vec::new();
    let pat =
        Pat::Ident(PatIdent { attrs, by_ref: None, mutability: None, ident: ident(name), subpat: None });
    FnArg::Typed(PatType {
        attrs: Vec::new(),
        pat: Box::new(pat),
        colon_token: token::Colon::default(),
        ty: Box::new(ty),
    })
}
