//! One method of a resource client: a line of documentation and a delegation to the endpoint.

use super::docs::{self, Place};
use super::gate::gate;
use super::imports::Imports;
use crate::model::{Answer, Key, Method, Resource, Type, Verb};
use crate::names;
use crate::version::Versions;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// What tells the verbs apart in generated code.
struct Shape {
    /// The builder of `kubeset-rest`.
    builder: &'static str,
    /// Whether the builder is generic over what it answers.
    generic: bool,
    /// Parameters of the method.
    parameters: TokenStream,
    /// The same, as arguments of the endpoint's method.
    arguments: TokenStream,
}

/// The method.
pub(super) fn tokens(
    resource: &Resource,
    key: &Key,
    method: &Method,
    place: Place,
    outer: &Versions,
) -> TokenStream {
    let docs = docs::method(resource, key, method, place);
    let gate = gate(&method.versions(), outer);
    let name = names::ident(&names::method(key));
    let Shape { parameters, arguments, .. } = shape(key, &sent(resource, method));
    let answer = answer(resource, key, method);
    let endpoint = endpoint(key);
    let conversion = (method.answer == Answer::Status).then(|| quote!(.answered_with()));
    quote! {
        #docs
        #gate
        pub fn #name(&self #parameters) -> #answer {
            #endpoint(#arguments) #conversion
        }
    }
}

/// Notes what the method needs imported.
pub(super) fn imports(resource: &Resource, key: &Key, method: &Method, imports: &mut Imports) {
    let versions = method.versions();
    let shape = shape(key, &sent(resource, method));
    imports.add_rest(shape.builder, &versions);
    match key.verb {
        Verb::Patch => imports.add_rest("PatchDocument", &versions),
        Verb::Apply => imports.add(&["serde"], "Serialize", "Serialize", &versions),
        _ => {}
    }
    if !shape.generic {
        return;
    }
    if method.answer == Answer::Status {
        add_type(imports, resource, &status(), &versions);
    }
    add_type(imports, resource, &method.object, &versions);
}

/// Notes the use of a type of k8s-openapi.
pub(super) fn add_type(imports: &mut Imports, resource: &Resource, object: &Type, versions: &Versions) {
    let module =
        [&["k8s_openapi"], object.module.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat();
    imports.add(&module, &object.name, &names::local(object, &resource.object.name), versions);
}

fn status() -> Type {
    let module = ["apimachinery", "pkg", "apis", "meta", "v1"].map(str::to_owned).to_vec();
    Type { module, name: "Status".to_owned() }
}

fn sent(resource: &Resource, method: &Method) -> Ident {
    names::ident(&names::local(&method.object, &resource.object.name))
}

fn answer(resource: &Resource, key: &Key, method: &Method) -> TokenStream {
    let sent = sent(resource, method);
    let Shape { builder, generic, .. } = shape(key, &sent);
    let builder = names::ident(builder);
    match (generic, method.answer) {
        (false, _) => quote!(#builder),
        (true, Answer::Usual) => quote!(#builder<#sent>),
        (true, Answer::Status) => quote!(#builder<Status>),
    }
}

/// The endpoint's method: of the resource itself, or of the subresource.
fn endpoint(key: &Key) -> TokenStream {
    let verb = match (&key.subresource, key.verb) {
        (Some(_), Verb::Create) => "create_for".to_owned(),
        _ => names::method(&Key { subresource: None, verb: key.verb }),
    };
    let verb = names::ident(&verb);
    match (&key.subresource, key.verb) {
        (None, _) | (_, Verb::Logs | Verb::Proxy) => quote!(self.endpoint.#verb),
        (Some(subresource), _) => quote!(self.endpoint.subresource(#subresource).#verb),
    }
}

fn shape(key: &Key, object: &Ident) -> Shape {
    let shape = |builder, parameters, arguments| Shape { builder, generic: true, parameters, arguments };
    let plain = |builder| Shape {
        builder,
        generic: false,
        parameters: quote!(, name: &str),
        arguments: quote!(name),
    };
    match key.verb {
        Verb::Get => shape("Get", quote!(, name: &str), quote!(name)),
        Verb::List => shape("List", quote!(), quote!()),
        Verb::Watch => shape("Watch", quote!(), quote!()),
        Verb::Create if key.subresource.is_none() => {
            shape("Create", quote!(, object: &#object), quote!(object))
        }
        Verb::Create => shape("Create", quote!(, name: &str, object: &#object), quote!(name, object)),
        Verb::Replace => shape("Replace", quote!(, name: &str, object: &#object), quote!(name, object)),
        Verb::Patch => shape("Patch", quote!(, name: &str, patch: impl PatchDocument), quote!(name, patch)),
        Verb::Apply => shape(
            "Apply",
            quote!(, name: &str, object: &impl Serialize, field_manager: &str),
            quote!(name, object, field_manager),
        ),
        Verb::Delete => shape("Delete", quote!(, name: &str), quote!(name)),
        Verb::DeleteCollection => shape("DeleteCollection", quote!(), quote!()),
        Verb::Logs => plain("Logs"),
        Verb::Proxy => plain("Proxy"),
    }
}
