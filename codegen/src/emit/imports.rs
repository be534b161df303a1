//! `use` declarations, each in exactly the versions in which the file has a use for it.

use super::gate::gate;
use crate::names;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;

/// What a file imports.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// Versions by name, by local name, by module.
    modules: BTreeMap<Vec<String>, BTreeMap<(String, String), Versions>>,
}

impl Imports {
    /// Notes that something in `versions` uses `name` of `module`, under the name `local`.
    pub(super) fn add(&mut self, module: &[&str], name: &str, local: &str, versions: &Versions) {
        let module = module.iter().copied().map(str::to_owned).collect();
        let names = self.modules.entry(module).or_default();
        names.entry((name.to_owned(), local.to_owned())).or_default().extend(versions);
    }

    /// Notes a use of a type of `kubeset-rest`.
    pub(super) fn add_rest(&mut self, name: &str, versions: &Versions) {
        self.add(&["kubeset_rest"], name, name, versions);
    }

    /// The declarations for a file that exists in `outer`.
    pub(super) fn tokens(&self, outer: &Versions) -> TokenStream {
        self.modules.iter().map(|(module, names)| declarations(module, names, outer)).collect()
    }
}

/// One declaration for the names of a module that are always used, and one for each set of versions besides.
fn declarations(
    module: &[String],
    names: &BTreeMap<(String, String), Versions>,
    outer: &Versions,
) -> TokenStream {
    let mut by_gate: BTreeMap<(bool, Vec<_>), Vec<TokenStream>> = BTreeMap::new();
    for ((name, local), versions) in names {
        let gated = !versions.is_superset(outer);
        let key = (gated, if gated { versions.iter().copied().collect() } else { Vec::new() });
        by_gate.entry(key).or_default().push(renamed(name, local));
    }
    let module: Vec<_> = module.iter().map(|segment| names::ident(segment)).collect();
    let declarations = by_gate.into_iter().map(|((gated, versions), names)| {
        let gate = gated.then(|| gate(&versions.into_iter().collect(), outer));
        match names.as_slice() {
            [name] => quote!(#gate use #(#module)::*::#name;),
            _ => quote!(#gate use #(#module)::*::{#(#names),*};),
        }
    });
    declarations.collect()
}

fn renamed(name: &str, local: &str) -> TokenStream {
    let (original, renamed) = (names::ident(name), names::ident(local));
    if name == local { quote!(#original) } else { quote!(#original as #renamed) }
}
