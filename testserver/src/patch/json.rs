//! JSON patches, with the liberties that servers take: RFC 6902 does not let `replace` add a key, count indices from the
//! end, or copy what is not there.

use super::{MAX_DEPTH, go};
use crate::failure::Failure;
use http::StatusCode;
use serde_json::{Map, Value};

/// How many operations a patch may have.
const MAX_OPERATIONS: usize = 10_000;

/// How many bytes all copies of a patch may add.
const MAX_COPIED: usize = 3 * 1024 * 1024;

/// One operation.
#[derive(Clone, Copy)]
struct Operation<'a>(&'a Value);

/// An operation cannot be carried out.
#[derive(Debug, PartialEq, Eq)]
struct Inapplicable;

/// Applies a JSON patch.
///
/// # Errors
///
/// 400 if it is no list of operations, 413 if it has too many, 422 if one cannot be carried out.
pub(crate) fn json_patch(object: &Value, patch: &Value) -> Result<Value, Failure> {
    let operations = read(patch)?;
    if operations.len() > MAX_OPERATIONS {
        let message = format!(
            "Request entity too large: The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}",
            operations.len()
        );
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message));
    }
    let mut patched = object.clone();
    let mut copied = 0;
    for operation in operations {
        operation.apply(&mut patched, &mut copied).map_err(|Inapplicable| super::rejected())?;
    }
    Ok(patched)
}

fn read(patch: &Value) -> Result<Vec<Operation<'_>>, Failure> {
    let wrong = |value: &Value, place: &str| {
        let kind = go::json_kind(value);
        Failure::bad_request(format!("error decoding patch: json: cannot unmarshal {kind} into Go {place}"))
    };
    let items = match patch {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        other => return Err(wrong(other, "value of type []handlers.jsonPatchOp")),
    };
    let mut operations = Vec::with_capacity(items.len());
    for item in items {
        if !matches!(item, Value::Null | Value::Object(_)) {
            return Err(wrong(item, "value of type handlers.jsonPatchOp"));
        }
        for key in ["op", "path", "from"] {
            match item.get(key) {
                None | Some(Value::Null | Value::String(_)) => {}
                Some(other) => {
                    return Err(wrong(other, &format!("struct field jsonPatchOp.{key} of type string")));
                }
            }
        }
        operations.push(Operation(item));
    }
    Ok(operations)
}

/// What an operation of a JSON patch says that none knows, as strict validation tells it.
pub(crate) fn unknown_fields(patch: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    for (at, item) in patch.as_array().into_iter().flatten().enumerate() {
        for key in item.as_object().into_iter().flat_map(Map::keys) {
            if !["op", "path", "from", "value"].contains(&key.as_str()) {
                unknown.push(format!("json patch unknown field \"[{at}].{key}\""));
            }
        }
    }
    unknown
}

impl<'a> Operation<'a> {
    fn text(self, key: &str) -> Result<&'a str, Inapplicable> {
        self.0.get(key).and_then(Value::as_str).ok_or(Inapplicable)
    }

    fn value(self) -> Value {
        self.0.get("value").cloned().unwrap_or_default()
    }

    fn apply(self, document: &mut Value, copied: &mut usize) -> Result<(), Inapplicable> {
        match self.text("op")? {
            "add" => Place::find(document, self.text("path")?)?.add(self.value()),
            "remove" => Place::find(document, self.text("path")?)?.remove(),
            "replace" => self.replace(document),
            "move" => {
                let mut from = Place::find(document, self.text("from")?)?;
                let value = from.get()?.cloned().unwrap_or_default();
                from.remove()?;
                Place::find(document, self.text("path")?)?.add(value)
            }
            "copy" => {
                let value = Place::find(document, self.text("from")?)?.get()?.cloned().unwrap_or_default();
                *copied += value.to_string().len();
                let target = Place::find(document, self.text("path")?)?;
                if *copied > MAX_COPIED { Err(Inapplicable) } else { target.add(value) }
            }
            "test" => self.test(document),
            _ => Err(Inapplicable),
        }
    }

    fn replace(self, document: &mut Value) -> Result<(), Inapplicable> {
        let path = self.text("path")?;
        if !path.is_empty() {
            return Place::find(document, path)?.replace(self.value());
        }
        match self.value() {
            whole @ (Value::Object(_) | Value::Array(_)) => {
                *document = whole;
                Ok(())
            }
            _ => Err(Inapplicable),
        }
    }

    /// Null is what is not there.
    fn test(self, document: &mut Value) -> Result<(), Inapplicable> {
        let path = self.text("path")?;
        let expected = self.0.get("value").unwrap_or(&Value::Null);
        let same = match path {
            "" => document == expected,
            path => Place::find(document, path)?.get()?.unwrap_or(&Value::Null) == expected,
        };
        if same { Ok(()) } else { Err(Inapplicable) }
    }
}

/// A key of an object, or an index of a list, at which there need not be anything.
struct Place<'a> {
    container: Container<'a>,
    key: String,
    depth: usize,
}

enum Container<'a> {
    Object(&'a mut Map<String, Value>),
    List(&'a mut Vec<Value>),
}

impl<'a> Container<'a> {
    fn of(value: &'a mut Value) -> Result<Self, Inapplicable> {
        match value {
            Value::Object(entries) => Ok(Self::Object(entries)),
            Value::Array(items) => Ok(Self::List(items)),
            _ => Err(Inapplicable),
        }
    }
}

impl<'a> Place<'a> {
    /// The place at a path. What stands before its first slash does not count.
    fn find(document: &'a mut Value, path: &str) -> Result<Self, Inapplicable> {
        let (_, path) = path.split_once('/').ok_or(Inapplicable)?;
        let (parents, key) =
            path.rsplit_once('/').map_or((None, path), |(parents, key)| (Some(parents), key));
        let (mut value, mut depth) = (document, 1);
        for part in parents.into_iter().flat_map(|parents| parents.split('/')) {
            let place = Place { container: Container::of(value)?, key: unescaped(part), depth };
            value = place.into_value()?;
            depth += 1;
        }
        Ok(Place { container: Container::of(value)?, key: unescaped(key), depth })
    }

    fn into_value(self) -> Result<&'a mut Value, Inapplicable> {
        match self.container {
            Container::Object(entries) => entries.get_mut(&self.key).ok_or(Inapplicable),
            Container::List(items) => {
                let at = index(&self.key, items.len())?;
                items.get_mut(at).ok_or(Inapplicable)
            }
        }
    }

    /// What is there. A key of an object need not be; an index of a list must.
    fn get(&self) -> Result<Option<&Value>, Inapplicable> {
        match &self.container {
            Container::Object(entries) => Ok(entries.get(&self.key)),
            Container::List(items) => {
                let at = index(&self.key, items.len())?;
                items.get(at).map(Some).ok_or(Inapplicable)
            }
        }
    }

    /// Refuses a value that would be nested too deeply here: what walks through values could not cope.
    fn check_depth(&self, value: &Value) -> Result<(), Inapplicable> {
        if self.depth + depth(value) > MAX_DEPTH { Err(Inapplicable) } else { Ok(()) }
    }

    fn add(self, value: Value) -> Result<(), Inapplicable> {
        self.check_depth(&value)?;
        match self.container {
            Container::Object(entries) => {
                entries.insert(self.key, value);
            }
            Container::List(items) if self.key == "-" => items.push(value),
            Container::List(items) => {
                let at = index(&self.key, items.len() + 1)?;
                if at > items.len() {
                    return Err(Inapplicable);
                }
                items.insert(at, value);
            }
        }
        Ok(())
    }

    fn replace(self, value: Value) -> Result<(), Inapplicable> {
        self.check_depth(&value)?;
        match self.container {
            Container::Object(entries) => {
                entries.insert(self.key, value);
            }
            Container::List(items) => {
                let at = index(&self.key, items.len())?;
                *items.get_mut(at).ok_or(Inapplicable)? = value;
            }
        }
        Ok(())
    }

    fn remove(&mut self) -> Result<(), Inapplicable> {
        match &mut self.container {
            Container::Object(entries) => entries.remove(&self.key).map(|_| ()).ok_or(Inapplicable),
            Container::List(items) => {
                let at = index(&self.key, items.len())?;
                if at >= items.len() {
                    return Err(Inapplicable);
                }
                items.remove(at);
                Ok(())
            }
        }
    }
}

/// How deep a value is nested.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or_default(),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// An index; a negative one counts from the end.
fn index(key: &str, length: usize) -> Result<usize, Inapplicable> {
    let at: i64 = key.parse().map_err(|_| Inapplicable)?;
    let length = i64::try_from(length).map_err(|_| Inapplicable)?;
    usize::try_from(if at < 0 { at + length } else { at }).map_err(|_| Inapplicable)
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::{json_patch, unknown_fields};
    use serde_json::{Value, json};

    fn patched(patch: Value) -> Value {
        let object = json!({"data": {"x": "1", "a/b": "2", "none": null}, "list": ["a", "b", "c"]});
        match json_patch(&object, &patch) {
            Ok(patched) => patched,
            Err(failure) => json!([failure.code.as_u16(), failure.message]),
        }
    }

    /// The list after one operation on it.
    fn list(operation: Value) -> Value {
        patched(json!([operation]))["list"].clone()
    }

    fn rejected() -> Value {
        json!([422, "the server rejected our request due to an error in our request"])
    }

    #[test]
    fn operations_change_keys_of_objects() {
        let data = patched(json!([
            {"op": "test", "path": "/data/x", "value": "1"},
            {"op": "copy", "from": "/data/x", "path": "/data/y"},
            {"op": "move", "from": "/data/a~1b", "path": "/data/m~0n"},
            {"op": "replace", "path": "/data/x", "value": {"p": 1}},
            {"op": "add", "path": "/data/x/q", "value": 2},
            {"op": "remove", "path": "/data/x/p"},
            {"op": "add", "path": "/data/nothing"}
        ]));
        let expected = json!({"x": {"q": 2}, "y": "1", "m~n": "2", "none": null, "nothing": null});
        assert_eq!(data["data"], expected);
    }

    #[test]
    fn operations_change_items_of_lists() {
        assert_eq!(list(json!({"op": "add", "path": "/list/-", "value": "z"})), json!(["a", "b", "c", "z"]));
        assert_eq!(list(json!({"op": "add", "path": "/list/00", "value": "z"})), json!(["z", "a", "b", "c"]));
        assert_eq!(list(json!({"op": "add", "path": "/list/-2", "value": "z"})), json!(["a", "b", "z", "c"]));
        assert_eq!(list(json!({"op": "remove", "path": "/list/-1"})), json!(["a", "b"]));
        assert_eq!(list(json!({"op": "replace", "path": "/list/1", "value": "z"})), json!(["a", "z", "c"]));
    }

    #[test]
    fn servers_are_lax_about_what_is_not_there() {
        assert_eq!(patched(json!([{"op": "replace", "path": "/new", "value": 1}]))["new"], 1);
        assert_eq!(patched(json!([{"op": "copy", "from": "/nope", "path": "/new"}]))["new"], Value::Null);
        assert_eq!(patched(json!([{"op": "add", "path": "data/z", "value": 1}]))["z"], 1);
        let tests = json!([
            {"op": "test", "path": "/nope", "value": null}, {"op": "test", "path": "/data/none"},
            {"op": "test", "path": "/nope"}
        ]);
        assert_eq!(patched(tests), patched(json!([])));
    }

    #[test]
    fn an_operation_that_cannot_be_carried_out_is_rejected() {
        let operations = [
            json!({"op": "test", "path": "/data/x", "value": "2"}),
            json!({"op": "test", "path": "/data/x"}),
            json!({"op": "remove", "path": "/data/q"}),
            json!({"op": "remove", "path": "/foo/q"}),
            json!({"op": "replace", "path": "/foo/q", "value": "1"}),
            json!({"op": "add", "path": "/data/x/y", "value": "1"}),
            json!({"op": "add", "path": "/data/none/y", "value": "1"}),
            json!({"op": "add", "path": "/list/5", "value": "1"}),
            json!({"op": "add", "path": "/list/-5", "value": "1"}),
            json!({"op": "add", "path": "/list/x", "value": "1"}),
            json!({"op": "remove", "path": "/list/3"}),
            json!({"op": "remove", "path": "/list/-"}),
            json!({"op": "replace", "path": "/list/-4", "value": "1"}),
            json!({"op": "test", "path": "/list/3", "value": "1"}),
            json!({"op": "move", "from": "/nope", "path": "/x"}),
            json!({"op": "copy", "path": "/x"}),
            json!({"op": "copy", "from": "/list/3", "path": "/x"}),
            json!({"op": "frob", "path": "/x"}),
            json!({"path": "/x", "value": "1"}),
            json!({"op": "add", "value": "1"}),
            json!({"op": "add", "path": "", "value": {}}),
            json!({"op": "remove", "path": ""}),
            json!({"op": "replace", "path": "", "value": 3}),
            Value::Null,
        ];
        for operation in operations {
            assert_eq!(patched(json!([operation])), rejected(), "{operation}");
        }
    }

    #[test]
    fn a_document_can_be_replaced() {
        assert_eq!(patched(json!([{"op": "replace", "path": "", "value": {"a": 1}}])), json!({"a": 1}));
        assert_eq!(patched(Value::Null), patched(json!([])));
    }

    #[test]
    fn what_is_no_list_of_operations_is_a_bad_request() {
        let told = |patch: Value| patched(patch)[1].clone();
        let head = "error decoding patch: json: cannot unmarshal";
        assert_eq!(
            told(json!({"op": "add"})),
            format!("{head} object into Go value of type []handlers.jsonPatchOp")
        );
        assert_eq!(told(json!([3])), format!("{head} number into Go value of type handlers.jsonPatchOp"));
        assert_eq!(
            told(json!([{"op": "add", "path": true}])),
            format!("{head} bool into Go struct field jsonPatchOp.path of type string")
        );
    }

    #[test]
    fn a_patch_has_a_bound_on_operations_and_on_copies() {
        let test = json!({"op": "test", "path": "/data/x", "value": "1"});
        let message =
            "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001";
        assert_eq!(patched(Value::Array(vec![test; 10_001])), json!([413, message]));
        let mut copies = vec![json!({"op": "add", "path": "/a", "value": "x".repeat(1024)})];
        copies.extend((0..3_060).map(|at| json!({"op": "copy", "from": "/a", "path": format!("/b{at}")})));
        assert!(patched(Value::Array(copies.clone())).is_object());
        copies.extend((0..10).map(|at| json!({"op": "copy", "from": "/a", "path": format!("/c{at}")})));
        assert_eq!(patched(Value::Array(copies)), rejected());
    }

    #[test]
    fn a_patch_does_not_nest_values_ever_deeper() {
        let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({"a": inner}));
        let operations = |levels: usize| {
            let path = format!("/d{}", "/a".repeat(60));
            json!([{"op": "add", "path": "/d", "value": deep(60)}, {"op": "add", "path": path, "value": deep(levels)}])
        };
        assert!(patched(operations(65)).is_object());
        assert_eq!(patched(operations(67)), rejected());
    }

    #[test]
    fn fields_that_no_operation_has_are_found() {
        let patch = json!([{"op": "add", "path": "/a", "value": 1}, {"op": "add", "from": "", "bogus": 1}]);
        assert_eq!(unknown_fields(&patch), ["json patch unknown field \"[1].bogus\""]);
    }
}
