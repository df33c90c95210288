//! Expressions.

use proc_macro2::{Literal, Span};
use syn::{
    Attribute, Expr, ExprArray, ExprAssign, ExprBlock, ExprCall, ExprField, ExprLit, ExprMethodCall,
    ExprPath, ExprReference, ExprStruct, ExprTuple, FieldValue, Lit, LitBool, LitFloat, LitInt, LitStr,
    Member, Stmt, Type, token,
};

use super::{ident, types};

/// `"…"`
pub(crate) fn text(text: &str) -> Expr {
    literal(Lit::Str(LitStr::new(text, Span::call_site())))
}

/// `r"…"`, which costs no escaping here and none undone when it is printed as a comment.
pub(super) fn raw_text(line: &str) -> Expr {
    let marks = line.split('"').skip(1).map(|rest| rest.len() - rest.trim_start_matches('#').len());
    let fence = "#".repeat(marks.max().map_or(0, |longest| longest + 1));
    match format!("r{fence}\"{line}\"{fence}").parse::<Literal>() {
        Ok(raw) => literal(Lit::new(raw)),
        Err(_) => text(line),
    }
}

/// Every text of a list: `&["…", "…"]`.
pub(crate) fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Expr {
    slice(texts.into_iter().map(|one| text(one.as_ref())))
}

/// A number without its type: `5`.
pub(crate) fn number(number: i64) -> Expr {
    literal(Lit::Int(LitInt::new(&number.to_string(), Span::call_site())))
}

/// A number with a fraction: `0.5`.
pub(crate) fn decimal(number: f64) -> Expr {
    literal(Lit::Float(LitFloat::new(&format!("{number:?}"), Span::call_site())))
}

/// `true` or `false`
pub(crate) fn flag(value: bool) -> Expr {
    literal(Lit::Bool(LitBool { value, span: Span::call_site() }))
}

fn literal(lit: Lit) -> Expr {
    Expr::Lit(ExprLit { attrs: Vec::new(), lit })
}

/// A name, or several with `::` between them.
pub(crate) fn path(path: &str) -> Expr {
    Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: super::path(path) })
}

/// `Some(…)` or `None`
pub(crate) fn option(value: Option<Expr>) -> Expr {
    value.map_or_else(|| path("None"), |value| call("Some", [value]))
}

/// `Check::Range(…, …)`
pub(crate) fn call(function: &str, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    called(path(function), arguments)
}

/// `Entry::of::<Type>(…)`
pub(crate) fn generic_call(function: &str, of: Type, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    let path = types::with_argument(function, of, Some(token::PathSep::default()));
    called(Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path }), arguments)
}

fn called(function: Expr, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Call(ExprCall {
        attrs: Vec::new(),
        func: Box::new(function),
        paren_token: token::Paren::default(),
        args: arguments.into_iter().collect(),
    })
}

/// `Shape { fields: …, rules: … }`
pub(crate) fn record<'a>(name: &str, fields: impl IntoIterator<Item = (&'a str, Expr)>) -> Expr {
    let field = |(name, expr): (&str, Expr)| FieldValue {
        attrs: Vec::new(),
        member: Member::Named(ident(name)),
        colon_token: Some(token::Colon::default()),
        expr,
    };
    Expr::Struct(ExprStruct {
        attrs: Vec::new(),
        qself: None,
        path: super::path(name),
        brace_token: token::Brace::default(),
        fields: fields.into_iter().map(field).collect(),
        dot2_token: None,
        rest: None,
    })
}

/// `(…, …)`
pub(crate) fn tuple(elements: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Tuple(ExprTuple {
        attrs: Vec::new(),
        paren_token: token::Paren::default(),
        elems: elements.into_iter().collect(),
    })
}

/// `&[…, …]`
pub(crate) fn slice(elements: impl IntoIterator<Item = Expr>) -> Expr {
    reference(Expr::Array(ExprArray {
        attrs: Vec::new(),
        bracket_token: token::Bracket::default(),
        elems: elements.into_iter().collect(),
    }))
}

/// `&…`
pub(crate) fn reference(to: Expr) -> Expr {
    Expr::Reference(ExprReference {
        attrs: Vec::new(),
        and_token: token::And::default(),
        mutability: None,
        expr: Box::new(to),
    })
}

/// `{ …; … }`
pub(crate) fn block(statements: Vec<Stmt>) -> Expr {
    Expr::Block(ExprBlock { attrs: Vec::new(), label: None, block: statements_in_braces(statements) })
}

pub(super) fn statements_in_braces(stmts: Vec<Stmt>) -> syn::Block {
    syn::Block { brace_token: token::Brace::default(), stmts }
}

/// `…;`
pub(crate) fn statement(expression: Expr) -> Stmt {
    Stmt::Expr(expression, Some(token::Semi::default()))
}

/// What a block is worth: its last line, without a semicolon.
pub(crate) fn result(expression: Expr) -> Stmt {
    Stmt::Expr(expression, None)
}

/// What can follow an expression.
pub(crate) trait Then {
    /// `….name`
    fn field(self, name: &str) -> Expr;

    /// `….name(…)`
    fn method(self, name: &str, arguments: impl IntoIterator<Item = Expr>) -> Expr;

    /// `….name::<Type>(…)`
    fn generic_method(self, name: &str, of: Type, arguments: impl IntoIterator<Item = Expr>) -> Expr;

    /// `… = value`
    fn assign(self, value: Expr) -> Expr;

    /// `#[cfg(…)] …`, of a path or a tuple
    fn marked(self, attribute: Attribute) -> Expr;
}

impl Then for Expr {
    fn field(self, name: &str) -> Expr {
        Expr::Field(ExprField {
            attrs: Vec::new(),
            base: Box::new(self),
            dot_token: token::Dot::default(),
            member: Member::Named(ident(name)),
        })
    }

    fn method(self, name: &str, arguments: impl IntoIterator<Item = Expr>) -> Expr {
        Expr::MethodCall(method_call(self, name, arguments))
    }

    fn generic_method(self, name: &str, of: Type, arguments: impl IntoIterator<Item = Expr>) -> Expr {
        let turbofish = Some(types::arguments(of, Some(token::PathSep::default())));
        Expr::MethodCall(ExprMethodCall { turbofish, ..method_call(self, name, arguments) })
    }

    fn assign(self, value: Expr) -> Expr {
        Expr::Assign(ExprAssign {
            attrs: Vec::new(),
            left: Box::new(self),
            eq_token: token::Eq::default(),
            right: Box::new(value),
        })
    }

    fn marked(mut self, attribute: Attribute) -> Expr {
        match &mut self {
            Expr::Path(path) => path.attrs.push(attribute),
            Expr::Tuple(tuple) => tuple.attrs.push(attribute),
            _ => debug_assert!(false, "nothing else has attributes here"),
        }
        self
    }
}

fn method_call(receiver: Expr, name: &str, arguments: impl IntoIterator<Item = Expr>) -> ExprMethodCall {
    ExprMethodCall {
        attrs: Vec::new(),
        receiver: Box::new(receiver),
        dot_token: token::Dot::default(),
        method: ident(name),
        turbofish: None,
        paren_token: token::Paren::default(),
        args: arguments.into_iter().collect(),
    }
}
