//! What must hold for the bytes of an object. The fuzz target calls it, and its seeds as ordinary tests.

use k8s_openapi::List;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod, Service};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kubeset_protobuf::{Message, Options};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a message as a kind that the first byte picks.
pub(crate) fn object(bytes: &[u8]) {
    let [kind, message @ ..] = bytes else { return };
    match kind % 9 {
        0 => read::<Pod>("v1", "Pod", message),
        1 => read::<CustomResourceDefinition>("apiextensions.k8s.io/v1", "CustomResourceDefinition", message),
        2 => read::<ConfigMap>("v1", "ConfigMap", message),
        3 => read::<Service>("v1", "Service", message),
        4 => read::<StatefulSet>("apps/v1", "StatefulSet", message),
        5 => read::<Event>("v1", "Event", message),
        6 => read::<List<ConfigMap>>("v1", "ConfigMapList", message),
        7 => read::<Status>("v1", "Status", message),
        _ => read::<Value>("v1", "Pod", message),
    }
}

/// What can be read can be written, and is then read as the same.
fn read<T: Serialize + DeserializeOwned>(version: &str, kind: &str, message: &[u8]) {
    let form = Message::of_kind(version, kind).expect("the kind is known");
    let options = Options::default();
    let Ok(read) = form.decode::<T>(message, options) else { return };
    let written = form.encode(&read).expect("what was read can be written");
    let again = form.decode::<T>(&written, options).expect("what was written can be read");
    let twice = form.encode(&again).expect("and be written again");
    assert_eq!(written, twice, "a {kind} changes when it is written and read");
    drop(form.decode::<T>(message, options.without_managed_fields(true)));
}
