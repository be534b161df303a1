//! What must hold for the bytes of a body. The fuzz target calls it, and its seeds as ordinary tests.

use k8s_openapi::List;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kubeset_protobuf::Envelope;
use serde_json::Value;

/// Reads a body without a type, and puts it in order.
pub(crate) fn body(bytes: &[u8]) {
    let Ok(envelope) = Envelope::read(bytes) else { return };
    drop(envelope.message());
    drop(kubeset_protobuf::from_slice::<Value>(bytes));
    drop(kubeset_protobuf::from_slice::<Status>(bytes));
    if let Ok(read) = kubeset_protobuf::from_slice::<List<Pod>>(bytes) {
        drop(kubeset_protobuf::to_vec(&read).expect("what was read can be written"));
    }
}
