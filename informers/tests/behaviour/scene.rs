//! What the tests have in common: a server with ConfigMaps, and informers on it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kubeset::Clientset;
use kubeset_informers::{
    Deleted, Event, HandlerRegistration, InformerBuilder, InformerFactory, SharedInformer,
};
use kubeset_testserver::{Matcher, Request, TestServer};
use serde_json::json;

/// How long anything may take that should take no time.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Scene {
    pub(crate) server: TestServer,
    pub(crate) clientset: Clientset,
    pub(crate) factory: InformerFactory,
}

impl Scene {
    /// A server with the ConfigMaps `names` in the namespace `prod`.
    pub(crate) async fn with(names: &[&str]) -> Self {
        let server = TestServer::start().await.expect("the server starts");
        server
            .put(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}}))
            .expect("the namespace is one");
        let scene = Self { clientset: server.clientset(), server, factory: InformerFactory::new() };
        for name in names {
            scene.put(name, "1");
        }
        scene
    }

    /// Creates or changes a ConfigMap, without HTTP.
    pub(crate) fn put(&self, name: &str, value: &str) {
        let object = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "prod", "labels": {"app": name}},
            "data": {"value": value},
        });
        self.server.put(&object).expect("the object is one");
    }

    /// The watches and lists of ConfigMaps.
    pub(crate) fn matching(verb: &str) -> Matcher {
        Matcher::verb(verb).resource("configmaps")
    }

    /// The lists and watches of ConfigMaps that were asked for, in words.
    pub(crate) fn reads(&self) -> Vec<String> {
        let reads = Matcher::verbs(["list", "watch"]).resource("configmaps");
        let words = |request: &Request| {
            let parameter = |name: &str| request.parameter(name).unwrap_or("-").to_owned();
            let (version, limit) = (parameter("resourceVersion"), parameter("limit"));
            match request.verb {
                "watch" if request.parameter("sendInitialEvents").is_some() => format!("stream {version}"),
                "watch" => format!("watch {version}"),
                _ if request.parameter("continue").is_some() => format!("page {version} {limit}"),
                _ => format!("list {version} {limit}"),
            }
        };
        self.server.requests_like(&reads).iter().map(words).collect()
    }

    /// The version that the server is at.
    pub(crate) fn version(&self) -> String {
        let marker = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "marker", "namespace": "prod"}});
        let marker = self.server.put(&marker).expect("the object is one");
        marker["metadata"]["resourceVersion"].as_str().expect("it has a version").to_owned()
    }

    pub(crate) async fn delete(&self, name: &str) {
        self.clientset
            .core_v1()
            .config_maps()
            .namespace("prod")
            .delete(name)
            .await
            .expect("the object can be deleted");
    }

    /// The ConfigMaps of the namespace `prod`, not yet started.
    pub(crate) fn config_maps(&self) -> InformerBuilder<ConfigMap> {
        self.factory.select(&self.clientset.endpoint::<ConfigMap>()).namespace("prod")
    }

    /// A running informer that has read everything.
    pub(crate) async fn synced(&self) -> SharedInformer<ConfigMap> {
        let informer = self.config_maps().informer();
        informer.start().expect("there is a runtime");
        informer.wait_for_sync(SOON).await.expect("the objects can be read");
        informer
    }
}

/// What a handler was told, in words.
pub(crate) struct Told {
    pub(crate) registration: HandlerRegistration<ConfigMap>,
    events: Arc<Mutex<Vec<Event<ConfigMap>>>>,
}

/// Adds a handler that writes down what it is told.
pub(crate) fn told(informer: &SharedInformer<ConfigMap>) -> Told {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&events);
    let handler = move |event: &Event<ConfigMap>| log.lock().expect("nobody panics").push(event.clone());
    Told { registration: informer.add_handler(handler), events }
}

impl Told {
    pub(crate) fn events(&self) -> Vec<Event<ConfigMap>> {
        self.events.lock().expect("nobody panics").clone()
    }

    pub(crate) fn words(&self) -> Vec<String> {
        let name = |object: &ConfigMap| object.metadata.name.clone().unwrap_or_default();
        let words = |event: &Event<ConfigMap>| match event {
            Event::Added { object, initial } => {
                let word = if *initial { "initial" } else { "added" };
                format!("{word} {} {}", name(object), value(object))
            }
            Event::Updated { old, new } => format!("updated {} {} {}", name(new), value(old), value(new)),
            Event::Deleted(Deleted::Final(object)) => format!("deleted {} {}", name(object), value(object)),
            Event::Deleted(Deleted::FinalStateUnknown(object)) => {
                format!("vanished {} {}", name(object), value(object))
            }
        };
        self.events().iter().map(words).collect()
    }

    /// The last value of each object, by name. What is told must follow from what was told before.
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        for event in self.events() {
            let name = event.object().metadata.name.clone().unwrap_or_default();
            let new = value(event.object()).to_owned();
            let known = match &event {
                Event::Added { .. } => values.insert(name, new).is_none(),
                Event::Updated { old, .. } => values.insert(name, new).as_deref() == Some(value(old)),
                Event::Deleted(_) => values.remove(&name).is_some(),
            };
            assert!(known, "{event:?} does not follow from what was told before");
        }
        values
    }
}

/// The value of a ConfigMap.
pub(crate) fn value(object: &ConfigMap) -> &str {
    object.data.as_ref().and_then(|data| data.get("value")).map_or("", String::as_str)
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(SOON, waiting).await.is_ok(), "it does not come to pass: {what}");
}
