//! Informers: a method for each resource whose objects can all be listed and watched.

use super::docs;
use super::gate::gate;
use super::group_version;
use super::imports::Imports;
use super::method;
use crate::model::{GroupVersion, Model, Resource};
use crate::names;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;

/// The declaration of a module of informers, which are a feature of the clientset.
pub(super) fn module(gate: &TokenStream) -> TokenStream {
    let module = names::ident(names::INFORMERS);
    quote!(#[cfg(feature = "informers")] #gate mod #module;)
}

/// What the module of a version of a group takes from the module of its informers, if it has one.
pub(super) fn reexport(group: &str, version: &str, content: &GroupVersion) -> Option<TokenStream> {
    let gate = gate_in(content)?;
    let module = names::ident(names::INFORMERS);
    let informers = names::ident(&names::informers(group, version));
    Some(quote!(#[cfg(feature = "informers")] #gate pub use self::#module::#informers;))
}

/// The gate of the informers of a version of a group within it, if it has any.
pub(super) fn gate_in(content: &GroupVersion) -> Option<TokenStream> {
    let versions = content.watchable();
    (!versions.is_empty()).then(|| gate(&versions, &content.versions()))
}

/// The file at the root: a method for each version of a group.
pub(super) fn root<'a>(
    model: &Model,
    versions: impl Iterator<Item = (&'a str, &'a str, &'a GroupVersion)>,
) -> TokenStream {
    let outer = &model.versions;
    let mut imports = Vec::new();
    let mut accessors = Vec::new();
    for (group, version, content) in versions.filter(|(_, _, content)| !content.watchable().is_empty()) {
        let docs =
            docs::line(&format!("Informers of the resources of `{}`.", group_version::name(group, version)));
        let gate = gate(&content.watchable(), outer);
        let folder = names::ident(&names::group_module(group));
        let module = names::ident(version);
        let method = names::ident(&names::accessor(group, version));
        let informers = names::ident(&names::informers(group, version));
        imports.push(quote!(#gate use super::#folder::#module::#informers;));
        accessors.push(quote! {
            #docs
            #gate
            pub fn #method(&self) -> #informers {
                #informers::new(self.clone())
            }
        });
    }
    quote! {
        use crate::Informers;
        #(#imports)*
        impl Informers { #(#accessors)* }
    }
}

/// The file of a version of a group.
pub(super) fn file(group: &str, version: &str, content: &GroupVersion) -> TokenStream {
    let outer = content.watchable();
    let imports = imports(content, &outer).tokens(&outer);
    let name = names::ident(&names::informers(group, version));
    let docs =
        docs::line(&format!("Informers of the resources of `{}`.", group_version::name(group, version)));
    let methods = watchable(content).map(|resource| accessor(resource, &outer));
    quote! {
        use crate::Informers;
        #imports
        #docs
        #[derive(Clone, Debug)]
        pub struct #name {
            informers: Informers,
        }
        impl #name {
            pub(crate) fn new(informers: Informers) -> Self {
                Self { informers }
            }
            #(#methods)*
        }
    }
}

/// The resources that have informers, in the order of their methods.
fn watchable(content: &GroupVersion) -> impl Iterator<Item = &Resource> {
    let resources = content.resources.values().filter(|resource| !resource.watchable().is_empty());
    let named = resources.map(|resource| (names::module(&resource.object.name), resource));
    named.collect::<BTreeMap<_, _>>().into_values()
}

fn imports(content: &GroupVersion, outer: &Versions) -> Imports {
    let mut imports = Imports::default();
    imports.add(&["kubeset_informers"], "InformerBuilder", "InformerBuilder", outer);
    for resource in watchable(content) {
        method::add_type(&mut imports, resource, &resource.object, &resource.watchable());
    }
    imports
}

fn accessor(resource: &Resource, outer: &Versions) -> TokenStream {
    let docs = docs::informer(resource);
    let gate = gate(&resource.watchable(), outer);
    let kind = &resource.object.name;
    let method = names::ident(&names::module(kind));
    let object = names::ident(&names::local(&resource.object, kind));
    quote! {
        #docs
        #gate
        pub fn #method(&self) -> InformerBuilder<#object> {
            self.informers.select()
        }
    }
}

/// For the tests: code that calls each of these methods.
pub(super) fn test(model: &Model) -> TokenStream {
    let outer = &model.versions;
    let mut calls = Vec::new();
    let mut functions = Vec::new();
    for (group_name, group) in &model.groups {
        for (version, content) in &group.versions {
            let versions = content.watchable();
            if versions.is_empty() {
                continue;
            }
            let accessor = names::ident(&names::accessor(group_name, version));
            let gate = gate(&versions, outer);
            calls.push(quote!(#gate #accessor(informers, seen);));
            let records = watchable(content).map(|resource| record(resource, &versions));
            functions.push(quote! {
                #gate
                fn #accessor(informers: &Informers, seen: &mut Seen) {
                    let informers = informers.#accessor();
                    #(#records)*
                }
            });
        }
    }
    quote! {
        use super::Seen;
        use kubeset::Informers;

        /// Calls every generated method that makes an informer.
        pub(super) fn informers(informers: &Informers, seen: &mut Seen) { #(#calls)* }
        #(#functions)*
    }
}

fn record(resource: &Resource, outer: &Versions) -> TokenStream {
    let gate = gate(&resource.watchable(), outer);
    let method = names::ident(&names::module(&resource.object.name));
    quote!(#gate seen.record(&informers.#method());)
}
