//! The two calls by which a group says what it has.

use super::docs;
use crate::model::Call;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;

/// The method that lists the resources of a version.
pub(super) fn resources(calls: &BTreeMap<Call, Versions>) -> TokenStream {
    let spelled = docs::calls(calls.keys());
    let docs = docs::line(&format!("What the server offers in this version of the group: {spelled}."));
    calls
        .keys()
        .map(|Call { path, .. }| {
            quote! {
                #docs
                pub fn api_resources(&self) -> Read<APIResourceList> {
                    self.client.read(#path)
                }
            }
        })
        .collect()
}

/// The method that lists the versions of a group; nothing for core.
pub(super) fn group(calls: &BTreeMap<Call, Versions>) -> TokenStream {
    let docs = docs::line(&format!("The versions of the group: {}.", docs::calls(calls.keys())));
    calls
        .keys()
        .map(|Call { path, .. }| {
            quote! {
                #docs
                pub fn api_group(&self) -> Read<APIGroup> {
                    self.client.read(#path)
                }
            }
        })
        .collect()
}
