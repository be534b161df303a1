//! Which requests a fault, a reactor or a question about the record is about.

use crate::request::{Request, Seen};
use crate::route::ResourceRoute;
use std::fmt;
use std::sync::Arc;

/// Which requests are meant. What it does not say, may be anything.
///
/// ```
/// use kubeset_testserver::Matcher;
///
/// let reads = Matcher::verbs(["get", "list", "watch"]).group("apps").namespace("prod");
/// let status = Matcher::verb("patch").resource("pods").subresource("status").name("web-0");
/// let large = Matcher::any().filter(|request| request.body.len() > 100_000);
/// # let _ = (reads, status, large);
/// ```
#[derive(Clone, Default)]
pub struct Matcher {
    verbs: Vec<String>,
    group: Option<String>,
    resource: Option<String>,
    subresource: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    user: Option<String>,
    user_agent: Option<String>,
    path: Option<String>,
    filter: Option<Filter>,
}

/// What a test decides by itself.
type Filter = Arc<dyn Fn(&Request) -> bool + Send + Sync>;

impl Matcher {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests with a verb of RBAC: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or
    /// `deletecollection`. For what is not about a resource it is the HTTP method, in lower case. `*` is any.
    pub fn verb(verb: impl Into<String>) -> Self {
        Self::verbs([verb])
    }

    /// Requests with one of several verbs.
    pub fn verbs<V: Into<String>>(verbs: impl IntoIterator<Item = V>) -> Self {
        Self { verbs: verbs.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Only those for an API group; `""` is core.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Only those for a resource, called by its plural. Its subresources are meant too, unless
    /// [`subresource`](Self::subresource) says which one, or `""` that none is.
    pub fn resource(mut self, plural: impl Into<String>) -> Self {
        self.resource = Some(plural.into());
        self
    }

    /// Only those for a subresource; `""` is the object itself.
    pub fn subresource(mut self, subresource: impl Into<String>) -> Self {
        self.subresource = Some(subresource.into());
        self
    }

    /// Only those in a namespace; `""` are those for all namespaces, and for what is in none.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Only those for the object of this name. A creation names it in the body, where it counts too.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only those of a user. A fault comes before the server asks who it is: for faults, nobody has this name.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Only those whose `User-Agent` contains this.
    pub fn user_agent(mut self, part: impl Into<String>) -> Self {
        self.user_agent = Some(part.into());
        self
    }

    /// Only those whose path begins with this.
    pub fn path(mut self, prefix: impl Into<String>) -> Self {
        self.path = Some(prefix.into());
        self
    }

    /// Only those of which a function says so; the last one given. It is asked last.
    pub fn filter(mut self, filter: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Some(Arc::new(filter));
        self
    }

    /// Whether a request is meant.
    pub(crate) fn matches(&self, seen: &Seen) -> bool {
        (self.verbs.is_empty() || self.verbs.iter().any(|verb| verb == "*" || verb == seen.verb))
            && self.path.as_ref().is_none_or(|prefix| seen.uri.path().starts_with(prefix.as_str()))
            && self.user_agent.as_ref().is_none_or(|part| seen.user_agent().contains(part.as_str()))
            && self.user.as_ref().is_none_or(|user| seen.user() == Some(user))
            && self.matches_route(seen)
            && self.filter.as_ref().is_none_or(|filter| filter(&seen.to_request()))
    }

    fn matches_route(&self, seen: &Seen) -> bool {
        let is = |wanted: &Option<String>, part: fn(&ResourceRoute) -> &String| {
            let Some(wanted) = wanted else { return true };
            seen.route.as_ref().is_some_and(|route| part(route) == wanted)
        };
        is(&self.group, |route| &route.group)
            && is(&self.resource, |route| &route.plural)
            && is(&self.subresource, |route| &route.subresource)
            && is(&self.namespace, |route| &route.namespace)
            && (is(&self.name, |route| &route.name) || self.matches_created(seen))
    }

    /// Whether a creation is of an object of the name.
    fn matches_created(&self, seen: &Seen) -> bool {
        let unnamed = seen.route.as_ref().is_some_and(|route| route.name.is_empty());
        let body = || crate::protobuf::document(seen.body()).unwrap_or_default();
        let named = |name: &String| crate::object::meta(&body(), "name") == name;
        seen.verb == "create" && unnamed && self.name.as_ref().is_some_and(named)
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Matcher");
        if !self.verbs.is_empty() {
            shown.field("verbs", &self.verbs);
        }
        let parts = [
            ("group", &self.group),
            ("resource", &self.resource),
            ("subresource", &self.subresource),
            ("namespace", &self.namespace),
            ("name", &self.name),
            ("user", &self.user),
            ("user_agent", &self.user_agent),
            ("path", &self.path),
        ];
        for (name, part) in parts {
            if let Some(part) = part {
                shown.field(name, part);
            }
        }
        if self.filter.is_some() {
            shown.field("filter", &"a function");
        }
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Matcher;
    use crate::request::Seen;
    use bytes::Bytes;

    fn seen(method: &str, uri: &str, body: &'static str) -> Seen {
        let request =
            http::Request::builder().method(method).uri(uri).header("user-agent", "operator/1 (linux)");
        Seen::new(&request.body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    #[test]
    fn every_part_that_is_given_must_match() {
        let status = seen("PATCH", "/api/v1/namespaces/prod/pods/web-0/status", "");
        let matching = [
            Matcher::any(),
            Matcher::verb("*"),
            Matcher::verbs(["update", "patch"]).group("").resource("pods").namespace("prod").name("web-0"),
            Matcher::verb("patch").subresource("status").user_agent("operator").path("/api/v1/"),
            Matcher::any().filter(|request| request.subresource == "status"),
        ];
        for matcher in matching {
            assert!(matcher.matches(&status), "{matcher:?}");
        }
        let others = [
            Matcher::verb("update"),
            Matcher::any().group("apps"),
            Matcher::any().resource("pods").subresource(""),
            Matcher::any().namespace(""),
            Matcher::any().name("web-1"),
            Matcher::any().user("jane"),
            Matcher::any().user_agent("kubectl"),
            Matcher::any().path("/apis/"),
            Matcher::any().filter(|_| false),
        ];
        for matcher in others {
            assert!(!matcher.matches(&status), "{matcher:?}");
        }
    }

    #[test]
    fn a_creation_is_matched_by_the_name_in_its_body() {
        let creation = seen("POST", "/api/v1/namespaces/prod/pods", r#"{"metadata": {"name": "web-0"}}"#);
        assert!(Matcher::verb("create").name("web-0").matches(&creation));
        assert!(!Matcher::verb("create").name("web-1").matches(&creation));
    }

    #[test]
    fn what_is_not_about_a_resource_has_no_resource() {
        let version = seen("GET", "/version", "");
        assert!(Matcher::verb("get").path("/version").matches(&version));
        assert!(!Matcher::any().group("").matches(&version));
    }
}
