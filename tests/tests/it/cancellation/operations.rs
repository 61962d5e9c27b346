//! The public async operations of the adapters, read from their sources.

mod macros;

use std::{collections::BTreeSet, fs, path::Path};

use syn::{Attribute, Item, ItemImpl, Meta, ReturnType, Signature, Type, Visibility};

/// Each as `Type::method`, `Trait::method` or `function`.
///
/// They are the public functions and methods that are `async` or answer a future or a stream;
/// those of a trait of others count for each public type that has it, those of a trait of ours
/// count once, and of the ports those that are written there already.
pub(super) fn all() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let adapters = Sources::read(&root.join("adapters/src"));
    let ports = Sources::read(&root.join("ports/src"));
    let mut found = adapters.operations();
    found.extend(ports.provided());
    found
}

/// The items of a crate, those of modules and macros too.
#[derive(Default)]
struct Sources {
    items: Vec<Item>,
    public: BTreeSet<String>,
    hidden_traits: BTreeSet<String>,
    public_traits: BTreeSet<String>,
}

impl Sources {
    fn read(folder: &Path) -> Self {
        let mut sources = Self::default();
        let mut files = Vec::new();
        collect(folder, &mut files);
        assert!(files.len() > 10, "{} is not there", folder.display());
        for file in files {
            let parsed = syn::parse_file(&fs::read_to_string(&file).unwrap());
            let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            sources.take(parsed.items);
        }
        sources
    }

    fn take(&mut self, items: Vec<Item>) {
        let expanded = macros::expand(&items);
        for item in items.into_iter().chain(expanded) {
            match item {
                Item::Mod(module) if !is_test(&module.attrs) => {
                    let (_, inner) = module.content.unwrap_or_default();
                    self.take(inner);
                }
                Item::Struct(item) if is_public(&item.vis) => {
                    self.public.insert(item.ident.to_string());
                }
                Item::Enum(item) if is_public(&item.vis) => {
                    self.public.insert(item.ident.to_string());
                }
                Item::Trait(item) => {
                    let traits = if is_public(&item.vis) {
                        &mut self.public_traits
                    } else {
                        &mut self.hidden_traits
                    };
                    traits.insert(item.ident.to_string());
                    self.items.push(Item::Trait(item));
                }
                item @ (Item::Impl(_) | Item::Fn(_)) => self.items.push(item),
                _ => {}
            }
        }
    }

    fn operations(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for item in &self.items {
            match item {
                Item::Fn(item) if is_public(&item.vis) && is_async(&item.sig) => {
                    found.insert(item.sig.ident.to_string());
                }
                Item::Trait(item) if is_public(&item.vis) => {
                    let methods = item.items.iter().filter_map(|item| match item {
                        syn::TraitItem::Fn(method) => Some(&method.sig),
                        _ => None,
                    });
                    found.extend(named(&item.ident.to_string(), methods));
                }
                Item::Impl(item) => found.extend(self.of_impl(item)),
                _ => {}
            }
        }
        found
    }

    fn of_impl(&self, item: &ItemImpl) -> Vec<String> {
        let Some(name) = name_of(&item.self_ty).filter(|name| self.public.contains(name)) else {
            return Vec::new();
        };
        let of = item.trait_.as_ref().map(|path| last(&path.0));
        let elsewhere =
            |name: &String| self.hidden_traits.contains(name) || self.public_traits.contains(name);
        if of.as_ref().is_some_and(elsewhere) {
            return Vec::new();
        }
        let methods = item.items.iter().filter_map(|method| match method {
            syn::ImplItem::Fn(method) if of.is_some() || is_public(&method.vis) => {
                Some(&method.sig)
            }
            _ => None,
        });
        named(&name, methods)
    }

    /// What public traits have bodies for.
    fn provided(&self) -> Vec<String> {
        let mut found = Vec::new();
        for item in &self.items {
            if let Item::Trait(item) = item {
                let methods = item.items.iter().filter_map(|method| match method {
                    syn::TraitItem::Fn(method) => method.default.as_ref().map(|_| &method.sig),
                    _ => None,
                });
                found.extend(named(&item.ident.to_string(), methods));
            }
        }
        found
    }
}

fn named<'s>(owner: &str, methods: impl Iterator<Item = &'s Signature>) -> Vec<String> {
    methods
        .filter(|signature| is_async(signature))
        .map(|signature| format!("{owner}::{}", signature.ident))
        .collect()
}

fn is_async(signature: &Signature) -> bool {
    let answers = match &signature.output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, answer) => text(answer),
    };
    signature.asyncness.is_some() || answers.contains("Future") || answers.contains("Stream")
}

/// The names in a type.
fn text(answer: &Type) -> String {
    let mut names = Vec::new();
    match answer {
        Type::Path(path) => {
            for segment in &path.path.segments {
                names.push(segment.ident.to_string());
                if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments {
                    for argument in &arguments.args {
                        if let syn::GenericArgument::Type(inner) = argument {
                            names.push(text(inner));
                        }
                    }
                }
            }
        }
        Type::ImplTrait(bounds) => names.extend(bounds.bounds.iter().map(bound)),
        Type::TraitObject(bounds) => names.extend(bounds.bounds.iter().map(bound)),
        _ => {}
    }
    names.join(" ")
}

fn bound(bound: &syn::TypeParamBound) -> String {
    match bound {
        syn::TypeParamBound::Trait(bound) => last(&bound.path),
        _ => String::new(),
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

fn name_of(of: &Type) -> Option<String> {
    match of {
        Type::Path(path) => Some(last(&path.path)),
        _ => None,
    }
}

fn last(path: &syn::Path) -> String {
    path.segments.last().unwrap().ident.to_string()
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}
