//! What must always be true of the generator and of what it writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cloudnet_codegen::{Files, OUTPUTS, generate};
use cloudnet_tests::{Folder, package, specs, workspace};
use syn::visit::Visit;
use xtask::files;

fn generated(specs: &Path) -> Files {
    generate(specs).unwrap_or_else(|findings| panic!("{findings}")).files
}

/// The generated code, by its path below the folder that is generated.
fn code() -> impl Iterator<Item = (String, String)> {
    let below = |(path, text): (String, String)| {
        Some((path.strip_prefix(OUTPUTS[0])?.strip_prefix('/')?.to_owned(), text))
    };
    generated(&specs()).into_iter().filter_map(below)
}

fn parsed() -> impl Iterator<Item = (String, syn::File)> {
    code().map(|(path, text)| {
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        (path, file)
    })
}

/// The items that are handed to macros of the SDK, of all files.
fn declared() -> impl Iterator<Item = (String, syn::File)> {
    parsed().flat_map(|(path, file)| {
        let mut inside = Declared::default();
        inside.visit_file(&file);
        inside.0.into_iter().map(move |tokens| {
            let parsed = syn::parse2(tokens).unwrap_or_else(|error| panic!("{path}: no items: {error}"));
            (path.clone(), parsed)
        })
    })
}

/// Collects what macros are given.
#[derive(Default)]
struct Declared(Vec<proc_macro2::TokenStream>);

impl<'ast> Visit<'ast> for Declared {
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.0.push(call.tokens.clone());
    }
}

#[test]
fn the_generated_code_is_current() {
    let differences = files::diff(&workspace().join("sdk"), &generated(&specs())).unwrap();
    let shown: Vec<String> = differences.iter().map(|one| format!("{}\n{}", one.path, one.diff)).collect();
    assert!(shown.is_empty(), "run `cargo xtask codegen` and commit the result:\n{}", shown.join("\n"));
}

#[test]
fn every_oddity_of_the_specs_is_explained() {
    let warnings = generate(&specs()).unwrap_or_else(|findings| panic!("{findings}")).warnings;
    assert!(warnings.diagnostics.is_empty(), "{warnings}");
}

#[test]
fn the_place_of_the_specs_does_not_show() {
    let elsewhere = Folder::new("elsewhere");
    elsewhere.copy_of(&specs(), &|text| text.to_owned());
    assert!(generated(&specs()) == generated(elsewhere.path()));
}

#[test]
fn the_order_of_keys_does_not_show() {
    let shuffled = Folder::new("shuffled");
    shuffled.copy_of(&specs(), &reversed);
    assert!(generated(&specs()) == generated(shuffled.path()));
}

/// The top-level keys of a spec, last one first.
fn reversed(text: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    for line in text.lines() {
        let begins = line.starts_with(|c: char| c.is_ascii_alphabetic());
        match blocks.last_mut() {
            Some(block) if !begins => block.push_str(&format!("{line}\n")),
            _ => blocks.push(format!("{line}\n")),
        }
    }
    blocks.reverse();
    blocks.concat()
}

#[test]
fn generated_code_is_data_and_accessors() {
    for (path, file) in parsed().chain(declared()) {
        let mut impure = Impure::default();
        impure.visit_file(&file);
        assert!(impure.found.is_empty(), "{path} decides for itself: {:?}", impure.found);
        let allowed = ["crate::prelude", "crate::schema", "super", "self"];
        let foreign: Vec<&String> = impure
            .imports
            .iter()
            .filter(|import| import.starts_with("crate::") || import.starts_with("::"))
            .filter(|import| !allowed.iter().any(|start| import.starts_with(start)))
            .collect();
        assert!(foreign.is_empty(), "{path} imports {foreign:?}");
    }
}

/// Collects what generated code must not contain, and what it imports.
#[derive(Default)]
struct Impure {
    found: BTreeSet<&'static str>,
    imports: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Impure {
    fn visit_expr(&mut self, expression: &'ast syn::Expr) {
        let word = match expression {
            syn::Expr::If(_) => "if",
            syn::Expr::Match(_) => "match",
            syn::Expr::ForLoop(_) => "for",
            syn::Expr::While(_) => "while",
            syn::Expr::Loop(_) => "loop",
            syn::Expr::Await(_) => "await",
            syn::Expr::Async(_) => "async",
            syn::Expr::Unsafe(_) => "unsafe",
            syn::Expr::Try(_) => "?",
            syn::Expr::Return(_) => "return",
            syn::Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => "unwrap",
            _ => "",
        };
        if !word.is_empty() {
            self.found.insert(word);
        }
        syn::visit::visit_expr(self, expression);
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        let mut tree = &import.tree;
        let mut path = Vec::new();
        while let syn::UseTree::Path(segment) = tree {
            path.push(segment.ident.to_string());
            tree = &segment.tree;
        }
        self.imports.insert(path.join("::"));
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.found.insert("free function");
        syn::visit::visit_item_fn(self, function);
    }
}

#[test]
fn generated_code_is_compiled_where_it_is_used() {
    for (path, file) in parsed().chain(declared()) {
        let mut compiled = CompiledHere::default();
        compiled.visit_file(&file);
        assert!(compiled.found.is_empty(), "{path}: neither generic nor inline: {:?}", compiled.found);
    }
}

#[test]
fn macros_make_what_is_compiled_where_it_is_used() {
    for file in ["declare.rs", "record.rs"] {
        let text = fs::read_to_string(workspace().join("sdk/src/table").join(file)).unwrap();
        let macros = text.split("macro_rules! ").skip(1).map(|one| one.split("\n}\n").next().unwrap());
        for one in macros {
            let lines: Vec<&str> = one.lines().collect();
            for (at, line) in
                lines.iter().enumerate().filter(|(_, line)| line.contains("fn ") && line.ends_with('{'))
            {
                let is_generic = line.contains(": impl ") || line.contains("fn hash<H");
                let is_inline = lines[at.saturating_sub(2)..at].iter().any(|line| line.trim() == "#[inline]");
                assert!(is_generic || is_inline, "{file}: neither generic nor inline: {line}");
            }
        }
    }
}

/// Collects functions that the SDK itself would have to compile, used or not.
#[derive(Default)]
struct CompiledHere {
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for CompiledHere {
    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        let is_generic = |argument: &syn::FnArg| match argument {
            syn::FnArg::Typed(argument) => matches!(*argument.ty, syn::Type::ImplTrait(_)),
            syn::FnArg::Receiver(_) => false,
        };
        let is_inline = function.attrs.iter().any(|attribute| attribute.path().is_ident("inline"));
        if !is_inline && !function.sig.inputs.iter().any(is_generic) {
            self.found.push(function.sig.ident.to_string());
        }
    }
}

#[test]
fn generated_docs_run_no_text_of_a_spec() {
    for (path, text) in code() {
        let mut examples: Vec<String> = Vec::new();
        let mut is_code = false;
        for line in text.lines().map(str::trim_start).filter_map(doc_line) {
            match (is_code, line) {
                (false, " ```no_run") => examples.push(String::new()),
                (true, " ```") => {}
                _ => {
                    let fenced = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
                    assert!(
                        !fenced && !line.starts_with("     "),
                        "{path}: a code block in the docs: {line}"
                    );
                    let code = examples.last_mut().filter(|_| is_code);
                    code.into_iter().for_each(|code| code.push_str(line.trim_start_matches([' ', '#'])));
                    continue;
                }
            }
            is_code = !is_code;
        }
        // Those of actions, chapters and services.
        let is_page = path.contains('/') && !path.ends_with("/types.rs");
        assert_eq!((examples.len(), is_code), (usize::from(is_page), false), "{path}");
        for example in examples {
            let mut values = Values::default();
            values.visit_item_fn(&syn::parse_str(&example).unwrap_or_else(|error| panic!("{path}: {error}")));
            assert_eq!(values.foreign, [""; 0], "{path}: {example}");
        }
    }
}

/// Collects the texts in calls of setters that are neither the setter's name nor a plain word.
#[derive(Default)]
struct Values {
    setter: String,
    foreign: Vec<String>,
}

impl<'ast> Visit<'ast> for Values {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        self.setter = call.method.to_string().trim_start_matches("r#").trim_end_matches('_').to_owned();
        call.args.iter().for_each(|value| self.visit_expr(value));
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        let value = text.value();
        let is_plain = value.chars().all(|one| one.is_ascii_alphanumeric() || "-._:/".contains(one));
        if value.replace('-', "_") != self.setter && !is_plain {
            self.foreign.push(value);
        }
    }
}

#[test]
fn dependencies_point_one_way() {
    for (package, others) in [
        ("cloudnet-codegen", "cloudnet"),
        ("xtask", "cloudnet"),
        ("cloudnet", "cloudnet-codegen"),
        ("cloudnet", "cloudnet-emulator"),
        ("cloudnet-emulator", "cloudnet-codegen"),
    ] {
        let needed = needs(package);
        assert!(
            needed.len() > 1 && !needed.contains(others),
            "{package} must do without {others}: {needed:?}"
        );
    }
}

/// What a package of the workspace depends on, whatever it calls it there, and what those depend on here.
fn needs(name: &str) -> BTreeSet<String> {
    let package = package(name);
    let dependencies = package["dependencies"].as_array().unwrap();
    let mut needed = BTreeSet::new();
    for dependency in dependencies {
        let other = dependency["name"].as_str().unwrap();
        if needed.insert(other.to_owned()) && dependency["path"].is_string() && other != name {
            needed.extend(needs(other));
        }
    }
    needed
}

/// What an action does is said in its YAML; here it would be a fact in the wrong place.
#[test]
fn the_emulator_knows_no_action_by_name() {
    let (model, _) = cloudnet_codegen::model(&specs()).unwrap_or_else(|findings| panic!("{findings}"));
    let actions: BTreeSet<&str> = model
        .services
        .iter()
        .flat_map(|service| &service.actions)
        .map(|action| action.spec.name.as_str())
        .collect();
    let mut named = Vec::new();
    sources(&workspace().join("sdk/emulator/src"), &mut |path, text| {
        if path.ends_with("tests.rs") || path.extension().is_none_or(|kind| kind != "rs") {
            return;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let words = lines.flat_map(|line| line.split(|letter: char| !letter.is_ascii_alphanumeric()));
        named.extend(
            words.filter(|word| actions.contains(*word)).map(|word| format!("{}: {word}", path.display())),
        );
    });
    assert!(actions.len() > 150 && named.is_empty(), "{named:?}");
}

#[test]
fn only_one_file_names_the_http_client() {
    let mut named = Vec::new();
    sources(&workspace().join("sdk/src"), &mut |path, text| {
        let mut crates = Crates::default();
        crates.visit_file(&syn::parse_file(text).unwrap());
        if crates.0.contains("reqwest") {
            named.push(path.strip_prefix(workspace()).unwrap().display().to_string());
        }
    });
    assert_eq!(named, ["sdk/src/transport/reqwest.rs"]);
}

/// What the YAML says is read and judged before; no field of the model that leads back to it is looked at either.
#[test]
fn emission_reads_the_model_alone() {
    let mut files = 0;
    sources(&workspace().join("codegen/src/emit"), &mut |path, text| {
        files += 1;
        let mut names = Names::default();
        names.visit_file(&syn::parse_file(text).unwrap());
        let named: Vec<_> =
            ["spec", "yaml", "lower"].into_iter().filter(|name| names.0.contains(*name)).collect();
        assert_eq!(named, [""; 0], "{}", path.display());
    });
    assert!(files > 5, "{files}");
}

/// The first name of each path of the code, and of each import.
#[derive(Default)]
struct Crates(BTreeSet<String>);

impl<'ast> Visit<'ast> for Crates {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.extend(
            path.segments.first().filter(|_| path.segments.len() > 1).map(|first| first.ident.to_string()),
        );
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        self.import(&import.tree);
    }

    fn visit_item_extern_crate(&mut self, import: &'ast syn::ItemExternCrate) {
        self.0.insert(import.ident.to_string());
    }
}

impl Crates {
    fn import(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => _ = self.0.insert(path.ident.to_string()),
            syn::UseTree::Name(name) => _ = self.0.insert(name.ident.to_string()),
            syn::UseTree::Rename(name) => _ = self.0.insert(name.ident.to_string()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree)),
            syn::UseTree::Glob(_) => {}
        }
    }
}

/// What has a time, a random number or a way to ask for one.
const IMPURE: [&str; 7] = ["clock", "Clock", "Entropy", "Instant", "SystemRandom", "SystemTime", "OsEntropy"];

/// Times are taken as values, so their types may be named where none is asked for.
#[test]
fn signing_reads_neither_clock_nor_randomness() {
    let mut files = 0;
    for folder in ["sign", "protocol", "encode"] {
        sources(&workspace().join("sdk/src/wire").join(folder), &mut |path, text| {
            files += 1;
            let mut names = Names::default();
            names.visit_file(&syn::parse_file(text).unwrap());
            let asks =
                |name: &&String| IMPURE.contains(&name.as_str()) && *name != "SystemTime" || *name == "now";
            let impure: Vec<_> = names.0.iter().filter(asks).collect();
            assert!(path.ends_with("tests.rs") || impure.is_empty(), "{} names {impure:?}", path.display());
        });
    }
    assert!(files > 10, "{files}");
}

/// Every name in a path of the code, tests left out.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|one| one.path().is_ident("cfg"));
        if !is_test {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_ident(&mut self, ident: &'ast proc_macro2::Ident) {
        self.0.insert(ident.to_string());
    }
}

fn sources(folder: &Path, look: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, look);
        } else {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

fn doc_line(line: &str) -> Option<&str> {
    line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))
}
