//! The server's address: client-go's rules for what a host may look like.

use std::net::IpAddr;

use reqwest::Url;

use super::ConfigError;

/// A server's address: scheme, host, port and the path in front of every request's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    url: Url,
}

impl BaseUrl {
    /// Reads a URL, `host:port` or a bare host. `tls` decides the scheme of an address without one.
    pub(crate) fn parse(host: &str, tls: bool) -> Result<Self, ConfigError> {
        let refuse =
            |reason: &str| ConfigError::Host { host: without_user_info(host), reason: reason.to_owned() };
        let address = if host.is_empty() { "localhost" } else { host };
        // The URL parser forgives these; a typing error in a server's address should not pass.
        if address.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(refuse("it holds white space, control characters or a backslash"));
        }
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (scheme, rest),
            None if has_path(address) => {
                return Err(refuse("an address with a path needs https:// in front"));
            }
            None => (if tls { "https" } else { "http" }, address),
        };
        if rest.is_empty() || rest.starts_with('/') {
            return Err(refuse("it has no host"));
        }
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(refuse("only http and https are spoken"));
        }
        let mut url =
            Url::parse(&format!("{scheme}://{rest}")).map_err(|error| refuse(&error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("put the user name and password into their own fields"));
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self { url })
    }

    /// The same address under another host name, or `None` if that is not a host name.
    pub(crate) fn with_host(mut self, host: &str) -> Option<Self> {
        self.url.set_host(Some(host)).ok().map(|()| self)
    }

    /// Whether the server is reached over TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        self.host_in_url().trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether the host is `localhost` or a loopback address.
    pub(crate) fn is_on_this_machine(&self) -> bool {
        let address = self.host().parse::<IpAddr>();
        self.host() == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// The port, given or the scheme's own.
    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The scheme, host and port, as a URL.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The host as it stands in a URL.
    pub(crate) fn host_in_url(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether `url` leads to the same scheme, host and port.
    pub(crate) fn serves(&self, url: &Url) -> bool {
        same_origin(&self.url, url)
    }

    /// Whether both are the same scheme, host and port.
    pub(crate) fn is_same_server(&self, other: &Self) -> bool {
        self.serves(&other.url)
    }

    /// The path in front of every request's path: empty, or with a leading and without a trailing slash.
    pub(crate) fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// The URL of `path` on this server. The path starts with a slash and, like the query, is escaped already.
    pub(crate) fn url(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.prefix()));
        url.set_query(query.filter(|query| !query.is_empty()));
        url
    }
}

/// Whether two URLs have the same scheme, host and port.
pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// A host as it may be shown.
pub(super) fn without_user_info(host: &str) -> String {
    let start = host.find("://").map_or(0, |at| at + 3);
    let end = host[start..].find('/').map_or(host.len(), |at| start + at);
    match host[start..end].rfind('@') {
        Some(at) => format!("{}<redacted>{}", &host[..start], &host[start + at..]),
        None => host.to_owned(),
    }
}

fn has_path(address: &str) -> bool {
    address.find('/').is_some_and(|at| &address[at..] != "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_follows_client_gos_rules() {
        let table = [
            ("", false, "http://localhost/"),
            ("", true, "https://localhost/"),
            ("localhost", false, "http://localhost/"),
            ("localhost:8080", false, "http://localhost:8080/"),
            ("localhost:8080/", false, "http://localhost:8080/"),
            ("10.0.0.1:6443", true, "https://10.0.0.1:6443/"),
            ("[::1]:6443", true, "https://[::1]:6443/"),
            ("http://cluster.example", true, "http://cluster.example/"),
            ("HTTPS://Cluster.Example", false, "https://cluster.example/"),
            ("https://cluster.example:443", false, "https://cluster.example/"),
            ("https://cluster.example/k8s/clusters/c-1/", false, "https://cluster.example/k8s/clusters/c-1/"),
            ("https://cluster.example?a=b", false, "https://cluster.example/"),
            ("https://cluster.example/base?a=b#c", false, "https://cluster.example/base"),
        ];
        for (host, tls, want) in table {
            assert_eq!(BaseUrl::parse(host, tls).expect(host).url.as_str(), want, "{host:?}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused_by_name() {
        let table = [
            "cluster.example/base",
            "/base",
            "//cluster.example",
            "http://",
            "https:///base",
            "ftp://cluster.example",
            "unix:///run/cluster.sock",
            "https://cluster.example:port",
            "https://cluster example",
            "https://cluster.example\n",
            "https://cluster.example\\base",
            "::1",
            "https://[::1",
        ];
        for host in table {
            let error = BaseUrl::parse(host, true).expect_err(host).to_string();
            assert!(error.contains(&format!("{host:?}")), "{error}");
        }
    }

    #[test]
    fn an_address_with_a_password_is_refused_without_showing_it() {
        for host in ["https://anna:hunter2@cluster.example/base", "anna:hunter2@cluster.example"] {
            let error = BaseUrl::parse(host, true).expect_err(host).to_string();
            assert!(!error.contains("hunter2") && error.contains("<redacted>@cluster.example"), "{error}");
        }
    }

    #[test]
    fn a_path_is_put_behind_the_base_path() {
        let table = [
            ("https://cluster.example", "https://cluster.example/api/v1"),
            ("https://cluster.example/", "https://cluster.example/api/v1"),
            ("https://cluster.example/k8s/c-1/", "https://cluster.example/k8s/c-1/api/v1"),
        ];
        for (host, want) in table {
            let base = BaseUrl::parse(host, true).expect(host);
            assert_eq!(base.url("/api/v1", None).as_str(), want);
            assert_eq!(base.url("/api/v1", Some("")).as_str(), want);
            assert_eq!(base.url("/api/v1", Some("limit=1&x=%2F")).as_str(), format!("{want}?limit=1&x=%2F"));
        }
    }

    #[test]
    fn the_same_server_has_the_same_scheme_host_and_port() {
        let base = BaseUrl::parse("https://cluster.example/base", true).expect("a URL");
        let serves = |url: &str| base.serves(&Url::parse(url).expect("a URL"));
        assert!(serves("https://cluster.example:443/other"));
        assert!(!serves("http://cluster.example/base"));
        assert!(!serves("https://cluster.example:6443/base"));
        assert!(!serves("https://other.example/base"));
    }
}
