//! The four ways to change a part of an object, and what each sends.

use http::HeaderValue;
use serde::Serialize;

/// The type of a patch, which says how the server reads its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PatchType {
    /// A list of operations (RFC 6902).
    Json,
    /// The changed fields; lists are replaced whole, and `null` removes a field (RFC 7386).
    Merge,
    /// The changed fields; lists are merged by the keys that their type declares. Not for custom resources.
    StrategicMerge,
    /// The fields that one manager wants to have, merged by the server (server-side apply).
    Apply,
}

impl PatchType {
    /// The media type of the body.
    pub(crate) fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json-patch+json",
            Self::Merge => "application/merge-patch+json",
            Self::StrategicMerge => "application/strategic-merge-patch+json",
            Self::Apply => "application/apply-patch+yaml",
        })
    }
}

/// A body for `patch`: one of [`JsonPatch`], [`MergePatch`] and [`StrategicMergePatch`].
///
/// A server-side apply needs a field manager and has a verb of its own, `apply`.
pub trait PatchDocument {
    /// How the server is to read the body.
    const PATCH_TYPE: PatchType;
    /// What the body holds.
    type Content: Serialize;

    /// The content of the body.
    fn content(&self) -> &Self::Content;
}

macro_rules! patch_document {
    ($(#[$doc:meta])* $name:ident = $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(clippy::exhaustive_structs, reason = "a wrapper that is written as a call")]
        pub struct $name<T>(
            /// What is written as JSON.
            pub T,
        );

        impl<T: Serialize> PatchDocument for $name<T> {
            const PATCH_TYPE: PatchType = PatchType::$type;
            type Content = T;

            fn content(&self) -> &T {
                &self.0
            }
        }
    };
}

patch_document! {
    /// A list of operations such as `[{"op": "remove", "path": "/metadata/labels/app"}]` (RFC 6902).
    ///
    /// A `test` operation makes the patch fail if the object is not what the caller thinks.
    JsonPatch = Json
}
patch_document! {
    /// The changed fields. Lists are replaced whole, and `null` removes a field (RFC 7386).
    MergePatch = Merge
}
patch_document! {
    /// The changed fields. Lists are merged by the keys that their type declares, so that one container can
    /// be changed alone. Only built-in kinds know this.
    StrategicMergePatch = StrategicMerge
}
