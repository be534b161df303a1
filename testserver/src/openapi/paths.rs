//! From resources to paths and operations.

use super::operation::{
    ANY, Body, CUSTOM, CUSTOM_PATCHES, JSON, Kind, LIST, LOG, OBJECT, Operation, PATCHES, Path, Type,
};
use super::parameter::{self, LOG_PATH, NAME, NAMESPACE, PATH, PRETTY, Parameter};
use crate::catalog::{Resource, Snapshot, Subresource, Text};
use crate::deletion;
use crate::discovery;

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";

fn meta(name: &str) -> Text {
    format!("{META}{name}").into()
}

/// All paths.
pub(super) fn all(snapshot: &Snapshot) -> Vec<Path> {
    let mut paths = about();
    for (group, versions) in &snapshot.groups {
        let built_in = discovery::is_built_in(snapshot, group);
        if built_in && !group.is_empty() {
            paths.push(plain(format!("/apis/{group}/"), Type::Definition(meta("APIGroup")), OBJECT));
        }
        for (version, resources) in versions {
            let root = if group.is_empty() {
                format!("/api/{version}/")
            } else {
                format!("/apis/{group}/{version}/")
            };
            if built_in {
                paths.push(plain(root, Type::Definition(meta("APIResourceList")), OBJECT));
            }
            resources.values().for_each(|resource| of_resource(resource, &mut paths));
        }
    }
    paths
}

/// What is not about resources.
fn about() -> Vec<Path> {
    let mut log = plain("/logs/{logpath}".into(), Type::Untold, &[]);
    log.parameters.push(LOG_PATH);
    log.home = "logs".into();
    let info: Text = "io.k8s.apimachinery.pkg.version.Info".into();
    vec![
        plain("/.well-known/openid-configuration/".into(), Type::Text, JSON),
        plain("/api/".into(), Type::Definition(meta("APIVersions")), OBJECT),
        plain("/apis/".into(), Type::Definition(meta("APIGroupList")), OBJECT),
        plain("/logs/".into(), Type::Untold, &[]),
        log,
        plain("/openid/v1/jwks/".into(), Type::Text, &["application/jwk-set+json"]),
        plain("/version/".into(), Type::Definition(info), JSON),
    ]
}

fn plain(path: String, answer: Type, produces: &'static [&'static str]) -> Path {
    let home = path.trim_matches('/').to_owned();
    let codes: &[&str] = if answer == Type::Untold { &[] } else { &["200"] };
    let read = Operation { codes, ..Operation::read(answer, produces) };
    Path { path, home, parameters: Vec::new(), operations: vec![read] }
}

/// A resource, on the way to its paths.
struct Builder<'a> {
    resource: &'a Resource,
    kind: Kind,
    home: String,
    /// The path of the version.
    root: String,
    /// The path of objects in their namespace, without the root.
    collection: String,
    /// The parameters of that path.
    parameters: Vec<Parameter>,
}

fn of_resource(resource: &Resource, paths: &mut Vec<Path>) {
    let home = if resource.group.is_empty() {
        format!("api/{}", resource.version)
    } else {
        format!("apis/{}/{}", resource.group, resource.version)
    };
    let Resource { group, version, kind, plural, .. } = resource;
    let builder = Builder {
        resource,
        kind: Kind { group: group.clone(), version: version.clone(), kind: kind.clone() },
        root: format!("/{home}"),
        home,
        collection: if resource.namespaced {
            format!("/namespaces/{{namespace}}/{plural}")
        } else {
            format!("/{plural}")
        },
        parameters: if resource.namespaced { vec![NAMESPACE] } else { Vec::new() },
    };
    builder.collection(paths);
    builder.object(paths);
    resource.subresources.iter().for_each(|subresource| builder.subresource(subresource, paths));
    if resource.custom.is_none() && resource.has_verb("watch") {
        builder.old_watches(paths);
    }
}

impl Builder<'_> {
    fn is_custom(&self) -> bool {
        self.resource.custom.is_some()
    }

    fn path(&self, below: &str, parameters: &[Parameter], operations: Vec<Operation>, paths: &mut Vec<Path>) {
        if !operations.is_empty() {
            let path = format!("{}{below}", self.root);
            paths.push(Path { path, home: self.home.clone(), parameters: parameters.to_vec(), operations });
        }
    }

    fn with(&self, more: &[Parameter]) -> Vec<Parameter> {
        more.iter().chain(&self.parameters).copied().collect()
    }

    fn read(&self, action: &'static str, answer: Text, parameters: Vec<Parameter>) -> Operation {
        let (object, list) = if self.is_custom() { (CUSTOM, CUSTOM) } else { (OBJECT, LIST) };
        let produces = if action == "list" { list } else { object };
        let read = Operation::read(Type::Definition(answer), produces);
        Operation { action: Some(action), kind: Some(self.kind.clone()), parameters, ..read }
    }

    fn list(&self) -> Operation {
        let list = format!("{}List", self.resource.definition);
        self.read("list", list.into(), parameter::of_list())
    }

    /// Reading one object. Of custom ones, old versions can be asked for.
    fn get(&self, definition: &Text) -> Operation {
        let parameters = if self.is_custom() { vec![parameter::RESOURCE_VERSION] } else { Vec::new() };
        self.read("get", definition.clone(), parameters)
    }

    /// Media types of objects that are sent.
    fn sent(&self) -> &'static [&'static str] {
        if self.is_custom() { CUSTOM } else { ANY }
    }

    /// Sending an object.
    fn write(&self, method: &'static str, definition: &Text) -> Operation {
        Operation {
            method,
            action: Some(method),
            parameters: parameter::WRITE.to_vec(),
            body: Some(Body { definition: definition.clone(), media_types: self.sent(), required: true }),
            codes: if method == "post" { &["200", "201", "202"] } else { &["200", "201"] },
            ..self.read("", definition.clone(), Vec::new())
        }
    }

    fn patch(&self, definition: &Text) -> Operation {
        let media_types = if self.is_custom() { CUSTOM_PATCHES } else { PATCHES };
        Operation {
            parameters: parameter::PATCH.to_vec(),
            codes: if self.is_custom() { &["200"] } else { &["200", "201"] },
            body: Some(Body { definition: meta("Patch"), media_types, required: true }),
            ..Operation { action: Some("patch"), method: "patch", ..self.write("put", definition) }
        }
    }

    fn delete(&self, action: &'static str, answer: Text) -> Operation {
        let one = action == "delete";
        let options =
            || Body { definition: meta("DeleteOptions"), media_types: self.sent(), required: false };
        let parameters = match (one, self.is_custom()) {
            (true, _) => parameter::of_delete(),
            (false, false) => parameter::of_delete_collection(),
            (false, true) => parameter::of_list(),
        };
        Operation {
            method: "delete",
            body: (one || !self.is_custom()).then(options),
            codes: if one { &["200", "202"] } else { &["200"] },
            ..self.read(action, answer, parameters)
        }
    }

    /// All objects, in a namespace if they live there.
    fn collection(&self, paths: &mut Vec<Path>) {
        let resource = self.resource;
        let mut operations = Vec::new();
        if resource.has_verb("list") {
            operations.push(self.list());
        }
        if resource.has_verb("create") {
            operations.push(self.write("post", &resource.definition));
        }
        if resource.has_verb("deletecollection") {
            operations.push(self.delete("deletecollection", meta("Status")));
        }
        self.path(&self.collection, &self.with(&[PRETTY]), operations, paths);
        if resource.namespaced && resource.has_verb("list") {
            // It is for watches too, and has its parameters where they are for both.
            self.path(&format!("/{}", resource.plural), &[PRETTY], vec![self.list()], paths);
        }
    }

    fn object(&self, paths: &mut Vec<Path>) {
        let resource = self.resource;
        let definition = &resource.definition;
        let mut operations = Vec::new();
        if resource.has_verb("get") {
            operations.push(self.get(definition));
        }
        if resource.has_verb("update") {
            operations.push(self.write("put", definition));
        }
        if resource.has_verb("patch") {
            operations.push(self.patch(definition));
        }
        if resource.has_verb("delete") {
            let answers_with_object =
                deletion::answers_with_object(resource) && resource.plural != "namespaces";
            let answer = if answers_with_object { definition.clone() } else { meta("Status") };
            operations.push(self.delete("delete", answer));
        }
        let below = format!("{}/{{name}}", self.collection);
        self.path(&below, &self.with(&[NAME, PRETTY]), operations, paths);
    }

    fn subresource(&self, subresource: &Subresource, paths: &mut Vec<Path>) {
        let below = format!("{}/{{name}}/{}", self.collection, subresource.name);
        let Subresource { group, version, kind, .. } = subresource;
        let kind = Kind { group: group.clone(), version: version.clone(), kind: kind.clone() };
        let of = Builder {
            kind: if self.is_custom() { self.kind.clone() } else { kind },
            home: self.home.clone(),
            root: self.root.clone(),
            collection: String::new(),
            parameters: self.parameters.clone(),
            resource: self.resource,
        };
        if let Some(parameters) = parameter::of_connect(&subresource.name) {
            return of.connect(&below, &parameters, paths);
        }
        let definition = definition(self.resource, subresource);
        let has = |verb: &str| subresource.verbs.contains(&verb);
        let mut operations = Vec::new();
        if has("get") && subresource.name == "log" {
            let read = Operation::read(Type::Text, LOG);
            let parameters = parameter::LOG.to_vec();
            operations.push(Operation {
                action: Some("get"),
                kind: Some(of.kind.clone()),
                parameters,
                ..read
            });
        } else if has("get") {
            operations.push(of.get(&definition));
        }
        if has("update") {
            operations.push(of.write("put", &definition));
        }
        if has("patch") {
            operations.push(of.patch(&definition));
        }
        if has("create") {
            operations.push(of.write("post", &definition));
        }
        self.path(&below, &self.with(&[NAME, PRETTY]), operations, paths);
    }

    /// What is behind an object.
    fn connect(&self, below: &str, query: &[Parameter], paths: &mut Vec<Path>) {
        let methods: &[&'static str] = if below.ends_with("/proxy") {
            &["delete", "get", "head", "options", "patch", "post", "put"]
        } else {
            &["get", "post"]
        };
        let operation = |method: &&'static str| Operation {
            method,
            action: Some("connect"),
            kind: Some(self.kind.clone()),
            ..Operation::read(Type::Text, ANY)
        };
        let operations: Vec<Operation> = methods.iter().map(operation).collect();
        let parameters = [&self.with(&[NAME]), query].concat();
        self.path(below, &parameters, operations.clone(), paths);
        if below.ends_with("/proxy") {
            self.path(&format!("{below}/{{path}}"), &[parameters, vec![PATH]].concat(), operations, paths);
        }
    }

    /// The paths that watches had once.
    fn old_watches(&self, paths: &mut Vec<Path>) {
        let watch = |action| {
            vec![Operation { action: Some(action), ..self.read("list", meta("WatchEvent"), Vec::new()) }]
        };
        let query = [parameter::of_list(), vec![PRETTY]].concat();
        let all = format!("/watch/{}", self.resource.plural);
        self.path(&all, &query, watch("watchlist"), paths);
        let collection = format!("/watch{}", self.collection);
        if self.resource.namespaced {
            self.path(&collection, &self.with(&query), watch("watchlist"), paths);
        }
        let named = [vec![NAME], query].concat();
        if self.resource.has_verb("get") {
            self.path(&format!("{collection}/{{name}}"), &self.with(&named), watch("watch"), paths);
        }
    }
}

/// What is sent to a subresource, and what comes back.
fn definition(resource: &Resource, subresource: &Subresource) -> Text {
    let own = (&subresource.group, &subresource.version, &subresource.kind)
        == (&resource.group, &resource.version, &resource.kind);
    if own {
        return resource.definition.clone();
    }
    let group = match subresource.group.split('.').next() {
        None | Some("") => "core",
        Some(name) => name,
    };
    format!("io.k8s.api.{group}.{}.{}", subresource.version, subresource.kind).into()
}
