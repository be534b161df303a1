//! One request to a resource, as verbs see it.

use crate::accept::{Encoding, REPRESENTATIONS, View};
use crate::answer::{Answer, encode, partial_metadata};
use crate::catalog::{Resource, StorageKey};
use crate::failure::{Cause, Failure, Named};
use crate::managed_fields::validate_manager;
use crate::patch::{self, configuration};
use crate::protobuf::{self, Unreadable};
use crate::query::Query;
use crate::route::ResourceRoute;
use crate::server::Server;
use crate::store::{Entry, ObjectKey};
use crate::table::{Form, IncludeObject, TableKind, table_of_one};
use crate::user::User;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// One request to a resource.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The server that was asked.
    pub(crate) server: Arc<Server>,
    /// What is asked for, in discovery's words.
    pub(crate) verb: &'static str,
    /// Of what.
    pub(crate) route: ResourceRoute,
    /// The resource.
    pub(crate) resource: Arc<Resource>,
    /// The options.
    pub(crate) query: Query,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// What was sent.
    pub(crate) body: Bytes,
    /// Who asks.
    pub(crate) user: User,
    /// The form of the answer.
    pub(crate) view: View,
    /// How the answer is written.
    pub(crate) encoding: Encoding,
}

/// Options of verbs that change something.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteOptions {
    /// Nothing is stored.
    pub(crate) dry_run: bool,
    /// What to do about fields that the type does not have.
    pub(crate) field_validation: FieldValidation,
    /// Who owns what is changed, if the request says so.
    pub(crate) field_manager: Option<String>,
    /// Whether an apply takes fields that others own.
    pub(crate) force: bool,
}

/// What to do about fields that a type does not have, and about fields that are there twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FieldValidation {
    /// Nothing.
    Ignore,
    /// Warn.
    #[default]
    Warn,
    /// Refuse.
    Strict,
}

impl Call {
    /// A request that the server makes itself because of this one.
    pub(crate) fn of_the_server(&self, route: ResourceRoute, resource: Arc<Resource>) -> Self {
        Self {
            server: self.server.clone(),
            verb: "update",
            route,
            resource,
            query: Query::default(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            user: User::admin(),
            view: View::Object,
            encoding: Encoding::Json,
        }
    }

    /// Where the resource's objects are stored.
    pub(crate) fn storage_key(&self) -> StorageKey {
        self.resource.storage_key()
    }

    /// The key of the object that the path names.
    pub(crate) fn object_key(&self) -> ObjectKey {
        ObjectKey::new(self.route.namespace.as_str(), self.route.name.as_str())
    }

    /// The object that the path names.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(crate) fn stored(&self) -> Result<Arc<Entry>, Failure> {
        let entry = self.server.store.get(&self.storage_key(), &self.object_key());
        entry.ok_or_else(|| self.not_found())
    }

    /// That there is no such object.
    pub(crate) fn not_found(&self) -> Failure {
        Failure::not_found(self.resource.named(), &self.route.name)
    }

    /// The options of a verb that changes something, called `kind` in messages (`CreateOptions`).
    ///
    /// # Errors
    ///
    /// If one has a value that it cannot have.
    pub(crate) fn write_options(&self, kind: &str) -> Result<WriteOptions, Failure> {
        let field_manager = self.query.text("fieldManager").map(str::to_owned);
        let mut causes = self.manager_causes(kind, field_manager.as_deref());
        let dry_run: Vec<Value> = self.query.all("dryRun").map(Value::from).collect();
        if !dry_run.is_empty() && dry_run.iter().any(|value| value != "All") {
            causes.push(Cause::not_supported("dryRun", &Value::Array(dry_run.clone()), &["All"]));
        }
        let field_validation = match self.query.text("fieldValidation") {
            None | Some("Warn") => FieldValidation::Warn,
            Some("Strict") => FieldValidation::Strict,
            Some("Ignore") => FieldValidation::Ignore,
            Some(other) => {
                let supported = ["", "Ignore", "Strict", "Warn"];
                causes.push(Cause::not_supported("fieldValidation", &Value::from(other), &supported));
                FieldValidation::Warn
            }
        };
        if !causes.is_empty() {
            let failure = Failure::invalid(Named { group: "meta.k8s.io", resource: kind }, "", causes);
            return Err(failure);
        }
        let force = self.query.flag("force");
        Ok(WriteOptions { dry_run: !dry_run.is_empty(), field_validation, field_manager, force })
    }

    /// What is wrong with what a request says about who owns what it changes.
    fn manager_causes(&self, kind: &str, field_manager: Option<&str>) -> Vec<Cause> {
        let mut causes = Vec::new();
        if self.is_apply() {
            if field_manager.is_none() {
                causes.push(Cause::required("fieldManager", "is required for apply patch"));
            }
        } else if kind == "PatchOptions" && self.query.get("force").is_some() {
            causes.push(Cause::forbidden("force", "may not be specified for non-apply patch"));
        }
        causes.extend(validate_manager(field_manager.unwrap_or_default(), "fieldManager"));
        causes
    }

    /// The media type of the body, without parameters.
    pub(crate) fn media_type(&self) -> &str {
        let header = self.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        header.unwrap_or("application/json").split(';').next().unwrap_or_default().trim()
    }

    /// The body as JSON, which it is or which is made of it. What protobuf does not say of itself, `expected` does: a
    /// version and a kind; `refuse` tells why it cannot be read.
    ///
    /// # Errors
    ///
    /// If it is of a media type that the server does not read, or no document of the one that it says to be of.
    pub(crate) fn document(
        &self,
        expected: (&str, &str),
        refuse: impl FnOnce(Unreadable) -> Failure,
    ) -> Result<Cow<'_, [u8]>, Failure> {
        match self.media_type() {
            "application/json" | "" => Ok(Cow::Borrowed(&self.body)),
            "application/yaml" => {
                let unreadable = |error: String| {
                    Failure::bad_request(format!("error converting YAML to JSON: yaml: {error}"))
                };
                let text = str::from_utf8(&self.body).map_err(|error| unreadable(error.to_string()))?;
                let value = configuration::yaml(text).map_err(|error| unreadable(error.to_string()))?;
                Ok(Cow::Owned(value.to_string().into_bytes()))
            }
            protobuf::MEDIA_TYPE => {
                let value = protobuf::read(&self.body, expected).map_err(refuse)?;
                Ok(Cow::Owned(value.to_string().into_bytes()))
            }
            _ => Err(Failure::unsupported_media_type(REPRESENTATIONS)),
        }
    }

    /// Whether this applies a configuration.
    pub(crate) fn is_apply(&self) -> bool {
        self.verb == "patch" && self.media_type() == patch::APPLY
    }

    /// The answer that is a stored object.
    pub(crate) fn answer_entry(&self, code: StatusCode, entry: &Entry) -> Answer {
        match self.view {
            View::Object => Answer::json(code, encode(entry, &self.resource)),
            _ => self.answer_object(code, &crate::answer::stored_object(entry, &self.resource)),
        }
    }

    /// The answer that is an object.
    pub(crate) fn answer_object(&self, code: StatusCode, object: &Value) -> Answer {
        let answer = match self.view {
            View::Object => Ok(Answer::value(code, object)),
            _ => self.shown(object, true).map(|shown| Answer::value(code, &shown)),
        };
        answer.unwrap_or_else(Answer::from)
    }

    /// An object in the form that the client wants; a table names its columns, or not.
    ///
    /// # Errors
    ///
    /// If a table is wanted with something that tables do not have.
    pub(crate) fn shown(&self, object: &Value, headers: bool) -> Result<Value, Failure> {
        let kind = object["kind"].as_str().unwrap_or_default();
        Ok(match self.view {
            View::Object => object.clone(),
            _ if kind == "Status" => object.clone(),
            View::Metadata(version) | View::MetadataList(version) => partial_metadata(object, version),
            View::Table(version) if kind == self.resource.kind => {
                table_of_one(&self.resource.table, object, self.form(version, headers)?)
            }
            View::Table(version) => {
                let group = object["apiVersion"].as_str().and_then(|version| version.split_once('/'));
                let columns = TableKind::built_in(group.map_or("", |(group, _)| group), kind);
                table_of_one(&columns, object, self.form(version, headers)?)
            }
        })
    }

    /// How a table is asked for.
    ///
    /// # Errors
    ///
    /// If something is wanted in it that tables do not have.
    pub(crate) fn form(&self, version: &'static str, headers: bool) -> Result<Form, Failure> {
        let include = IncludeObject::parse(self.query.get("includeObject"))?;
        Ok(Form { version, include, headers })
    }
}
