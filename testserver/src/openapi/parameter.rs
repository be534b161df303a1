//! Parameters of operations, in the query or the path.

use crate::version::MINOR;

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    /// The name on the wire.
    pub(super) name: &'static str,
    /// `string`, `integer` or `boolean`.
    pub(super) kind: &'static str,
    /// Whether it is in the path, and so always there.
    pub(super) in_path: bool,
}

const fn text(name: &'static str) -> Parameter {
    Parameter { name, kind: "string", in_path: false }
}

const fn number(name: &'static str) -> Parameter {
    Parameter { name, kind: "integer", in_path: false }
}

const fn flag(name: &'static str) -> Parameter {
    Parameter { name, kind: "boolean", in_path: false }
}

const fn in_path(name: &'static str) -> Parameter {
    Parameter { name, kind: "string", in_path: true }
}

pub(super) const RESOURCE_VERSION: Parameter = text("resourceVersion");
pub(super) const NAME: Parameter = in_path("name");
pub(super) const NAMESPACE: Parameter = in_path("namespace");
pub(super) const PATH: Parameter = in_path("path");
pub(super) const LOG_PATH: Parameter = in_path("logpath");
pub(super) const PRETTY: Parameter = text("pretty");

const LIST: [Parameter; 10] = [
    flag("allowWatchBookmarks"),
    text("continue"),
    text("fieldSelector"),
    text("labelSelector"),
    number("limit"),
    text("resourceVersion"),
    text("resourceVersionMatch"),
    flag("sendInitialEvents"),
    number("timeoutSeconds"),
    flag("watch"),
];
const DELETE: [Parameter; 5] = [
    text("dryRun"),
    number("gracePeriodSeconds"),
    flag("ignoreStoreReadErrorWithClusterBreakingPotential"),
    flag("orphanDependents"),
    text("propagationPolicy"),
];
pub(super) const WRITE: [Parameter; 3] = [text("dryRun"), text("fieldManager"), text("fieldValidation")];
pub(super) const PATCH: [Parameter; 4] =
    [text("dryRun"), text("fieldManager"), text("fieldValidation"), flag("force")];
pub(super) const LOG: [Parameter; 9] = [
    text("container"),
    flag("follow"),
    flag("insecureSkipTLSVerifyBackend"),
    number("limitBytes"),
    flag("previous"),
    number("sinceSeconds"),
    text("stream"),
    number("tailLines"),
    flag("timestamps"),
];
const ATTACH: [Parameter; 5] =
    [text("container"), flag("stderr"), flag("stdin"), flag("stdout"), flag("tty")];

/// The first version of Kubernetes whose lists can be divided.
const SHARDS: u8 = 36;

/// Parameters of a list.
pub(super) fn of_list() -> Vec<Parameter> {
    let shards = (MINOR >= SHARDS).then_some(text("shardSelector"));
    LIST.into_iter().chain(shards).collect()
}

/// Parameters of a deletion.
pub(super) fn of_delete() -> Vec<Parameter> {
    DELETE.to_vec()
}

/// Parameters of a deletion of what is selected.
pub(super) fn of_delete_collection() -> Vec<Parameter> {
    let selection =
        of_list().into_iter().filter(|each| !matches!(each.name, "allowWatchBookmarks" | "watch"));
    selection.chain(DELETE).collect()
}

/// Parameters of a subresource that connects to what is behind an object; none for others.
pub(super) fn of_connect(subresource: &str) -> Option<Vec<Parameter>> {
    Some(match subresource {
        "attach" => ATTACH.to_vec(),
        "exec" => [text("command")].into_iter().chain(ATTACH).collect(),
        "portforward" => vec![number("ports")],
        "proxy" => vec![text("path")],
        _ => return None,
    })
}
