//! Writing the objects, many at a time.

use crate::{NAMESPACES, objects, pods};
use bench_harness::{BoxError, CONFIG_MAPS_NAMESPACE, PODS_PER_NAMESPACE, in_tasks};
use kubeset::Clientset;
use kubeset::rest::{PatchType, RestClient};
use serde_json::{Value, json};
use std::time::Duration;

/// How many requests are under way at a time.
const CONCURRENCY: usize = 48;

/// Who makes objects, and who writes their status: the two owners of fields that `managedFields` tells of.
const CREATOR: &str = "kube-controller-manager";
const STATUS_WRITER: &str = "kubelet";

/// Writes to one server.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    core: RestClient,
    widgets: RestClient,
    definitions: RestClient,
}

impl Writer {
    pub(crate) fn new(clientset: &Clientset) -> Self {
        Self {
            core: clientset.rest_client("", "v1"),
            widgets: clientset.rest_client(objects::GROUP, "v1"),
            definitions: clientset.rest_client("apiextensions.k8s.io", "v1"),
        }
    }

    /// Makes the namespaces, the numbered ones among them, and the custom resource.
    pub(crate) async fn prepare(
        &self,
        named: impl IntoIterator<Item = &str>,
        numbered: usize,
    ) -> Result<(), BoxError> {
        let named = named.into_iter().map(str::to_owned);
        for name in named.chain((0..numbered).map(|number| namespace(number * PODS_PER_NAMESPACE))) {
            let body = json!({ "metadata": { "name": name } });
            self.core.post().resource("namespaces").json(&body).send_raw().await?;
        }
        let definition = objects::definition();
        self.definitions.post().resource("customresourcedefinitions").json(&definition).send_raw().await?;
        // The server serves the new resource some time after it has taken its definition.
        for _ in 0..300 {
            if self.widgets.get().resource("widgets").send_raw().await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err("the server does not serve the custom resource".into())
    }

    pub(crate) async fn pods(&self, count: usize) -> Result<(), BoxError> {
        let pods = Target { client: self.core.clone(), resource: "pods" };
        let write = move |index| {
            let pods = pods.clone();
            async move {
                let namespace = namespace(index);
                pods.create(&namespace, &pods::pod(index)).await?;
                pods.write_status(&namespace, &pods::name(index), &pods::status(index)).await
            }
        };
        in_tasks(count, CONCURRENCY, write).await?;
        Ok(())
    }

    pub(crate) async fn config_maps(&self, count: usize) -> Result<(), BoxError> {
        let config_maps = Target { client: self.core.clone(), resource: "configmaps" };
        let write = move |index| {
            let config_maps = config_maps.clone();
            async move { config_maps.create(CONFIG_MAPS_NAMESPACE, &objects::config_map(index)).await }
        };
        in_tasks(count, CONCURRENCY, write).await?;
        Ok(())
    }

    pub(crate) async fn widgets(&self, count: usize) -> Result<(), BoxError> {
        let widgets = Target { client: self.widgets.clone(), resource: "widgets" };
        let write = move |index| {
            let widgets = widgets.clone();
            async move {
                let namespace = namespace(index);
                widgets.create(&namespace, &objects::widget(index)).await?;
                let (name, status) = (objects::widget_name(index), objects::widget_status(index));
                widgets.write_status(&namespace, &name, &status).await
            }
        };
        in_tasks(count, CONCURRENCY, write).await?;
        Ok(())
    }
}

/// A resource to write to.
#[derive(Clone, Debug)]
struct Target {
    client: RestClient,
    resource: &'static str,
}

impl Target {
    async fn create(&self, namespace: &str, body: &Value) -> Result<(), BoxError> {
        let request = self.client.post().namespace(namespace).resource(self.resource);
        request.query("fieldManager", CREATOR).json(body).send_raw().await?;
        Ok(())
    }

    async fn write_status(&self, namespace: &str, name: &str, status: &Value) -> Result<(), BoxError> {
        let request = self.client.patch(PatchType::Merge).namespace(namespace).resource(self.resource);
        let request = request.name(name).subresource("status").query("fieldManager", STATUS_WRITER);
        request.json(&json!({ "status": status })).send_raw().await?;
        Ok(())
    }
}

/// The namespace of an object: a thousand objects in each, and then again from the first.
fn namespace(index: usize) -> String {
    format!("bench-{}", index / PODS_PER_NAMESPACE % NAMESPACES)
}

#[cfg(test)]
mod tests {
    use super::namespace;
    use bench_harness::NAMESPACE;

    #[test]
    fn the_first_thousand_objects_are_in_the_first_namespace() {
        assert_eq!((namespace(0), namespace(999)), (NAMESPACE.to_owned(), NAMESPACE.to_owned()));
        assert_eq!((namespace(1000), namespace(10_000)), ("bench-1".to_owned(), NAMESPACE.to_owned()));
    }
}
