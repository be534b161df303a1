//! What a handler knows from events alone, and whether they made sense.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kubeset::informers::{CacheObject, Deleted, Event, ObjectKey};

use crate::truth::Versions;

/// How many mistakes are kept, and told.
const MISTAKES: usize = 5;

/// The objects as a handler was told of them.
#[derive(Debug, Default)]
pub(crate) struct Model {
    known: HashMap<ObjectKey, State>,
    /// The versions of objects that are gone. Names come again, so there is an end to them.
    gone: HashMap<ObjectKey, u64>,
    /// Whether events of this handler may have been merged.
    merges: bool,
    tally: Seen,
    mistakes: Vec<String>,
}

/// A state of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    version: u64,
    uid: String,
}

/// How many events there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) events: u64,
    pub(crate) resyncs: u64,
    /// Updates from a state that was not told: that of an object whose end was merged with what came after it.
    pub(crate) replaced: u64,
}

impl Seen {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            resyncs: self.resyncs + other.resyncs,
            replaced: self.replaced + other.replaced,
        }
    }
}

impl State {
    fn of<T: CacheObject>(object: &T) -> Self {
        let version = object.resource_version().parse().unwrap_or_default();
        Self { version, uid: object.uid().to_owned() }
    }
}

impl Model {
    /// A model for a handler that is never so slow that its events are merged.
    pub(crate) fn exact() -> SharedModel {
        SharedModel::default()
    }

    /// A model for a handler whose events may be merged.
    pub(crate) fn merging() -> SharedModel {
        SharedModel(Arc::new(Mutex::new(Self { merges: true, ..Self::default() })))
    }

    fn take<T: CacheObject>(&mut self, event: &Event<T>) {
        let key = event.key();
        self.tally.events += 1;
        let mistake = match event {
            Event::Added { object, .. } => self.added(&key, State::of(&**object)),
            Event::Updated { new, .. } if event.is_resync() => self.resynced(&key, &State::of(&**new)),
            Event::Updated { old, new } => self.updated(&key, &State::of(&**old), State::of(&**new)),
            Event::Deleted(deleted) => self.deleted(&key, deleted),
        };
        if let Some(mistake) = mistake
            && self.mistakes.len() < MISTAKES
        {
            self.mistakes.push(format!("{key}: {mistake}"));
        }
    }

    fn added(&mut self, key: &ObjectKey, state: State) -> Option<String> {
        let gone = self.gone.remove(key).filter(|gone| *gone >= state.version);
        let version = state.version;
        if let Some(known) = self.known.insert(key.clone(), state) {
            return Some(format!("added at {version}, but it is known at {}", known.version));
        }
        gone.map(|gone| format!("added at {version}, after it was gone at {gone}"))
    }

    fn resynced(&mut self, key: &ObjectKey, state: &State) -> Option<String> {
        self.tally.resyncs += 1;
        match self.known.get(key) {
            Some(known) if known == state => None,
            known => Some(format!("a resync of {state:?}, but what was told last is {known:?}")),
        }
    }

    fn updated(&mut self, key: &ObjectKey, old: &State, new: State) -> Option<String> {
        let (version, uid) = (new.version, new.uid.clone());
        let Some(known) = self.known.insert(key.clone(), new) else {
            return Some(format!("updated to {version}, but it is not known"));
        };
        if version <= old.version {
            return Some(format!("updated from {} back to {version}", old.version));
        }
        if *old == known {
            return None;
        }
        if self.merges && old.version > known.version && old.uid != uid {
            self.tally.replaced += 1;
            return None;
        }
        Some(format!("updated from {old:?} to {version} {uid}, but what was told last is {known:?}"))
    }

    fn deleted<T: CacheObject>(&mut self, key: &ObjectKey, deleted: &Deleted<T>) -> Option<String> {
        let last = State::of(&**deleted.object());
        self.gone.insert(key.clone(), last.version);
        let Some(known) = self.known.remove(key) else {
            return Some(format!("deleted at {}, but it is not known", last.version));
        };
        let right = match deleted {
            Deleted::Final(_) => last.version > known.version,
            Deleted::FinalStateUnknown(_) if self.merges => last.version >= known.version,
            Deleted::FinalStateUnknown(_) => last == known,
        };
        let same = self.merges || last.uid == known.uid;
        (!right || !same).then(|| format!("deleted as {last:?}, but what was told last is {known:?}"))
    }
}

/// A model that a handler fills and the run reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedModel(Arc<Mutex<Model>>);

impl SharedModel {
    /// Takes an event.
    pub(crate) fn take<T: CacheObject>(&self, event: &Event<T>) {
        self.lock().take(event);
    }

    /// What was wrong with the events, if something was.
    pub(crate) fn mistakes(&self) -> Option<String> {
        let model = self.lock();
        (!model.mistakes.is_empty()).then(|| model.mistakes.join("; "))
    }

    /// How the objects differ from what they should be, if they do.
    pub(crate) fn difference(&self, truth: &Versions) -> Option<String> {
        let model = self.lock();
        truth.difference(
            model.known.len(),
            |key| model.known.get(key).map(|state| state.version),
            || model.known.keys().cloned().collect(),
        )
    }

    /// How many events there were.
    pub(crate) fn seen(&self) -> Seen {
        self.lock().tally
    }

    fn lock(&self) -> MutexGuard<'_, Model> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kubeset::api::core::v1::ConfigMap;

    use super::*;
    use crate::truth::tests::object;

    fn added(version: u64) -> Event<ConfigMap> {
        Event::Added { object: Arc::new(object("a", version, "one")), initial: false }
    }

    fn updated(old: u64, new: u64) -> Event<ConfigMap> {
        Event::Updated { old: Arc::new(object("a", old, "one")), new: Arc::new(object("a", new, "one")) }
    }

    fn resynced(version: u64) -> Event<ConfigMap> {
        let object = Arc::new(object("a", version, "one"));
        Event::Updated { old: Arc::clone(&object), new: object }
    }

    fn deleted(version: u64) -> Event<ConfigMap> {
        Event::Deleted(Deleted::Final(Arc::new(object("a", version, "one"))))
    }

    fn vanished(version: u64) -> Event<ConfigMap> {
        Event::Deleted(Deleted::FinalStateUnknown(Arc::new(object("a", version, "one"))))
    }

    fn replaced(old: u64, new: u64) -> Event<ConfigMap> {
        Event::Updated { old: Arc::new(object("a", old, "one")), new: Arc::new(object("a", new, "two")) }
    }

    fn told(model: &SharedModel, events: &[Event<ConfigMap>]) -> Option<String> {
        events.iter().for_each(|event| model.take(event));
        model.mistakes()
    }

    #[test]
    fn what_makes_sense_is_no_mistake() {
        for events in [
            vec![added(1), updated(1, 2), resynced(2), deleted(3), added(4)],
            vec![added(1), vanished(1), added(2)],
            vec![added(1), replaced(1, 5)],
        ] {
            assert_eq!(told(&Model::exact(), &events), None);
            assert_eq!(told(&Model::merging(), &events), None);
        }
    }

    #[test]
    fn each_event_that_does_not_follow_from_those_before_is_a_mistake() {
        for events in [
            vec![added(1), added(2)],
            vec![added(2), deleted(3), added(3)],
            vec![updated(1, 2)],
            vec![added(3), updated(3, 2)],
            vec![added(1), updated(2, 3)],
            vec![added(3), updated(2, 4)],
            vec![added(1), resynced(2)],
            vec![resynced(1)],
            vec![deleted(1)],
            vec![added(2), deleted(2)],
            vec![added(2), vanished(1)],
        ] {
            assert!(told(&Model::exact(), &events).is_some(), "{events:?}");
            assert!(told(&Model::merging(), &events).is_some(), "{events:?}");
        }
    }

    #[test]
    fn an_end_that_was_merged_with_a_beginning_is_a_mistake_only_where_nothing_is_merged() {
        for events in [vec![added(1), replaced(3, 5)], vec![added(1), vanished(2)]] {
            assert!(told(&Model::exact(), &events).is_some());
            assert_eq!(told(&Model::merging(), &events), None);
        }
    }
}
