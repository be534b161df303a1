//! Many objects: now, at a version, or page by page.

use crate::accept::{Encoding, View};
use crate::answer::{Answer, Content, encode_list, partial_metadata, stored_object};
use crate::call::Call;
use crate::catalog::Resource;
use crate::failure::{Cause, Failure, Named};
use crate::protobuf;
use crate::selector::FieldSelector;
use crate::store::{Compacted, Entry, Listing, ObjectKey, Range, Store};
use crate::table::table;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use kubeset_selectors::LabelSelector;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long a list waits for a version that has not come to be yet.
const PATIENCE: Duration = Duration::from_secs(3);

/// Which objects a list, a watch or a deletion is about.
#[derive(Debug)]
pub(super) struct Selection {
    labels: LabelSelector,
    fields: FieldSelector,
    /// The one object that the path names; a watch may name one.
    name: String,
    /// None for all namespaces.
    pub(super) namespace: Option<String>,
    /// A custom resource that has changed, and maybe which fields select.
    changed: Option<Arc<Resource>>,
}

impl Selection {
    /// What the path and the selectors of a request say.
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        let labels = LabelSelector::parse(call.query.get("labelSelector").unwrap_or_default())?;
        let fields = call.query.get("fieldSelector").unwrap_or_default();
        let version = call.resource.api_version();
        let fields = FieldSelector::parse(fields, &call.resource.selectable, &version)?;
        let namespace = Some(call.route.namespace.clone()).filter(|namespace| !namespace.is_empty());
        let has_changed = call.resource.custom.as_ref().is_some_and(|custom| custom.has_changed);
        let changed = (has_changed && !fields.is_everything()).then(|| call.resource.clone());
        Ok(Self { labels, fields, name: call.route.name.clone(), namespace, changed })
    }

    /// Whether it selects all objects of its namespaces.
    fn is_everything(&self) -> bool {
        self.labels.is_everything() && self.fields.is_everything()
    }

    /// Whether it selects an object in a state.
    pub(super) fn matches(&self, entry: &Entry) -> bool {
        let key = &entry.key;
        (self.name.is_empty() || self.name == key.name)
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
            && self.labels.matches(entry.index.labels.as_slice())
            && match &self.changed {
                Some(resource) => {
                    let fields = resource.selectable.of(&stored_object(entry, resource));
                    self.fields.matches(&key.namespace, &key.name, &fields)
                }
                None => self.fields.matches(&key.namespace, &key.name, &entry.index.fields),
            }
    }
}

/// Which version a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// The latest.
    Latest,
    /// Any that is at least as new.
    NotOlderThan(u64),
    /// Exactly this one.
    Exactly(u64),
}

/// Reads a version.
///
/// # Errors
///
/// What is wrong with it, for a refusal that depends on the verb.
pub(super) fn revision(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        let told = format!("strconv.ParseUint: parsing {text:?}: invalid syntax");
        Cause::invalid("resourceVersion", &Value::from(text), &told).to_string()
    })
}

/// Waits until there is a version, for a while.
///
/// # Errors
///
/// 504 if it does not come to be.
pub(super) async fn wait_for(store: &Store, revision: u64) -> Result<(), Failure> {
    let mut revisions = store.revisions();
    let come = revisions.wait_for(|latest| *latest >= revision);
    match tokio::time::timeout(PATIENCE, come).await {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::too_large_resource_version(revision, store.revision())),
    }
}

/// The rules about `resourceVersion`, `resourceVersionMatch` and `continue`.
fn at(call: &Call, limit: usize) -> Result<At, Failure> {
    let query = &call.query;
    let version = query.text("resourceVersion");
    let continues = query.text("continue").is_some();
    let mut causes = Vec::new();
    let mut forbid = |field: &str, detail: &str| causes.push(Cause::forbidden(field, detail));
    let matched = query.text("resourceVersionMatch");
    if matched.is_some() {
        if version.is_none() {
            forbid(
                "resourceVersionMatch",
                "resourceVersionMatch is forbidden unless resourceVersion is provided",
            );
        }
        if continues {
            forbid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        }
    }
    match matched {
        Some("Exact") if version == Some("0") => forbid(
            "resourceVersionMatch",
            "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
        ),
        None | Some("Exact" | "NotOlderThan") => {}
        Some(other) => causes.push(Cause::not_supported(
            "resourceVersionMatch",
            &Value::from(other),
            &["Exact", "NotOlderThan", ""],
        )),
    }
    if query.get("sendInitialEvents").is_some() {
        causes.push(Cause::forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
    }
    if !causes.is_empty() {
        return Err(Failure::invalid(Named { group: "meta.k8s.io", resource: "ListOptions" }, "", causes));
    }
    let Some(version) = version else { return Ok(At::Latest) };
    let number =
        revision(version).map_err(|why| Failure::bad_request(format!("invalid resource version: {why}")))?;
    Ok(match matched {
        _ if number == 0 => At::Latest,
        Some("Exact") => At::Exactly(number),
        None if limit > 0 => At::Exactly(number),
        _ => At::NotOlderThan(number),
    })
}

/// Where a page goes on.
#[derive(Debug, PartialEq, Eq)]
struct Continue {
    /// None for the latest version, whatever the pages before showed.
    revision: Option<u64>,
    after: ObjectKey,
}

impl Continue {
    fn read(token: &str) -> Result<Self, Failure> {
        let invalid = |why: &str| {
            Failure::bad_request(format!("invalid continue token: continue key is not valid: {why}"))
        };
        let bytes = URL_SAFE_NO_PAD
            .decode(token.trim_end_matches('='))
            .map_err(|_| invalid("illegal base64 data at input byte 0"))?;
        let token: Value = serde_json::from_slice(&bytes).map_err(|error| invalid(&error.to_string()))?;
        let text = |key: &str| token[key].as_str().unwrap_or_default().to_owned();
        if token["v"] != "meta.k8s.io/v1" {
            return Err(invalid(&format!("server does not recognize this encoded version {}", text("v"))));
        }
        let revision = match token["rv"].as_i64() {
            Some(-1) => None,
            Some(revision) if revision > 0 => u64::try_from(revision).ok(),
            _ => return Err(invalid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")),
        };
        Ok(Self { revision, after: ObjectKey::new(text("namespace"), text("name")) })
    }

    fn write(&self) -> String {
        let revision = self.revision.map_or(json!(-1), Value::from);
        let token = json!({
            "v": "meta.k8s.io/v1",
            "rv": revision,
            "namespace": self.after.namespace,
            "name": self.after.name,
        });
        URL_SAFE_NO_PAD.encode(token.to_string())
    }
}

/// Lists objects.
pub(super) async fn list(call: &Call) -> Result<Answer, Failure> {
    select(call).await?.answer(call)
}

/// What a list, or the deletion of a collection, is about.
#[derive(Debug)]
pub(super) struct Selected {
    listing: Listing,
    metadata: Value,
}

impl Selected {
    /// The objects, as they were.
    pub(super) fn entries(&self) -> &[Arc<Entry>] {
        &self.listing.entries
    }

    /// The answer that is a list of them, which have been deleted.
    pub(super) fn answer_deleted(mut self, call: &Call) -> Result<Answer, Failure> {
        self.listing.passed_over = false;
        self.answer(call)
    }

    /// The answer that is a list of them.
    pub(super) fn answer(self, call: &Call) -> Result<Answer, Failure> {
        answer(call, &self.listing, self.metadata)
    }
}

/// Finds the objects that a request selects.
pub(super) async fn select(call: &Call) -> Result<Selected, Failure> {
    let selection = Selection::of(call)?;
    call.query.number("timeoutSeconds")?;
    let limit = usize::try_from(call.query.number("limit")?.unwrap_or_default()).unwrap_or_default();
    // Kubernetes answers version 0 from a cache that knows no pages.
    let limit = if call.query.get("resourceVersion") == Some("0") && call.query.text("continue").is_none() {
        0
    } else {
        limit
    };
    let (range, continued) = range(call, &selection, limit).await?;
    let most = if limit == 0 { usize::MAX } else { limit };
    let listing = call
        .server
        .store
        .list(&call.storage_key(), &range, most, |entry| selection.matches(entry))
        .map_err(|compacted| expired(compacted, continued.as_ref()))?;
    let metadata = list_metadata(&listing, &selection, call);
    Ok(Selected { listing, metadata })
}

/// Which objects, as of which version; and where the pages before ended.
async fn range(
    call: &Call,
    selection: &Selection,
    limit: usize,
) -> Result<(Range, Option<Continue>), Failure> {
    let at = at(call, limit)?;
    let namespace = selection.namespace.clone();
    let store = &call.server.store;
    if let Some(token) = call.query.text("continue") {
        if call.query.text("resourceVersion").is_some_and(|version| version != "0") {
            return Err(Failure::bad_request(
                "specifying resource version is not allowed when using continue",
            ));
        }
        let token = Continue::read(token)?;
        let range = Range { namespace, after: Some(token.after.clone()), revision: token.revision };
        return Ok((range, Some(token)));
    }
    let revision = match at {
        At::Latest => None,
        At::Exactly(revision) => Some(revision),
        At::NotOlderThan(revision) => {
            wait_for(store, revision).await?;
            None
        }
    };
    wait_for(store, revision.unwrap_or_default()).await?;
    Ok((Range { namespace, after: None, revision }, None))
}

fn list_metadata(listing: &Listing, selection: &Selection, call: &Call) -> Value {
    let mut metadata = json!({"resourceVersion": listing.revision.to_string()});
    // It always stands in lists of what no Go type says the form of.
    if call.resource.custom.is_some() && matches!(call.view, View::Object) {
        metadata["continue"] = "".into();
    }
    if listing.remaining > 0
        && let Some(last) = listing.entries.last()
    {
        let token = Continue { revision: Some(listing.revision), after: last.key.clone() };
        metadata["continue"] = token.write().into();
        if selection.is_everything() {
            metadata["remainingItemCount"] = listing.remaining.into();
        }
    }
    metadata
}

fn answer(call: &Call, listing: &Listing, metadata: Value) -> Result<Answer, Failure> {
    let resource = &call.resource;
    let entries = listing.entries.iter().map(AsRef::as_ref);
    let objects = || listing.entries.iter().map(|entry| stored_object(entry, resource));
    Ok(match call.view {
        // Where there was something to select from, kube-apiserver has no list, and else an empty one.
        View::Object if listing.entries.is_empty() && listing.passed_over && resource.custom.is_none() => {
            Answer::value(StatusCode::OK, &nothing(&resource.list_kind, &resource.api_version(), &metadata))
        }
        View::Metadata(version) | View::MetadataList(version)
            if listing.entries.is_empty() && listing.passed_over =>
        {
            let version = format!("meta.k8s.io/{version}");
            Answer::value(StatusCode::OK, &nothing("PartialObjectMetadataList", &version, &metadata))
        }
        View::Object if call.encoding == Encoding::Protobuf => {
            let list = protobuf::write_list(resource, &metadata, &listing.entries);
            let list = list.map_err(|error| Failure::unwritable(&error.to_string()))?;
            Answer::new(StatusCode::OK, Content::Protobuf(list))
        }
        View::Object => Answer::json(StatusCode::OK, encode_list(resource, &metadata, entries)),
        View::Metadata(version) | View::MetadataList(version) => {
            let items: Vec<Value> = objects().map(|object| partial_metadata(&object, version)).collect();
            let list = json!({
                "kind": "PartialObjectMetadataList",
                "apiVersion": format!("meta.k8s.io/{version}"),
                "metadata": metadata,
                "items": items,
            });
            Answer::value(StatusCode::OK, &list)
        }
        View::Table(version) => {
            let objects: Vec<Value> = objects().collect();
            Answer::value(
                StatusCode::OK,
                &table(&resource.table, &objects, call.form(version, true)?, metadata),
            )
        }
    })
}

/// A list without even an empty list in it.
fn nothing(kind: &str, api_version: &str, metadata: &Value) -> Value {
    json!({"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": null})
}

/// A version that is forgotten: of a page, with a token that goes on without it.
fn expired(compacted: Compacted, continued: Option<&Continue>) -> Failure {
    let Some(token) = continued else {
        return Failure::expired(format!(
            "The resourceVersion for the provided list is too old. ({} < {})",
            compacted.wanted, compacted.oldest
        ));
    };
    let mut failure = Failure::expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list \
         without the continue parameter, or use the continue token in this response to retrieve the remainder of the \
         results. Continuing with the provided token results in an inconsistent list - objects that were created, \
         modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    );
    failure.continues = Some(Continue { revision: None, after: token.after.clone() }.write());
    failure
}

#[cfg(test)]
mod tests {
    use super::{Continue, ObjectKey};

    #[test]
    fn a_token_leads_back_to_where_it_was_made() {
        for revision in [Some(7), None] {
            let token = Continue { revision, after: ObjectKey::new("prod", "web-0") };
            assert_eq!(Continue::read(&token.write()), Ok(token));
        }
        assert!(Continue::read("nonsense").is_err());
    }
}
