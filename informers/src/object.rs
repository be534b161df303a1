//! What a cache must know of an object.

use k8s_openapi::Metadata;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kubeset_selectors::Labels;

use crate::key::ObjectKey;

/// An object that a cache can hold: it says what it is called, and which version of it this is.
///
/// Every type with `ObjectMeta` is one: built-in kinds and custom resources. A type of the program's own that has less, and
/// so takes less memory, says it by itself:
///
/// ```
/// use k8s_openapi::NamespaceResourceScope;
/// use kubeset_informers::CacheObject;
///
/// /// A Pod of which a program needs only the node. `kubeset::slim!(PodNode as Pod)` makes it stand for the kind.
/// #[derive(serde::Deserialize)]
/// struct PodNode {
///     metadata: Metadata,
///     spec: Spec,
/// }
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Metadata {
///     namespace: String,
///     name: String,
///     resource_version: String,
///     uid: String,
/// }
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Spec {
///     node_name: Option<String>,
/// }
///
/// impl CacheObject for PodNode {
///     type Scope = NamespaceResourceScope;
///
///     fn namespace(&self) -> Option<&str> {
///         Some(&self.metadata.namespace)
///     }
///
///     fn name(&self) -> &str {
///         &self.metadata.name
///     }
///
///     fn resource_version(&self) -> &str {
///         &self.metadata.resource_version
///     }
///
///     fn uid(&self) -> &str {
///         &self.metadata.uid
///     }
///
///     fn label(&self, _: &str) -> Option<&str> {
///         None
///     }
/// }
/// ```
pub trait CacheObject: Send + Sync + 'static {
    /// Whether such objects are in a namespace: k8s-openapi's `NamespaceResourceScope` or `ClusterResourceScope`.
    type Scope;

    /// The namespace, if the object has one.
    fn namespace(&self) -> Option<&str>;

    /// The name. An object without one cannot be cached.
    fn name(&self) -> &str;

    /// The resource version: which state of the object this is. Empty if it has none.
    fn resource_version(&self) -> &str;

    /// The unique identifier, which an object of the same name that is created anew does not have. Empty if unknown.
    fn uid(&self) -> &str;

    /// The value of a label.
    fn label(&self, key: &str) -> Option<&str>;

    /// The key: the namespace and the name.
    fn key(&self) -> ObjectKey {
        ObjectKey::new(self.namespace().unwrap_or_default(), self.name())
    }
}

impl<K: Metadata<Ty = ObjectMeta> + Send + Sync + 'static> CacheObject for K {
    type Scope = K::Scope;

    fn namespace(&self) -> Option<&str> {
        self.metadata().namespace.as_deref().filter(|namespace| !namespace.is_empty())
    }

    fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    fn resource_version(&self) -> &str {
        self.metadata().resource_version.as_deref().unwrap_or_default()
    }

    fn uid(&self) -> &str {
        self.metadata().uid.as_deref().unwrap_or_default()
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.metadata().labels.as_ref()?.get(key).map(String::as_str)
    }
}

/// An object as selectors see it.
pub(crate) struct Labelled<'a, T>(pub(crate) &'a T);

impl<T: CacheObject> Labels for Labelled<'_, T> {
    fn label(&self, key: &str) -> Option<&str> {
        self.0.label(key)
    }
}
