//! What the tests have in common: a server that knows Fleets, and the controller on it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::{Duration, SystemTime};

use kubeset::rest::Endpoint;
use kubeset::{Clientset, Config};
use kubeset_testserver::{Builder, Matcher, Request, TestServer};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fleet::{self, FLEET_LABEL, Fleet};
use crate::fleet_controller;

/// How long anything may take that comes by itself.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the controller calls itself, so that faults meet it and not the tests.
const USER_AGENT: &str = "fleet-controller";

/// How many Pods of which image a Fleet is to have.
pub(crate) type Wanted<'a> = (&'a str, u32, &'a str);

/// A server with the namespace `prod`, in which all Fleets are.
pub(crate) struct Scene {
    pub(crate) server: TestServer,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let scene = Self::without_definition().await;
        fleet::define(&scene.server.clientset()).await.expect("the definition is valid");
        scene
    }

    /// A server that does not know Fleets.
    pub(crate) async fn without_definition() -> Self {
        Self::on(TestServer::builder()).await
    }

    pub(crate) async fn on(server: Builder) -> Self {
        let server = server.start().await.expect("the server starts");
        let prod = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}});
        server.put(&prod).expect("the namespace is one");
        Self { server }
    }

    /// A client with connections of its own, as the controller has one.
    pub(crate) fn client(&self) -> Clientset {
        client(self.server.config())
    }

    /// Runs the controller.
    pub(crate) fn start(&self) -> Running {
        Self::start_with(self.client())
    }

    /// Runs the controller as this user.
    pub(crate) fn start_as(&self, user: &str) -> Running {
        let config = self.server.config_for::<&str>(user, []);
        Self::start_with(client(config.expect("a token can be made")))
    }

    fn start_with(client: Clientset) -> Running {
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async {
            let ended = fleet_controller::run(client, async { drop(stopped.await) }).await;
            ended.expect("the controller ends well");
        });
        Running { stop, task }
    }

    pub(crate) fn fleets(&self) -> Endpoint<Fleet> {
        self.server.clientset().endpoint().namespace("prod")
    }

    /// Says what a Fleet is to be, until the server has heard it.
    pub(crate) async fn want(&self, (name, replicas, image): Wanted<'_>) {
        let fleet = json!({
            "apiVersion": "example.com/v1", "kind": "Fleet", "metadata": {"name": name},
            "spec": {"replicas": replicas, "image": image},
        });
        while let Err(error) = self.fleets().apply(name, &fleet, "test").force().await {
            assert_eq!(error.code(), None, "{error}");
        }
    }

    /// Deletes a Fleet, until the server has heard it.
    pub(crate) async fn delete(&self, name: &str) {
        while let Err(error) = self.fleets().delete(name).await {
            if error.is_not_found() {
                return;
            }
            assert_eq!(error.code(), None, "{error}");
        }
    }

    /// Deletes a Pod at once, without the controller.
    pub(crate) fn kill(&self, name: &str) -> Option<Value> {
        self.server.remove("v1", "Pod", "prod", name)
    }

    pub(crate) fn pod(&self, name: &str) -> Option<Value> {
        self.server.object("v1", "Pod", "prod", name)
    }

    /// The names of all Pods.
    pub(crate) fn pods(&self) -> BTreeSet<String> {
        self.server.objects("v1", "Pod").iter().map(|pod| text(&pod["metadata"]["name"])).collect()
    }

    /// Waits until there are exactly these Fleets and their Pods, all as they should be, and until they have told so.
    pub(crate) async fn settled(&self, wanted: &[Wanted<'_>]) {
        until(|| self.difference(wanted)).await;
    }

    /// What is not as wanted.
    fn difference(&self, wanted: &[Wanted<'_>]) -> Option<String> {
        let fleets = self.server.objects("example.com/v1", "Fleet");
        let named: BTreeMap<String, &Value> =
            fleets.iter().map(|fleet| (text(&fleet["metadata"]["name"]), fleet)).collect();
        if !named.keys().map(String::as_str).eq(wanted.iter().map(|(name, ..)| *name)) {
            return Some(format!("there are the Fleets {:?}", named.keys()));
        }
        let mut expected = Vec::new();
        for &(name, replicas, image) in wanted {
            let fleet = named[name];
            let generation = &fleet["metadata"]["generation"];
            let status =
                json!({"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas});
            if fleet["status"] != status {
                return Some(format!("{name} says {}, and should {status}", fleet["status"]));
            }
            let owner = &fleet["metadata"]["uid"];
            expected.extend(
                (0..replicas)
                    .map(|ordinal| json!([format!("{name}-{ordinal}"), name, owner, true, image, null])),
            );
        }
        let mut pods: Vec<Value> = self.server.objects("v1", "Pod").iter().map(facts).collect();
        pods.sort_by_key(ToString::to_string);
        expected.sort_by_key(ToString::to_string);
        (pods != expected).then(|| format!("there are the Pods {pods:?}, and should be {expected:?}"))
    }

    /// What the controller has asked for.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.server.requests_like(&Matcher::any().user_agent(USER_AGENT))
    }

    /// The writes of Pods by the controller that were carried out, in words.
    pub(crate) fn pod_writes(&self) -> Vec<String> {
        let writes = Matcher::verbs(["create", "delete"]).resource("pods").user_agent(USER_AGENT);
        let done = self.server.requests_like(&writes).into_iter();
        let done = done.filter(|request| request.code.is_some_and(|code| code < 300));
        done.map(|request| format!("{} {}", request.verb, pod_of(&request))).collect()
    }

    /// Requests for one Fleet of which the second came before the first was answered: with one reconcile at a time for each
    /// Fleet, there are none.
    pub(crate) fn overlaps(&self) -> Vec<String> {
        let mut last: BTreeMap<String, (SystemTime, String)> = BTreeMap::new();
        let mut overlaps = Vec::new();
        for request in self.requests() {
            let Some(fleet) = fleet_of(&request) else { continue };
            let told = format!("{} {} {}", request.verb, request.path, pod_of(&request));
            if let Some((end, before)) = last.get(&fleet)
                && request.received < *end
            {
                overlaps.push(format!("{told} while {before}"));
            }
            // Of those whose answer was lost, it is not known when the client saw that.
            let end = request.received + request.took.unwrap_or_default();
            last.insert(fleet, (end, told));
        }
        overlaps
    }
}

fn client(mut config: Config) -> Clientset {
    config.user_agent = Some(USER_AGENT.to_owned());
    Clientset::new(&config).expect("the configuration is valid")
}

/// The requests of the controller that are writes, for faults.
pub(crate) fn writes() -> Matcher {
    Matcher::verbs(["create", "delete", "patch"]).user_agent(USER_AGENT)
}

/// What makes a Pod one of its Fleet.
fn facts(pod: &Value) -> Value {
    let metadata = &pod["metadata"];
    let owner = &metadata["ownerReferences"][0];
    let image = &pod["spec"]["containers"][0]["image"];
    let label = &metadata["labels"][FLEET_LABEL];
    json!([metadata["name"], label, owner["uid"], owner["controller"], image, metadata["deletionTimestamp"]])
}

/// The name of the Pod that a request is about.
pub(crate) fn pod_of(request: &Request) -> String {
    match request.verb {
        "create" => text(&request.json().unwrap_or_default()["metadata"]["name"]),
        _ => request.name.clone(),
    }
}

/// The name of the Fleet on whose behalf a request was made; none for those of the informers.
fn fleet_of(request: &Request) -> Option<String> {
    match (request.resource.as_str(), request.verb) {
        ("fleets", "patch") => Some(request.name.clone()),
        ("pods", "create" | "delete") => pod_of(request).rsplit_once('-').map(|(fleet, _)| fleet.to_owned()),
        ("pods", "list") => {
            request.parameter("labelSelector")?.split_once('=').map(|(_, fleet)| fleet.to_owned())
        }
        _ => None,
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Waits until nothing is missing any more.
pub(crate) async fn until(missing: impl Fn() -> Option<String>) {
    let begin = tokio::time::Instant::now();
    while let Some(missing) = missing() {
        assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {missing}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A controller that runs. It is stopped at once when this is dropped.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    /// Asks it to end, and waits for that.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        in_time(self.task).await.expect("the controller does not panic");
    }

    /// Stops it wherever it is, as a crash does.
    pub(crate) async fn crash(self) {
        self.task.abort();
        let ended = in_time(self.task).await;
        assert!(ended.is_err_and(|error| error.is_cancelled()), "it ended before it crashed");
    }
}

pub(crate) async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it ends in time")
}
