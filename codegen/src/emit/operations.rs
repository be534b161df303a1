//! For the tests: code that makes the request of every generated method.

use super::gate::gate;
use crate::model::{GroupVersion, Key, Method, Model, Resource, Verb};
use crate::names;
use crate::version::Versions;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::BTreeMap;

/// The file: one function for all, one for each version of a group, and one for each scope of a resource.
pub(super) fn file(model: &Model) -> TokenStream {
    let outer = &model.versions;
    let mut calls = Vec::new();
    let mut functions = Vec::new();
    for (group_name, group) in &model.groups {
        for (version, content) in &group.versions {
            let gate = gate(&content.versions(), outer);
            let accessor = names::ident(&names::accessor(group_name, version));
            calls.push(quote!(#gate #accessor(clientset, seen);));
            functions.push(group_version(&accessor, !group.discovery.is_empty(), content, outer));
            let resources = content.resources.values();
            functions.extend(resources.map(|resource| scopes(&accessor, resource, outer)));
        }
    }
    quote! {
        use super::{Seen, merge_patch};
        use kubeset::Clientset;

        /// Makes the request of every generated method, with `{namespace}` and `{name}` for the names.
        pub(super) fn operations(clientset: &Clientset, seen: &mut Seen) { #(#calls)* }
        #(#functions)*
    }
}

fn group_version(accessor: &Ident, grouped: bool, content: &GroupVersion, outer: &Versions) -> TokenStream {
    let versions = content.versions();
    let group = grouped.then(|| quote!(seen.record(&client.api_group());));
    let resources = content.resources.values().map(|resource| {
        let gate = gate(&resource.versions(), &versions);
        let function = names::function(accessor, &resource.object.name);
        quote!(#gate #function(clientset, seen);)
    });
    let gate = gate(&versions, outer);
    quote! {
        #gate
        fn #accessor(clientset: &Clientset, seen: &mut Seen) {
            let client = clientset.#accessor();
            #group
            seen.record(&client.api_resources());
            #(#resources)*
        }
    }
}

/// The function of a resource, and a second for its namespace.
fn scopes(accessor: &Ident, resource: &Resource, outer: &Versions) -> TokenStream {
    let versions = resource.versions();
    let name = names::function(accessor, &resource.object.name);
    let inner_name = names::function_in_namespace(accessor, &resource.object.name);
    let client = names::ident(&names::module(&resource.object.name));
    let records = records(&resource.methods, &versions);
    let inner_call = resource.namespaced.then(|| quote!(#inner_name(clientset, seen);));
    let own = (!resource.methods.is_empty()).then(|| quote!(let client = clientset.#accessor().#client();));
    let gate = gate(&versions, outer);
    let inner = resource.namespaced.then(|| {
        let records = self::records(&resource.in_namespace, &versions);
        quote! {
            #gate
            fn #inner_name(clientset: &Clientset, seen: &mut Seen) {
                let client = clientset.#accessor().#client().namespace("{namespace}");
                #records
            }
        }
    });
    quote! {
        #gate
        fn #name(clientset: &Clientset, seen: &mut Seen) {
            #own
            #records
            #inner_call
        }
        #inner
    }
}

fn records(methods: &BTreeMap<Key, Method>, outer: &Versions) -> TokenStream {
    methods.iter().map(|(key, method)| record(key, method, outer)).collect()
}

fn record(key: &Key, method: &Method, outer: &Versions) -> TokenStream {
    let gate = gate(&method.versions(), outer);
    let name = names::ident(&names::method(key));
    let arguments = match key.verb {
        Verb::List | Verb::Watch | Verb::DeleteCollection => quote!(),
        Verb::Get | Verb::Delete | Verb::Logs | Verb::Proxy => quote!("{name}"),
        Verb::Create if key.subresource.is_none() => quote!(&Default::default()),
        Verb::Create | Verb::Replace => quote!("{name}", &Default::default()),
        Verb::Patch => quote!("{name}", merge_patch()),
        Verb::Apply => quote!("{name}", &(), "manager"),
    };
    match key.verb {
        Verb::Proxy => quote!(#gate seen.record_proxy(|| client.#name(#arguments));),
        _ => quote!(#gate seen.record(&client.#name(#arguments));),
    }
}
