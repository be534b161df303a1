//! One resource: its client, and for a namespaced one the client of a namespace.

use super::docs::{self, Place};
use super::imports::Imports;
use super::method;
use crate::model::{Key, Method, Resource};
use crate::names;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;

/// The file of a resource of the version `name`, such as `apps/v1`.
pub(super) fn file(name: &str, resource: &Resource) -> TokenStream {
    let outer = resource.versions();
    let kind = &resource.object.name;
    let imports = imports(resource, &outer).tokens(&outer);
    let client = names::resource(kind);
    if !resource.namespaced {
        let client = structure(resource, &client, &format!("`{name}` {client}."));
        let methods = methods(resource, &resource.methods, Place::Cluster, &outer);
        let implementation = implementation(&names::resource(kind), &methods);
        return quote!(#imports #client #implementation);
    }
    let namespaced = names::namespaced(kind);
    let everywhere = structure(resource, &client, &format!("`{name}` {client} in every namespace."));
    let accessor = namespace(&client, &namespaced);
    let methods_everywhere = methods(resource, &resource.methods, Place::EveryNamespace, &outer);
    let everywhere_impl = implementation(&client, &quote!(#accessor #methods_everywhere));
    let inside = structure(resource, &namespaced, &format!("`{name}` {client} in one namespace."));
    let methods_inside = methods(resource, &resource.in_namespace, Place::Namespace, &outer);
    let inside_impl = implementation(&namespaced, &methods_inside);
    quote!(#imports #everywhere #everywhere_impl #inside #inside_impl)
}

fn imports(resource: &Resource, outer: &Versions) -> Imports {
    let mut imports = Imports::default();
    imports.add_rest("Endpoint", outer);
    method::add_type(&mut imports, resource, &resource.object, outer);
    for (key, method) in resource.methods.iter().chain(&resource.in_namespace) {
        method::imports(resource, key, method, &mut imports);
    }
    imports
}

fn structure(resource: &Resource, name: &str, docs: &str) -> TokenStream {
    let docs = docs::line(docs);
    let name = names::ident(name);
    let object = names::ident(&names::local(&resource.object, &resource.object.name));
    quote! {
        #docs
        #[derive(Clone, Debug)]
        pub struct #name {
            pub(crate) endpoint: Endpoint<#object>,
        }
    }
}

fn implementation(name: &str, methods: &TokenStream) -> TokenStream {
    let name = names::ident(name);
    quote!(impl #name { #methods })
}

fn namespace(client: &str, namespaced: &str) -> TokenStream {
    let docs = docs::line(&format!("The {client} of one namespace."));
    let namespaced = names::ident(namespaced);
    quote! {
        #docs
        pub fn namespace(&self, namespace: &str) -> #namespaced {
            #namespaced { endpoint: self.endpoint.namespace(namespace) }
        }
    }
}

fn methods(
    resource: &Resource,
    methods: &BTreeMap<Key, Method>,
    place: Place,
    outer: &Versions,
) -> TokenStream {
    methods.iter().map(|(key, method)| method::tokens(resource, key, method, place, outer)).collect()
}
