//! The tree of clients: a folder for each group, and a method of the clientset for each version of a group.

use super::gate::gate;
use super::{Emitted, docs, group_version, informers, resource};
use crate::model::{Group, GroupVersion, Model};
use crate::names;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;

/// All files of the clientset.
pub(crate) fn clientset(model: &Model) -> Emitted {
    let mut files = Emitted::from([
        ("mod.rs".to_owned(), root(model)),
        (format!("{}.rs", names::INFORMERS), informers::root(model, versions(model))),
    ]);
    for (name, group) in &model.groups {
        let folder = names::group_module(name);
        files.insert(format!("{folder}/mod.rs"), group_file(name, group));
        for (version, content) in &group.versions {
            let file = group_version::file(name, group, version, content);
            files.insert(format!("{folder}/{version}/mod.rs"), file);
            if !content.watchable().is_empty() {
                let path = format!("{folder}/{version}/{}.rs", names::INFORMERS);
                files.insert(path, informers::file(name, version, content));
            }
            for resource in content.resources.values() {
                let path = format!("{folder}/{version}/{}.rs", names::module(&resource.object.name));
                files.insert(path, resource::file(&group_version::name(name, version), resource));
            }
        }
    }
    files
}

fn root(model: &Model) -> TokenStream {
    let outer = &model.versions;
    let modules = groups(model).map(|(name, group)| {
        let gate = gate(&group.versions(), outer);
        let module = names::ident(&names::group_module(name));
        quote!(#gate pub mod #module;)
    });
    let informers = informers::module(&TokenStream::new());
    let imports =
        versions(model).map(|(name, version, content)| import(name, version, &content.versions(), outer));
    let accessors = versions(model).map(|(name, version, content)| accessor(name, version, content, outer));
    quote! {
        #![doc = " Typed clients of everything that an API server offers, by group and version."]
        #(#modules)*
        #informers
        use crate::Clientset;
        #(#imports)*
        impl Clientset { #(#accessors)* }
    }
}

/// Groups in the order of their modules.
fn groups(model: &Model) -> impl Iterator<Item = (&str, &Group)> {
    let groups = model.groups.iter().map(|(name, group)| (names::group_module(name), (name.as_str(), group)));
    groups.collect::<BTreeMap<_, _>>().into_values()
}

fn versions(model: &Model) -> impl Iterator<Item = (&str, &str, &GroupVersion)> {
    groups(model).flat_map(|(name, group)| {
        group.versions.iter().map(move |(version, content)| (name, version.as_str(), content))
    })
}

fn described(group: &str) -> String {
    if group.is_empty() { "the core group".to_owned() } else { format!("the group `{group}`") }
}

fn import(group: &str, version: &str, versions: &Versions, outer: &Versions) -> TokenStream {
    let gate = gate(versions, outer);
    let module = names::ident(&names::group_module(group));
    let client = names::ident(&names::client(group, version));
    let version = names::ident(version);
    quote!(#gate use self::#module::#version::#client;)
}

fn accessor(group: &str, version: &str, content: &GroupVersion, outer: &Versions) -> TokenStream {
    let docs = docs::line(&format!("The client of `{}`.", group_version::name(group, version)));
    let gate = gate(&content.versions(), outer);
    let method = names::ident(&names::accessor(group, version));
    let client = names::ident(&names::client(group, version));
    quote! {
        #docs
        #gate
        pub fn #method(&self) -> #client {
            #client::new(self.rest_client(#group, #version))
        }
    }
}

/// The `mod.rs` of a group.
fn group_file(name: &str, group: &Group) -> TokenStream {
    let outer = group.versions();
    let header = format!(" Typed clients of {}.", described(name));
    let modules = group.versions.iter().map(|(version, content)| {
        let gate = gate(&content.versions(), &outer);
        let module = names::ident(version);
        quote!(#gate pub mod #module;)
    });
    quote! {
        #![doc = #header]
        #(#modules)*
    }
}
