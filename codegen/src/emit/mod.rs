//! Model to tokens. Nothing here can fail: what could was refused by [`lower`](crate::lower).

mod clientset;
mod discovery;
mod docs;
mod gate;
mod group_version;
mod imports;
mod informers;
mod kinds;
mod lists;
mod method;
mod operations;
mod resource;
mod served;

pub(crate) use clientset::clientset;
pub(crate) use served::served;

use crate::kinds::Kinds;
use crate::model::Model;
use proc_macro2::TokenStream;
use std::collections::BTreeMap;

/// Tokens by the path of the file.
pub(crate) type Emitted = BTreeMap<String, TokenStream>;

/// The files of the tests.
pub(crate) fn tests(model: &Model, kinds: &Kinds) -> Emitted {
    Emitted::from([
        ("informers.rs".to_owned(), informers::test(model)),
        ("kinds.rs".to_owned(), kinds::file(kinds, &model.versions)),
        ("lists.rs".to_owned(), lists::file(model)),
        ("operations.rs".to_owned(), operations::file(model)),
    ])
}
