//! The client of one version of a group, which hands out the clients of its resources.

use super::discovery;
use super::docs;
use super::gate::gate;
use super::imports::Imports;
use super::informers;
use crate::model::{Group, GroupVersion, Resource};
use crate::names;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};

const META: [&str; 6] = ["k8s_openapi", "apimachinery", "pkg", "apis", "meta", "v1"];

/// `core/v1` or `apps/v1`.
pub(super) fn name(group: &str, version: &str) -> String {
    format!("{}/{version}", if group.is_empty() { "core" } else { group })
}

/// The `mod.rs` of a version.
pub(super) fn file(group_name: &str, group: &Group, version: &str, content: &GroupVersion) -> TokenStream {
    let outer = content.versions();
    let name = name(group_name, version);
    let header = format!(" Typed clients of `{name}`.");
    let imports = imports(group, &outer).tokens(&outer);
    let modules: TokenStream = resources(content).map(|(_, resource)| module(resource, &outer)).collect();
    let reexports: TokenStream = resources(content).map(|(_, resource)| reexport(resource, &outer)).collect();
    let informers = informers::gate_in(content).map(|gate| informers::module(&gate));
    let reexport_of_informers = informers::reexport(group_name, version, content);
    let client = client(group_name, version, &name);
    let methods = methods(&name, group, content, &outer);
    let client_name = names::ident(&names::client(group_name, version));
    quote! {
        #![doc = #header]
        #modules
        #informers
        #reexports
        #reexport_of_informers
        #imports
        #client
        impl #client_name { #methods }
    }
}

/// Resources in the order of their modules.
fn resources(content: &GroupVersion) -> impl Iterator<Item = (&str, &Resource)> {
    let resources = content.resources.iter();
    let named = resources
        .map(|(plural, resource)| (names::module(&resource.object.name), (plural.as_str(), resource)));
    named.collect::<BTreeMap<_, _>>().into_values()
}

fn imports(group: &Group, outer: &Versions) -> Imports {
    let mut imports = Imports::default();
    imports.add(&META, "APIResourceList", "APIResourceList", outer);
    if !group.discovery.is_empty() {
        imports.add(&META, "APIGroup", "APIGroup", outer);
    }
    for name in ["Endpoint", "Read", "RestClient"] {
        imports.add_rest(name, outer);
    }
    imports
}

fn module(resource: &Resource, outer: &Versions) -> TokenStream {
    let gate = gate(&resource.versions(), outer);
    let module = names::ident(&names::module(&resource.object.name));
    quote!(#gate mod #module;)
}

fn reexport(resource: &Resource, outer: &Versions) -> TokenStream {
    let gate = gate(&resource.versions(), outer);
    let module = names::ident(&names::module(&resource.object.name));
    let kind = &resource.object.name;
    let mut clients = BTreeSet::from([names::resource(kind)]);
    clients.extend(resource.namespaced.then(|| names::namespaced(kind)));
    let clients: Vec<_> = clients.iter().map(|client| names::ident(client)).collect();
    let names = match clients.as_slice() {
        [client] => quote!(#client),
        clients => quote!({#(#clients),*}),
    };
    quote!(#gate pub use self::#module::#names;)
}

fn client(group: &str, version: &str, name: &str) -> TokenStream {
    let docs = docs::line(&format!("Client of `{name}`."));
    let client = names::ident(&names::client(group, version));
    quote! {
        #docs
        #[derive(Clone, Debug)]
        pub struct #client {
            client: RestClient,
        }
    }
}

fn methods(name: &str, group: &Group, content: &GroupVersion, outer: &Versions) -> TokenStream {
    let docs = docs::line("Makes the client from a REST client for this version of the group.");
    let accessors: TokenStream =
        resources(content).map(|(plural, resource)| accessor(name, plural, resource, outer)).collect();
    let api_resources = discovery::resources(&content.discovery);
    let api_group = discovery::group(&group.discovery);
    quote! {
        #docs
        pub fn new(client: RestClient) -> Self {
            Self { client }
        }
        #accessors
        #api_resources
        #api_group
    }
}

fn accessor(name: &str, plural: &str, resource: &Resource, outer: &Versions) -> TokenStream {
    let docs = docs::line(&format!("The `{plural}` of `{name}`."));
    let gate = gate(&resource.versions(), outer);
    let method = names::ident(&names::module(&resource.object.name));
    let client = names::ident(&names::resource(&resource.object.name));
    quote! {
        #docs
        #gate
        pub fn #method(&self) -> #client {
            #client { endpoint: Endpoint::new(&self.client, #plural) }
        }
    }
}
