//! Paths of the API, taken apart.

/// What a path of an API group says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The API group; empty for core.
    pub group: String,
    /// The version of the group; none for `/apis/{group}/`.
    pub version: Option<String>,
    /// Whether it is below the deprecated `watch/`.
    pub watch: bool,
    /// Whether it names a namespace.
    pub namespaced: bool,
    /// The plural of the resource; none for discovery.
    pub resource: Option<String>,
    /// Whether it names an object.
    pub named: bool,
    /// The subresource.
    pub subresource: Option<String>,
    /// Whether a free path follows, as for a proxy.
    pub rest: bool,
}

impl Route {
    /// Takes a path apart; none if it has no place in the scheme of the API.
    pub fn parse(path: &str) -> Option<Self> {
        let discovery = path.ends_with('/');
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, version, rest) = match segments.as_slice() {
            ["api", version, rest @ ..] => ("", Some(*version), rest),
            ["apis", group] => (*group, None, &[] as &[&str]),
            ["apis", group, version, rest @ ..] => (*group, Some(*version), rest),
            _ => return None,
        };
        let mut route = Self {
            group: group.to_owned(),
            version: version.map(str::to_owned),
            watch: false,
            namespaced: false,
            resource: None,
            named: false,
            subresource: None,
            rest: false,
        };
        let placeholder = |segment: &str| segment.starts_with('{');
        if placeholder(group) || version.is_some_and(placeholder) || discovery != rest.is_empty() {
            return None;
        }
        if rest.is_empty() { Some(route) } else { route.take(rest).then_some(route) }
    }

    /// Reads what follows the version; false if it does not fit.
    fn take(&mut self, mut rest: &[&str]) -> bool {
        if let ["watch", after @ ..] = rest {
            self.watch = true;
            rest = after;
        }
        if let ["namespaces", "{namespace}", after @ ..] = rest {
            self.namespaced = true;
            rest = after;
        }
        let [resource, rest @ ..] = rest else { return false };
        self.resource = Some((*resource).to_owned());
        self.named = matches!(rest, ["{name}", ..]);
        self.rest = matches!(rest, [_, _, "{path}"]);
        if let ["{name}", subresource, ..] = rest {
            self.subresource = Some((*subresource).to_owned());
        }
        let fits = matches!(rest, [] | ["{name}"] | ["{name}", _] | ["{name}", _, "{path}"]);
        fits && !resource.starts_with('{')
            && !self.subresource.as_ref().is_some_and(|name| name.starts_with('{'))
    }

    /// The placeholders of a path, in order.
    pub fn placeholders(path: &str) -> Vec<&str> {
        path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// The deprecated path that exists wherever the list at `path` can be watched.
    pub fn watch_path(path: &str) -> Option<String> {
        let versioned = if path.starts_with("/api/") { 3 } else { 4 };
        let (at, _) = path.match_indices('/').nth(versioned - 1)?;
        let (version, rest) = path.split_at(at);
        Some(format!("{version}/watch{rest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn a_subresource_below_a_namespace_has_all_parts() {
        let route =
            Route::parse("/api/v1/namespaces/{namespace}/pods/{name}/proxy/{path}").expect("it is a path");
        assert_eq!((route.group.as_str(), route.version.as_deref()), ("", Some("v1")));
        assert_eq!((route.resource.as_deref(), route.subresource.as_deref()), (Some("pods"), Some("proxy")));
        assert!(route.namespaced && route.named && route.rest && !route.watch);
    }

    #[test]
    fn a_namespace_itself_is_an_object_and_not_a_scope() {
        let route = Route::parse("/api/v1/namespaces/{name}/finalize").expect("it is a path");
        assert_eq!(
            (route.resource.as_deref(), route.subresource.as_deref()),
            (Some("namespaces"), Some("finalize"))
        );
        assert!(!route.namespaced && route.named);
    }

    #[test]
    fn discovery_ends_with_a_slash_and_names_no_resource() {
        let group = Route::parse("/apis/apps/").expect("it is a path");
        assert_eq!((group.version, group.resource), (None, None));
        let version = Route::parse("/apis/apps/v1/").expect("it is a path");
        assert_eq!((version.version.as_deref(), version.resource), (Some("v1"), None));
    }

    #[test]
    fn paths_outside_of_the_scheme_are_refused() {
        for path in [
            "/version/",
            "/api/",
            "/apis/apps/v1",
            "/apis/apps/v1/deployments/{name}/a/b",
            "/apis/a/v1/b/{id}",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }

    #[test]
    fn the_watch_path_has_watch_after_the_version() {
        let core = Route::watch_path("/api/v1/namespaces/{namespace}/pods");
        assert_eq!(core.as_deref(), Some("/api/v1/watch/namespaces/{namespace}/pods"));
        let apps = Route::watch_path("/apis/apps/v1/deployments");
        assert_eq!(apps.as_deref(), Some("/apis/apps/v1/watch/deployments"));
    }
}
