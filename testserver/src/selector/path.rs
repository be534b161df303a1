//! JSONPath as custom resource definitions use it: `.status.conditions[?(@.type=="Ready")].status`.
//!
//! This is the dialect of Kubernetes, which is older than the standard, as far as a path to values goes: no text
//! around it, no `range`.

mod parser;

use serde_json::{Number, Value};
use std::cmp::Ordering;

/// A path into a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonPath {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    /// All members of an object or a list.
    Members,
    /// The value itself and all in it that have members.
    Descendants,
    Slice(Slice),
    Union(Vec<JsonPath>),
    Filter(Filter),
}

/// `[start:end:step]`, or one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    start: i64,
    /// To the end of the list, if it is left out.
    end: Option<i64>,
    /// Whether the end only says that one element is meant.
    single: bool,
    step: i64,
}

#[derive(Clone, Debug, PartialEq)]
struct Filter {
    left: JsonPath,
    /// Without one, the left side must only be there.
    test: Option<(Comparison, Operand)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Path(JsonPath),
    Value(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl JsonPath {
    /// Reads a path, or nothing if the text is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        parser::parse(text)
    }

    /// All values at the path, or nothing if it does not fit the value: an index into what is no list, say.
    pub(crate) fn find<'a>(&self, value: &'a Value) -> Option<Vec<&'a Value>> {
        let mut found = vec![value];
        for step in &self.steps {
            found = step.apply(&found)?;
        }
        Some(found)
    }
}

impl Step {
    fn apply<'a>(&self, input: &[&'a Value]) -> Option<Vec<&'a Value>> {
        let mut output = Vec::new();
        match self {
            Self::Field(name) => output.extend(input.iter().filter_map(|value| value.get(name))),
            Self::Members => output.extend(input.iter().flat_map(|value| members(value))),
            Self::Descendants => input.iter().for_each(|value| descend(value, &mut output)),
            Self::Union(paths) => {
                for path in paths {
                    for value in input {
                        output.extend(path.find(value)?);
                    }
                }
            }
            Self::Slice(slice) => {
                for value in input.iter().filter(|value| !value.is_null()) {
                    output.extend(slice.of(value.as_array()?)?);
                }
            }
            Self::Filter(filter) => {
                for value in input {
                    for element in value.as_array()? {
                        if filter.holds(element)? {
                            output.push(element);
                        }
                    }
                }
            }
        }
        Some(output)
    }
}

fn members(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(object) => object.values().collect(),
        _ => Vec::new(),
    }
}

fn descend<'a>(value: &'a Value, output: &mut Vec<&'a Value>) {
    let members = members(value);
    if !members.is_empty() {
        output.push(value);
        members.into_iter().for_each(|member| descend(member, output));
    }
}

impl Slice {
    /// The elements, or nothing if the bounds are not within the list.
    fn of<'a>(&self, list: &'a [Value]) -> Option<Vec<&'a Value>> {
        let length = i64::try_from(list.len()).ok()?;
        let start = if self.start < 0 { self.start + length } else { self.start };
        let end = match self.end {
            None => length,
            Some(end) if end < 0 || (end == 0 && self.single) => end + length,
            Some(end) => end,
        };
        if start == end {
            return Some(Vec::new());
        }
        if start < 0 || start >= length || end > length || start > end || self.step <= 0 {
            return None;
        }
        let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        Some(list.get(range)?.iter().step_by(usize::try_from(self.step).ok()?).collect())
    }
}

impl Filter {
    /// Whether an element passes, or nothing if it cannot be compared.
    fn holds(&self, element: &Value) -> Option<bool> {
        let left = self.left.find(element);
        let Some((comparison, right)) = &self.test else {
            return Some(left.is_some_and(|found| !found.is_empty()));
        };
        let right = match right {
            Operand::Path(path) => path.find(element)?,
            Operand::Value(value) => vec![value],
        };
        match (&left?[..], &right[..]) {
            ([], _) | (_, []) => Some(false),
            ([left], [right]) => comparison.holds(left, right),
            _ => None,
        }
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> Option<bool> {
        let order = match (left, right) {
            (Value::String(left), Value::String(right)) => left.cmp(right),
            (Value::Number(left), Value::Number(right)) => compared(left, right)?,
            (Value::Bool(left), Value::Bool(right)) if matches!(self, Self::Equal | Self::NotEqual) => {
                left.cmp(right)
            }
            _ => return None,
        };
        Some(match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        })
    }
}

/// Whole numbers compare with whole numbers, others with others, as in Go.
fn compared(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (None, None) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::JsonPath;
    use serde_json::{Value, json};

    fn find(path: &str) -> Option<Value> {
        let object = json!({
            "metadata": {"labels": {"a.b/c": "dotted"}, "name": "x"},
            "spec": {"list": [1, 2, 3, 4], "none": null, "nested": [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}]},
            "status": {"conditions": [
                {"type": "Ready", "status": "True", "ok": true},
                {"type": "Failed", "status": "False"},
            ]},
        });
        let path = JsonPath::parse(path).unwrap_or_else(|| panic!("{path} is a path"));
        path.find(&object).map(|found| found.into_iter().cloned().collect())
    }

    #[test]
    fn paths_lead_to_values() {
        for (path, wanted) in [
            (".metadata.name", json!(["x"])),
            ("metadata.name", json!(["x"])),
            ("$.metadata['name']", json!(["x"])),
            (r".metadata.labels.a\.b/c", json!(["dotted"])),
            (r".metadata.labels['a\.b/c']", json!(["dotted"])),
            (".metadata.nothing.more", json!([])),
            (".spec.none", json!([null])),
            (".spec.none.more", json!([])),
            (".spec.list[0]", json!([1])),
            (".spec.list[-1]", json!([4])),
            (".spec.list[*]", json!([1, 2, 3, 4])),
            (".spec.list.*", json!([1, 2, 3, 4])),
            (".spec.list[1:3]", json!([2, 3])),
            (".spec.list[:]", json!([1, 2, 3, 4])),
            (".spec.list[::2]", json!([1, 3])),
            (".spec.list[1:-1]", json!([2, 3])),
            (".spec.list[0,2]", json!([1, 3])),
            (".spec.nested[*].n", json!([1, 2])),
            ("..s", json!(["a", "b"])),
            (".metadata['name','nothing']", json!(["x"])),
        ] {
            assert_eq!(find(path), Some(wanted), "{path}");
        }
    }

    #[test]
    fn filters_choose_elements() {
        for (path, wanted) in [
            (r#".status.conditions[?(@.type=="Ready")].status"#, json!(["True"])),
            (".status.conditions[?(@.type == 'Ready')].status", json!(["True"])),
            (".status.conditions[?(@.type!='Ready')].status", json!(["False"])),
            (".status.conditions[?(@.ok)].type", json!(["Ready"])),
            (".status.conditions[?(@.ok==true)].type", json!(["Ready"])),
            (".spec.nested[?(@.n>1)].s", json!(["b"])),
            (".spec.nested[?(@.n<=1)].s", json!(["a"])),
            (".spec.nested[?(@.s==@.s)].n", json!([1, 2])),
            (".spec.nested[?(@.x==1)].s", json!([])),
            (".spec.nested[?(@.s==')')].n", json!([])),
        ] {
            assert_eq!(find(path), Some(wanted), "{path}");
        }
    }

    #[test]
    fn what_does_not_fit_the_value_is_found_nowhere() {
        for path in [
            ".metadata[0]",
            ".spec.list[4]",
            ".spec.list[-5]",
            ".spec.list[3:1]",
            ".spec.list[0:9]",
            ".metadata.name[?(@.x)]",
            ".spec.nested[?(@.n=='a')].s",
            ".spec.list[0:2:-1]",
        ] {
            assert_eq!(find(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_not_read() {
        for text in [
            "{.a}",
            ".a[",
            ".a['b]",
            ".a[?(@.b]",
            ".a[x]",
            ".a#b]",
            ".a[?(@.b==)]",
            "....a",
            ".a[99999999999999999999]",
        ] {
            assert_eq!(JsonPath::parse(text), None, "{text}");
        }
    }
}
