//! Those who change objects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt as _;
use kubeset::api::core::v1::ConfigMap;
use kubeset::{Clientset, Error, MergePatch};
use serde_json::json;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tokio::task::JoinSet;

use crate::cluster::{namespace, object};

/// How many objects there are, more or less.
pub(crate) const OBJECTS: usize = 5_000;
/// How many names there are. Those that are not in use wait to be created.
const NAMES: usize = OBJECTS * 3 / 2;
/// How many write at the same time.
const WRITERS: usize = 8;
/// How many objects are created at the same time before the run begins.
const AT_ONCE: usize = 32;
/// The longest time between two writes of a writer.
const LONGEST_REST: Duration = Duration::from_millis(30);
/// How long a writer waits after a write that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(300);

/// The label that objects are selected by.
pub(crate) const COLOUR: &str = "colour";
/// Its values.
pub(crate) const COLOURS: [&str; 3] = ["red", "green", "blue"];

/// Tasks that create, change and delete objects until they are dropped.
pub(crate) struct Writers {
    /// Held for each write, and alone by who wants none.
    turn: Arc<RwLock<()>>,
    writes: Arc<Writes>,
    _tasks: JoinSet<()>,
}

/// How many writes there were.
#[derive(Debug, Default)]
struct Writes {
    done: AtomicU64,
    failed: AtomicU64,
}

impl Writers {
    /// Creates the objects, and lets the writers loose.
    pub(crate) async fn start(clientset: &Clientset, random: &mut Rng) -> Result<Self, Error> {
        let (turn, writes) = (Arc::new(RwLock::new(())), Arc::new(Writes::default()));
        let all: Vec<Writer> = (0..WRITERS)
            .map(|number| Writer {
                clientset: clientset.clone(),
                exists: (number..NAMES).step_by(WRITERS).map(|name| (name, name % 3 != 0)).collect(),
                random: random.fork(),
            })
            .collect();
        let mut first = Vec::new();
        for (name, _) in all.iter().flat_map(|writer| &writer.exists).filter(|(_, exists)| *exists) {
            let object = make(*name, random);
            let config_maps = clientset.core_v1().config_maps().namespace(&namespace(*name));
            first.push(async move { config_maps.create(&object).await.map(drop) });
        }
        let mut created = futures_util::stream::iter(first).buffer_unordered(AT_ONCE);
        while let Some(outcome) = created.next().await {
            outcome?;
            writes.done.fetch_add(1, Ordering::Relaxed);
        }
        let mut tasks = JoinSet::new();
        for writer in all {
            tasks.spawn(writer.run(Arc::clone(&turn), Arc::clone(&writes)));
        }
        Ok(Self { turn, writes, _tasks: tasks })
    }

    /// Waits until nobody writes. Nobody will before the guard is dropped.
    pub(crate) async fn silence(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.turn).write_owned().await
    }

    /// How many writes succeeded, and how many failed.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.writes.done.load(Ordering::Relaxed), self.writes.failed.load(Ordering::Relaxed))
    }
}

/// Writes objects whose names nobody else uses.
struct Writer {
    clientset: Clientset,
    /// The names, and whether there is such an object, as far as the writer knows.
    exists: Vec<(usize, bool)>,
    random: Rng,
}

impl Writer {
    async fn run(mut self, turn: Arc<RwLock<()>>, writes: Arc<Writes>) {
        loop {
            let turn = turn.read().await;
            let outcome = self.write().await;
            drop(turn);
            let rest = if outcome.is_ok() {
                writes.done.fetch_add(1, Ordering::Relaxed);
                LONGEST_REST.mul_f64(self.random.f64())
            } else {
                writes.failed.fetch_add(1, Ordering::Relaxed);
                AFTER_FAILURE
            };
            tokio::time::sleep(rest).await;
        }
    }

    /// Does something to an object. Creations and deletions are in balance when a third of the names is not in use.
    async fn write(&mut self) -> Result<(), Error> {
        loop {
            let index = self.random.usize(..self.exists.len());
            let (name, exists) = self.exists[index];
            let chance = self.random.u32(..100);
            let outcome = match (exists, chance) {
                (false, 0..24) => self.create(name).await.map(|()| true),
                (false, _) => continue,
                (true, 0..12) => self.delete(name).await.map(|()| false),
                (true, 12..24) => self.delete_and_create(index, name).await.map(|()| true),
                (true, 24..40) => self.replace(name).await.map(|()| true),
                (true, _) => self.patch(name).await.map(|()| true),
            };
            let known = match &outcome {
                Ok(exists) => Some(*exists),
                // The answer to an earlier write was lost.
                Err(error) if error.is_not_found() => Some(false),
                Err(error) if error.is_already_exists() => Some(true),
                Err(_) => None,
            };
            if let Some(exists) = known {
                self.exists[index].1 = exists;
            }
            return outcome.map(drop);
        }
    }

    async fn create(&mut self, name: usize) -> Result<(), Error> {
        let object = make(name, &mut self.random);
        self.config_maps(name).create(&object).await.map(drop)
    }

    async fn delete(&mut self, name: usize) -> Result<(), Error> {
        self.config_maps(name).delete(&called(name)).await.map(drop)
    }

    async fn delete_and_create(&mut self, index: usize, name: usize) -> Result<(), Error> {
        self.delete(name).await?;
        self.exists[index].1 = false;
        self.create(name).await
    }

    async fn replace(&mut self, name: usize) -> Result<(), Error> {
        let object = make(name, &mut self.random);
        self.config_maps(name).replace(&called(name), &object).await.map(drop)
    }

    async fn patch(&mut self, name: usize) -> Result<(), Error> {
        let mut patch = json!({"data": {"value": value(&mut self.random)}});
        if self.random.bool() {
            patch["metadata"] = json!({"labels": {COLOUR: colour(&mut self.random)}});
        }
        self.config_maps(name).patch(&called(name), MergePatch(patch)).await.map(drop)
    }

    fn config_maps(&self, name: usize) -> kubeset::clients::core::v1::NamespacedConfigMaps {
        self.clientset.core_v1().config_maps().namespace(&namespace(name))
    }
}

fn make(name: usize, random: &mut Rng) -> ConfigMap {
    object!({
        "metadata": {"name": called(name), "labels": {COLOUR: colour(random)}},
        "data": {"value": value(random)},
    })
}

fn called(name: usize) -> String {
    format!("object-{name}")
}

fn colour(random: &mut Rng) -> &'static str {
    random.choice(COLOURS).unwrap_or_default()
}

/// Text of some length.
fn value(random: &mut Rng) -> String {
    let length = random.usize(20..600);
    std::iter::repeat_with(|| random.alphanumeric()).take(length).collect()
}
