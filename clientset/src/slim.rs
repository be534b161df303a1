//! Types of the program's own that stand for a built-in kind.

/// Makes a type of your own stand for a kind: it can then be got, listed and watched through
/// [`Clientset::endpoint`](crate::Clientset::endpoint), and costs only what it names.
///
/// The type says with serde which fields it wants. All others are passed over as the answer arrives, in every format, and
/// are never built: a program that lists 10,000 Pods and reads only the names of their nodes needs 16 MB of memory in all,
/// and one that reads all of them 1,050 MB.
/// What is not read is lost, so do not [`replace`](crate::rest::Endpoint::replace) objects of such a type: patch them.
///
/// ```no_run
/// use kubeset::Clientset;
/// use kubeset::api::core::v1::Pod;
/// use kubeset::apimachinery::pkg::apis::meta::v1::ObjectMeta;
///
/// /// A Pod of which only the metadata and the name of the node are read.
/// #[derive(serde::Deserialize)]
/// struct PodNode {
///     metadata: ObjectMeta,
///     spec: PodNodeSpec,
/// }
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct PodNodeSpec {
///     node_name: Option<String>,
/// }
///
/// kubeset::slim!(PodNode as Pod);
///
/// # async fn example(clientset: Clientset) -> Result<(), kubeset::Error> {
/// for pod in clientset.endpoint::<PodNode>().list().without_managed_fields().await?.items {
///     println!("{:?} runs on {:?}", pod.metadata.name, pod.spec.node_name);
/// }
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! slim {
    ($slim:ty as $kind:ty) => {
        impl $crate::k8s_openapi::Resource for $slim {
            const API_VERSION: &'static str = <$kind as $crate::k8s_openapi::Resource>::API_VERSION;
            const GROUP: &'static str = <$kind as $crate::k8s_openapi::Resource>::GROUP;
            const KIND: &'static str = <$kind as $crate::k8s_openapi::Resource>::KIND;
            const VERSION: &'static str = <$kind as $crate::k8s_openapi::Resource>::VERSION;
            const URL_PATH_SEGMENT: &'static str = <$kind as $crate::k8s_openapi::Resource>::URL_PATH_SEGMENT;
            type Scope = <$kind as $crate::k8s_openapi::Resource>::Scope;
        }

        impl $crate::k8s_openapi::ListableResource for $slim {
            const LIST_KIND: &'static str = <$kind as $crate::k8s_openapi::ListableResource>::LIST_KIND;
        }
    };
}
