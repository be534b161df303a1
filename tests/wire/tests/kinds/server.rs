//! A real API server: every resource reads the same in JSON and in protobuf, and what is sent as protobuf is taken as its
//! JSON is. `cargo xtask e2e` runs this.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use kubeset_rest::{Config, KubeconfigOverrides, PatchType, RateLimit, Request, RestClient};
use serde_json::{Value, json};

use crate::document::Document;
use crate::generated::KINDS;
use crate::{Typed, assert_none, difference};

const JSON: &str = "application/json";
pub(crate) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// Resources of which there is no object: why none can be made here.
const EMPTY: [(&str, &str); 3] = [
    ("/apis/certificates.k8s.io/v1/podcertificaterequests", "its key must be signed anew"),
    ("/apis/certificates.k8s.io/v1beta1/podcertificaterequests", "its key must be signed anew"),
    ("/apis/lifecycle.k8s.io/v1alpha1/evictions", "a controller makes them"),
];

/// A resource, as discovery tells of it.
struct Resource {
    /// Its own path, such as `/apis/apps/v1/deployments`.
    path: String,
    version: String,
    kind: String,
    is_namespaced: bool,
    has_status: bool,
}

/// The configuration of the cluster's administrator, without a rate limit.
pub(crate) fn config() -> Config {
    let mut overrides = KubeconfigOverrides::default();
    overrides.context = Some("admin".to_owned());
    let mut config = Config::from_kubeconfig(None, &overrides).unwrap();
    config.rate_limit = RateLimit::Unlimited;
    config
}

struct Server {
    client: RestClient,
    resources: Vec<Resource>,
    /// What each kind's type does, by `apiVersion` and `kind`.
    types: BTreeMap<(String, String), Typed>,
    unique: String,
}

impl Server {
    async fn connect() -> Self {
        let client = RestClient::unversioned(&config()).unwrap();
        let document = Document::read();
        let types = KINDS.iter().flat_map(|(definition, typed)| {
            document.type_meta(definition).into_iter().map(|type_meta| (type_meta, *typed))
        });
        let types = types.collect();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let mut server = Self { client, resources: Vec::new(), types, unique: format!("wire-{now}") };
        server.resources = server.discover().await;
        server
    }

    async fn discover(&self) -> Vec<Resource> {
        let mut group_versions = vec!["/api/v1".to_owned()];
        let groups = self.json(self.client.get().abs_path("/apis")).await.unwrap();
        let groups = groups["groups"].as_array().unwrap().iter();
        let versions = groups.flat_map(|group| group["versions"].as_array().unwrap());
        let versions = versions.map(|version| version["groupVersion"].as_str().unwrap());
        // Custom resources have no protobuf, and other servers need not be there.
        let built_in = versions.filter(|version| kubeset_protobuf::is_built_in(version));
        group_versions.extend(built_in.map(|version| format!("/apis/{version}")));
        let mut found = Vec::new();
        for path in group_versions {
            let list = self.json(self.client.get().abs_path(&path)).await.unwrap();
            let resources = list["resources"].as_array().unwrap();
            let is_there = |name: &str| resources.iter().any(|resource| resource["name"] == *name);
            let can_be_listed =
                |resource: &&Value| resource["verbs"].as_array().unwrap().contains(&json!("list"));
            found.extend(resources.iter().filter(can_be_listed).map(|resource| {
                let name = resource["name"].as_str().unwrap();
                Resource {
                    path: format!("{path}/{name}"),
                    version: list["groupVersion"].as_str().unwrap().to_owned(),
                    kind: resource["kind"].as_str().unwrap().to_owned(),
                    is_namespaced: resource["namespaced"] == true,
                    has_status: is_there(&format!("{name}/status")),
                }
            }));
        }
        found
    }

    async fn raw(&self, request: Request, accept: &str) -> Result<Vec<u8>, String> {
        let answer = request.header("accept", accept).send_raw().await.map_err(|error| error.to_string())?;
        let body = answer.body.to_vec();
        if answer.code.is_success() { Ok(body) } else { Err(String::from_utf8_lossy(&body).into_owned()) }
    }

    async fn json(&self, request: Request) -> Result<Value, String> {
        let body = self.raw(request, JSON).await?;
        serde_json::from_slice(&body).map_err(|error| error.to_string())
    }

    fn typed(&self, version: &str, kind: &str) -> Result<Typed, String> {
        let key = (version.to_owned(), kind.to_owned());
        self.types.get(&key).copied().ok_or_else(|| format!("{kind} of {version} has no type"))
    }

    fn resource(&self, object: &Value) -> &Resource {
        let is_it = |resource: &&Resource| {
            object["apiVersion"] == *resource.version && object["kind"] == *resource.kind
        };
        self.resources.iter().find(is_it).unwrap_or_else(|| panic!("the server has no {object}"))
    }

    /// The collection that an object belongs into.
    fn collection(&self, object: &Value) -> String {
        let resource = self.resource(object);
        if !resource.is_namespaced {
            return resource.path.clone();
        }
        let (group, plural) = resource.path.rsplit_once('/').unwrap();
        format!("{group}/namespaces/{}/{plural}", self.unique)
    }

    /// The objects of the file, for this run.
    async fn objects(&self) -> Vec<Value> {
        let authority = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
        let authority = self.json(self.client.get().abs_path(authority)).await.unwrap();
        let request = include_str!("../../../tests/e2e/request.pem");
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kinds/objects.yaml"))
            .unwrap()
            .replace("{unique}", &self.unique)
            .replace("{namespace}", &self.unique);
        let options = serde_saphyr::options! { strict_booleans: true };
        let mut objects: Vec<Value> = serde_saphyr::from_multiple_with_options(&text, options).unwrap();
        for object in &mut objects {
            match object["kind"].as_str().unwrap() {
                "CertificateSigningRequest" => object["spec"]["request"] = base64(request.as_bytes()).into(),
                "ClusterTrustBundle" => {
                    object["spec"]["trustBundle"] = authority["data"]["client-ca-file"].clone()
                }
                _ => {}
            }
        }
        objects
    }

    /// Reads both formats and compares: without a type, and as the type.
    async fn compare(&self, path: &str, query: &[(&str, &str)], typed: Typed) -> Result<Value, String> {
        let get = || {
            let request = self.client.get().abs_path(path);
            query.iter().fold(request, |request, (name, value)| request.query(*name, *value))
        };
        let (json, protobuf, untyped) = loop {
            let json = self.json(get()).await?;
            let protobuf = self.raw(get(), PROTOBUF).await?;
            let untyped: Value =
                kubeset_protobuf::from_slice(&protobuf).map_err(|error| format!("untyped: {error}"))?;
            // Some parts of a server change objects of their own. An object never has the same version twice.
            if json["metadata"]["resourceVersion"] == untyped["metadata"]["resourceVersion"] {
                break (json, protobuf, untyped);
            }
        };
        let untyped = sorted(untyped);
        different("untyped", &without_nothing(&sorted(json.clone()), &untyped), &untyped)?;
        different("typed", &sorted(typed.normalise(&json)?), &sorted(typed.read(&protobuf)?))?;
        Ok(json)
    }

    /// Lists a resource in both formats, at the same revision.
    async fn compare_lists(&self, resource: &Resource) -> Result<usize, String> {
        let typed = self.typed(&resource.version, &format!("{}List", resource.kind))?;
        let list = self.json(self.client.get().abs_path(&resource.path)).await?;
        let revision = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        let exact = [("resourceVersion", revision), ("resourceVersionMatch", "Exact")];
        // What is not stored has no revision.
        let query = if revision.is_empty() { &[][..] } else { &exact };
        let list = self.compare(&resource.path, query, typed).await?;
        Ok(list["items"].as_array().map_or(0, Vec::len))
    }

    /// Sends an object in both formats, and compares what became of them; then once more as protobuf, to stay.
    async fn send(&self, request: impl Fn() -> Request, object: &Value, typed: Typed) -> Result<(), String> {
        let dry = || request().query("dryRun", "All");
        let json = typed.normalise(object)?.to_string();
        let protobuf = typed.write(object)?;
        let as_json = self.json(dry().header("content-type", JSON).body(json)).await?;
        let as_protobuf = self.json(dry().header("content-type", PROTOBUF).body(protobuf.clone())).await?;
        different("sent", &comparable(as_json), &comparable(as_protobuf))?;
        let stored = self.raw(request().header("content-type", PROTOBUF).body(protobuf), PROTOBUF).await?;
        typed.read(&stored).map(drop)
    }

    /// Creates an object, writes its status, and reads it in both formats.
    async fn create(&self, object: &Value) -> Result<(), String> {
        let typed = self.typed(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap())?;
        let collection = self.collection(object);
        self.send(|| self.client.post().abs_path(&collection), object, typed).await?;
        let path = format!("{collection}/{}", object["metadata"]["name"].as_str().unwrap());
        if self.resource(object).has_status && object["status"].is_object() {
            let set = async || self.set_status(&path, &object["status"], typed).await;
            // Some parts of a server change objects of their own.
            let outcome = match set().await {
                Err(problem) if problem.contains("Conflict") => set().await,
                outcome => outcome,
            };
            outcome.map_err(|error| format!("status: {error}"))?;
        }
        self.compare(&path, &[], typed).await.map(drop)
    }

    async fn set_status(&self, path: &str, status: &Value, typed: Typed) -> Result<(), String> {
        let mut object = typed.read(&self.raw(self.client.get().abs_path(path), PROTOBUF).await?)?;
        object["status"] = status.clone();
        let path = format!("{path}/status");
        self.send(|| self.client.put().abs_path(&path), &object, typed).await
    }

    /// Takes away what other tests could see.
    async fn delete(&self, object: &Value) -> Result<(), String> {
        let name = object["metadata"]["name"].as_str().unwrap();
        let path = format!("{}/{name}", self.collection(object));
        self.raw(self.client.delete().abs_path(&path), JSON).await?;
        let finalizers = self
            .client
            .patch(PatchType::Merge)
            .abs_path(&path)
            .json(&json!({"metadata": {"finalizers": null}}));
        // Without finalizers it is gone already.
        drop(self.raw(finalizers, JSON).await);
        Ok(())
    }
}

fn different(what: &str, one: &Value, other: &Value) -> Result<(), String> {
    difference("", one, other).map_or(Ok(()), |difference| Err(format!("{what}: {difference}")))
}

/// A list in the order of the names: what is not stored comes in any order.
fn sorted(mut list: Value) -> Value {
    let name = |item: &Value| item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    if let Some(Value::Array(items)) = list.get_mut("items") {
        items.sort_by_key(name);
    }
    list
}

/// JSON without those empty lists and `null`s that protobuf does not have.
fn without_nothing(json: &Value, protobuf: &Value) -> Value {
    match (json, protobuf) {
        (Value::Object(json), Value::Object(protobuf)) => {
            let is_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            // An object within another says what it is only in JSON.
            let may_miss =
                |name: &str, value: &Value| is_nothing(value) || matches!(name, "apiVersion" | "kind");
            let kept =
                json.iter().filter(|(name, value)| protobuf.contains_key(*name) || !may_miss(name, value));
            let member = |(name, value): (&String, &Value)| {
                (name.clone(), without_nothing(value, protobuf.get(name).unwrap_or(&Value::Null)))
            };
            Value::Object(kept.map(member).collect())
        }
        (Value::Array(json), Value::Array(protobuf)) => {
            let nothing = Value::Null;
            let others = protobuf.iter().chain(std::iter::repeat(&nothing));
            json.iter().zip(others).map(|(json, protobuf)| without_nothing(json, protobuf)).collect()
        }
        _ => json.clone(),
    }
}

/// An object without what is another each time that one is made.
fn comparable(object: Value) -> Value {
    let uid = object["metadata"]["uid"].as_str().unwrap_or("none");
    let mut object: Value = serde_json::from_str(&object.to_string().replace(uid, "")).unwrap();
    for name in ["creationTimestamp", "resourceVersion"] {
        object["metadata"][name].take();
    }
    for entry in object["metadata"]["managedFields"].as_array_mut().into_iter().flatten() {
        entry["time"].take();
    }
    if object["kind"] == "Service" {
        for name in ["clusterIP", "clusterIPs", "healthCheckNodePort"] {
            object["spec"][name].take();
        }
    }
    object
}

fn base64(bytes: &[u8]) -> String {
    serde_json::to_value(k8s_openapi::ByteString(bytes.to_vec())).unwrap().as_str().unwrap().to_owned()
}

#[tokio::test]
#[ignore = "needs a real API server: cargo xtask e2e"]
async fn every_resource_reads_the_same_in_both_formats_and_takes_both() {
    let server = Server::connect().await;
    let namespace = json!({"metadata": {"name": server.unique}});
    server.json(server.client.post().abs_path("/api/v1/namespaces").json(&namespace)).await.unwrap();
    let objects = server.objects().await;
    let mut problems = Vec::new();
    let mut created = Vec::new();
    for object in &objects {
        match server.create(object).await {
            Ok(()) => created.push(object),
            Err(problem) => problems.push(format!("{} {}: {problem}", object["apiVersion"], object["kind"])),
        }
    }
    let (mut counts, mut empty) = (BTreeMap::new(), BTreeSet::new());
    for resource in &server.resources {
        match server.compare_lists(resource).await {
            Ok(0) => drop(empty.insert(resource.path.as_str())),
            Ok(count) => drop(counts.insert(resource.path.as_str(), count)),
            Err(problem) => problems.push(format!("{}: {problem}", resource.path)),
        }
    }
    for object in objects.iter().filter(|object| !server.resource(object).is_namespaced) {
        if let Err(problem) = server.delete(object).await
            && created.contains(&object)
        {
            problems.push(format!("deletion of {}: {problem}", object["kind"]));
        }
    }
    let items: usize = counts.values().sum();
    println!(
        "{} objects sent; {items} objects of {} resources compared; empty: {empty:?}",
        created.len(),
        counts.len()
    );
    assert_none(&problems, objects.len() + server.resources.len());
    assert_eq!(empty, EMPTY.map(|(path, _)| path).into());
}
