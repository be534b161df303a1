//! What a server says about a definition: which names it got, and whether it is served.

use crate::kinds::{Change, Look};
use crate::time::now;
use serde_json::{Value, json};

/// A condition of a definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a> {
    pub(super) kind: &'a str,
    pub(super) status: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}

const NAMES: [&str; 5] = ["plural", "singular", "shortNames", "kind", "listKind"];

/// Whether a condition is there and true.
pub(super) fn is_true(definition: &Value, kind: &str) -> bool {
    find(definition, kind).is_some_and(|condition| condition.text("status") == "True")
}

fn find<'a>(definition: &'a Value, kind: &str) -> Option<&'a Value> {
    definition["status"].list("conditions").iter().find(|condition| condition.text("type") == kind)
}

/// Sets a condition. Its time is that of the last change of its status.
pub(super) fn set(definition: &mut Value, condition: Condition<'_>) {
    let mut conditions = definition["status"].list("conditions").to_vec();
    let Condition { kind, status, reason, message } = condition;
    let same = |known: &Value| known.text("type") == kind;
    let time = match find(definition, kind).filter(|known| known.text("status") == status) {
        Some(known) => known["lastTransitionTime"].clone(),
        None => now().into(),
    };
    let new = json!({
        "type": kind,
        "status": status,
        "lastTransitionTime": time,
        "reason": reason,
        "message": message,
    });
    match conditions.iter_mut().find(|known| same(known)) {
        Some(known) => *known = new,
        None => conditions.push(new),
    }
    definition.inner("status").set("conditions", conditions);
}

/// Gives a definition the names that it asks for, but for those that `others`, definitions of the same group, have.
pub(super) fn accept_names(definition: &mut Value, others: &[Value]) {
    let wanted = definition["spec"]["names"].clone();
    let had = definition["status"]["acceptedNames"].clone();
    let mut accepted = had.clone();
    let mut conflict: Option<(String, String)> = None;
    for field in NAMES {
        let taken =
            |name: &str| others.iter().any(|other| has_name(&other["status"]["acceptedNames"], field, name));
        let clash = match &wanted[field] {
            Value::Array(names) => {
                let new = names.iter().filter_map(Value::as_str);
                let new = new.filter(|name| !had.texts(field).any(|known| known == *name));
                let clashes: Vec<String> = new
                    .filter(|name| taken(name))
                    .map(|name| format!("{name:?} is already in use"))
                    .collect();
                match clashes.as_slice() {
                    [] => None,
                    [one] => Some(one.clone()),
                    several => Some(format!("[{}]", several.join(", "))),
                }
            }
            Value::String(name) if *name != had[field] && taken(name) => {
                Some(format!("{name:?} is already in use"))
            }
            _ => None,
        };
        match clash {
            Some(message) => conflict = Some((conflict_reason(field), message)),
            None => accepted.copy_field(field, &wanted),
        }
    }
    accepted.copy_field("categories", &wanted);
    definition.inner("status").set("acceptedNames", accepted);
    judge(definition, conflict.as_ref());
}

/// Such as `ShortNamesConflict`.
fn conflict_reason(field: &str) -> String {
    let (first, rest) = field.split_at(1);
    format!("{}{rest}Conflict", first.to_uppercase())
}

/// Whether names of another definition have this one: words for resources are apart from kinds.
fn has_name(names: &Value, field: &str, name: &str) -> bool {
    if matches!(field, "kind" | "listKind") {
        return names.text("kind") == name || names.text("listKind") == name;
    }
    names.text("plural") == name
        || names.text("singular") == name
        || names.texts("shortNames").any(|known| known == name)
}

fn judge(definition: &mut Value, conflict: Option<&(String, String)>) {
    let (status, reason, message) = match conflict {
        Some((reason, message)) => ("False", reason.as_str(), message.as_str()),
        None => ("True", "NoConflicts", "no conflicts found"),
    };
    set(definition, Condition { kind: "NamesAccepted", status, reason, message });
    if is_true(definition, "Established") {
        return;
    }
    let (reason, message) = match conflict {
        Some(_) => ("NotAccepted", "not all names are accepted"),
        None => ("Installing", "the initial names have been accepted"),
    };
    set(definition, Condition { kind: "Established", status: "False", reason, message });
}

/// Whether a definition has the names that it asks for.
pub(super) fn has_its_names(definition: &Value) -> bool {
    definition["spec"]["names"] == definition["status"]["acceptedNames"]
}

/// Says that a definition is served, if it has names.
pub(super) fn establish(definition: &mut Value) {
    set(
        definition,
        Condition {
            kind: "Established",
            status: "True",
            reason: "InitialNamesAccepted",
            message: "the initial names have been accepted",
        },
    );
}

#[cfg(test)]
mod tests {
    use super::{accept_names, establish, has_its_names, is_true};
    use serde_json::{Value, json};

    fn definition(short_name: &str) -> Value {
        let names = json!({"plural": "foos", "singular": "foo", "kind": "Foo", "listKind": "FooList",
            "shortNames": [short_name]});
        json!({"spec": {"names": names}, "status": {"acceptedNames": {"plural": "", "kind": ""}}})
    }

    #[test]
    fn names_are_accepted_and_then_the_definition_is_established() {
        let mut definition = definition("f");
        accept_names(&mut definition, &[]);
        assert!(has_its_names(&definition));
        assert!(is_true(&definition, "NamesAccepted") && !is_true(&definition, "Established"));
        establish(&mut definition);
        assert!(is_true(&definition, "Established"));
        assert_eq!(definition["status"]["conditions"][0]["type"], "NamesAccepted");
    }

    #[test]
    fn a_name_that_another_definition_has_is_not_accepted() {
        let mut other = definition("b");
        other["spec"]["names"]["plural"] = "bars".into();
        other["status"]["acceptedNames"] = json!({"plural": "bars", "kind": "Bar", "shortNames": ["f"]});
        let mut definition = definition("f");
        accept_names(&mut definition, &[other]);
        let conditions = &definition["status"]["conditions"];
        assert_eq!(conditions[0]["reason"], "ShortNamesConflict");
        assert_eq!(conditions[0]["message"], "\"f\" is already in use");
        assert_eq!(conditions[1]["reason"], "NotAccepted");
        assert_eq!(definition["status"]["acceptedNames"]["plural"], "foos");
        assert_eq!(definition["status"]["acceptedNames"]["shortNames"], Value::Null);
    }
}
