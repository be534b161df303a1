//! One index of a store: which objects have which value. No locks.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use hashbrown::hash_map::EntryRef;
use hashbrown::{DefaultHashBuilder, HashMap};
use indexmap::IndexSet;

/// A number that stands for an object while it is in the store.
pub(super) type Id = usize;

/// The values that an object has in an index.
#[derive(Debug, Default)]
pub struct IndexValues {
    values: Values,
}

impl IndexValues {
    /// The object can be found by this value, and by all others that it is given.
    pub fn insert(&mut self, value: impl AsRef<str>) {
        let value: Arc<str> = value.as_ref().into();
        self.values = match std::mem::take(&mut self.values) {
            Values::None => Values::One(value),
            Values::One(first) if first == value => Values::One(first),
            Values::One(first) => Values::Many(vec![first, value]),
            Values::Many(mut values) => {
                if !values.contains(&value) {
                    values.push(value);
                }
                Values::Many(values)
            }
        };
    }
}

impl<V: AsRef<str>> Extend<V> for IndexValues {
    fn extend<I: IntoIterator<Item = V>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.insert(value));
    }
}

/// Most objects have one value in an index or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Values {
    #[default]
    None,
    One(Arc<str>),
    Many(Vec<Arc<str>>),
}

impl Values {
    fn as_mut_slice(&mut self) -> &mut [Arc<str>] {
        match self {
            Self::None => &mut [],
            Self::One(value) => std::slice::from_mut(value),
            Self::Many(values) => values,
        }
    }

    fn as_slice(&self) -> &[Arc<str>] {
        match self {
            Self::None => &[],
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// A function of the program's that names the values of an object.
type ValuesOf<T> = dyn Fn(&T, &mut IndexValues) + Send + Sync;

/// What says which values an object has in an index.
pub(super) struct Function<T> {
    name: Arc<str>,
    values_of: Arc<ValuesOf<T>>,
}

impl<T> Function<T> {
    pub(super) fn new(name: &str, values_of: impl Fn(&T, &mut IndexValues) + Send + Sync + 'static) -> Self {
        Self { name: name.into(), values_of: Arc::new(values_of) }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn values(&self, object: &T) -> Values {
        let mut values = IndexValues::default();
        (self.values_of)(object, &mut values);
        values.values
    }
}

impl<T> Clone for Function<T> {
    fn clone(&self) -> Self {
        Self { name: Arc::clone(&self.name), values_of: Arc::clone(&self.values_of) }
    }
}

impl<T> fmt::Debug for Function<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Function").field(&self.name).finish()
    }
}

/// Some objects.
type IdSet = IndexSet<Id, DefaultHashBuilder>;

/// The objects that are found by each of some texts. No text has none.
pub(super) type Ids<V> = HashMap<V, IdSet, DefaultHashBuilder>;

/// Lets an object be found by a text.
pub(super) fn add<V>(ids: &mut Ids<V>, text: &str, id: Id)
where
    V: Borrow<str> + for<'a> From<&'a str> + Hash + Eq,
{
    match ids.get_mut(text) {
        Some(ids) => drop(ids.insert(id)),
        None => drop(ids.insert(text.into(), IdSet::from_iter([id]))),
    }
}

/// Lets an object no longer be found by a text.
pub(super) fn take_out<V: Borrow<str> + Hash + Eq>(ids: &mut Ids<V>, text: &str, id: Id) {
    let Some(found) = ids.get_mut(text) else { return };
    found.swap_remove(&id);
    if found.is_empty() {
        ids.remove(text);
    }
}

/// The objects that each value has.
pub(super) struct IndexTable<T> {
    function: Function<T>,
    ids: Ids<Arc<str>>,
}

impl<T> IndexTable<T> {
    pub(super) fn new(function: Function<T>) -> Self {
        Self { function, ids: HashMap::default() }
    }

    pub(super) fn function(&self) -> &Function<T> {
        &self.function
    }

    /// The objects with this value.
    pub(super) fn ids(&self, value: &str) -> Option<&IdSet> {
        self.ids.get(value)
    }

    /// All values that some object has, in no order.
    pub(super) fn values(&self) -> impl Iterator<Item = &Arc<str>> {
        self.ids.keys()
    }

    /// Gives an object other values. The new ones, of which equal texts are one.
    pub(super) fn replace(&mut self, id: Id, old: &Values, mut new: Values) -> Values {
        for value in old.as_slice() {
            if !new.as_slice().contains(value) {
                take_out(&mut self.ids, value, id);
            }
        }
        for value in new.as_mut_slice() {
            match self.ids.entry_ref(&**value) {
                EntryRef::Occupied(mut entry) => {
                    *value = Arc::clone(entry.key());
                    entry.get_mut().insert(id);
                }
                EntryRef::Vacant(entry) => {
                    entry.insert_with_key(Arc::clone(value), IdSet::from_iter([id]));
                }
            }
        }
        new
    }
}
