//! A store against a plain map, after random changes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::*;

/// What a store should hold: the version and the value of each object, by namespace and name.
type Model = BTreeMap<(String, String), (u64, u64)>;

fn object(namespace: &str, name: &str, version: u64, value: u64) -> Arc<ConfigMap> {
    let metadata = ObjectMeta {
        namespace: Some(namespace.to_owned()),
        name: Some(name.to_owned()),
        resource_version: Some(version.to_string()),
        ..ObjectMeta::default()
    };
    let data = Some(BTreeMap::from([("value".to_owned(), value.to_string())]));
    Arc::new(ConfigMap { metadata, data, ..ConfigMap::default() })
}

fn value(object: &ConfigMap) -> &str {
    object.data.as_ref().and_then(|data| data.get("value")).map_or("", String::as_str)
}

fn key(object: &ConfigMap) -> (String, String) {
    (object.namespace().unwrap_or_default().to_owned(), object.name().to_owned())
}

fn state(object: &ConfigMap) -> (u64, u64) {
    (object.resource_version().parse().unwrap(), value(object).parse().unwrap())
}

/// Random changes, as a server makes them: each has a version of its own.
struct Changes {
    random: fastrand::Rng,
    version: u64,
    server: Model,
}

impl Changes {
    fn one(&mut self) -> Change<ConfigMap> {
        self.version += 1;
        let namespace = format!("n{}", self.random.u8(..3));
        let name = format!("m{}", self.random.u8(..20));
        if self.random.u8(..4) == 0 {
            self.server.remove(&(namespace.clone(), name.clone()));
            return Change::Remove(object(&namespace, &name, self.version, 0));
        }
        let value = self.random.u64(..5);
        let object = object(&namespace, &name, self.version, value);
        self.server.insert((namespace, name), (self.version, value));
        Change::Put(object)
    }

    /// All objects, as a list has them.
    fn staged(&self, store: &Store<ConfigMap>) -> Staging<ConfigMap> {
        let mut staged = Staging::default();
        for ((namespace, name), (version, value)) in &self.server {
            let object = object(namespace, name, *version, *value);
            staged.put(store.same_state(&object).unwrap_or(object));
        }
        staged
    }
}

/// Takes over what a handler is told, which must follow from what it was told before.
fn hear(told: &mut Model, events: Vec<Event<ConfigMap>>) {
    for event in events {
        let key = key(event.object());
        match &event {
            Event::Added { object, .. } => assert_eq!(told.insert(key, state(object)), None),
            Event::Updated { old, new } => assert_eq!(told.insert(key, state(new)), Some(state(old))),
            Event::Deleted(_) => assert!(told.remove(&key).is_some()),
        }
    }
}

fn assert_same(store: &Store<ConfigMap>, index: &Index<ConfigMap>, model: &Model) {
    let of = |objects: Vec<Arc<ConfigMap>>| -> Model {
        objects.iter().map(|object| (key(object), state(object))).collect()
    };
    assert_eq!((of(store.list()), store.len()), (model.clone(), model.len()));
    for namespace in ["n0", "n1", "n2", "n3"] {
        let mut expected = model.clone();
        expected.retain(|(in_namespace, _), _| in_namespace == namespace);
        assert_eq!(of(store.list_namespace(namespace)), expected);
    }
    for value in 0..6 {
        let mut expected = model.clone();
        expected.retain(|_, (_, of_object)| *of_object == value);
        assert_eq!(index.count(&value.to_string()), expected.len());
        assert_eq!(of(index.get(&value.to_string())), expected);
    }
    let mut values: Vec<_> = index.values().iter().map(ToString::to_string).collect();
    values.sort_unstable();
    let mut expected: Vec<_> = model.values().map(|(_, value)| value.to_string()).collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(values, expected);
    for ((namespace, name), expected) in model {
        assert_eq!(state(&store.get(&ObjectKey::new(namespace, name)).unwrap()), *expected);
    }
}

#[test]
fn a_store_its_indexes_and_its_events_agree_with_a_plain_map() {
    for seed in 0..20 {
        let store = Store::<ConfigMap>::new();
        let mut index = store.add_index("value", |object, values| values.insert(value(object)));
        let random = fastrand::Rng::with_seed(seed);
        let mut changes = Changes { random, version: 0, server: Model::new() };
        let mut told = Model::new();
        for round in 0..60 {
            let batch = (0..changes.random.usize(..40)).map(|_| changes.one()).collect();
            // Now and then the store hears nothing of what happens, and reads all objects anew.
            let missed = changes.random.u8(..5) == 0;
            let version = changes.version.to_string();
            let events = if missed {
                store.replace(changes.staged(&store), &version, false)
            } else {
                store.apply(batch, &version)
            };
            hear(&mut told, events);
            if round == 30 {
                index = store.add_index("value again", |object, values| values.insert(value(object)));
            }
            assert_same(&store, &index, &changes.server);
            assert_eq!(told, changes.server);
            assert_eq!(store.resource_version(), version);
        }
    }
}

#[test]
fn an_object_can_have_many_values_and_equal_ones_count_once() {
    let store = Store::<ConfigMap>::new();
    let index = store.add_index("letters", |object: &ConfigMap, values| {
        values.extend(object.name().chars().map(String::from));
    });
    store.apply(vec![Change::Put(object("n", "abba", 1, 0)), Change::Put(object("n", "cab", 2, 0))], "2");
    let counts = ["a", "b", "c", "d"].map(|letter| index.count(letter));
    assert_eq!(counts, [2, 2, 1, 0]);
    store.apply(vec![Change::Remove(object("n", "abba", 3, 0))], "3");
    assert_eq!(["a", "b", "c", "d"].map(|letter| index.count(letter)), [1, 1, 1, 0]);
}

#[test]
fn the_end_of_an_object_that_nobody_was_told_of_is_no_event() {
    let store = Store::<ConfigMap>::new();
    assert!(store.apply(vec![Change::Remove(object("n", "a", 1, 0))], "1").is_empty());
    assert_eq!(store.resource_version(), "1");
}

#[test]
fn the_same_state_twice_is_told_once() {
    let store = Store::<ConfigMap>::new();
    let put = || vec![Change::Put(object("n", "a", 1, 0))];
    assert_eq!((store.apply(put(), "1").len(), store.apply(put(), "1").len()), (1, 0));
}
