//! Whether answers are asked for in a compressed form.

use super::BaseUrl;

/// Whether a client asks the server for compressed answers. Watches and logs are never compressed.
///
/// kube-apiserver compresses answers of more than 128 KiB if it is asked, and a list shrinks to a tenth or less. For 100 MB,
/// that costs the two ends some 0.7 seconds together, and pays where the way is slower than some 100 MB per second.
/// Without the feature `gzip`, nothing is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Asks for it unless the server is on this machine: its address is `localhost` or a loopback address.
    ///
    /// If that is the near end of a slow tunnel, [`Always`](Self::Always) is faster.
    #[default]
    Auto,
    /// Asks for it. A kubeconfig says so with `disable-compression: false`.
    Always,
    /// Does not ask for it. A kubeconfig says so with `disable-compression: true`.
    Never,
}

impl Compression {
    /// What a kubeconfig's `disable-compression` asks for.
    pub(crate) fn unless_disabled(disabled: Option<bool>) -> Self {
        match disabled {
            None => Self::Auto,
            Some(false) => Self::Always,
            Some(true) => Self::Never,
        }
    }

    /// Whether to ask this server for compressed answers. Behind a proxy, no server is near.
    pub(crate) fn of(self, server: &BaseUrl, proxied: bool) -> bool {
        match self {
            Self::Auto => proxied || !server.is_on_this_machine(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_is_asked_for_unless_the_server_is_on_this_machine() {
        let near =
            ["http://localhost:8080", "https://127.0.0.1:6443", "https://127.1.2.3", "https://[::1]:6443"];
        for host in near {
            let server = BaseUrl::parse(host, true).expect("an address");
            assert!(!Compression::Auto.of(&server, false), "{host}");
            assert!(Compression::Auto.of(&server, true), "{host} through a proxy");
            assert!(Compression::Always.of(&server, false), "{host}");
        }
        for host in
            ["https://cluster.example", "https://10.0.0.1", "https://localhost.example", "https://[fd00::1]"]
        {
            let server = BaseUrl::parse(host, true).expect("an address");
            assert!(Compression::Auto.of(&server, false), "{host}");
            assert!(!Compression::Never.of(&server, true), "{host}");
        }
    }
}
