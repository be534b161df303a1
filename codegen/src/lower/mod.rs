//! A document of one version to a model: the only stage that judges a document.
//!
//! Every operation ends up as a method of a resource, as a call of the clientset itself, or as skipped with a reason
//! from [`SKIPPED`](crate::skipped::SKIPPED). Anything else is an error that names the call.

mod contract;
mod problem;

pub use problem::{Error, Problem};

use crate::model::{Answer, Call, Key, Method, Model, Resource, Server, Skipped, Type, Verb};
use crate::openapi::{Document, GroupVersionKind, Operation, Parameter};
use crate::options;
use crate::route::Route;
use crate::skipped::{server_call, skip};
use crate::version::{Version, Versions};
use crate::{names, skipped};
use std::collections::{BTreeMap, BTreeSet};

/// Turns the document of one version into a model.
///
/// # Errors
///
/// If an operation has an action, a parameter, a type, a subresource, a body or an answer that the clientset does not
/// know what to do with.
pub fn lower(version: Version, document: &Document) -> Result<Model, Error> {
    let mut lowering = Lowering {
        version,
        document,
        kinds: kinds(document),
        objects: BTreeMap::new(),
        model: Model { versions: Versions::from([version]), ..Model::default() },
    };
    lowering.each(Lowering::name_object)?;
    lowering.each(Lowering::place)?;
    complete(&lowering.model)?;
    Ok(lowering.model)
}

/// Group, version and plural of a resource.
type Name = (String, String, String);

struct Lowering<'a> {
    version: Version,
    document: &'a Document,
    /// Definitions by the kind that they say they are.
    kinds: BTreeMap<&'a GroupVersionKind, BTreeSet<&'a str>>,
    /// The type of each resource's objects.
    objects: BTreeMap<Name, Type>,
    model: Model,
}

fn kinds(document: &Document) -> BTreeMap<&GroupVersionKind, BTreeSet<&str>> {
    let mut kinds: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for (name, definition) in &document.definitions {
        for kind in &definition.kinds {
            kinds.entry(kind).or_default().insert(name);
        }
    }
    kinds
}

impl Lowering<'_> {
    /// Does `step` for every operation.
    fn each(&mut self, step: fn(&mut Self, &Call, &Operation) -> Result<(), Problem>) -> Result<(), Error> {
        let document = self.document;
        for (path, operations) in &document.paths {
            for (method, operation) in operations {
                let call = Call::new(method, path);
                step(self, &call, operation).map_err(|problem| Error { call, problem })?;
            }
        }
        Ok(())
    }

    /// Notes the type of a resource, which the operations on its objects agree on.
    fn name_object(&mut self, call: &Call, operation: &Operation) -> Result<(), Problem> {
        let Some(route) = Route::parse(&call.path) else {
            return Ok(());
        };
        let (None, false, Some(name)) = (&route.subresource, route.watch, name(&route)) else {
            return Ok(());
        };
        let (_, object) = self.object(operation)?;
        let known = self.objects.entry(name).or_insert_with(|| object.clone());
        if *known == object {
            Ok(())
        } else {
            Err(Problem::Kinds { one: known.name.clone(), other: object.name })
        }
    }

    /// Puts an operation where it belongs.
    fn place(&mut self, call: &Call, operation: &Operation) -> Result<(), Problem> {
        if let Some(server) = server_call(call) {
            return self.place_server(call, server, operation);
        }
        let route = Route::parse(&call.path).ok_or(Problem::Path)?;
        if let Some(reason) = skip(&route, operation) {
            let versions = self.versions();
            self.model.skipped.insert(call.clone(), Skipped { reason, versions });
            return Ok(());
        }
        match name(&route) {
            Some(name) => self.place_method(call, operation, &route, name),
            None => self.place_discovery(call, operation, route),
        }
    }

    fn place_server(
        &mut self,
        call: &Call,
        server: &skipped::ServerCall,
        operation: &Operation,
    ) -> Result<(), Problem> {
        contract::plain(operation, server.answer)?;
        parameters(call, operation, None, &BTreeMap::new())?;
        let versions = self.versions();
        self.model.server.insert(call.clone(), Server { accessor: server.accessor, versions });
        Ok(())
    }

    fn place_discovery(&mut self, call: &Call, operation: &Operation, route: Route) -> Result<(), Problem> {
        contract::discovery(call, operation, route.version.is_some())?;
        parameters(call, operation, None, &BTreeMap::new())?;
        if let Some(name) = names::not_a_module(&route.group, route.version.as_deref()) {
            return Err(Problem::Name(name));
        }
        let versions = self.versions();
        let group = self.model.groups.entry(route.group).or_default();
        let calls = match route.version {
            Some(version) => &mut group.versions.entry(version).or_default().discovery,
            None => &mut group.discovery,
        };
        calls.insert(call.clone(), versions);
        Ok(())
    }

    fn place_method(
        &mut self,
        call: &Call,
        operation: &Operation,
        route: &Route,
        (group, version, plural): Name,
    ) -> Result<(), Problem> {
        let verbs = self.verbs(call, route, operation)?;
        let first = verbs.first().copied().ok_or(Problem::Path)?;
        parameters(call, operation, Some(first), &options::expected(first, self.version))?;
        let resource = (group.clone(), version.clone(), plural.clone());
        let object = self.objects.get(&resource).ok_or(Problem::NoObject)?.clone();
        let (sent, answer) = self.checked_types(first, operation, &object)?;
        let versions = self.versions();
        let group = self.model.groups.entry(group).or_default();
        let content = group.versions.entry(version).or_default();
        let resource = content.resources.entry(plural).or_insert_with(|| Resource {
            object,
            namespaced: false,
            methods: BTreeMap::new(),
            in_namespace: BTreeMap::new(),
        });
        resource.namespaced |= route.namespaced;
        let methods = if route.namespaced { &mut resource.in_namespace } else { &mut resource.methods };
        for verb in verbs {
            let key = Key { subresource: route.subresource.clone(), verb };
            let method = Method { object: sent.clone(), answer, calls: BTreeMap::new() };
            methods.entry(key).or_insert(method).calls.insert(call.clone(), versions.clone());
        }
        Ok(())
    }

    /// What one operation means in Kubernetes' words. One operation can stand for two verbs.
    fn verbs(&self, call: &Call, route: &Route, operation: &Operation) -> Result<Vec<Verb>, Problem> {
        let action = operation.action.as_deref().ok_or(Problem::NoAction)?;
        if let Some(subresource) = route.subresource.as_deref() {
            names::subresource(subresource).ok_or_else(|| Problem::Subresource(subresource.to_owned()))?;
        }
        let place = (route.named, route.subresource.as_deref(), route.rest);
        Ok(match (action, call.method.as_str(), place) {
            ("list", "GET", (false, None, false)) if self.can_be_watched(&call.path) => {
                vec![Verb::List, Verb::Watch]
            }
            ("list", "GET", (false, None, false)) => vec![Verb::List],
            ("post", "POST", (false, None, false) | (true, Some(_), false)) => vec![Verb::Create],
            ("deletecollection", "DELETE", (false, None, false)) => vec![Verb::DeleteCollection],
            ("get", "GET", (true, Some("log"), false)) => vec![Verb::Logs],
            ("get", "GET", (true, _, false)) => vec![Verb::Get],
            ("put", "PUT", (true, _, false)) => vec![Verb::Replace],
            ("patch", "PATCH", (true, _, false)) => vec![Verb::Patch, Verb::Apply],
            ("delete", "DELETE", (true, None, false)) => vec![Verb::Delete],
            ("connect", _, (true, Some("proxy"), _)) => vec![Verb::Proxy],
            _ => return Err(Problem::Action(action.to_owned())),
        })
    }

    /// Whether the list has a watch: the documents say so only with the deprecated path.
    fn can_be_watched(&self, path: &str) -> bool {
        let operations = Route::watch_path(path).and_then(|path| self.document.paths.get(&path));
        let action = operations.and_then(|operations| operations.get("GET")?.action.as_deref());
        action == Some("watchlist")
    }

    /// The type that a method sends or reads, and what it answers, after comparing both with what the verb promises.
    fn checked_types(
        &self,
        verb: Verb,
        operation: &Operation,
        object: &Type,
    ) -> Result<(Type, Answer), Problem> {
        if matches!(verb, Verb::Logs | Verb::Proxy) {
            contract::text(operation)?;
            return Ok((object.clone(), Answer::Usual));
        }
        let (definition, sent) = self.object(operation)?;
        let answer = contract::check(verb, operation, definition)?;
        Ok((sent, answer))
    }

    /// The definition and the type of the kind that the operation says it is about.
    fn object(&self, operation: &Operation) -> Result<(&str, Type), Problem> {
        let kind = operation.kind.as_ref().ok_or(Problem::NoKind)?;
        let definitions = self.kinds.get(kind).map(|names| names.iter().copied().collect::<Vec<_>>());
        let Some([definition]) = definitions.as_deref() else {
            return Err(Problem::Kind(kind.clone()));
        };
        let object = names::rust_type(definition).ok_or_else(|| Problem::Type((*definition).to_owned()))?;
        if object.name == kind.kind { Ok((definition, object)) } else { Err(Problem::Kind(kind.clone())) }
    }

    fn versions(&self) -> Versions {
        Versions::from([self.version])
    }
}

fn name(route: &Route) -> Option<Name> {
    Some((route.group.clone(), route.version.clone()?, route.resource.clone()?))
}

/// Compares the parameters of an operation with those that our builder sends.
fn parameters(
    call: &Call,
    operation: &Operation,
    verb: Option<Verb>,
    expected: &BTreeMap<&str, &str>,
) -> Result<(), Problem> {
    let (path, query): (Vec<&Parameter>, Vec<_>) =
        operation.parameters.iter().partition(|parameter| parameter.place == "path");
    let found: BTreeSet<&str> = path.iter().map(|parameter| parameter.name.as_str()).collect();
    if found != BTreeSet::from_iter(Route::placeholders(&call.path)) {
        return Err(Problem::Placeholders);
    }
    let mut missing = expected.clone();
    for parameter in query {
        let skipped = skipped::skips_parameter(&parameter.name, verb);
        if skipped && parameter.place == "query" {
            continue;
        }
        let known = missing.remove(parameter.name.as_str());
        if known != Some(parameter.kind.as_str()) || parameter.place != "query" {
            return Err(Problem::Parameter(parameter.name.clone()));
        }
    }
    match missing.into_keys().next() {
        Some(name) => Err(Problem::MissingParameter(name.to_owned())),
        None => Ok(()),
    }
}

/// Checks what only the whole shows: discovery for each group, and no method that a scope must not have.
fn complete(model: &Model) -> Result<(), Error> {
    for (name, group) in &model.groups {
        let missing = |path| Err(Error { call: Call::new("GET", path), problem: Problem::NoDiscovery });
        if !name.is_empty() && group.discovery.is_empty() {
            return missing(format!("/apis/{name}/"));
        }
        for (version, content) in &group.versions {
            if content.discovery.is_empty() {
                return missing(if name.is_empty() {
                    format!("/api/{version}/")
                } else {
                    format!("/apis/{name}/{version}/")
                });
            }
        }
    }
    for (_, _, _, resource) in model.resources().filter(|(_, _, _, resource)| resource.namespaced) {
        for (key, method) in &resource.methods {
            if let (false, Some(call)) =
                (matches!(key.verb, Verb::List | Verb::Watch), method.calls.keys().next())
            {
                return Err(Error { call: call.clone(), problem: Problem::Scope });
            }
        }
    }
    Ok(())
}
