//! For the tests: a table of all kinds and their types.

use super::gate::gate;
use crate::kinds::{Kind, Kinds};
use crate::names;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;

/// The file, for tests that exist in the versions `outer`.
pub(super) fn file(kinds: &Kinds, outer: &Versions) -> TokenStream {
    let rows = kinds.iter().map(|(definition, kind)| row(definition, kind, outer));
    quote! {
        use super::Typed;

        /// Every kind: its name in OpenAPI documents, and what its type does.
        pub(crate) static KINDS: &[(&str, Typed)] = &[#(#rows),*];
    }
}

fn row(definition: &str, kind: &Kind, outer: &Versions) -> TokenStream {
    let gate = gate(&kind.versions, outer);
    let module = kind.object.module.iter().map(|segment| names::ident(segment));
    let name = names::ident(&kind.object.name);
    let object = quote!(k8s_openapi::#(#module::)*#name);
    let kind = if kind.is_list { quote!(k8s_openapi::List<#object>) } else { object };
    quote!(#gate (#definition, Typed::of::<#kind>()))
}
