//! What labels can be looked up in.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// What has labels to be looked up: a map, pairs, or either or none.
///
/// No labels at all are the same as none that is asked for.
pub trait Labels {
    /// The value of the label `key`, if there is one.
    fn label(&self, key: &str) -> Option<&str>;
}

impl<L: Labels + ?Sized> Labels for &L {
    fn label(&self, key: &str) -> Option<&str> {
        (**self).label(key)
    }
}

impl<L: Labels> Labels for Option<L> {
    fn label(&self, key: &str) -> Option<&str> {
        self.as_ref().and_then(|labels| labels.label(key))
    }
}

impl Labels for BTreeMap<String, String> {
    fn label(&self, key: &str) -> Option<&str> {
        self.get(key).map(String::as_str)
    }
}

impl<S: BuildHasher> Labels for HashMap<String, String, S> {
    fn label(&self, key: &str) -> Option<&str> {
        self.get(key).map(String::as_str)
    }
}

/// Labels in any order: few enough that a search from the front is the fastest. The first with a key counts.
impl<K: AsRef<str>, V: AsRef<str>> Labels for [(K, V)] {
    fn label(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| name.as_ref() == key).map(|(_, value)| value.as_ref())
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Labels for [(K, V); N] {
    fn label(&self, key: &str) -> Option<&str> {
        self.as_slice().label(key)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Labels for Vec<(K, V)> {
    fn label(&self, key: &str) -> Option<&str> {
        self.as_slice().label(key)
    }
}

/// The labels of an object.
#[cfg(feature = "k8s-openapi")]
impl Labels for k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
    fn label(&self, key: &str) -> Option<&str> {
        self.labels.label(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    #[test]
    fn labels_are_found_in_whatever_holds_them() {
        fn value(labels: impl Labels) -> Option<String> {
            assert_eq!(labels.label("b"), None);
            labels.label("a").map(str::to_owned)
        }
        let map = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        let one = Some("1".to_owned());
        assert_eq!(value(&map), one);
        assert_eq!(value(Some(&map)), one);
        assert_eq!(value(map.clone().into_iter().collect::<HashMap<_, _>>()), one);
        assert_eq!(value([("a", "1"), ("a", "2")]), one);
        assert_eq!(value([("a", "1")].as_slice()), one);
        assert_eq!(value(vec![("a".to_owned(), "1")]), one);
        assert_eq!(value(ObjectMeta { labels: Some(map), ..ObjectMeta::default() }), one);
        assert_eq!(value(ObjectMeta::default()), None);
        assert_eq!(value(None::<&BTreeMap<String, String>>), None);
    }
}
