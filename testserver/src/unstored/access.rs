//! What somebody may do.

use super::made;
use crate::answer::Answer;
use crate::auth::{self, Attributes};
use crate::call::Call;
use crate::failure::{Cause, Failure, Named};
use crate::managed_fields;
use crate::object;
use crate::user::User;
use crate::verbs;
use serde_json::{Map, Value, json};

/// Whom a review is about, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Asker,
    Anybody,
    AnybodyInNamespace,
}

pub(super) fn review(call: &Call) -> Result<Answer, Failure> {
    let about = match call.resource.plural.as_ref() {
        "selfsubjectaccessreviews" => About::Asker,
        "localsubjectaccessreviews" => About::AnybodyInNamespace,
        _ => About::Anybody,
    };
    let options = call.write_options("CreateOptions")?;
    let mut warnings = Vec::new();
    let mut review = verbs::read_body(call, &options, &mut warnings)?;
    let metadata = object::meta_mut(&mut review);
    for key in [
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "generation",
    ] {
        metadata.remove(key);
    }
    verbs::place(call, &mut review)?;
    managed_fields::of_create(call, &mut review, &options);
    let causes = check(&review, about);
    if !causes.is_empty() {
        // The server forgets the kind before it tells of it.
        let named = Named { group: &call.resource.group, resource: "" };
        return Err(Failure::invalid(named, "", causes));
    }
    let spec = &review["spec"];
    let user = if about == About::Asker { call.user.clone() } else { user(spec) };
    let decision = auth::authorize(&call.server, &user, &attributes(spec));
    let mut status = json!({"allowed": decision.allowed});
    if !decision.reason.is_empty() {
        status["reason"] = decision.reason.into();
    }
    review["status"] = status;
    Ok(made(call, &review, warnings))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The user of a specification, who is what it says and nothing else.
fn user(spec: &Value) -> User {
    let extra = spec["extra"].as_object().into_iter().flatten();
    User {
        name: text(spec, "user"),
        uid: text(spec, "uid"),
        groups: texts(&spec["groups"]),
        extra: extra.map(|(key, values)| (key.clone(), texts(values))).collect(),
    }
}

fn attributes(spec: &Value) -> Attributes {
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    if resource.is_null() {
        return Attributes { verb: text(other, "verb"), path: text(other, "path"), ..Attributes::default() };
    }
    Attributes {
        verb: text(resource, "verb"),
        group: text(resource, "group"),
        resource: text(resource, "resource"),
        subresource: text(resource, "subresource"),
        namespace: text(resource, "namespace"),
        name: text(resource, "name"),
        path: String::new(),
    }
}

fn check(review: &Value, about: About) -> Vec<Cause> {
    let spec = &review["spec"];
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    let mut causes = Vec::new();
    if resource.is_null() == other.is_null() {
        let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
        causes.push(Cause::invalid("spec", &internal(other), detail));
    }
    let nobody = text(spec, "user").is_empty() && texts(&spec["groups"]).is_empty();
    if about != About::Asker && nobody {
        let detail = "at least one of user or group must be specified";
        causes.push(Cause::invalid("spec.user", &Value::from(""), detail));
    }
    for kind in ["fieldSelector", "labelSelector"] {
        check_selector(&resource[kind], &format!("spec.resourceAttributes.{kind}"), &mut causes);
    }
    check_metadata(review, about, &mut causes);
    if about == About::AnybodyInNamespace {
        let namespace = text(resource, "namespace");
        if !resource.is_null() && namespace != object::meta(review, "namespace") {
            let detail = "must match metadata.namespace";
            causes.push(Cause::invalid("spec.resourceAttributes.namespace", &namespace.into(), detail));
        }
        if !other.is_null() {
            let detail = "disallowed on this kind of request";
            causes.push(Cause::invalid("spec.nonResourceAttributes", &internal(other), detail));
        }
    }
    causes
}

/// Attributes that are no resource's, as messages show them.
fn internal(attributes: &Value) -> Value {
    if attributes.is_null() {
        return Value::Null;
    }
    json!({"Path": text(attributes, "path"), "Verb": text(attributes, "verb")})
}

fn check_selector(selector: &Value, path: &str, causes: &mut Vec<Cause>) {
    if selector.is_null() {
        return;
    }
    let raw = text(selector, "rawSelector");
    let requirements = selector["requirements"].as_array().is_some_and(|list| !list.is_empty());
    if !raw.is_empty() && requirements {
        let detail = "may not specified at the same time as requirements";
        causes.push(Cause::invalid(format!("{path}.rawSelector"), &raw.into(), detail));
    } else if raw.is_empty() && !requirements {
        let detail = format!("when {path} is specified, requirements or rawSelector is required");
        causes.push(Cause::required(format!("{path}.requirements"), &detail));
    }
}

fn check_metadata(review: &Value, about: About, causes: &mut Vec<Cause>) {
    let metadata = review["metadata"].as_object();
    let allowed =
        |key: &str| key == "managedFields" || (key == "namespace" && about == About::AnybodyInNamespace);
    let Some(metadata) = metadata.filter(|metadata| !metadata.keys().all(|key| allowed(key))) else { return };
    let detail = match about {
        About::AnybodyInNamespace => "must be empty except for namespace",
        About::Asker | About::Anybody => "must be empty",
    };
    let message = format!("Invalid value: {}: {detail}", in_order(metadata));
    causes.push(Cause { reason: "FieldValueInvalid", field: "metadata".into(), message });
}

/// Metadata as messages show it: with its fields in the order of their definition.
fn in_order(metadata: &Map<String, Value>) -> String {
    const FIELDS: [&str; 8] = [
        "name",
        "generateName",
        "namespace",
        "resourceVersion",
        "labels",
        "annotations",
        "ownerReferences",
        "finalizers",
    ];
    const OF_MANAGERS: [&str; 7] =
        ["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"];
    let shown = |map: &Map<String, Value>, fields: &[&str]| {
        let fields = fields.iter().filter_map(|field| Some(format!("\"{field}\":{}", map.get(*field)?)));
        fields.collect::<Vec<_>>()
    };
    let mut parts = shown(metadata, &FIELDS);
    if let Some(managers) = metadata.get("managedFields").and_then(Value::as_array) {
        let managers = managers.iter().filter_map(Value::as_object);
        let managers = managers.map(|manager| format!("{{{}}}", shown(manager, &OF_MANAGERS).join(",")));
        parts.push(format!("\"managedFields\":[{}]", managers.collect::<Vec<_>>().join(",")));
    }
    format!("{{{}}}", parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::{About, attributes, check};
    use serde_json::{Value, json};

    fn fields(review: &Value, about: About) -> Vec<String> {
        check(review, about).into_iter().map(|cause| cause.field).collect()
    }

    #[test]
    fn a_review_is_about_a_resource_or_a_path_and_not_about_both() {
        assert_eq!(fields(&json!({"spec": {}}), About::Asker), ["spec"]);
        let both = json!({"spec": {"resourceAttributes": {}, "nonResourceAttributes": {"path": "/x"}}});
        assert_eq!(fields(&both, About::Asker), ["spec"]);
        assert_eq!(fields(&json!({"spec": {"resourceAttributes": {}}}), About::Asker), [""; 0]);
    }

    #[test]
    fn a_review_of_others_names_them_and_stays_in_its_namespace() {
        let review =
            json!({"metadata": {"namespace": "x"}, "spec": {"resourceAttributes": {"namespace": "y"}}});
        assert_eq!(
            fields(&review, About::AnybodyInNamespace),
            ["spec.user", "spec.resourceAttributes.namespace"]
        );
        assert_eq!(fields(&review, About::Anybody), ["spec.user", "metadata"]);
    }

    #[test]
    fn attributes_are_those_of_the_specification() {
        let spec = json!({"resourceAttributes": {"verb": "get", "resource": "pods", "subresource": "log"}});
        let attributes = attributes(&spec);
        assert_eq!((attributes.verb.as_str(), attributes.subresource.as_str()), ("get", "log"));
    }
}
