//! `finalize` of Namespaces: what has finished with one.

use super::Section;
use crate::kinds::access::{Change, Look};
use crate::kinds::metadata::{self, Origin};
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;

pub(super) static SECTION: Section =
    Section { prepare: |new, old| new.copy_field("status", old), check, admit: super::always };

fn check(new: &Value, old: &Value, report: &mut Report) {
    metadata::validate_update(new, old, Origin::Core, report);
    let path = Path::root("spec.finalizers");
    for (index, finalizer) in new["spec"].texts("finalizers").enumerate() {
        let path = path.index(index);
        report.broken(path, finalizer, names::label_key(finalizer));
        if !finalizer.contains('/') && !metadata::STANDARD_FINALIZERS.contains(&finalizer) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            report.invalid(path, finalizer, detail);
        }
    }
}
