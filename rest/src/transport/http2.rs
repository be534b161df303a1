//! HTTP/2 as client-go's environment variables want it.

use std::time::Duration;

use crate::config::Environment;

/// How long a connection may be without a sign of life before it is pinged. It is pinged in use or not.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long the answer to a ping may take. With the interval, a dead connection is noticed after 45 seconds.
const PING_TIMEOUT: Duration = Duration::from_secs(15);

/// Whether HTTP/2 is offered, and how a dead connection is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Http2 {
    enabled: bool,
    /// None if connections are not pinged.
    pub(super) ping_interval: Option<Duration>,
    pub(super) ping_timeout: Duration,
}

impl Http2 {
    /// Reads `DISABLE_HTTP2` (any text), `HTTP2_READ_IDLE_TIMEOUT_SECONDS` (0 for no pings) and
    /// `HTTP2_PING_TIMEOUT_SECONDS`. A number that is none is passed over with a warning, as in client-go.
    pub(super) fn new(environment: &Environment) -> Self {
        let seconds = |name, default| seconds(environment, name).unwrap_or(default);
        let interval = seconds("HTTP2_READ_IDLE_TIMEOUT_SECONDS", PING_INTERVAL);
        let timeout = seconds("HTTP2_PING_TIMEOUT_SECONDS", PING_TIMEOUT);
        Self {
            enabled: environment.variable("DISABLE_HTTP2").is_none(),
            ping_interval: Some(interval).filter(|interval| !interval.is_zero()),
            ping_timeout: if timeout.is_zero() { PING_TIMEOUT } else { timeout },
        }
    }

    /// The protocols to offer in handshakes, best first. Without TLS, HTTP/1.1 is spoken anyway.
    pub(super) fn protocols(self) -> Vec<Vec<u8>> {
        let all: [&[u8]; 2] = [b"h2", b"http/1.1"];
        all.into_iter().skip(usize::from(!self.enabled)).map(<[u8]>::to_vec).collect()
    }
}

fn seconds(environment: &Environment, name: &str) -> Option<Duration> {
    let text = environment.text(name)?;
    let seconds = text.parse().ok().map(Duration::from_secs);
    if seconds.is_none() {
        tracing::warn!(name, text, "the variable is not a whole number of seconds, the default is used");
    }
    seconds
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The variables, whether HTTP/2 is offered, and the seconds of interval and timeout.
    type Row<'a> = (&'a [(&'a str, &'a str)], bool, u64, u64);

    #[test]
    fn the_environment_decides_as_in_client_go() {
        let (interval, timeout) = ("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "HTTP2_PING_TIMEOUT_SECONDS");
        let table: &[Row<'_>] = &[
            (&[], true, 30, 15),
            (&[("DISABLE_HTTP2", "false")], false, 30, 15),
            (&[("DISABLE_HTTP2", "")], true, 30, 15),
            (&[(interval, "7"), (timeout, "3")], true, 7, 3),
            (&[(interval, "0"), (timeout, "0")], true, 0, 15),
            (&[(interval, "1.5"), (timeout, "-1")], true, 30, 15),
        ];
        for (variables, enabled, interval, timeout) in table {
            let got = Http2::new(&Environment::made_up(Path::new("/"), variables));
            let want = Http2 {
                enabled: *enabled,
                ping_interval: Some(Duration::from_secs(*interval)).filter(|interval| !interval.is_zero()),
                ping_timeout: Duration::from_secs(*timeout),
            };
            assert_eq!(got, want, "{variables:?}");
            assert_eq!(got.protocols().len(), 1 + usize::from(*enabled));
        }
    }
}
