//! What the clientset does not offer, each with its reason, and what it offers outside of resources.

use crate::model::{Call, Verb};
use crate::openapi::Operation;
use crate::route::Route;

/// Operations that are left out on purpose.
#[derive(Clone, Copy, Debug)]
pub struct Skip {
    /// Which operations.
    pub rule: Rule,
    /// Why they are left out.
    pub reason: &'static str,
}

/// How operations are recognised.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Rule {
    /// By `x-kubernetes-action`.
    Action(&'static str),
    /// By the name of a subresource.
    Subresource(&'static str),
}

const OLD_WATCH: &str = "deprecated: the watch verb sends `watch=true` to the path of the list";
const UPGRADE: &str = "needs a connection upgrade, which is not built yet";

/// Every operation that no method stands for.
pub const SKIPPED: &[Skip] = &[
    Skip { rule: Rule::Action("watch"), reason: OLD_WATCH },
    Skip { rule: Rule::Action("watchlist"), reason: OLD_WATCH },
    Skip { rule: Rule::Subresource("attach"), reason: UPGRADE },
    Skip { rule: Rule::Subresource("exec"), reason: UPGRADE },
    Skip { rule: Rule::Subresource("portforward"), reason: UPGRADE },
];

/// A query parameter that is left out on purpose.
#[derive(Clone, Copy, Debug)]
pub struct SkippedParameter {
    /// The name on the wire.
    pub name: &'static str,
    /// The only verb without it; none if no builder offers it.
    pub verb: Option<Verb>,
    /// Why it is left out.
    pub reason: &'static str,
}

/// Every query parameter that a builder lacks.
pub const SKIPPED_PARAMETERS: &[SkippedParameter] = &[
    SkippedParameter {
        name: "orphanDependents",
        verb: None,
        reason: "deprecated: `propagationPolicy` says the same and more, and a server refuses both at once",
    },
    SkippedParameter {
        name: "pretty",
        verb: None,
        reason: "only changes white space, which no program needs",
    },
    SkippedParameter {
        name: "sendInitialEvents",
        verb: Some(Verb::DeleteCollection),
        reason: "means something only together with `watch=true`; listed because deleting selects objects as a list does",
    },
];

/// A call outside of the API groups. The clientset has a hand-written method for each.
#[derive(Clone, Copy, Debug)]
pub struct ServerCall {
    /// The path as the documents spell it. The HTTP method is always GET.
    pub path: &'static str,
    /// The method of the clientset.
    pub accessor: &'static str,
    /// What comes back.
    pub answer: ServerAnswer,
}

/// What a call outside of the API groups answers.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ServerAnswer {
    /// A named definition.
    Definition(&'static str),
    /// A string, says the document; it is a JSON document of its own.
    Text,
    /// The document does not say.
    Unknown,
}

/// Every call outside of the API groups.
pub const SERVER: &[ServerCall] = &[
    ServerCall {
        path: "/.well-known/openid-configuration/",
        accessor: "openid_configuration",
        answer: ServerAnswer::Text,
    },
    ServerCall {
        path: "/api/",
        accessor: "api_versions",
        answer: ServerAnswer::Definition("io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions"),
    },
    ServerCall {
        path: "/apis/",
        accessor: "api_groups",
        answer: ServerAnswer::Definition("io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList"),
    },
    ServerCall { path: "/logs/", accessor: "log_files", answer: ServerAnswer::Unknown },
    ServerCall { path: "/logs/{logpath}", accessor: "log_file", answer: ServerAnswer::Unknown },
    ServerCall { path: "/openid/v1/jwks/", accessor: "openid_keys", answer: ServerAnswer::Text },
    ServerCall {
        path: "/version/",
        accessor: "server_version",
        answer: ServerAnswer::Definition("io.k8s.apimachinery.pkg.version.Info"),
    },
];

/// The hand-written method for a call outside of the API groups.
pub(crate) fn server_call(call: &Call) -> Option<&'static ServerCall> {
    SERVER.iter().find(|server| server.path == call.path && call.method == "GET")
}

/// Whether a parameter is left out for a verb.
pub(crate) fn skips_parameter(name: &str, verb: Option<Verb>) -> bool {
    let fits = |skipped: &SkippedParameter| skipped.verb.is_none() || skipped.verb == verb;
    SKIPPED_PARAMETERS.iter().any(|skipped| skipped.name == name && fits(skipped))
}

/// Why an operation is left out, if it is.
pub(crate) fn skip(route: &Route, operation: &Operation) -> Option<&'static str> {
    let matches = |rule| match rule {
        Rule::Action(action) => operation.action.as_deref() == Some(action),
        Rule::Subresource(name) => route.subresource.as_deref() == Some(name),
    };
    SKIPPED.iter().find(|skip| matches(skip.rule)).map(|skip| skip.reason)
}
