//! What macros write, as far as it tells which type has which methods.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::{Item, ItemMacro};

use super::last;

/// What the macros of a file write when they are called there: enough of it to see which type
/// gets which methods. The first name in each argument takes the place of the first variable.
pub(super) fn expand(items: &[Item]) -> Vec<Item> {
    let macros: Vec<&ItemMacro> = items
        .iter()
        .filter_map(|item| match item {
            Item::Macro(item) => Some(item),
            _ => None,
        })
        .collect();
    let mut rules = BTreeMap::new();
    for item in &macros {
        if let Some(name) = &item.ident {
            rules.insert(name.to_string(), &item.mac.tokens);
        }
    }
    let mut written = Vec::new();
    for call in macros.iter().filter(|item| item.ident.is_none()) {
        let Some(rules) = rules.get(&last(&call.mac.path)) else {
            continue;
        };
        for argument in arguments(call.mac.tokens.clone()) {
            written.extend(items_of((*rules).clone(), &argument));
        }
    }
    // Those that are called elsewhere are looked at as they stand.
    for (name, rules) in rules {
        let called = macros.iter().any(|item| last(&item.mac.path) == name);
        if !called {
            written.extend(items_of(rules.clone(), ""));
        }
    }
    written
}

/// The first name of each argument.
fn arguments(tokens: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut begins = true;
    for tree in tokens {
        match tree {
            TokenTree::Ident(name) if begins => {
                names.push(name.to_string());
                begins = false;
            }
            TokenTree::Punct(mark) if mark.as_char() == ',' => begins = true,
            _ => {}
        }
    }
    names
}

fn items_of(rules: TokenStream, argument: &str) -> Vec<Item> {
    let trees: Vec<TokenTree> = rules.into_iter().collect();
    let variable = trees
        .first()
        .and_then(|matcher| first_variable(matcher.clone()));
    let mut items = Vec::new();
    // A matcher, `=>`, a body.
    let bodies = trees.windows(3).filter_map(|window| match window {
        [
            TokenTree::Punct(_),
            TokenTree::Punct(arrow),
            TokenTree::Group(body),
        ] if arrow.as_char() == '>' => Some(body.stream()),
        _ => None,
    });
    for body in bodies {
        let body = filled(body, variable.as_deref(), argument);
        let is_async = body.to_string().contains("async") || body.to_string().contains("Future");
        match syn::parse2::<syn::File>(body) {
            Ok(file) => items.extend(file.items),
            Err(error) if is_async => {
                panic!("a macro with futures in it is not understood: {error}")
            }
            Err(_) => {}
        }
    }
    items
}

fn first_variable(matcher: TokenTree) -> Option<String> {
    let TokenTree::Group(group) = matcher else {
        return None;
    };
    let mut trees = group.stream().into_iter();
    while let Some(tree) = trees.next() {
        if matches!(&tree, TokenTree::Punct(mark) if mark.as_char() == '$') {
            return match trees.next()? {
                TokenTree::Ident(name) => Some(name.to_string()),
                other => first_variable(other),
            };
        }
    }
    None
}

/// A body without its dollars: each repetition once, each variable as its name or argument.
fn filled(body: TokenStream, variable: Option<&str>, argument: &str) -> TokenStream {
    let mut filled_in = Vec::new();
    let mut trees = body.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(mark) if mark.as_char() == '$' => match trees.next() {
                Some(TokenTree::Ident(name)) => {
                    let is_first = variable.is_some_and(|variable| name == variable);
                    let name = if is_first && !argument.is_empty() {
                        proc_macro2::Ident::new(argument, name.span())
                    } else {
                        name
                    };
                    filled_in.push(TokenTree::Ident(name));
                }
                Some(TokenTree::Group(repeated)) => {
                    filled_in.extend(filled(repeated.stream(), variable, argument));
                    // The separator and the sign of how often.
                    while let Some(TokenTree::Punct(_)) = trees.peek() {
                        trees.next();
                    }
                }
                _ => {}
            },
            TokenTree::Group(group) => {
                let inner = filled(group.stream(), variable, argument);
                filled_in.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            other => filled_in.push(other),
        }
    }
    filled_in.into_iter().collect()
}
