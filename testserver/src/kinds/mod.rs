//! What is special about each kind: defaults, rules, and what a client may not decide.

use crate::failure::Cause;
use crate::schema::Schema;
use serde_json::Value;

/// What is special about a kind.
#[derive(Debug)]
pub(crate) struct Strategy {
    /// Fills in what the client left out.
    pub(crate) default: fn(&mut Value),
    /// Takes out what a client does not decide when it makes an object.
    pub(crate) prepare_create: fn(&mut Value),
    /// Takes over from the old object what a client does not decide when it changes one.
    pub(crate) prepare_update: fn(&mut Value, &Value),
    /// The same for the status subresource.
    pub(crate) prepare_status_update: fn(&mut Value, &Value),
    /// What is wrong with a new object.
    pub(crate) validate: fn(&Value) -> Vec<Cause>,
    /// What is wrong with a changed one.
    pub(crate) validate_update: fn(&Value, &Value) -> Vec<Cause>,
    /// Whether an update may leave out the version it is based on.
    pub(crate) unconditional_update: bool,
    /// Whether an update of an object that does not exist makes it.
    pub(crate) create_on_update: bool,
}

static GENERIC: Strategy = Strategy {
    default: |_| {},
    prepare_create: |_| {},
    prepare_update: |_, _| {},
    prepare_status_update: |_, _| {},
    validate: |_| Vec::new(),
    validate_update: |_, _| Vec::new(),
    unconditional_update: true,
    create_on_update: false,
};

/// What is special about a resource.
pub(crate) fn strategy(_group: &str, _plural: &str) -> &'static Strategy {
    &GENERIC
}

/// Does what decoding into Kubernetes' types and encoding again does.
pub(crate) fn normalise(_object: &mut Value, _schema: &Schema) {}
