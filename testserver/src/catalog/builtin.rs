//! The generated table of resources.

/// A row of the generated table.
#[derive(Debug)]
pub(crate) struct BuiltinResource {
    /// The API group; empty for core.
    pub(crate) group: &'static str,
    /// The version of the group.
    pub(crate) version: &'static str,
    /// The name in paths.
    pub(crate) plural: &'static str,
    /// The kind of its objects.
    pub(crate) kind: &'static str,
    /// Whether its objects live in namespaces.
    pub(crate) namespaced: bool,
    /// The name of the type of its objects.
    pub(crate) definition: &'static str,
    /// Such as `po`.
    pub(crate) short_names: &'static [&'static str],
    /// Such as `all`.
    pub(crate) categories: &'static [&'static str],
    /// What can be done, in discovery's words and order.
    pub(crate) verbs: &'static [&'static str],
    /// What its objects have below their path.
    pub(crate) subresources: &'static [BuiltinSubresource],
    /// The first version of Kubernetes that has it like this.
    pub(crate) first: u8,
    /// The last version of Kubernetes that has it like this.
    pub(crate) last: u8,
}

/// A subresource of a resource.
#[derive(Debug)]
pub(crate) struct BuiltinSubresource {
    /// The segment of the path.
    pub(crate) name: &'static str,
    /// The group of what is sent or read.
    pub(crate) group: &'static str,
    /// The version of the group.
    pub(crate) version: &'static str,
    /// What is sent or read.
    pub(crate) kind: &'static str,
    /// What can be done, in discovery's words and order.
    pub(crate) verbs: &'static [&'static str],
}
