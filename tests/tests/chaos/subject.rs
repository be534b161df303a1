//! An informer under test with its handlers, each of which keeps its own account of what it was told.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use kubeset::api::core::v1::ConfigMap;
use kubeset::informers::{
    CacheObject, Compact, Event, HandlerRegistration, Index, InformerBuilder, SharedInformer,
};
use kubeset::rest::HttpClient;
use kubeset::{Clientset, Informers};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cluster::{self, told};
use crate::model::{Model, Seen, SharedModel};
use crate::proxy::Proxy;
use crate::tally::Tally;
use crate::truth::Truth;
use crate::writers::{COLOUR, COLOURS};

/// How long a slow stream does nothing after each event.
const SLOWNESS: Duration = Duration::from_millis(700);
/// How often a handler that wants resyncs gets them.
const RESYNC: Duration = Duration::from_secs(5);
/// How long an informer may take to end.
const END: Duration = Duration::from_secs(10);

/// How an informer is made.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    /// Which objects it keeps, and how.
    pub(crate) options: fn(InformerBuilder<ConfigMap>) -> InformerBuilder<ConfigMap>,
    /// Which objects it should have.
    pub(crate) selects: fn(&ConfigMap) -> bool,
    /// Whether it keeps them as the server sent them.
    pub(crate) compact: bool,
}

/// What a run is told to look at beside the informer itself.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// The port of the API server.
    pub(crate) port: u16,
    /// Where requests and failures are counted.
    pub(crate) tally: Tally,
    /// Whether slow streams are to be quick.
    pub(crate) hurry: watch::Receiver<bool>,
}

/// An informer with handlers of several kinds, behind a network of its own.
pub(crate) trait Subject: Send + Sync {
    /// The network to its API server.
    fn proxy(&self) -> Arc<Proxy>;

    /// Takes away the handler that was added late, and adds another one.
    fn exchange_late_handler(&mut self) -> BoxFuture<'_, ()>;

    /// How its store, an index or a handler differs from what the server has, if one does.
    fn difference(&self, truth: &Truth) -> Option<String>;

    /// What was wrong with the events that a handler was told, if something was; or that a handler is gone.
    fn mistakes(&self) -> Option<String>;

    /// How many events all its handlers have seen.
    fn seen(&self) -> Seen;

    /// How many events the slow stream did not see because they were merged into others.
    fn merged(&self) -> u64;

    /// Ends it, and everything that it has started.
    ///
    /// # Errors
    ///
    /// If something of it goes on.
    fn end(self: Box<Self>) -> BoxFuture<'static, Result<(), String>>;
}

/// Makes an informer and starts it.
///
/// # Errors
///
/// If it cannot be made. What it cannot read it tries again.
pub(crate) async fn start(plan: Plan, around: &Surroundings) -> Result<Box<dyn Subject>, String> {
    let proxy = Proxy::start(around.port).await.map_err(told)?;
    let informers = informers(&proxy, &around.tally)?;
    let builder = (plan.options)(informers.core_v1().config_maps());
    Ok(if plan.compact {
        let informer = builder.compact_informer();
        Box::new(Observed::start(plan, proxy, informers, informer, around)?)
    } else {
        let informer = builder.informer();
        Box::new(Observed::start(plan, proxy, informers, informer, around)?)
    })
}

/// What a cache keeps.
trait Cached: CacheObject {
    /// The object, decoded.
    fn whole(&self) -> Result<Cow<'_, ConfigMap>, String>;
}

impl Cached for ConfigMap {
    fn whole(&self) -> Result<Cow<'_, ConfigMap>, String> {
        Ok(Cow::Borrowed(self))
    }
}

impl Cached for Compact<ConfigMap> {
    fn whole(&self) -> Result<Cow<'_, ConfigMap>, String> {
        self.decode().map(Cow::Owned).map_err(told)
    }
}

/// An informer and those who listen.
struct Observed<T> {
    plan: Plan,
    proxy: Arc<Proxy>,
    informers: Informers,
    informer: SharedInformer<T>,
    by_colour: Index<T>,
    handlers: Vec<Handler<T>>,
    streams: Vec<Stream>,
    late: Option<Handler<T>>,
    /// What handlers that were taken away had seen.
    before: Seen,
}

/// A handler that was added.
struct Handler<T> {
    name: &'static str,
    model: SharedModel,
    registration: HandlerRegistration<T>,
}

/// A stream that is read.
struct Stream {
    name: &'static str,
    model: SharedModel,
    task: JoinHandle<()>,
}

impl<T: Cached> Observed<T> {
    fn start(
        plan: Plan,
        proxy: Proxy,
        informers: Informers,
        informer: SharedInformer<T>,
        around: &Surroundings,
    ) -> Result<Self, String> {
        let tally = around.tally.clone();
        informer.on_failure(move |failure| tally.failed(failure));
        let by_colour = informer.add_index(COLOUR, |object: &T, values| values.extend(object.label(COLOUR)));
        let handlers = vec![
            Handler::add(&informer, "the quick handler", Duration::ZERO),
            Handler::add(&informer, "the handler with resyncs", RESYNC),
        ];
        let streams = vec![
            Stream::read(&informer, "the quick stream", Model::exact(), None),
            Stream::read(&informer, "the slow stream", Model::merging(), Some(around.hurry.clone())),
        ];
        informers.start().map_err(told)?;
        let (proxy, before) = (Arc::new(proxy), Seen::default());
        Ok(Self { plan, proxy, informers, informer, by_colour, handlers, streams, late: None, before })
    }

    /// How the store differs.
    fn cache_differs(&self, truth: &Truth) -> Option<String> {
        let store = self.informer.store();
        let version = |object: Arc<T>| object.resource_version().parse().ok();
        let keys = || store.list().iter().map(|object| object.key()).collect();
        let versions = truth.versions();
        versions.difference(store.len(), |key| store.get(key).and_then(version), keys).or_else(|| {
            let objects = store.list();
            objects.iter().find_map(|object| match object.whole() {
                Ok(whole) => truth.other_content(&whole),
                Err(error) => Some(format!("{}: {error}", object.key())),
            })
        })
    }

    /// How the index differs.
    fn index_differs(&self, truth: &Truth) -> Option<String> {
        COLOURS.iter().find_map(|colour| {
            let (indexed, right) = (self.by_colour.count(colour), truth.count(COLOUR, colour));
            (indexed != right).then(|| format!("{indexed} objects are {colour}, in place of {right}"))
        })
    }

    /// The handler that has not seen everything, if there is one.
    fn backlog(&self) -> Option<String> {
        let handler = self.all_handlers().find(|handler| handler.registration.backlog() > 0)?;
        Some(self.told(handler.name, &format!("{:?}", handler.registration)))
    }

    fn all_handlers(&self) -> impl Iterator<Item = &Handler<T>> {
        self.handlers.iter().chain(&self.late)
    }

    fn models(&self) -> impl Iterator<Item = (&'static str, &SharedModel)> {
        let handlers = self.all_handlers().map(|handler| (handler.name, &handler.model));
        handlers.chain(self.streams.iter().map(|stream| (stream.name, &stream.model)))
    }

    fn told(&self, part: &str, what: &str) -> String {
        let failure = self.informer.last_failure();
        let failure = failure.map_or(String::new(), |failure| format!(" (its last failure: {failure})"));
        format!("{}: {part}: {what}{failure}", self.plan.name)
    }
}

impl<T: Cached> Subject for Observed<T> {
    fn proxy(&self) -> Arc<Proxy> {
        Arc::clone(&self.proxy)
    }

    fn exchange_late_handler(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(late) = self.late.take() {
                late.registration.remove();
                late.registration.removed().await;
                self.before = self.before.and(late.model.seen());
            }
            self.late = Some(Handler::add(&self.informer, "the late handler", Duration::ZERO));
        })
    }

    fn difference(&self, truth: &Truth) -> Option<String> {
        let truth = truth.select(self.plan.selects);
        let versions = truth.versions();
        if let Some(difference) = self.cache_differs(&truth) {
            return Some(self.told("the cache", &difference));
        }
        if let Some(difference) = self.index_differs(&truth) {
            return Some(self.told("the index", &difference));
        }
        let mut models = self.models();
        let differs = models.find_map(|(name, model)| Some(self.told(name, &model.difference(&versions)?)));
        differs.or_else(|| self.backlog())
    }

    fn mistakes(&self) -> Option<String> {
        let mut handlers = self.all_handlers();
        let gone = handlers.find(|handler| !handler.registration.is_active()).map(|handler| handler.name);
        let mut streams = self.streams.iter();
        let gone = gone.or_else(|| Some(streams.find(|stream| stream.task.is_finished())?.name));
        if let Some(name) = gone {
            return Some(self.told(name, "it has ended"));
        }
        self.models().find_map(|(name, model)| Some(self.told(name, &model.mistakes()?)))
    }

    fn seen(&self) -> Seen {
        self.models().map(|(_, model)| model.seen()).fold(self.before, Seen::and)
    }

    fn merged(&self) -> u64 {
        let [quick, slow] = &self.streams[..] else { return 0 };
        quick.model.seen().events.saturating_sub(slow.model.seen().events)
    }

    fn end(mut self: Box<Self>) -> BoxFuture<'static, Result<(), String>> {
        Box::pin(async move {
            let end = async {
                self.informers.shut_down().await;
                for stream in &mut self.streams {
                    drop((&mut stream.task).await);
                }
            };
            let outcome = tokio::time::timeout(END, end).await;
            outcome.map_err(|_| self.told("the informer", &format!("it has not ended after {END:?}")))
        })
    }
}

impl<T: CacheObject> Handler<T> {
    fn add(informer: &SharedInformer<T>, name: &'static str, resync: Duration) -> Self {
        let model = Model::exact();
        let taker = model.clone();
        let handler = move |event: &Event<T>| taker.take(event);
        Self { name, model, registration: informer.add_handler_with_resync(handler, resync) }
    }
}

impl Stream {
    /// Reads a stream to its end: at once, or slowly as long as there is no hurry.
    fn read<T: CacheObject>(
        informer: &SharedInformer<T>,
        name: &'static str,
        model: SharedModel,
        mut hurry: Option<watch::Receiver<bool>>,
    ) -> Self {
        let mut events = informer.events();
        let taker = model.clone();
        let task = tokio::spawn(async move {
            while let Some(event) = events.next().await {
                taker.take(&event);
                drop(event);
                if let Some(hurry) = &mut hurry {
                    drop(tokio::time::timeout(SLOWNESS, hurry.wait_for(|hurry| *hurry)).await);
                }
            }
        });
        Self { name, model, task }
    }
}

/// Informers of what the API server has, through a network. Each has connections of its own.
fn informers(proxy: &Proxy, tally: &Tally) -> Result<Informers, String> {
    let mut config = cluster::config("joe")?;
    config.host = format!("https://127.0.0.1:{}", proxy.port());
    let http = tally.count_requests(HttpClient::new(&config).map_err(told)?);
    Ok(Clientset::with_http_client(&config, http).map_err(told)?.informers())
}
