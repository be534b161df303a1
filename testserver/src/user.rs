//! Who asks.

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    /// The name.
    pub(crate) name: String,
    /// The unique identifier; service accounts have one.
    pub(crate) uid: String,
    /// The groups, `system:authenticated` among them.
    pub(crate) groups: Vec<String>,
    /// What else is known.
    pub(crate) extra: Vec<(String, Vec<String>)>,
}

impl User {
    /// Who may do everything: everybody, on a server that asks for no credentials.
    pub(crate) fn admin() -> Self {
        Self {
            name: "kubernetes-admin".into(),
            uid: String::new(),
            groups: vec!["system:masters".into(), "system:authenticated".into()],
            extra: Vec::new(),
        }
    }
}
