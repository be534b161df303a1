//! Who owns which fields, as `metadata.managedFields` says.

use super::fields_v1;
use super::set::FieldSet;
use super::{Manager, Operation};
use serde_json::{Map, Value};

/// How many managers that update are kept apart; older ones are put together.
const MAX_UPDATERS: usize = 10;

/// The manager that owns what older ones have changed.
const ANCIENT: &str = "ancient-changes";

/// What one manager owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) manager: String,
    pub(super) operation: Operation,
    pub(super) api_version: String,
    pub(super) subresource: String,
    /// When it last took a field.
    pub(super) time: Option<String>,
    pub(super) fields: FieldSet,
}

impl Entry {
    /// An entry of a manager at the time of its request.
    pub(super) fn of(manager: &Manager<'_>, time: Option<String>, fields: FieldSet) -> Self {
        Self {
            manager: if manager.name.is_empty() { "unknown".into() } else { manager.name.into() },
            operation: manager.operation,
            api_version: manager.api_version.into(),
            subresource: manager.subresource.into(),
            time,
            fields,
        }
    }

    /// Whether both are of the same manager. An applier is the same in all versions.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.manager == other.manager
            && self.operation == other.operation
            && self.subresource == other.subresource
            && (self.operation == Operation::Apply || self.api_version == other.api_version)
    }

    fn read(entry: &Value) -> Result<Self, String> {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let operation = match text("operation").as_str() {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return Err("operation must be `Apply` or `Update`".into()),
        };
        if text("apiVersion").is_empty() {
            return Err("apiVersion must not be empty".into());
        }
        if text("fieldsType") != "FieldsV1" {
            return Err(format!("invalid fieldsType {:?} in managed fields", text("fieldsType")));
        }
        Ok(Self {
            manager: text("manager"),
            operation,
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: entry.get("time").and_then(Value::as_str).map(str::to_owned),
            fields: entry.get("fieldsV1").map_or_else(|| Ok(FieldSet::default()), fields_v1::read)?,
        })
    }

    fn write(self) -> Value {
        let mut entry = Map::new();
        entry.insert("apiVersion".into(), self.api_version.into());
        entry.insert("fieldsType".into(), "FieldsV1".into());
        entry.insert("fieldsV1".into(), fields_v1::write(&self.fields));
        if !self.manager.is_empty() {
            entry.insert("manager".into(), self.manager.into());
        }
        entry.insert("operation".into(), self.operation.as_str().into());
        if !self.subresource.is_empty() {
            entry.insert("subresource".into(), self.subresource.into());
        }
        if let Some(time) = self.time {
            entry.insert("time".into(), time.into());
        }
        Value::Object(entry)
    }
}

/// All managers of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Managers {
    pub(super) entries: Vec<Entry>,
}

impl Managers {
    /// Reads `metadata.managedFields`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(list: &[Value]) -> Result<Self, String> {
        let mut managers = Self::default();
        for entry in list {
            managers.put(Entry::read(entry)?);
        }
        Ok(managers)
    }

    /// Reads those of an object; none if they cannot be read.
    pub(super) fn of(object: &Value) -> Self {
        Self::read(listed(object).unwrap_or_default()).unwrap_or_default()
    }

    /// The entry of the same manager.
    pub(super) fn find(&self, like: &Entry) -> Option<usize> {
        self.entries.iter().position(|entry| entry.is_same_as(like))
    }

    /// Sets the entry of a manager.
    pub(super) fn put(&mut self, entry: Entry) {
        match self.find(&entry) {
            Some(at) => self.entries[at] = entry,
            None => self.entries.push(entry),
        }
    }

    /// Drops managers that own nothing.
    pub(super) fn drop_empty(&mut self) {
        self.entries.retain(|entry| !entry.fields.is_empty());
    }

    /// Puts the oldest updaters of a version together until there are few enough.
    pub(super) fn cap(&mut self) {
        let mut updaters: Vec<Entry> = Vec::new();
        let count = self.entries.iter().filter(|entry| entry.operation == Operation::Update).count();
        if count <= MAX_UPDATERS {
            return;
        }
        let (mut kept, rest) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition::<Vec<_>, _>(|entry| entry.operation == Operation::Apply);
        updaters.extend(rest);
        updaters
            .sort_by(|left, right| left.time.cmp(&right.time).then_with(|| left.manager.cmp(&right.manager)));
        let mut excess = count - MAX_UPDATERS;
        let mut oldest: Vec<Entry> = Vec::new();
        for entry in updaters {
            let first = oldest.iter_mut().find(|first| first.api_version == entry.api_version);
            match first {
                Some(bucket) if excess > 0 => {
                    bucket.manager = ANCIENT.into();
                    bucket.subresource.clear();
                    bucket.time = entry.time;
                    bucket.fields = std::mem::take(&mut bucket.fields).union(entry.fields);
                    excess -= 1;
                }
                _ if excess > 0 => oldest.push(entry),
                _ => kept.push(entry),
            }
        }
        kept.extend(oldest);
        self.entries = kept;
    }

    /// As `metadata.managedFields`: appliers first, then by time. None if there is nobody.
    pub(super) fn write(mut self) -> Option<Value> {
        self.entries.sort_by(|left, right| {
            left.operation
                .cmp(&right.operation)
                .then_with(|| left.time.cmp(&right.time))
                .then_with(|| left.manager.cmp(&right.manager))
                .then_with(|| left.api_version.cmp(&right.api_version))
                .then_with(|| left.subresource.cmp(&right.subresource))
        });
        let written: Vec<Value> = self.entries.into_iter().map(Entry::write).collect();
        (!written.is_empty()).then_some(Value::Array(written))
    }
}

/// The list `metadata.managedFields`, if there is one.
pub(super) fn listed(object: &Value) -> Option<&[Value]> {
    object.get("metadata")?.get("managedFields")?.as_array().map(Vec::as_slice)
}

/// Whether a list asks to forget all managers: it is empty, or has one entry that says nothing.
pub(super) fn is_reset(list: &[Value]) -> bool {
    match list {
        [] => true,
        [Value::Object(entry)] => entry.values().all(|value| match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            _ => false,
        }),
        _ => false,
    }
}
