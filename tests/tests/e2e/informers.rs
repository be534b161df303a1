//! Informers have what a list has, in every format, however they read it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kubeset::api::core::v1::Pod;
use kubeset::informers::{CacheObject, Compact, Event, InformerBuilder, SharedInformer};
use kubeset::{Clientset, MergePatch};
use serde_json::json;

use super::formats::formats;
use super::{namespace, pod};

/// How long a change may take to arrive.
const SOON: Duration = Duration::from_secs(30);

/// What a handler has made of its events: the version of each object.
type Heard = Arc<Mutex<BTreeMap<String, String>>>;

/// An informer, whatever its objects are, and a handler of it.
struct Follower {
    versions: Box<dyn Fn() -> BTreeMap<String, String>>,
    pods: Box<dyn Fn() -> Vec<Pod>>,
    heard: Heard,
}

impl Follower {
    fn new<T: CacheObject>(informer: SharedInformer<T>, decode: fn(&T) -> Pod) -> Self {
        let heard = Heard::default();
        let hears = Arc::clone(&heard);
        informer.add_handler(move |event: &Event<T>| {
            let mut hears = hears.lock().unwrap();
            let object = event.object();
            match event {
                Event::Deleted(_) => hears.remove(object.name()),
                _ => hears.insert(object.name().to_owned(), object.resource_version().to_owned()),
            };
        });
        informer.start().unwrap();
        let store = informer.store();
        let versions = move || {
            let version = |object: &Arc<T>| (object.name().to_owned(), object.resource_version().to_owned());
            store.list().iter().map(version).collect()
        };
        let pods = move || informer.store().list().iter().map(|object| decode(object)).collect();
        Self { versions: Box::new(versions), pods: Box::new(pods), heard }
    }

    /// Waits until the store and the handler have what a list has, and compares the objects.
    async fn agrees_with(&self, clientset: &Clientset, namespace: &str) {
        let pods = clientset.core_v1().pods().namespace(namespace);
        let mut listed = pods.list().without_managed_fields().await.unwrap().items;
        let name = |pod: &Pod| pod.metadata.name.clone().unwrap_or_default();
        let version = |pod: &Pod| (name(pod), pod.metadata.resource_version.clone().unwrap_or_default());
        let expected: BTreeMap<_, _> = listed.iter().map(version).collect();
        let arrives = async {
            while (self.versions)() != expected || *self.heard.lock().unwrap() != expected {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(SOON, arrives).await.expect("the changes arrive");
        let mut kept = (self.pods)();
        listed.sort_by_key(name);
        kept.sort_by_key(name);
        assert_eq!(kept, listed);
    }
}

fn followers(clientset: &Clientset, namespace: &str) -> Vec<Follower> {
    let of = |builder: InformerBuilder<Pod>| {
        let decode = |pod: &Compact<Pod>| pod.decode().unwrap();
        [
            Follower::new(builder.clone().informer(), Pod::clone),
            Follower::new(builder.compact_informer(), decode),
        ]
    };
    let select = || clientset.informers().core_v1().pods().namespace(namespace);
    [of(select()), of(select().without_streaming_lists().page_size(2))].into_iter().flatten().collect()
}

#[tokio::test]
async fn an_informer_has_what_a_list_has_in_every_format_and_mode() {
    for clientset in formats() {
        let namespace = namespace(&clientset).await;
        let pods = clientset.core_v1().pods().namespace(&namespace);
        for number in 0..5 {
            pods.create(&pod(&format!("web-{number}"))).await.unwrap();
        }
        let followers = followers(&clientset, &namespace);
        for follower in &followers {
            follower.agrees_with(&clientset, &namespace).await;
        }
        pods.create(&pod("late")).await.unwrap();
        pods.patch("web-1", MergePatch(json!({"metadata": {"labels": {"changed": "yes"}}}))).await.unwrap();
        pods.delete("web-2").grace_period(Duration::ZERO).await.unwrap();
        for follower in &followers {
            follower.agrees_with(&clientset, &namespace).await;
        }
    }
}
