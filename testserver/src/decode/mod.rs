//! Bodies of requests to objects, with the server's words for what is wrong with them.

mod syntax;

use crate::catalog::{Resource, Snapshot};
use crate::failure::Failure;
use serde_json::{Map, Value};

/// How much of a body a message shows, in bytes.
const SHOWN: usize = 30;

/// Reads a body that is to be an object of a resource, and sets its `apiVersion` and `kind` if it has none.
///
/// # Errors
///
/// 400 if it is not JSON, or of another kind or version.
pub(crate) fn object(body: &[u8], resource: &Resource, snapshot: &Snapshot) -> Result<Value, Failure> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let mistake = syntax::mistake(body).unwrap_or_else(|| error.to_string());
        unrecognized(body, resource, &format!("couldn't get version/kind; json parse error: {mistake}"))
    })?;
    let mut map = match value {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => {
            let why = format!(
                "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go value of type struct \
                 {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
                kind_of(&other)
            );
            return Err(unrecognized(body, resource, &why));
        }
    };
    let (version, kind) = (text(&map, "apiVersion", body, resource)?, text(&map, "kind", body, resource)?);
    check_type(&version, &kind, body, resource, snapshot)?;
    map.insert("apiVersion".into(), resource.api_version().into());
    map.insert("kind".into(), resource.kind.as_ref().into());
    Ok(Value::Object(map))
}

/// What is wrong with a text that is not JSON.
pub(crate) fn mistake(text: &[u8]) -> Option<String> {
    syntax::mistake(text)
}

fn text(map: &Map<String, Value>, key: &str, body: &[u8], resource: &Resource) -> Result<String, Failure> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => {
            let why = format!(
                "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go struct field \
                 .{key} of type string",
                kind_of(other)
            );
            Err(unrecognized(body, resource, &why))
        }
    }
}

/// What Go's decoder calls a value.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn unrecognized(body: &[u8], resource: &Resource, why: &str) -> Failure {
    let kind = &resource.kind;
    Failure::bad_request(format!(
        "the object provided is unrecognized (must be of type {kind}): {why} ({})",
        summary(body)
    ))
}

/// The start of a body, for messages.
fn summary(body: &[u8]) -> String {
    let start = body.get(..SHOWN).unwrap_or(body);
    let more = if body.len() > SHOWN { " ..." } else { "" };
    match body.first() {
        None => "<empty>".into(),
        Some(b'{') => format!("{}{more}", String::from_utf8_lossy(start)),
        Some(_) => {
            let hexadecimal: String = start.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{hexadecimal}{more}")
        }
    }
}

/// Checks that an object says it is what the path is for.
fn check_type(
    version: &str,
    kind: &str,
    body: &[u8],
    resource: &Resource,
    snapshot: &Snapshot,
) -> Result<(), Failure> {
    let expected = resource.api_version();
    let version = if version.is_empty() { &expected } else { version };
    let kind = if kind.is_empty() { &resource.kind } else { kind };
    if version == expected && kind == resource.kind {
        return Ok(());
    }
    let (group, short) = match version.split('/').collect::<Vec<_>>()[..] {
        [version] => ("", version),
        [group, version] => (group, version),
        _ => {
            let why = format!("unexpected GroupVersion string: {version}");
            return Err(unrecognized(body, resource, &why));
        }
    };
    let cannot = |why: String| {
        Failure::bad_request(format!(
            "{kind} in version {short:?} cannot be handled as a {}: {why}",
            resource.kind
        ))
    };
    let item = kind.strip_suffix("List").unwrap_or(kind);
    let known = snapshot.kind(group, short, kind).or_else(|| snapshot.kind(group, short, item));
    if known.is_none() {
        return Err(cannot(format!(
            "no kind {kind:?} is registered for version {version:?} in scheme \"pkg/runtime/scheme.go:111\""
        )));
    }
    if kind != resource.kind || group != resource.group {
        let internal = resource.group.split('.').next().filter(|group| !group.is_empty()).unwrap_or("core");
        return Err(cannot(format!(
            "converting ({short}.{kind}) to ({internal}.{}): unknown conversion",
            resource.kind
        )));
    }
    Err(Failure::bad_request(format!(
        "the API version in the data ({version}) does not match the expected API version ({expected})"
    )))
}
