//! The steps that an object goes through before it is stored, with what its kind has to say about each.

use super::access::{Change, Look};
use super::metadata::{self, Origin};
use super::report::Report;
use crate::failure::{Cause, Failure};
use crate::names::NameRule;
use serde_json::Value;

/// What admission needs to know of other objects.
pub(crate) trait Cluster {
    /// An object as it is stored; `namespace` is empty for objects of the cluster.
    fn object(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Value>;
    /// All objects of a resource; in all namespaces if `namespace` is empty.
    fn objects(&self, group: &str, plural: &str, namespace: &str) -> Vec<Value>;
}

/// What becomes of the status that comes with a new object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InitialStatus {
    /// The kind has no status that is written apart from the rest.
    None,
    /// It is taken away.
    Reset,
    /// It stays. Updates of the object do not change it all the same.
    Given,
}

/// What a kind has to say about its objects. Everything but the name is optional.
#[derive(Debug)]
pub(crate) struct Strategy {
    /// What names are like.
    pub(crate) name: NameRule,
    /// Whether `metadata.generation` counts changes.
    pub(crate) has_generation: bool,
    /// Whether a replacement of what is not there creates it.
    pub(crate) creates_on_update: bool,
    /// Whether a replacement needs no `metadata.resourceVersion`.
    pub(crate) updates_unconditionally: bool,
    pub(super) status: InitialStatus,
    pub(super) origin: Origin,
    pub(super) default: fn(&mut Value),
    pub(super) admit: Admit,
    pub(super) create: fn(&mut Value),
    pub(super) update: fn(&mut Value, &Value),
    pub(super) update_status: fn(&mut Value, &Value),
    /// Paths that an update of the status does not change.
    pub(super) status_resets: &'static [&'static str],
    /// Whether an update counts in the generation.
    pub(super) changes: fn(&Value, &Value) -> bool,
    pub(super) check: fn(&Value, &mut Report),
    pub(super) check_update: fn(&Value, &Value, &mut Report),
    pub(super) check_status: fn(&Value, &Value, &mut Report),
    pub(super) canonicalise: fn(&mut Value),
    pub(super) warn: fn(&Value, Option<&Value>) -> Vec<String>,
}

/// Changes a new object, or the new state of an old one; or refuses it.
pub(super) type Admit = fn(&mut Value, Option<&Value>, &dyn Cluster) -> Result<(), Failure>;

impl Strategy {
    /// A kind of Kubernetes without rules, status or generation.
    pub(super) const PLAIN: Self = Self {
        name: NameRule::Subdomain,
        has_generation: false,
        creates_on_update: false,
        updates_unconditionally: true,
        status: InitialStatus::None,
        origin: Origin::Core,
        default: |_| {},
        admit: |_, _, _| Ok(()),
        create: |_| {},
        update: |_, _| {},
        update_status: |_, _| {},
        status_resets: &["spec"],
        changes: |new, old| new.get("spec") != old.get("spec"),
        check: |_, _| {},
        check_update: |_, _, _| {},
        check_status: |_, _, _| {},
        canonicalise: |_| {},
        warn: |_, _| Vec::new(),
    };

    /// A kind with a specification that is counted and a status that controllers write.
    pub(super) const WITH_STATUS: Self =
        Self { has_generation: true, status: InitialStatus::Reset, ..Self::PLAIN };

    /// Fills in what was left out.
    pub(crate) fn default(&self, object: &mut Value) {
        (self.default)(object);
    }

    /// Does what admission plugins do to a new object, or to the new state of an `old` one.
    ///
    /// # Errors
    ///
    /// A refusal of one of them.
    pub(crate) fn admit(
        &self,
        object: &mut Value,
        old: Option<&Value>,
        cluster: &dyn Cluster,
    ) -> Result<(), Failure> {
        (self.admit)(object, old, cluster)
    }

    /// Takes from a new object what users may not set.
    pub(crate) fn prepare_create(&self, object: &mut Value) {
        if self.status == InitialStatus::Reset {
            object.set("status", serde_json::Map::new());
        }
        if self.has_generation {
            object.inner("metadata").set("generation", 1);
        }
        (self.create)(object);
    }

    /// Takes from the new state of an object what users may not set, and counts the change.
    pub(crate) fn prepare_update(&self, new: &mut Value, old: &Value) {
        if self.status != InitialStatus::None {
            new.copy_field("status", old);
        }
        new.inner("metadata").copy_field("generation", &old["metadata"]);
        (self.update)(new, old);
        if self.has_generation && (self.changes)(new, old) {
            let generation = old["metadata"].number("generation").unwrap_or_default();
            new.inner("metadata").set("generation", generation.saturating_add(1));
        }
        keep_system_metadata(new, old);
    }

    /// Takes from the new state of an object everything but its status.
    pub(crate) fn prepare_status(&self, new: &mut Value, old: &Value) {
        for path in self.status_resets {
            match path.split_once('.') {
                None if *path == "metadata" => keep_metadata(new, old),
                None => new.copy_field(path, old),
                Some((parent, field)) => new.inner(parent).copy_field(field, &old[parent]),
            }
        }
        new.inner("metadata").copy_field("generation", &old["metadata"]);
        (self.update_status)(new, old);
        keep_system_metadata(new, old);
    }

    /// What is wrong with a new object.
    pub(crate) fn validate(&self, object: &Value, namespaced: bool) -> Vec<Cause> {
        let mut report = Report::default();
        metadata::validate(object, self.name, namespaced, self.origin, &mut report);
        (self.check)(object, &mut report);
        report.into_causes()
    }

    /// What is wrong with the new state of an object.
    pub(crate) fn validate_update(&self, new: &Value, old: &Value) -> Vec<Cause> {
        let mut report = Report::default();
        metadata::validate_update(new, old, self.origin, &mut report);
        (self.check_update)(new, old, &mut report);
        report.into_causes()
    }

    /// What is wrong with the new status of an object.
    pub(crate) fn validate_status(&self, new: &Value, old: &Value) -> Vec<Cause> {
        let mut report = Report::default();
        metadata::validate_update(new, old, self.origin, &mut report);
        (self.check_status)(new, old, &mut report);
        report.into_causes()
    }

    /// Brings an object that passed validation to its last form.
    pub(crate) fn canonicalise(&self, object: &mut Value) {
        (self.canonicalise)(object);
    }

    /// What users should know about an object that passed validation.
    pub(crate) fn warnings(&self, new: &Value, old: Option<&Value>) -> Vec<String> {
        (self.warn)(new, old)
    }
}

/// What the server wrote stays.
fn keep_system_metadata(new: &mut Value, old: &Value) {
    let old = &old["metadata"];
    let new = new.inner("metadata");
    if old.has("uid") {
        new.or_text("uid", old.text("uid"));
    }
    if old.has("creationTimestamp") {
        new.copy_field("creationTimestamp", old);
    }
    if old.has("deletionTimestamp") {
        new.copy_field("deletionTimestamp", old);
    }
    if let Some(seconds) = old.number("deletionGracePeriodSeconds") {
        new.or_set("deletionGracePeriodSeconds", seconds);
    }
}

/// All metadata but what the server counts by.
fn keep_metadata(new: &mut Value, old: &Value) {
    let mut metadata = old["metadata"].clone();
    for field in ["resourceVersion", "managedFields"] {
        metadata.copy_field(field, &new["metadata"]);
    }
    new.set("metadata", metadata);
}

#[cfg(test)]
mod tests {
    use super::Strategy;
    use serde_json::json;

    #[test]
    fn a_new_object_has_no_status_and_the_first_generation() {
        let mut object = json!({"metadata": {"name": "a"}, "spec": {}, "status": {"replicas": 3}});
        Strategy::WITH_STATUS.prepare_create(&mut object);
        assert_eq!(object, json!({"metadata": {"name": "a", "generation": 1}, "spec": {}, "status": {}}));
    }

    #[test]
    fn a_change_of_the_specification_counts_and_leaves_the_status() {
        let old = json!({"metadata": {"generation": 1, "uid": "u"}, "spec": {"a": 1}, "status": {"x": 1}});
        let mut new = json!({"metadata": {"generation": 9}, "spec": {"a": 2}, "status": {"x": 2}});
        Strategy::WITH_STATUS.prepare_update(&mut new, &old);
        let expected =
            json!({"metadata": {"generation": 2, "uid": "u"}, "spec": {"a": 2}, "status": {"x": 1}});
        assert_eq!(new, expected);
        let mut same = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"a": 1}});
        Strategy::WITH_STATUS.prepare_update(&mut same, &old);
        assert_eq!(same["metadata"]["generation"], 1);
    }

    #[test]
    fn a_change_of_the_status_leaves_the_rest() {
        let old = json!({"metadata": {"generation": 1, "uid": "u", "labels": {"a": "1"}}, "spec": {"a": 1}});
        let mut new = json!({"metadata": {"labels": {"a": "2"}}, "spec": {"a": 2}, "status": {"x": 2}});
        let strategy = Strategy { status_resets: &["spec", "metadata.labels"], ..Strategy::WITH_STATUS };
        strategy.prepare_status(&mut new, &old);
        let metadata = json!({"generation": 1, "uid": "u", "labels": {"a": "1"}});
        assert_eq!(new, json!({"metadata": metadata, "spec": {"a": 1}, "status": {"x": 2}}));
    }
}
