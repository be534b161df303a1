//! The walk over a value and the rules about it.
//!
//! The order of the checks, and how they are counted, are those of kube-apiserver: of several alternatives that a value
//! fails, it tells about the one of which most checks succeeded.

use super::finding::{Finding, What};
use super::numbers::Read;
use super::{Additional, Rules, Type, formats};
use serde_json::{Map, Value};

/// What came of checks.
#[derive(Clone, Debug, Default)]
struct Outcome {
    findings: Vec<Finding>,
    /// How many checks were made.
    count: usize,
}

impl Outcome {
    fn find(&mut self, finding: Finding) {
        if !self.findings.iter().any(|known| known.message() == finding.message()) {
            self.findings.push(finding);
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        for finding in other.findings {
            self.find(finding);
        }
    }

    fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Rules {
    /// What is wrong with a value. What has not changed from `old` is not looked at: it was accepted once.
    pub(crate) fn check(&self, value: &Value, old: Option<&Value>) -> Vec<Finding> {
        self.node(value, old, "").findings
    }

    /// A value that may be the same as before.
    fn node(&self, value: &Value, old: Option<&Value>, path: &str) -> Outcome {
        let mut outcome = self.value(value, old, path);
        if !outcome.is_fine() && old == Some(value) {
            outcome.findings.clear();
        }
        outcome
    }

    fn value(&self, value: &Value, old: Option<&Value>, path: &str) -> Outcome {
        let mut outcome = Outcome::default();
        if value.is_null() {
            self.null(path, &mut outcome);
            return outcome;
        }
        if !self.types.is_empty() || !self.format.is_empty() {
            match self.mistyped(value, path) {
                Some(finding) => outcome.find(finding),
                None => outcome.count += 1,
            }
            outcome.count += 1;
        }
        outcome.merge(self.alternatives(value, old, path));
        outcome.count += 1;
        match value {
            Value::String(text) => self.text(text, path, &mut outcome),
            Value::Number(number) => {
                let format = if self.types == [Type::Integer] { self.format.as_str() } else { "" };
                let mut findings = Vec::new();
                self.numbers.check(Read::of(number), format, path, &mut findings);
                findings.into_iter().for_each(|finding| outcome.find(finding));
                outcome.count += 2;
            }
            Value::Array(items) => outcome.merge(self.list(items, old, path)),
            _ => {}
        }
        if let Some(finding) = self.outside(value, path) {
            outcome.find(finding);
        }
        outcome.count += 1;
        if let Value::Object(map) = value {
            outcome.merge(self.object(map, old, path));
            outcome.count += 1;
        }
        outcome.count += 1;
        outcome
    }

    fn null(&self, path: &str, outcome: &mut Outcome) {
        if self.types.is_empty() || self.nullable {
            outcome.count += 1;
        } else {
            outcome.find(mistyped(path, &self.type_names(), "null".into()));
        }
        if let Some(finding) = self.outside(&Value::Null, path) {
            outcome.find(finding);
        }
    }

    fn type_names(&self) -> String {
        self.types.iter().map(|each| each.name()).collect::<Vec<_>>().join(",")
    }

    /// That a value is of another type.
    fn mistyped(&self, value: &Value, path: &str) -> Option<Finding> {
        let (found, format) = match value {
            Value::Null => return None,
            Value::Bool(_) => (Type::Boolean, ""),
            Value::String(_) => (Type::String, ""),
            Value::Array(_) => (Type::Array, ""),
            Value::Object(_) => (Type::Object, ""),
            Value::Number(number) => match Read::of(number) {
                Read::Whole(_) => (Type::Integer, "int64"),
                Read::Float(_) => (Type::Number, "float64"),
            },
        };
        let has = |each: Type| self.types.contains(&each);
        let whole = matches!(value, Value::Number(number) if Read::of(number).is_whole());
        let fits = has(found)
            || (found == Type::Number && whole && has(Type::Integer))
            || (found == Type::Integer && has(Type::Number));
        let has_text = matches!(found, Type::String | Type::Array);
        if !has_text && !self.format.is_empty() && !fits && format != self.format {
            return Some(mistyped(path, &self.format, format.into()));
        }
        if !self.format.is_empty() && has_text && !has(Type::Number) && !has(Type::Integer) {
            return None;
        }
        (!fits).then(|| mistyped(path, &self.type_names(), found.name().into()))
    }

    fn text(&self, text: &str, path: &str, outcome: &mut Outcome) {
        let length = text.chars().count() as u64;
        let invalid = |message| Finding::new(What::Invalid, path, text.into(), message);
        if let Some(most) = self.most_length.filter(|most| length > *most) {
            let message = format!("{path} in body should be at most {most} chars long");
            outcome.find(Finding::new(What::TooLong(most), path, text.into(), message));
        } else if let Some(least) = self.least_length.filter(|least| length < *least) {
            outcome.find(invalid(format!("{path} in body should be at least {least} chars long")));
        } else if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            outcome.find(invalid(format!("{path} in body should match '{}'", pattern.text)));
        }
        outcome.count += 1;
        if formats::is_known(&self.format) {
            if !formats::fits(&self.format, text) {
                outcome.find(mistyped(path, &self.format, text.into()));
            }
            outcome.count += 1;
        }
    }

    /// That a value is not one of those that may be.
    fn outside(&self, value: &Value, path: &str) -> Option<Finding> {
        let values = &self.one_of_values;
        if values.is_empty() || values.iter().any(|each| is_same(each, value)) {
            return None;
        }
        let all: Vec<String> = values.iter().map(ToString::to_string).collect();
        let message = format!("{path} in body should be one of [{}]", all.join(" "));
        Some(Finding::new(What::NotSupported(values.clone()), path, value.clone(), message))
    }

    fn list(&self, items: &[Value], old: Option<&Value>, path: &str) -> Outcome {
        let mut outcome = Outcome::default();
        if let Some(rules) = &self.items {
            for (index, item) in items.iter().enumerate() {
                let old = self.same_item(item, old);
                outcome.merge(rules.node(item, old, &format!("{path}[{index}]")));
            }
        }
        let size = items.len() as u64;
        if let Some(least) = self.least_items.filter(|least| size < *least) {
            let message = format!("{path} in body should have at least {least} items");
            outcome.find(Finding::new(What::Invalid, path, size.into(), message));
        }
        if let Some(most) = self.most_items.filter(|most| size > *most) {
            let message = format!("{path} in body should have at most {most} items");
            outcome.find(Finding::new(What::TooMany(most), path, size.into(), message));
        }
        let twice = |(index, item): (usize, &Value)| items[..index].contains(item);
        if self.unique && items.iter().enumerate().any(twice) {
            let message = format!("{path} in body shouldn't contain duplicates");
            outcome.find(Finding::new(What::Invalid, path, "".into(), message));
        }
        outcome.count += 2;
        outcome
    }

    /// The item of the list before that has the same keys.
    fn same_item<'a>(&self, item: &Value, old: Option<&'a Value>) -> Option<&'a Value> {
        let keys = &self.keys;
        let same = |other: &&Value| keys.iter().all(|key| other.get(key) == item.get(key));
        old?.as_array()?.iter().find(same).filter(|_| !keys.is_empty())
    }

    fn object(&self, map: &Map<String, Value>, old: Option<&Value>, path: &str) -> Outcome {
        let mut outcome = Outcome::default();
        let size = map.len() as u64;
        if let Some(least) = self.least_properties.filter(|least| size < *least) {
            let message = format!("{path} in body should have at least {least} properties");
            outcome.find(Finding::new(What::Invalid, path, size.into(), message));
        }
        if let Some(most) = self.most_properties.filter(|most| size > *most) {
            let message = format!("{path} in body should have at most {most} properties");
            outcome.find(Finding::new(What::TooMany(most), path, size.into(), message));
        }
        for (name, value) in map.iter().filter(|(name, _)| !self.properties.contains_key(*name)) {
            match &self.additional {
                Additional::Any => {}
                Additional::None => {
                    let message = format!("{path}.{name} in body is a forbidden property");
                    outcome.find(Finding::new(What::Invalid, path, name.as_str().into(), message));
                }
                Additional::Like(rules) => {
                    let old = old.and_then(|old| old.get(name));
                    outcome.merge(rules.node(value, old, &format!("{path}.{name}")));
                }
            }
        }
        for (name, rules) in &self.properties {
            let Some(value) = map.get(name) else { continue };
            let is_type = path.is_empty() && matches!(name.as_str(), "apiVersion" | "kind");
            let old = old.and_then(|old| old.get(name)).filter(|_| !is_type);
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            outcome.merge(rules.node(value, old, &path));
        }
        for name in self.required.iter().filter(|name| !map.contains_key(*name)) {
            let path = format!("{path}.{name}");
            let message = format!("{path} in body is required");
            outcome.find(Finding::new(What::Required, &path, Value::Null, message));
        }
        outcome
    }

    fn alternatives(&self, value: &Value, old: Option<&Value>, path: &str) -> Outcome {
        let mut outcome = Outcome::default();
        let check = |rules: &Self| rules.value(value, old, path);
        if !self.any.is_empty() {
            outcome.merge(any(self.any.iter().map(check), path));
        }
        if !self.one.is_empty() {
            outcome.merge(one(self.one.iter().map(check), path));
        }
        if !self.all.is_empty() {
            outcome.merge(all(self.all.iter().map(check), path));
        }
        if self.not.as_ref().is_some_and(|not| check(not).is_fine()) {
            outcome.find(Finding::composite(format!("{path:?} must not validate the schema (not)")));
        }
        outcome.count += 1;
        outcome
    }
}

fn any(outcomes: impl Iterator<Item = Outcome>, path: &str) -> Outcome {
    let mut best: Option<Outcome> = None;
    for outcome in outcomes {
        if outcome.is_fine() {
            return outcome;
        }
        if best.as_ref().is_none_or(|best| outcome.count > best.count) {
            best = Some(outcome);
        }
    }
    let mut outcome = Outcome::default();
    outcome.find(Finding::composite(format!("{path:?} must validate at least one schema (anyOf)")));
    outcome.merge(best.unwrap_or_default());
    outcome
}

fn one(outcomes: impl Iterator<Item = Outcome>, path: &str) -> Outcome {
    let mut best: Option<Outcome> = None;
    let mut fine = Vec::new();
    for outcome in outcomes {
        if outcome.is_fine() {
            fine.push(outcome);
        } else if best.as_ref().is_none_or(|best| outcome.count > best.count) {
            best = Some(outcome);
        }
    }
    let found = match fine.len() {
        0 => "Found none valid".to_owned(),
        1 => return fine.remove(0),
        several => format!("Found {several} valid alternatives"),
    };
    let mut outcome = Outcome::default();
    let message = format!("{path:?} must validate one and only one schema (oneOf). {found}");
    outcome.find(Finding::composite(message));
    if fine.is_empty() {
        outcome.merge(best.unwrap_or_default());
    }
    outcome
}

fn all(outcomes: impl Iterator<Item = Outcome>, path: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let (mut fine, mut total) = (0, 0);
    for each in outcomes {
        total += 1;
        fine += usize::from(each.is_fine());
        outcome.merge(each);
    }
    if fine != total {
        let none = if fine == 0 { ". None validated" } else { "" };
        outcome.find(Finding::composite(format!("{path:?} must validate all the schemas (allOf){none}")));
    }
    outcome
}

fn mistyped(path: &str, wanted: &str, found: Value) -> Finding {
    let message = format!("{path} in body must be of type {wanted}: {found}");
    Finding::new(What::Type, path, found, message)
}

/// Whether two values are the same, if numbers are by their size.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}
