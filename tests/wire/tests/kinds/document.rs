//! The OpenAPI extract of the version that the tests run for.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// The minor version of Kubernetes.
pub(crate) const MINOR: u8 = if cfg!(feature = "v1_33") {
    33
} else if cfg!(feature = "v1_34") {
    34
} else if cfg!(feature = "v1_35") {
    35
} else if cfg!(feature = "v1_36") {
    36
} else {
    37
};

/// What sets the kind of an object apart from others of its name.
const KIND: &str = "x-kubernetes-group-version-kind";

/// The schemas of all types, by the names of their definitions.
pub(crate) struct Document {
    definitions: Map<String, Value>,
}

impl Document {
    pub(crate) fn read() -> Self {
        let path = format!("../../codegen/openapi/v1.{MINOR}.json");
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        let Value::Object(definitions) = document["definitions"].take() else { panic!("no definitions") };
        Self { definitions }
    }

    /// The schema of a definition.
    pub(crate) fn schema(&self, definition: &str) -> &Value {
        self.definitions.get(definition).unwrap_or_else(|| panic!("no definition of {definition}"))
    }

    /// The definitions of what is sent or read as a whole.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.definitions
            .iter()
            .filter(|(_, schema)| schema.get(KIND).is_some())
            .map(|(definition, _)| definition.as_str())
    }

    /// The `apiVersion` and `kind` of what has this definition. What is of several groups is so under each.
    pub(crate) fn type_meta(&self, definition: &str) -> Vec<(String, String)> {
        let kinds = self.schema(definition)[KIND].as_array().map_or(&[][..], Vec::as_slice);
        let type_meta = |kind: &Value| {
            let text = |name: &str| kind[name].as_str().unwrap();
            let (group, version) = (text("group"), text("version"));
            let version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
            (version, text("kind").to_owned())
        };
        kinds.iter().map(type_meta).collect()
    }
}
