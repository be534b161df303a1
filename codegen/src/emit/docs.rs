//! The one line of documentation of each method: what it does, and every HTTP call behind it.

use crate::model::{Call, Key, Method, Resource, Verb};
use crate::names;
use proc_macro2::TokenStream;
use quote::quote;

/// Where a method works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On a resource without namespaces.
    Cluster,
    /// Across all namespaces.
    EveryNamespace,
    /// In one namespace.
    Namespace,
}

/// A documentation line.
pub(super) fn line(text: &str) -> TokenStream {
    let text = format!(" {text}");
    quote!(#[doc = #text])
}

/// The documentation of a method.
pub(super) fn method(resource: &Resource, key: &Key, method: &Method, place: Place) -> TokenStream {
    line(&format!("{}: {}.", sentence(&resource.object.name, key, place), calls(method.calls.keys())))
}

/// The documentation of a method that makes an informer.
pub(super) fn informer(resource: &Resource) -> TokenStream {
    let plural = names::resource(&resource.object.name);
    let place = if resource.namespaced { " of every namespace" } else { "" };
    line(&format!("Picks the {plural}{place}, to be kept in memory."))
}

/// Calls as the documents spell them.
pub(super) fn calls<'a>(calls: impl Iterator<Item = &'a Call>) -> String {
    calls.map(|call| format!("`{call}`")).collect::<Vec<_>>().join(", ")
}

fn sentence(kind: &str, key: &Key, place: Place) -> String {
    let plural = names::resource(kind);
    let place = match place {
        Place::Cluster => "",
        Place::EveryNamespace => " of every namespace",
        Place::Namespace => " of the namespace",
    };
    let subresource = key.subresource.as_deref().and_then(names::subresource);
    let one = match subresource {
        Some(subresource) => format!("the {} of one {kind}", subresource.words),
        None => format!("one {kind}"),
    };
    match key.verb {
        Verb::Get => format!("Reads {one}"),
        Verb::List => format!("Lists the {plural}{place}"),
        Verb::Watch => format!("Watches the {plural}{place}"),
        Verb::Create => format!("Creates {one}"),
        Verb::Replace => format!("Replaces {one}"),
        Verb::Patch => format!("Changes parts of {one}"),
        Verb::Apply => format!("Applies a configuration of {one} on the server"),
        Verb::Delete => format!("Deletes {one}"),
        Verb::DeleteCollection => format!("Deletes the selected {plural}{place}"),
        Verb::Logs => format!("Reads the logs of one {kind}"),
        Verb::Proxy => format!("Sends any request through the server to one {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, sentence};
    use crate::model::{Key, Verb};

    #[test]
    fn sentences_name_the_kind_the_scope_and_the_subresource() {
        let key = |verb, subresource: Option<&str>| Key { subresource: subresource.map(str::to_owned), verb };
        let text = |verb, subresource, place| sentence("Pod", &key(verb, subresource), place);
        assert_eq!(text(Verb::List, None, Place::EveryNamespace), "Lists the Pods of every namespace");
        assert_eq!(text(Verb::Watch, None, Place::Cluster), "Watches the Pods");
        assert_eq!(text(Verb::Replace, Some("status"), Place::Namespace), "Replaces the status of one Pod");
    }
}
