//! What JSON has by Go's types, beside what it has by OpenAPI.

use super::definitions::Definition;
use super::error::Error;
use super::facts::{Fact, Facts};
use super::listed::{OWN_JSON, has};
use std::collections::BTreeMap;

/// Compares the properties of a definition with those that a message has in JSON.
pub(super) fn compare(facts: &Facts, message: &str, definition: &Definition) -> Result<(), Error> {
    if has(OWN_JSON, message) {
        return match definition.properties.keys().next() {
            Some(property) => {
                let problem =
                    "is in OpenAPI, and its message is listed as one that JSON has in a way of its own";
                Err(Error::of_property(message, property, problem.to_owned()))
            }
            None => Ok(()),
        };
    }
    let mut known = BTreeMap::new();
    properties(facts, message, &mut known)?;
    let is_of_json_alone = |property: &str| definition.is_kind && ["apiVersion", "kind"].contains(&property);
    for (property, kinds) in &definition.properties {
        let Some(known) = known.get(property.as_str()) else {
            if is_of_json_alone(property) {
                continue;
            }
            return Err(Error::of_property(message, property, "is in OpenAPI alone".to_owned()));
        };
        if let Some(other) = kinds.iter().find(|kind| *kind != known) {
            let problem = format!("is a `{known}` in Go and a `{other}` in OpenAPI");
            return Err(Error::of_property(message, property, problem));
        }
    }
    match known.keys().find(|property| !definition.properties.contains_key(**property)) {
        Some(property) => Err(Error::of_property(message, property, "is in Go alone".to_owned())),
        None => Ok(()),
    }
}

/// Adds the properties of a message, and of those that are inlined in it, with their types.
fn properties<'a>(
    facts: &'a Facts,
    message: &'a str,
    known: &mut BTreeMap<&'a str, String>,
) -> Result<(), Error> {
    for field in facts.fields(message) {
        if field.is_inline {
            properties(facts, facts.held(message, field)?, known)?;
        } else if let Some(json) = &field.json
            && known.insert(json, kind(facts, message, field)?).is_some()
        {
            return Err(Error::of_field(message, field, "has a name in JSON that another one has"));
        }
    }
    Ok(())
}

/// The type of a field: as in the table, but with the full name of a message, and as a list if a message is one in JSON.
fn kind(facts: &Facts, message: &str, field: &Fact) -> Result<String, Error> {
    let sign = field.form.sign();
    match field.scalar() {
        // OpenAPI does not tell one from the other.
        Some("uint") => return Ok(format!("{sign}int")),
        Some(scalar) => return Ok(format!("{sign}{scalar}")),
        None => {}
    }
    let held = facts.held(message, field)?;
    match facts.fields(held) {
        [only] if facts.is_list(held) => Ok(format!("{sign}{}", kind(facts, held, only)?)),
        _ => Ok(format!("{sign}{held}")),
    }
}
