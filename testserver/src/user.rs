//! Who asks.

/// The group of all who are known.
pub(crate) const AUTHENTICATED: &str = "system:authenticated";

/// The group of those who are not.
pub(crate) const UNAUTHENTICATED: &str = "system:unauthenticated";

/// Who asks without saying so.
pub(crate) const ANONYMOUS: &str = "system:anonymous";

/// The group that may do everything.
pub(crate) const MASTERS: &str = "system:masters";

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
        Self::known("admin", [MASTERS])
    }

    /// Somebody who has proved who they are.
    pub(crate) fn known<G: Into<String>>(
        name: impl Into<String>,
        groups: impl IntoIterator<Item = G>,
    ) -> Self {
        let mut groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        if !groups.iter().any(|group| group == AUTHENTICATED) {
            groups.push(AUTHENTICATED.into());
        }
        Self { name: name.into(), uid: String::new(), groups, extra: Vec::new() }
    }

    /// Somebody who has not said who they are.
    pub(crate) fn anonymous() -> Self {
        let groups = vec![UNAUTHENTICATED.into()];
        Self { name: ANONYMOUS.into(), uid: String::new(), groups, extra: Vec::new() }
    }

    /// Whether they are in a group.
    pub(crate) fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|other| other == group)
    }
}

/// The namespace and the name of a service account, by the name that it has as a user.
pub(crate) fn service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    (!namespace.is_empty() && !name.is_empty() && !name.contains(':')).then_some((namespace, name))
}

/// The groups that every service account of a namespace is in.
pub(crate) fn service_account_groups(namespace: &str) -> [String; 2] {
    ["system:serviceaccounts".into(), format!("system:serviceaccounts:{namespace}")]
}
