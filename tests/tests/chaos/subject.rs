//! An informer under test with its handlers, each of which keeps its own account of what it was told.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use kubeset::Clientset;
use kubeset::api::core::v1::ConfigMap;
use kubeset::rest::{Endpoint, HttpClient};
use kubeset_informers::{
    Event, HandlerRegistration, Index, InformerBuilder, InformerFactory, SharedInformer,
};
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
}

/// An informer with handlers of several kinds, behind a network of its own.
pub(crate) struct Subject {
    plan: Plan,
    proxy: Arc<Proxy>,
    factory: InformerFactory,
    informer: SharedInformer<ConfigMap>,
    by_colour: Index<ConfigMap>,
    handlers: Vec<Handler>,
    streams: Vec<(SharedModel, &'static str, JoinHandle<()>)>,
    late: Option<Handler>,
    /// What handlers that were taken away had seen.
    before: Vec<Seen>,
}

/// A handler that was added.
struct Handler {
    name: &'static str,
    model: SharedModel,
    registration: HandlerRegistration<ConfigMap>,
}

impl Subject {
    /// Makes it and starts it. Its slow streams are quick while `hurry` holds.
    pub(crate) async fn start(
        plan: Plan,
        port: u16,
        tally: &Tally,
        hurry: &watch::Receiver<bool>,
    ) -> Result<Self, String> {
        let proxy = Arc::new(Proxy::start(port).await.map_err(told)?);
        let endpoint = endpoint(&proxy, tally)?;
        let factory = InformerFactory::new();
        let informer = (plan.options)(factory.select(&endpoint)).informer();
        let tally = tally.clone();
        informer.on_failure(move |failure| tally.failed(failure));
        let by_colour = informer.add_index(COLOUR, |object: &ConfigMap, values| {
            let colour = object.metadata.labels.as_ref().and_then(|labels| labels.get(COLOUR));
            values.extend(colour.map(String::as_str));
        });
        let handlers = vec![
            Handler::add(&informer, "the quick handler", Duration::ZERO),
            Handler::add(&informer, "the handler with resyncs", Duration::from_secs(5)),
        ];
        let streams = vec![
            stream(&informer, "the quick stream", Model::exact(), None),
            stream(&informer, "the slow stream", Model::merging(), Some(hurry.clone())),
        ];
        factory.start().map_err(told)?;
        Ok(Self { plan, proxy, factory, informer, by_colour, handlers, streams, late: None, before: vec![] })
    }

    /// The network to its API server.
    pub(crate) fn proxy(&self) -> Arc<Proxy> {
        Arc::clone(&self.proxy)
    }

    /// Takes away the handler that was added late, and adds another one.
    pub(crate) async fn exchange_late_handler(&mut self) {
        if let Some(late) = self.late.take() {
            late.registration.remove();
            late.registration.removed().await;
            self.before.push(late.model.seen());
        }
        self.late = Some(Handler::add(&self.informer, "the late handler", Duration::ZERO));
    }

    /// How its store, an index or a handler differs from what the server has, if one does.
    pub(crate) fn difference(&self, truth: &Truth) -> Option<String> {
        let truth = truth.select(self.plan.selects);
        let versions = truth.versions();
        let store = self.informer.store();
        let version = |object: &ConfigMap| object.metadata.resource_version.as_ref()?.parse().ok();
        let cached = |key: &_| store.get(key).and_then(|object| version(&object));
        let keys =
            || store.list().iter().map(|object| kubeset_informers::CacheObject::key(&**object)).collect();
        if let Some(difference) = versions.difference(store.len(), cached, keys) {
            return Some(self.told("the cache", &difference));
        }
        let objects = store.list();
        if let Some(difference) = truth.other_content(objects.iter().map(|object| &**object)) {
            return Some(self.told("the cache", &difference));
        }
        for colour in COLOURS {
            let (indexed, right) = (self.by_colour.count(colour), truth.count(COLOUR, colour));
            if indexed != right {
                return Some(self.told("the index", &format!("{indexed} {colour} objects, of {right}")));
            }
        }
        let differs = |(model, name): (&SharedModel, &str)| {
            model.difference(&versions).map(|difference| self.told(name, &difference))
        };
        self.models().find_map(differs).or_else(|| self.backlog())
    }

    /// The handler that has not seen everything, if there is one.
    fn backlog(&self) -> Option<String> {
        let behind = |handler: &&Handler| handler.registration.backlog() > 0;
        let handler = self.handlers.iter().chain(&self.late).find(behind)?;
        Some(self.told(handler.name, &format!("{:?}", handler.registration)))
    }

    /// What was wrong with the events that a handler was told, if something was; or that a handler is gone.
    pub(crate) fn mistakes(&self) -> Option<String> {
        let gone = self.handlers.iter().chain(&self.late).find(|handler| !handler.registration.is_active());
        let ended = self.streams.iter().find(|(_, _, task)| task.is_finished());
        let gone = gone.map(|handler| handler.name).or(ended.map(|(_, name, _)| *name));
        if let Some(name) = gone {
            return Some(self.told(name, "it has ended"));
        }
        self.models().find_map(|(model, name)| Some(self.told(name, &model.mistakes()?)))
    }

    /// How many events all its handlers have seen.
    pub(crate) fn seen(&self) -> Seen {
        let now = self.models().map(|(model, _)| model.seen());
        self.before.iter().copied().chain(now).fold(Seen::default(), Seen::and)
    }

    /// How many events the slow stream did not see because they were merged into others.
    pub(crate) fn merged(&self) -> u64 {
        let events = |wanted: &str| {
            let stream = self.streams.iter().find(|(_, name, _)| *name == wanted);
            stream.map_or(0, |(model, ..)| model.seen().events)
        };
        events("the quick stream").saturating_sub(events("the slow stream"))
    }

    /// Ends it, and everything that it has started.
    ///
    /// # Errors
    ///
    /// If something of it goes on.
    pub(crate) async fn end(mut self) -> Result<(), String> {
        let end = async {
            self.factory.shut_down().await;
            for (_, _, task) in &mut self.streams {
                drop(task.await);
            }
        };
        let outcome = tokio::time::timeout(END, end).await;
        outcome.map_err(|_| self.told("the informer", &format!("it has not ended after {END:?}")))
    }

    fn models(&self) -> impl Iterator<Item = (&SharedModel, &'static str)> {
        let handlers = self.handlers.iter().chain(&self.late).map(|handler| (&handler.model, handler.name));
        handlers.chain(self.streams.iter().map(|(model, name, _)| (model, *name)))
    }

    fn told(&self, part: &str, what: &str) -> String {
        let failure = self.informer.last_failure();
        let failure = failure.map_or(String::new(), |failure| format!(" (its last failure: {failure})"));
        format!("{}: {part}: {what}{failure}", self.plan.name)
    }
}

impl Handler {
    fn add(informer: &SharedInformer<ConfigMap>, name: &'static str, resync: Duration) -> Self {
        let model = Model::exact();
        let taker = model.clone();
        let handler = move |event: &Event<ConfigMap>| taker.take(event);
        Self { name, model, registration: informer.add_handler_with_resync(handler, resync) }
    }
}

/// The ConfigMaps of all namespaces, through a network. Each has connections of its own.
fn endpoint(proxy: &Proxy, tally: &Tally) -> Result<Endpoint<ConfigMap>, String> {
    let mut config = cluster::config("joe")?;
    config.host = format!("https://127.0.0.1:{}", proxy.port());
    let http = tally.count_requests(HttpClient::new(&config).map_err(told)?);
    Ok(Clientset::with_http_client(&config, http).map_err(told)?.endpoint())
}

/// Reads a stream to its end: at once, or slowly as long as there is no hurry.
fn stream(
    informer: &SharedInformer<ConfigMap>,
    name: &'static str,
    model: SharedModel,
    mut hurry: Option<watch::Receiver<bool>>,
) -> (SharedModel, &'static str, JoinHandle<()>) {
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
    (model, name, task)
}
