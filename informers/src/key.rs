//! What an object is called within its resource.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The name of an object and its namespace, if it has one: what a cache and a work queue know it by.
///
/// It is written `namespace/name`, or `name` for an object without a namespace. Clones share the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    text: Arc<str>,
}

impl ObjectKey {
    /// The key of an object in a namespace. An empty namespace is none.
    pub fn new(namespace: &str, name: &str) -> Self {
        if namespace.is_empty() {
            return Self::cluster(name);
        }
        let mut text = String::with_capacity(namespace.len() + 1 + name.len());
        text.push_str(namespace);
        text.push('/');
        text.push_str(name);
        Self { text: text.into() }
    }

    /// The key of an object without a namespace.
    pub fn cluster(name: &str) -> Self {
        Self { text: name.into() }
    }

    /// The namespace, if there is one.
    pub fn namespace(&self) -> Option<&str> {
        self.text.split_once('/').map(|(namespace, _)| namespace)
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.text.split_once('/').map_or(&self.text, |(_, name)| name)
    }

    /// Whether this is the key of the object `name` in `namespace`, which is empty for an object without one.
    pub(crate) fn is(&self, namespace: &str, name: &str) -> bool {
        let Some(rest) = self.text.strip_suffix(name) else { return false };
        if namespace.is_empty() {
            rest.is_empty() && !name.contains('/')
        } else {
            rest.strip_suffix('/') == Some(namespace)
        }
    }

    /// The key as it is written: `namespace/name` or `name`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Hash for ObjectKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ObjectKey({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_namespace_or_none() {
        let web = ObjectKey::new("prod", "web");
        assert_eq!((web.namespace(), web.name(), web.as_str()), (Some("prod"), "web", "prod/web"));
        let node = ObjectKey::new("", "node");
        assert_eq!((node.namespace(), node.name(), node.as_str()), (None, "node", "node"));
        assert_eq!(node, ObjectKey::cluster("node"));
        assert!(web.is("prod", "web") && node.is("", "node"));
        for (namespace, name) in
            [("", "web"), ("", "prod/web"), ("prod", "eb"), ("rod", "web"), ("prod", ""), ("pro", "dweb")]
        {
            assert!(!web.is(namespace, name), "{namespace} {name}");
        }
    }
}
