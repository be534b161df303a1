//! For the tests: code that lists everything a server has, through the typed clients.

use super::gate::gate;
use super::group_version;
use crate::model::{Key, Model, Resource, Verb};
use crate::names;
use crate::version::Versions;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The file: one function for all, and one for each version of a group.
pub(super) fn file(model: &Model) -> TokenStream {
    let outer = &model.versions;
    let mut calls = Vec::new();
    let mut functions = Vec::new();
    for (group_name, group) in &model.groups {
        for (version, content) in &group.versions {
            let listed: Vec<(&String, &Resource)> = content
                .resources
                .iter()
                .filter(|(_, resource)| resource.methods.contains_key(&list()))
                .collect();
            if listed.is_empty() {
                continue;
            }
            let gate = gate(&content.versions(), outer);
            let accessor = names::ident(&names::accessor(group_name, version));
            let name = group_version::name(group_name, version);
            calls.push(quote!(#gate #accessor(clientset, &mut found).await;));
            functions.push(function(&accessor, &name, &listed, &content.versions(), &gate));
        }
    }
    quote! {
        use kubeset::{Clientset, Error};

        /// The name of a resource, such as `apps/v1/deployments`, and how many objects it has.
        pub(crate) type Listed = (&'static str, Result<usize, Error>);

        /// Lists every resource that can be listed, across all namespaces.
        pub(crate) async fn lists(clientset: &Clientset) -> Vec<Listed> {
            let mut found = Vec::new();
            #(#calls)*
            found
        }
        #(#functions)*
    }
}

fn list() -> Key {
    Key { subresource: None, verb: Verb::List }
}

fn function(
    accessor: &Ident,
    name: &str,
    resources: &[(&String, &Resource)],
    outer: &Versions,
    gate_of_all: &TokenStream,
) -> TokenStream {
    let lists = resources.iter().map(|(plural, resource)| {
        let label = format!("{name}/{plural}");
        let gate = gate(&resource.versions(), outer);
        let method = names::ident(&names::module(&resource.object.name));
        quote!(#gate found.push((#label, client.#method().list().await.map(|list| list.items.len())));)
    });
    quote! {
        #gate_of_all
        async fn #accessor(clientset: &Clientset, found: &mut Vec<Listed>) {
            let client = clientset.#accessor();
            #(#lists)*
        }
    }
}
