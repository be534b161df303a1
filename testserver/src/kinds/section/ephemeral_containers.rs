//! `ephemeralcontainers` of Pods: containers that join the others for a while.

use super::{Section, keep_pod};
use crate::kinds::access::{Change, Look};
use crate::kinds::difference;
use crate::kinds::metadata::{self, Origin};
use crate::kinds::path::Path;
use crate::kinds::pod;
use crate::kinds::pod_spec;
use crate::kinds::report::Report;
use serde_json::Value;

pub(super) static SECTION: Section = Section { prepare, check, admit: super::always };

const FIELD: &str = "ephemeralContainers";

fn prepare(new: &mut Value, old: &Value) {
    let mut spec = old["spec"].clone();
    spec.copy_field(FIELD, &new["spec"]);
    if spec.count(FIELD) == 0 {
        spec.remove_field(FIELD);
    }
    keep_pod(new, old, spec);
}

fn check(new: &Value, old: &Value, report: &mut Report) {
    metadata::validate_update(new, old, Origin::Core, report);
    pod_spec::check_pod(new, report);
    pod::check_annotations(new, old, report);
    let path = Path::root("spec.ephemeralContainers");
    for old in old["spec"].list(FIELD) {
        let name = old.text("name");
        match new["spec"].list(FIELD).iter().find(|new| new.text("name") == name) {
            None => {
                let detail = format!("existing ephemeral containers {name:?} may not be removed\n");
                report.forbidden(path, &detail);
            }
            Some(new) if new != old => {
                let difference = difference::unified(old, new);
                let detail =
                    format!("existing ephemeral containers {name:?} may not be changed\n{difference}");
                report.forbidden(path, &detail);
            }
            Some(_) => {}
        }
    }
}
