//! Mistakes of the documents, mended one by one.
//!
//! A fixup that changes nothing in a version that it claims is an error: the mistake is gone, and so must the fixup be.

use crate::openapi::{Document, Shape};
use crate::version::Version;

/// A known mistake and how to mend it.
#[derive(Clone, Copy, Debug)]
pub struct Fixup {
    /// What holds afterwards.
    pub name: &'static str,
    /// Why the document is wrong, and how we know.
    pub reason: &'static str,
    /// The first version that has the mistake.
    pub first: Version,
    /// The last version that has the mistake; none if the newest still does.
    pub last: Option<Version>,
    /// Mends the document; false if there was nothing to mend.
    pub apply: fn(&mut Document) -> bool,
}

/// A fixup that changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fixup `{name}` changes nothing in the document of {version}: end it there or delete it")]
pub struct Stale {
    /// The fixup.
    pub name: &'static str,
    /// The version whose document had nothing to mend.
    pub version: Version,
}

const STATUS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

/// Every fixup.
pub const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "a binding is answered with a status",
        reason: "The document gives the type that the storage is made for, `Binding`; the storage of bindings returns \
                 `Status` (`BindingREST.Create` in pkg/registry/core/pod/storage/storage.go), and a client that \
                 reads a `Binding` fails on every success.",
        first: Version::new(33),
        last: None,
        apply: a_binding_is_answered_with_a_status,
    },
    Fixup {
        name: "an eviction is answered with a status",
        reason: "The document gives the type that the storage is made for, `Eviction`; the storage of evictions \
                 returns `Status` (`EvictionREST.Create` in pkg/registry/core/pod/storage/eviction.go), and a client \
                 that reads an `Eviction` fails on every success.",
        first: Version::new(33),
        last: None,
        apply: an_eviction_is_answered_with_a_status,
    },
];

/// Applies every fixup that claims the version.
///
/// # Errors
///
/// If one of them changes nothing.
pub fn apply(version: Version, document: &mut Document, fixups: &[Fixup]) -> Result<(), Stale> {
    for fixup in fixups {
        let claimed = fixup.first <= version && fixup.last.is_none_or(|last| version <= last);
        if claimed && !(fixup.apply)(document) {
            return Err(Stale { name: fixup.name, version });
        }
    }
    Ok(())
}

fn a_binding_is_answered_with_a_status(document: &mut Document) -> bool {
    let bindings = answer_with_a_status(document, "/api/v1/namespaces/{namespace}/bindings");
    let subresource = answer_with_a_status(document, "/api/v1/namespaces/{namespace}/pods/{name}/binding");
    bindings && subresource
}

fn an_eviction_is_answered_with_a_status(document: &mut Document) -> bool {
    answer_with_a_status(document, "/api/v1/namespaces/{namespace}/pods/{name}/eviction")
}

/// Makes every answer of a POST a status; false if they are already, or if there is no such operation.
fn answer_with_a_status(document: &mut Document, path: &str) -> bool {
    let status = Shape::Definition(STATUS.to_owned());
    let operation = document.paths.get_mut(path).and_then(|operations| operations.get_mut("POST"));
    let mut changed = false;
    for answer in operation.into_iter().flat_map(|operation| operation.answers.values_mut()) {
        changed |= *answer != status;
        answer.clone_from(&status);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::{Fixup, Stale, apply};
    use crate::openapi::Document;
    use crate::version::Version;

    const IDLE: Fixup = Fixup {
        name: "nothing is wrong",
        reason: "a test",
        first: Version::new(34),
        last: Some(Version::new(35)),
        apply: |_| false,
    };

    #[test]
    fn a_stale_fixup_fails() {
        let result = apply(Version::new(35), &mut Document::default(), &[IDLE]);
        assert_eq!(result, Err(Stale { name: IDLE.name, version: Version::new(35) }));
    }

    #[test]
    fn a_fixup_leaves_the_versions_alone_that_it_does_not_claim() {
        for version in [Version::new(33), Version::new(36)] {
            assert_eq!(apply(version, &mut Document::default(), &[IDLE]), Ok(()));
        }
    }
}
