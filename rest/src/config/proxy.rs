//! Which proxy stands between client and server, if any.

use std::fmt;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::environment::Environment;
use super::host::without_user_info;
use super::{BaseUrl, ConfigError, no_proxy};

/// Which proxy stands between client and server, if any.
///
/// `Debug` shows no user name and no password.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ProxyConfig {
    /// What the variables `HTTPS_PROXY` (for a server at `https`), `HTTP_PROXY` (for one at `http`) and `NO_PROXY`
    /// say, in capitals or, if those are unset, in small letters.
    ///
    /// `localhost` and loopback addresses are reached directly, and so is a server that `NO_PROXY` names:
    /// by host, domain suffix, address or block of addresses (`10.0.0.0/8`), each with or without a port, or by
    /// `*`. The variable `ALL_PROXY` is not read, as in every Go program.
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    None,
    /// The proxy at this URL for every server, whatever the environment says.
    ///
    /// The scheme is `http`, `https` or `socks5`; a socks5 proxy also looks up the server's name. A user name
    /// and password in the URL are percent-encoded, and sent as basic authentication. A proxy at `https` may have a
    /// certificate that either the cluster's CA or the system trusts, for its own name. If it asks for a client
    /// certificate, it is shown the same one as the server.
    Url(SecretString),
}

impl ProxyConfig {
    /// The proxy at this URL.
    pub fn url(url: impl Into<String>) -> Self {
        Self::Url(SecretString::from(url.into()))
    }

    /// The proxy to reach `server` through.
    pub(crate) fn to_reach(
        &self,
        server: &BaseUrl,
        environment: &Environment,
    ) -> Result<Option<ProxyUrl>, ConfigError> {
        match self {
            Self::None => Ok(None),
            Self::Url(url) => {
                let refuse = |reason| ConfigError::Proxy { origin: "the configuration".to_owned(), reason };
                ProxyUrl::parse(url.expose_secret()).map(Some).map_err(refuse)
            }
            Self::Environment => of_environment(server, environment),
        }
    }
}

impl fmt::Debug for ProxyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("Environment"),
            Self::None => f.write_str("None"),
            Self::Url(url) => f.debug_tuple("Url").field(&without_user_info(url.expose_secret())).finish(),
        }
    }
}

/// The address of a proxy, which can be used.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ProxyUrl {
    url: Url,
}

impl ProxyUrl {
    /// Reads a URL. The reason of a refusal never quotes it, as it may hold a password.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| error.to_string())?;
        match url.scheme() {
            "http" | "https" | "socks5h" => {}
            // The short name means in Go what the long one means elsewhere: the proxy looks names up.
            "socks5" => url.set_scheme("socks5h").map_err(|()| "the scheme cannot be changed".to_owned())?,
            other => return Err(format!("the scheme is {other:?}, and must be http, https or socks5")),
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err("it has no host".to_owned());
        }
        Ok(Self { url })
    }

    /// The URL, in which socks5 is spelt `socks5h`.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The host without brackets if it is reached over TLS.
    pub(crate) fn tls_host(&self) -> Option<&str> {
        let host = self.url.host_str().filter(|_| self.url.scheme() == "https");
        host.map(|host| host.trim_start_matches('[').trim_end_matches(']'))
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_user_info(self.url.as_str()))
    }
}

fn of_environment(server: &BaseUrl, environment: &Environment) -> Result<Option<ProxyUrl>, ConfigError> {
    let names = if server.is_tls() { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let Some((name, value)) = either(environment, names) else {
        return Ok(None);
    };
    let excepted = either(environment, ["NO_PROXY", "no_proxy"]).unwrap_or_default().1;
    if server.is_on_this_machine() || no_proxy::names(&excepted, server.host(), server.port()) {
        return Ok(None);
    }
    let refuse = |reason| ConfigError::Proxy { origin: format!("the variable {name}"), reason };
    if name == "HTTP_PROXY" && environment.text("REQUEST_METHOD").is_some() {
        // https://go.dev/s/cgihttpproxy
        return Err(refuse("in a CGI program it may come from the request".to_owned()));
    }
    let url = if value.contains("://") { value } else { format!("http://{value}") };
    ProxyUrl::parse(&url).map(Some).map_err(refuse)
}

/// The first variable that is set, and its value.
fn either(environment: &Environment, names: [&'static str; 2]) -> Option<(&'static str, String)> {
    names.into_iter().find_map(|name| environment.text(name).map(|value| (name, value)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn proxy(config: &ProxyConfig, server: &str, variables: &[(&str, &str)]) -> Result<String, ConfigError> {
        let server = BaseUrl::parse(server, true).expect("an address");
        let environment = Environment::made_up(Path::new("/"), variables);
        let proxy = config.to_reach(&server, &environment)?;
        Ok(proxy.map_or_else(String::new, |proxy| proxy.url().to_string()))
    }

    /// A server, the variables, and the proxy to it.
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

    #[test]
    fn the_environment_is_read_as_go_reads_it() {
        let (https, http) = ("https://cluster.example", "http://cluster.example");
        let table: &[Row<'_>] = &[
            (https, &[], ""),
            (https, &[("HTTPS_PROXY", "http://p:3128")], "http://p:3128/"),
            (https, &[("HTTPS_PROXY", "p:3128")], "http://p:3128/"),
            (https, &[("https_proxy", "socks5://p")], "socks5h://p"),
            (https, &[("HTTPS_PROXY", "http://upper"), ("https_proxy", "http://lower")], "http://upper/"),
            (https, &[("HTTPS_PROXY", ""), ("https_proxy", "http://lower")], "http://lower/"),
            (https, &[("HTTP_PROXY", "http://p"), ("ALL_PROXY", "http://p")], ""),
            (http, &[("HTTP_PROXY", "http://p"), ("HTTPS_PROXY", "http://q")], "http://p/"),
            (http, &[("HTTPS_PROXY", "http://q")], ""),
            (https, &[("HTTPS_PROXY", "http://p"), ("NO_PROXY", "cluster.example")], ""),
            (https, &[("HTTPS_PROXY", "http://p"), ("no_proxy", ".example:443")], ""),
            (https, &[("HTTPS_PROXY", "http://p"), ("NO_PROXY", "p")], "http://p/"),
            ("https://10.0.0.1", &[("HTTPS_PROXY", "http://p"), ("NO_PROXY", "10.0.0.0/8")], ""),
            ("https://localhost", &[("HTTPS_PROXY", "http://p")], ""),
            ("https://127.1.2.3", &[("HTTPS_PROXY", "http://p")], ""),
            ("https://[::1]:6443", &[("HTTPS_PROXY", "http://p")], ""),
        ];
        for (server, variables, want) in table {
            let got = proxy(&ProxyConfig::Environment, server, variables).expect("a valid proxy");
            assert_eq!(&got, want, "{server} {variables:?}");
        }
    }

    #[test]
    fn the_configuration_wins_over_the_environment() {
        let variables = [("HTTPS_PROXY", "http://p"), ("NO_PROXY", "*")];
        let own = ProxyConfig::url("http://own");
        assert_eq!(proxy(&own, "https://localhost", &variables).expect("valid"), "http://own/");
        assert_eq!(proxy(&ProxyConfig::None, "https://cluster.example", &variables[..1]).expect("valid"), "");
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_that_names_its_origin() {
        let table = [
            ("HTTPS_PROXY", "ftp://anna:hunter2@p", "\"ftp\""),
            ("https_proxy", "socks4://anna:hunter2@p", "\"socks4\""),
            ("HTTPS_PROXY", "http://anna:hunter2@", "host"),
            ("HTTPS_PROXY", "socks5://", "host"),
        ];
        for (name, value, reason) in table {
            let error = proxy(&ProxyConfig::Environment, "https://cluster.example", &[(name, value)]);
            let error = error.expect_err("it cannot be used").to_string();
            assert!(error.contains(name) && error.contains(reason), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let error =
            proxy(&ProxyConfig::url("p:3128"), "https://cluster.example", &[]).expect_err("no scheme");
        assert!(error.to_string().contains("the configuration"), "{error}");
        let cgi = [("HTTP_PROXY", "http://p"), ("REQUEST_METHOD", "GET")];
        let error = proxy(&ProxyConfig::Environment, "http://cluster.example", &cgi).expect_err("not in CGI");
        assert!(error.to_string().contains("CGI"), "{error}");
    }

    #[test]
    fn debug_shows_no_user_and_no_password() {
        let config = ProxyConfig::url("http://anna:hunter2@p:3128");
        assert_eq!(format!("{config:?}"), "Url(\"http://<redacted>@p:3128\")");
        let url = ProxyUrl::parse("socks5://anna:hunter2@p").expect("a URL");
        assert_eq!(format!("{url:?}"), "socks5h://<redacted>@p");
    }
}
