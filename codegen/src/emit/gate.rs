//! `cfg` attributes: an item exists in the versions that have it.

use crate::names;
use crate::version::Versions;
use proc_macro2::TokenStream;
use quote::quote;

/// The `cfg` of an item inside of something that exists in `outer`; nothing if it exists wherever that does.
pub(super) fn gate(versions: &Versions, outer: &Versions) -> TokenStream {
    let features: Vec<String> =
        versions.intersection(outer).map(|version| names::feature(*version)).collect();
    match features.as_slice() {
        _ if versions.is_superset(outer) => TokenStream::new(),
        [feature] => quote!(#[cfg(feature = #feature)]),
        features => quote!(#[cfg(any(#(feature = #features),*))]),
    }
}

#[cfg(test)]
mod tests {
    use super::gate;
    use crate::version::{Version, Versions};

    fn versions(minors: &[u8]) -> Versions {
        minors.iter().copied().map(Version::new).collect()
    }

    #[test]
    fn only_what_is_missing_somewhere_has_a_gate() {
        let gated = |item: &[u8], outer: &[u8]| gate(&versions(item), &versions(outer)).to_string();
        assert_eq!(gated(&[33, 34], &[33, 34]), "");
        assert_eq!(gated(&[33, 34], &[34]), "");
        assert_eq!(gated(&[34], &[33, 34]), "# [cfg (feature = \"v1_34\")]");
        let two = gated(&[33, 34], &[33, 34, 35]);
        assert_eq!(two, "# [cfg (any (feature = \"v1_33\" , feature = \"v1_34\"))]");
    }
}
