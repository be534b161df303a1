//! For the test server: the resources that it serves, and the schemas of their types.

use super::Emitted;
use crate::served::{Row, Served, ServedDefinition, ServedResource, ServedSubresource};
use crate::version::Version;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// All files of the test server.
pub(crate) fn served(served: &Served) -> Emitted {
    let resources = served.resources.iter().map(resource);
    let definitions = served.definitions.iter().map(definition);
    let resources = quote! {
        use crate::catalog::builtin::{BuiltinResource, BuiltinSubresource};

        /// Every resource of every version of every group, with the versions of Kubernetes that have it.
        pub(crate) static RESOURCES: &[BuiltinResource] = &[#(#resources),*];
    };
    let definitions = quote! {
        use crate::schema::builtin::BuiltinDefinition;

        /// Every named type by its name, with the versions of Kubernetes in which it is like this.
        pub(crate) static DEFINITIONS: &[BuiltinDefinition] = &[#(#definitions),*];
    };
    let root = quote! {
        #![doc = " What API servers serve: resources and the schemas of their types."]
        pub(crate) mod definitions;
        pub(crate) mod resources;
    };
    Emitted::from([
        ("definitions.rs".to_owned(), definitions),
        ("mod.rs".to_owned(), root),
        ("resources.rs".to_owned(), resources),
    ])
}

fn minor(version: Version) -> Literal {
    Literal::u8_unsuffixed(version.minor())
}

fn resource(row: &Row<ServedResource>) -> TokenStream {
    let Row { item, first, last } = row;
    let ServedResource { group, version, plural, kind, namespaced, definition, .. } = item;
    let (short_names, categories) = (item.nicknames().short_names, item.nicknames().categories);
    let verbs = &item.verbs;
    let verbs = verbs.iter();
    let subresources = item.subresources.iter().map(|(name, inner)| subresource(name, inner));
    let (first, last) = (minor(*first), minor(*last));
    quote! {
        BuiltinResource {
            group: #group,
            version: #version,
            plural: #plural,
            kind: #kind,
            namespaced: #namespaced,
            definition: #definition,
            short_names: &[#(#short_names),*],
            categories: &[#(#categories),*],
            verbs: &[#(#verbs),*],
            subresources: &[#(#subresources),*],
            first: #first,
            last: #last,
        }
    }
}

fn subresource(name: &str, inner: &ServedSubresource) -> TokenStream {
    let ServedSubresource { kind, group, version, verbs } = inner;
    let verbs = verbs.iter();
    quote! {
        BuiltinSubresource {
            name: #name,
            group: #group,
            version: #version,
            kind: #kind,
            verbs: &[#(#verbs),*],
        }
    }
}

fn definition(row: &Row<ServedDefinition>) -> TokenStream {
    let Row { item: ServedDefinition { name, schema }, first, last } = row;
    let schema = raw(schema);
    let (first, last) = (minor(*first), minor(*last));
    quote!(BuiltinDefinition { name: #name, schema: #schema, first: #first, last: #last })
}

/// JSON as a raw string: escaped, its quotes would be most of it. No schema holds `"##`, which would end it.
fn raw(json: &str) -> Literal {
    format!("r##\"{json}\"##").parse().unwrap_or_else(|_| Literal::string(json))
}
