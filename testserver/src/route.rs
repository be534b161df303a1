//! Paths of requests, taken apart.

use http::Method;
use percent_encoding::percent_decode_str;

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Something of a resource.
    Resource(ResourceRoute),
    /// Anything else, such as discovery or health, without the slash at its end.
    Other(String),
}

/// What a path below a version of a group names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResourceRoute {
    /// The API group; empty for core.
    pub(crate) group: String,
    /// The version of the group.
    pub(crate) version: String,
    /// The namespace; empty for all, or for a cluster-scoped resource.
    pub(crate) namespace: String,
    /// The plural of the resource.
    pub(crate) plural: String,
    /// The object; empty for all.
    pub(crate) name: String,
    /// The subresource; empty for the object itself.
    pub(crate) subresource: String,
    /// What follows a subresource, as for a proxy.
    pub(crate) rest: String,
    /// Whether it is below the deprecated `watch/`.
    pub(crate) watch: bool,
}

impl Route {
    /// Takes a path apart.
    pub(crate) fn parse(path: &str) -> Self {
        let trimmed = path.trim_end_matches('/');
        let segments: Vec<String> = trimmed
            .trim_start_matches('/')
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (group, version, rest) = match segments.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return Self::Other(trimmed.to_owned()),
        };
        let route =
            ResourceRoute { group: group.into(), version: version.into(), ..ResourceRoute::default() };
        match route.take(rest) {
            Some(route) => Self::Resource(route),
            None => Self::Other(trimmed.to_owned()),
        }
    }
}

impl ResourceRoute {
    fn take(mut self, mut rest: &[&str]) -> Option<Self> {
        if let ["watch", after @ ..] = rest {
            self.watch = true;
            rest = after;
        }
        // `namespaces/x` alone, and its own subresources, are about the namespace itself.
        if let ["namespaces", namespace, after @ ..] = rest
            && !matches!(after, [] | ["status" | "finalize"])
        {
            self.namespace = (*namespace).into();
            rest = after;
        }
        let [plural, rest @ ..] = rest else { return None };
        self.plural = (*plural).into();
        let mut rest = rest.iter();
        self.name = rest.next().map(|name| (*name).to_owned()).unwrap_or_default();
        self.subresource = rest.next().map(|name| (*name).to_owned()).unwrap_or_default();
        self.rest = rest.copied().collect::<Vec<_>>().join("/");
        Some(self)
    }
}

/// What a request wants, in the words of discovery, audit and RBAC.
pub(crate) fn verb(method: &Method, route: &ResourceRoute, wants_watch: bool) -> &'static str {
    match *method {
        Method::GET | Method::HEAD if route.watch || (wants_watch && route.name.is_empty()) => "watch",
        Method::GET | Method::HEAD if route.name.is_empty() => "list",
        Method::GET | Method::HEAD => "get",
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE if route.name.is_empty() => "deletecollection",
        Method::DELETE => "delete",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{ResourceRoute, Route};

    fn parts(path: &str) -> [String; 6] {
        match Route::parse(path) {
            Route::Resource(ResourceRoute {
                group, version, namespace, plural, name, subresource, ..
            }) => [group, version, namespace, plural, name, subresource],
            Route::Other(path) => panic!("{path} names no resource"),
        }
    }

    #[test]
    fn objects_are_found_in_their_namespace() {
        assert_eq!(parts("/api/v1/namespaces/prod/pods/web/log"), ["", "v1", "prod", "pods", "web", "log"]);
        assert_eq!(parts("/apis/apps/v1/deployments"), ["apps", "v1", "", "deployments", "", ""]);
    }

    #[test]
    fn a_namespace_is_an_object_too() {
        assert_eq!(parts("/api/v1/namespaces/prod"), ["", "v1", "", "namespaces", "prod", ""]);
        assert_eq!(parts("/api/v1/namespaces/prod/status"), ["", "v1", "", "namespaces", "prod", "status"]);
        assert_eq!(parts("/api/v1/namespaces/prod/status/x"), ["", "v1", "prod", "status", "x", ""]);
    }

    #[test]
    fn discovery_is_something_else() {
        assert_eq!(Route::parse("/apis/apps/v1/"), Route::Other("/apis/apps/v1".into()));
        assert_eq!(Route::parse("/version"), Route::Other("/version".into()));
    }
}
