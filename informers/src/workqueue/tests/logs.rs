//! What workers log.

use std::fmt;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::super::Outcome;
use super::*;

/// Keeps the events that are not about details.
#[derive(Clone, Default)]
struct Log {
    events: Arc<Mutex<Vec<(Level, String)>>>,
    spans: Arc<AtomicU64>,
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1 + self.spans.fetch_add(1, Ordering::SeqCst))
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        self.events.lock().unwrap().push((*event.metadata().level(), fields.0.join(", ")));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Fields(Vec<String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push(format!("{field}={value:?}"));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        let source = error.source().map(ToString::to_string).unwrap_or_default();
        self.0.push(format!("{field}={error}: {source}"));
    }
}

/// An error with a cause.
#[derive(Debug, thiserror::Error)]
#[error("the Pod cannot be made")]
struct Failed(#[source] io::Error);

#[tokio::test(start_paused = true)]
async fn errors_and_panics_are_logged_with_their_key_and_the_delay() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let limiter = FastSlowLimiter::new(SECOND, SECOND, 0);
    let queue = WorkQueue::builder().name("web").rate_limiter(limiter).build();
    queue.add("prod/web-0");
    let ender = queue.clone();
    let reconcile = move |key| {
        let ender = ender.clone();
        async move {
            match ender.retries(&key) {
                0 => Err(Failed(io::Error::other("the quota is used up"))),
                1 => panic!("attempt {}", 2),
                _ => {
                    ender.shut_down();
                    Ok(Outcome::Done)
                }
            }
        }
    };
    queue.run(1, reconcile).await;
    let wanted = [
        (
            Level::WARN,
            "message=reconciling failed and is retried, queue=\"web\", key=\"prod/web-0\", \
             error=the Pod cannot be made: the quota is used up, delay=1s",
        ),
        (
            Level::ERROR,
            "message=reconciling panicked and is retried, queue=\"web\", key=\"prod/web-0\", \
             panic=\"attempt 2\", delay=1s",
        ),
    ]
    .map(|(level, text)| (level, text.to_owned()));
    assert_eq!(*log.events.lock().unwrap(), wanted);
}
