//! Documents that nobody would write. What becomes of them does not matter, as long as nothing panics.

use super::super::{Application, Operation, ResetFields, apply, track};
use super::{deployment, manager};
use crate::patch::{json_patch, merge_patch, strategic_merge_patch};
use crate::schema::Schema;
use fastrand::Rng;
use serde_json::{Value, json};

/// Keys of deployments, patches and managed fields.
const KEYS: &str = "metadata spec status template containers name ports containerPort protocol labels a finalizers \
                    volumes $patch $retainKeys $setElementOrder/containers $setElementOrder/finalizers \
                    $deleteFromPrimitiveList/finalizers $setElementOrder/ports env image managedFields f:spec . \
                    k:{\"name\":\"a\"} v:\"a\" operation manager fieldsType fieldsV1 apiVersion kind op path from value \
                    annotations strategy selector ownerReferences uid conditions type";

/// Texts that mean something in them.
const TEXTS: &str = "a b delete replace merge add copy move remove /spec /spec/a/- /metadata/finalizers/0 Apply Update \
                     FieldsV1 v1 apps/v1 Deployment \u{0}é";

fn word(random: &mut Rng, words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    words[random.usize(..words.len())].to_owned()
}

fn value(random: &mut Rng, depth: usize) -> Value {
    match random.u8(..if depth == 0 { 6 } else { 14 }) {
        0 => Value::Null,
        1 => random.bool().into(),
        2 => random.i64(-2..100).into(),
        3 => json!(1.5),
        4 | 5 => word(random, TEXTS).into(),
        6..9 => (0..random.usize(..4)).map(|_| value(random, depth - 1)).collect(),
        _ => {
            let entries = (0..random.usize(..6)).map(|_| (word(random, KEYS), value(random, depth - 1)));
            Value::Object(entries.collect())
        }
    }
}

/// Something that says to be a deployment.
fn object(random: &mut Rng) -> Value {
    let mut object = value(random, 6);
    if object.is_object() {
        object["apiVersion"] = "apps/v1".into();
        object["kind"] = "Deployment".into();
    }
    object
}

fn apply_all(live: Option<&Value>, config: &Value, schema: &Schema) -> Vec<Value> {
    let manager = manager("kubectl", Operation::Apply, "apps/v1");
    let reset = ResetFields::of("apps", "deployments", "");
    let applied = [false, true].map(|force| {
        apply(live, config, schema, &manager, &Application { kind: "Deployment", force, reset }).ok()
    });
    applied.into_iter().flatten().collect()
}

#[test]
fn no_document_makes_anything_panic() {
    let mut random = Rng::with_seed(7);
    for _ in 0..3_000 {
        let (old, new) = (object(&mut random), object(&mut random));
        let _ = json_patch(&old, &new);
        let _ = merge_patch(&old, &new);
        let _ = strategic_merge_patch(&old, &new, deployment());
        for schema in [deployment(), Schema::any()] {
            for live in [None, Some(&old)] {
                for object in apply_all(live, &new, schema) {
                    apply_all(Some(&object), &old, schema);
                }
                let reset = ResetFields::of("apps", "deployments", "status");
                let manager = manager("m", Operation::Update, "apps/v1");
                track(live, &mut new.clone(), schema, &manager, reset);
            }
        }
    }
}
