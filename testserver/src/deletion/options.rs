//! How somebody wants objects deleted: by the body of the request, or else by its parameters.

use crate::call::Call;
use crate::failure::{Cause, Failure, Named};
use crate::kinds;
use crate::protobuf::Unreadable;
use crate::query::Query;
use crate::schema::Schema;
use serde_json::{Value, json};

const DEFINITION: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";

/// What happens to those that depend on a deleted object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagation {
    /// They stay, without their owner.
    Orphan,
    /// They are deleted afterwards.
    Background,
    /// They are deleted first.
    Foreground,
}

/// How somebody wants objects deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeleteOptions {
    /// In seconds.
    pub(crate) grace_period: Option<i64>,
    /// What happens to dependents.
    pub(crate) propagation: Option<Propagation>,
    /// Nothing is stored.
    pub(crate) dry_run: bool,
    /// Only an object with this identifier.
    pub(crate) uid: Option<String>,
    /// Only an object in this version.
    pub(crate) resource_version: Option<String>,
    /// Whether dependents were said, in the old way, not to be orphaned.
    pub(crate) cascades: bool,
}

impl DeleteOptions {
    /// That dependents go afterwards, as controllers delete.
    pub(crate) fn in_background() -> Self {
        Self { propagation: Some(Propagation::Background), ..Self::default() }
    }

    /// Reads the options of a request: those of its body, if there is one, and otherwise its parameters.
    ///
    /// # Errors
    ///
    /// If they are no options, or contradict each other.
    pub(crate) fn read(call: &Call) -> Result<Self, Failure> {
        if call.body.is_empty() {
            return Self::of(&parameters(&call.query)?);
        }
        let body = call.document(("v1", "DeleteOptions"), |unreadable| match unreadable {
            Unreadable::Envelope(why) | Unreadable::Object(why) => Failure::bad_request(why),
        })?;
        Self::of(&options(&body, call)?)
    }

    /// Reads the options that a document is.
    ///
    /// # Errors
    ///
    /// If they contradict each other.
    pub(crate) fn of(options: &Value) -> Result<Self, Failure> {
        let policy = options["propagationPolicy"].as_str();
        let orphan = options["orphanDependents"].as_bool();
        let dry_run = options["dryRun"].as_array().map_or(&[] as &[Value], Vec::as_slice);
        let mut causes = Vec::new();
        if policy.is_some() && orphan.is_some() {
            let detail = "orphanDependents and deletionPropagation cannot be both set";
            causes.push(Cause::invalid("propagationPolicy", &Value::from(policy), detail));
        }
        let propagation = match (policy, orphan) {
            (Some("Orphan"), _) | (None, Some(true)) => Some(Propagation::Orphan),
            (Some("Background"), _) | (None, Some(false)) => Some(Propagation::Background),
            (Some("Foreground"), _) => Some(Propagation::Foreground),
            (None, None) => None,
            (Some(other), _) => {
                let supported = ["Foreground", "Background", "Orphan", "nil"];
                causes.push(Cause::not_supported("propagationPolicy", &Value::from(other), &supported));
                None
            }
        };
        if dry_run.iter().any(|value| value != "All") {
            causes.push(Cause::not_supported("dryRun", &Value::from(dry_run), &["All"]));
        }
        if !causes.is_empty() {
            let named = Named { group: "meta.k8s.io", resource: "DeleteOptions" };
            return Err(Failure::invalid(named, "", causes));
        }
        let text = |key: &str| options["preconditions"][key].as_str().map(str::to_owned);
        Ok(Self {
            grace_period: options["gracePeriodSeconds"].as_i64(),
            propagation,
            dry_run: !dry_run.is_empty(),
            uid: text("uid"),
            resource_version: text("resourceVersion"),
            cascades: orphan == Some(false),
        })
    }
}

/// Options as parameters. Preconditions are none of them.
fn parameters(query: &Query) -> Result<Value, Failure> {
    let dry_run: Vec<&str> = query.all("dryRun").collect();
    let mut options = json!({"dryRun": dry_run});
    if let Some(text) = query.get("gracePeriodSeconds") {
        let failed = |_| Failure::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax"));
        options["gracePeriodSeconds"] = text.parse::<i64>().map_err(failed)?.into();
    }
    if let Some(policy) = query.get("propagationPolicy") {
        options["propagationPolicy"] = policy.into();
    }
    if query.get("orphanDependents").is_some() {
        options["orphanDependents"] = query.flag("orphanDependents").into();
    }
    Ok(options)
}

/// Options as a body, which says that it is one of any group, or does not say what it is.
fn options(body: &[u8], call: &Call) -> Result<Value, Failure> {
    let schema = Schema::definition(DEFINITION).unwrap_or_else(|| Schema::any());
    let options = kinds::decode_plain(body, schema, "DeleteOptions").map_err(Failure::bad_request)?;
    let said = |key: &str| options[key].as_str().filter(|text| !text.is_empty());
    let api_version = said("apiVersion");
    if api_version.is_some_and(|version| version.matches('/').count() > 1) {
        let version = api_version.unwrap_or_default();
        return Err(Failure::bad_request(format!("unexpected GroupVersion string: {version}")));
    }
    if let Some(kind) = said("kind").filter(|kind| *kind != "DeleteOptions") {
        let default = if call.resource.custom.is_some() {
            call.resource.api_version()
        } else {
            "meta.k8s.io/v1".into()
        };
        let version = api_version.unwrap_or(&default);
        return Err(Failure::bad_request(format!(
            "no kind {kind:?} is registered for version {version:?} in scheme \"pkg/runtime/scheme.go:111\""
        )));
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::{DeleteOptions, Propagation, parameters};
    use crate::query::Query;
    use serde_json::json;

    #[test]
    fn the_old_way_to_say_what_happens_to_dependents_still_means_something() {
        let said = |orphan: bool| DeleteOptions::of(&json!({"orphanDependents": orphan})).unwrap();
        assert_eq!((said(true).propagation, said(true).cascades), (Some(Propagation::Orphan), false));
        assert_eq!((said(false).propagation, said(false).cascades), (Some(Propagation::Background), true));
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let options = json!({"propagationPolicy": "x", "orphanDependents": true, "dryRun": ["All", "Some"]});
        let causes = DeleteOptions::of(&options).unwrap_err().details.causes;
        let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
        assert_eq!(fields, ["propagationPolicy", "propagationPolicy", "dryRun"]);
    }

    #[test]
    fn parameters_say_the_same_as_a_body_but_for_preconditions() {
        let query =
            Query::parse("gracePeriodSeconds=5&propagationPolicy=Orphan&dryRun=All&preconditions.uid=x");
        let options = DeleteOptions::of(&parameters(&query).unwrap()).unwrap();
        let expected = DeleteOptions {
            grace_period: Some(5),
            propagation: Some(Propagation::Orphan),
            dry_run: true,
            ..DeleteOptions::default()
        };
        assert_eq!(options, expected);
        assert!(parameters(&Query::parse("gracePeriodSeconds=x")).is_err());
    }
}
