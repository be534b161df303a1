//! One event for each object, in place of many.

use std::collections::VecDeque;

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::event::Event;
use crate::key::ObjectKey;
use crate::object::CacheObject;

/// Events of which those of one object are merged.
pub(super) struct Merged<T> {
    /// The keys in the order in which something happened first. Each is in `events`, and the other way round.
    order: VecDeque<ObjectKey>,
    /// What happened; nothing if the object came and went.
    events: HashMap<ObjectKey, Option<Event<T>>, DefaultHashBuilder>,
    synced: bool,
}

impl<T> Default for Merged<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), events: HashMap::default(), synced: false }
    }
}

impl<T: CacheObject> Merged<T> {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The objects that were there at first are among what was added.
    pub(super) fn synced(&mut self) {
        self.synced = true;
    }

    pub(super) fn is_synced(&self) -> bool {
        self.synced
    }

    /// Takes the events of up to `count` objects out.
    pub(super) fn take(&mut self, count: usize) -> impl Iterator<Item = Event<T>> {
        let events = std::iter::from_fn(|| {
            let key = self.order.pop_front()?;
            self.events.remove(&key)
        });
        events.flatten().take(count)
    }
}

impl<T: CacheObject> Extend<Event<T>> for Merged<T> {
    fn extend<I: IntoIterator<Item = Event<T>>>(&mut self, events: I) {
        for event in events {
            let key = event.key();
            if let Some(known) = self.events.get_mut(&key) {
                *known = merge(known.take(), event);
            } else {
                self.order.push_back(key.clone());
                self.events.insert(key, Some(event));
            }
        }
    }
}

/// What has happened in all to an object that had one event and then another. Nothing, if it came and went.
fn merge<T>(earlier: Option<Event<T>>, later: Event<T>) -> Option<Event<T>> {
    match (earlier, later) {
        (Some(Event::Added { initial, .. }), Event::Updated { new, .. }) => {
            Some(Event::Added { object: new, initial })
        }
        (Some(Event::Added { .. }), Event::Deleted(_)) => None,
        (Some(Event::Updated { old, .. }), Event::Updated { new, .. }) => Some(Event::Updated { old, new }),
        (Some(Event::Deleted(gone)), Event::Added { object, .. }) => {
            Some(Event::Updated { old: gone.object().clone(), new: object })
        }
        (_, later) => Some(later),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use k8s_openapi::api::core::v1::ConfigMap;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;
    use crate::event::Deleted;

    fn object(name: &str, version: &str) -> Arc<ConfigMap> {
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            resource_version: Some(version.to_owned()),
            ..ObjectMeta::default()
        };
        Arc::new(ConfigMap { metadata, ..ConfigMap::default() })
    }

    fn added(version: &str) -> Event<ConfigMap> {
        Event::Added { object: object("a", version), initial: true }
    }

    fn updated(old: &str, new: &str) -> Event<ConfigMap> {
        Event::Updated { old: object("a", old), new: object("a", new) }
    }

    fn deleted(version: &str) -> Event<ConfigMap> {
        Event::Deleted(Deleted::Final(object("a", version)))
    }

    fn words(event: &Event<ConfigMap>) -> String {
        let version = |object: &ConfigMap| object.metadata.resource_version.clone().unwrap_or_default();
        match event {
            Event::Added { object, initial } => format!("added {} {initial}", version(object)),
            Event::Updated { old, new } => format!("updated {} {}", version(old), version(new)),
            Event::Deleted(gone) => format!("deleted {}", version(gone.object())),
        }
    }

    #[test]
    fn two_events_of_an_object_become_the_way_from_the_first_state_to_the_last() {
        for (events, expected) in [
            (vec![added("1"), updated("1", "2")], vec!["added 2 true"]),
            (vec![added("1"), deleted("2")], vec![]),
            (vec![added("1"), deleted("2"), added("3")], vec!["added 3 true"]),
            (vec![updated("1", "2"), updated("2", "3")], vec!["updated 1 3"]),
            (vec![updated("1", "2"), deleted("3")], vec!["deleted 3"]),
            (vec![deleted("3"), added("4")], vec!["updated 3 4"]),
            (vec![updated("1", "1"), updated("1", "2")], vec!["updated 1 2"]),
        ] {
            let mut merged = Merged::default();
            merged.extend(events);
            assert_eq!(merged.take(9).map(|event| words(&event)).collect::<Vec<_>>(), expected);
            assert_eq!(merged.len(), 0);
        }
    }

    #[test]
    fn an_object_that_comes_and_goes_needs_no_more_room_each_time() {
        let mut merged = Merged::default();
        for _ in 0..100 {
            merged.extend([added("1"), deleted("2")]);
        }
        assert_eq!(merged.len(), 1);
        assert!(merged.take(9).next().is_none());
    }

    #[test]
    fn objects_keep_the_order_in_which_something_happened_first() {
        let mut merged = Merged::default();
        let add = |name| Event::Added { object: object(name, "1"), initial: false };
        merged.extend([add("b"), add("a"), Event::Updated { old: object("b", "1"), new: object("b", "2") }]);
        let keys: Vec<_> = merged.take(9).map(|event| event.key().to_string()).collect();
        assert_eq!(keys, ["b", "a"]);
    }
}
