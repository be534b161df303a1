//! The run: faults, a pause, and again.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::cluster::{Cluster, namespace, told};
use crate::control::Control;
use crate::faults::{Blows, Scene, trouble};
use crate::memory::{Memory, flat, mebibytes};
use crate::model::Seen;
use crate::settings::Settings;
use crate::subject::{self, Plan, Subject, Surroundings};
use crate::tally::Tally;
use crate::truth::Truth;
use crate::writers::{COLOUR, Writers};

/// How long faults go on between two pauses.
const FAULTS: Duration = Duration::from_secs(22);
/// How many pauses there are at least, so that memory can be compared.
const MIN_PAUSES: usize = 3;
/// After so many blows to the server each kind of them must have had its effect.
const MANY_BLOWS: u32 = 15;
/// How soon after the end of faults everything must be equal. An informer may have to find out that its connection is silent,
/// wait for up to a minute before it tries again, be told that the server has forgotten what it knows, and wait once more.
const EQUAL: Duration = Duration::from_secs(150);
/// After that time, and again after twice as long, it is told what is not equal yet.
const SLOW: Duration = Duration::from_secs(20);
/// How long connections and tasks have to end before memory is measured.
const SETTLE: Duration = Duration::from_secs(1);
/// How soon a list is not fresh any more.
const REFRESH: Duration = Duration::from_secs(5);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// The informers that go on for the whole run.
const PLANS: [Plan; 4] = [
    Plan { name: "streaming", options: |builder| builder, selects: |_| true, compact: false },
    Plan { name: "compact", options: |builder| builder.page_size(500), selects: |_| true, compact: true },
    Plan {
        name: "paged",
        options: |builder| {
            let builder = builder.without_streaming_lists().page_size(200);
            // So many reminders that events of the slow stream are merged.
            builder.min_watch_timeout(Duration::from_secs(5)).resync(Duration::from_secs(2))
        },
        selects: |_| true,
        compact: false,
    },
    Plan {
        name: "selected",
        options: |builder| {
            let builder = builder.namespace(&namespace(1)).labels("colour in (red, blue)");
            builder.min_watch_timeout(Duration::from_secs(3))
        },
        selects: |object| {
            let colour = object.metadata.labels.as_ref().and_then(|labels| labels.get(COLOUR));
            object.metadata.namespace.as_deref() == Some(&*namespace(1))
                && colour.is_some_and(|colour| colour == "red" || colour == "blue")
        },
        compact: false,
    },
];

/// Those that begin in the midst of faults and end at the next pause, one after the other.
const NEWCOMERS: [Plan; 3] = [
    Plan { name: "streaming newcomer", ..PLANS[0] },
    Plan { name: "compact newcomer", ..PLANS[1] },
    Plan { name: "paged newcomer", ..PLANS[2] },
];

/// Everything that takes part.
struct Run {
    settings: Settings,
    random: Rng,
    control: Control,
    cluster: Cluster,
    writers: Writers,
    around: Surroundings,
    /// Whether slow streams are to be quick.
    hurry: watch::Sender<bool>,
    subjects: Vec<Box<dyn Subject>>,
    blows: Blows,
    newcomers: usize,
    /// What newcomers have seen.
    seen: Seen,
    memory: Vec<Memory>,
    slowest: Duration,
}

/// Runs until the time is over, or something is wrong.
///
/// # Errors
///
/// If something is wrong: what, and where.
pub(crate) async fn run(settings: Settings) -> Result<(), String> {
    let mut run = Run::new(settings).await?;
    let start = Instant::now();
    while run.memory.len() < MIN_PAUSES || start.elapsed() + FAULTS < run.settings.time {
        run.round(start).await?;
    }
    run.end().await
}

impl Run {
    async fn new(settings: Settings) -> Result<Self, String> {
        let mut random = Rng::with_seed(settings.seed);
        let cluster = Cluster::new(&settings.etcd)?;
        cluster.prepare().await.map_err(told)?;
        let blows = Blows::new(random.fork());
        let writers = Writers::start(&cluster.admin, &mut random).await.map_err(told)?;
        let hurry = watch::Sender::new(false);
        let (port, tally) = (cluster.port(), Tally::default());
        let around = Surroundings { port, tally, hurry: hurry.subscribe() };
        let mut subjects = Vec::new();
        for plan in PLANS {
            subjects.push(subject::start(plan, &around).await?);
        }
        Ok(Self {
            settings,
            random,
            control: Control::new(),
            cluster,
            writers,
            around,
            hurry,
            subjects,
            blows,
            newcomers: 0,
            seen: Seen::default(),
            memory: Vec::new(),
            slowest: Duration::ZERO,
        })
    }

    /// Faults, then a pause in which everything is compared.
    async fn round(&mut self, start: Instant) -> Result<(), String> {
        self.faults(Instant::now() + FAULTS).await?;
        let ended = Instant::now();
        self.hurry.send_replace(true);
        let nobody_writes = self.writers.silence().await;
        let objects = self.compare(ended).await?;
        let equal = ended.elapsed();
        self.slowest = self.slowest.max(equal);
        self.end_newcomers().await?;
        sleep(SETTLE).await;
        let memory = Memory::now();
        self.memory.push(memory);
        self.report(start, objects, equal, memory);
        self.hurry.send_replace(false);
        drop(nobody_writes);
        Ok(())
    }

    /// Faults of all kinds until `end`. In their midst handlers are exchanged, and an informer begins.
    async fn faults(&mut self, end: Instant) -> Result<(), String> {
        let Self { random, subjects, blows, cluster, control, around, newcomers, .. } = self;
        let networks: Vec<_> = subjects.iter().map(|subject| subject.proxy()).collect();
        let mut troubles = JoinSet::new();
        for network in &networks {
            troubles.spawn(trouble(Arc::clone(network), random.fork(), end));
        }
        let scene = Scene { cluster, control, networks };
        let middle = end - FAULTS.mul_f64(random.f64() / 2.0 + 0.25);
        let begin = async {
            sleep_until(middle).await;
            for subject in &mut *subjects {
                subject.exchange_late_handler().await;
            }
            let plan = NEWCOMERS[*newcomers % NEWCOMERS.len()];
            *newcomers += 1;
            let newcomer = subject::start(plan, around).await?;
            troubles.spawn(trouble(newcomer.proxy(), random.fork(), end));
            subjects.push(newcomer);
            Ok(())
        };
        let (begun, struck) = tokio::join!(begin, blows.strike(&scene, end));
        troubles.join_all().await;
        begun.and(struck)
    }

    /// Waits until everything is as a fresh list has it. How many objects there are.
    async fn compare(&self, ended: Instant) -> Result<usize, String> {
        let (deadline, mut slow) = (ended + EQUAL, SLOW);
        loop {
            let truth = self.truth(deadline).await?;
            let next = Instant::now() + REFRESH;
            let difference = self.difference(&truth, next.min(deadline)).await?;
            match difference {
                // What the list was compared with may be older than what was compared with it.
                None if self.truth(deadline).await? == truth => return Ok(truth.len()),
                None if Instant::now() >= deadline => {
                    return Err("objects change all the time, though nobody writes".to_owned());
                }
                Some(difference) if Instant::now() >= deadline => {
                    return Err(format!("not equal {EQUAL:?} after the end of faults: {difference}"));
                }
                Some(difference) if ended.elapsed() > slow => {
                    slow *= 2;
                    eprintln!("chaos: not equal after {:.0} s: {difference}", ended.elapsed().as_secs_f64());
                }
                _ => {}
            }
        }
    }

    /// A fresh list. The server may have to come to itself first.
    async fn truth(&self, deadline: Instant) -> Result<Truth, String> {
        loop {
            match Truth::read(&self.cluster.admin).await {
                Ok(truth) => return Ok(truth),
                Err(error) if Instant::now() >= deadline => {
                    return Err(format!("there is no fresh list to compare with: {}", told(error)));
                }
                Err(_) => sleep(LOOK).await,
            }
        }
    }

    /// Looks until there is no difference. The last one if the time is over before.
    ///
    /// # Errors
    ///
    /// If the events that a handler was told made no sense.
    async fn difference(&self, truth: &Truth, end: Instant) -> Result<Option<String>, String> {
        loop {
            if let Some(mistake) = self.subjects.iter().find_map(|subject| subject.mistakes()) {
                return Err(format!("events that do not follow from each other: {mistake}"));
            }
            let difference = self.subjects.iter().find_map(|subject| subject.difference(truth));
            if difference.is_none() || Instant::now() >= end {
                return Ok(difference);
            }
            sleep(LOOK).await;
        }
    }

    /// Ends the informers that began in the midst of faults.
    async fn end_newcomers(&mut self) -> Result<(), String> {
        for newcomer in self.subjects.split_off(PLANS.len()) {
            self.seen = self.seen.and(newcomer.seen());
            newcomer.end().await?;
        }
        Ok(())
    }

    fn report(&self, start: Instant, objects: usize, equal: Duration, memory: Memory) {
        let (written, failed) = self.writers.counts();
        let counted = self.around.tally.counted();
        let seen = self.seen();
        eprintln!(
            "chaos: pause {} at {:.0} s: {objects} objects, {written} writes ({failed} failed); {} blows to the server; \
             {} events ({} resyncs, {} merged away); {} lists, {} streaming lists, {} watches; \
             {} failures ({} expired), {} answers with 429, {} with 5xx; equal after {:.1} s (at most {:.1} s); live {}, resident {}",
            self.memory.len(),
            start.elapsed().as_secs_f64(),
            self.blows.count,
            seen.events,
            seen.resyncs,
            self.merged(),
            counted.lists,
            counted.streaming_lists,
            counted.watches,
            counted.failures,
            counted.expired,
            counted.refused,
            counted.server_errors,
            equal.as_secs_f64(),
            self.slowest.as_secs_f64(),
            mebibytes(memory.live),
            mebibytes(memory.resident),
        );
    }

    fn seen(&self) -> Seen {
        self.subjects.iter().map(|subject| subject.seen()).fold(self.seen, Seen::and)
    }

    fn merged(&self) -> u64 {
        self.subjects.iter().map(|subject| subject.merged()).sum()
    }

    /// Whether memory was flat, and whether all that was to happen did.
    async fn end(self) -> Result<(), String> {
        let counted = self.around.tally.counted();
        let many = self.blows.count >= MANY_BLOWS;
        for (what, came, must) in [
            ("a handler was so slow that its events were merged", self.merged(), true),
            ("a watch failed", counted.failures, true),
            ("the server had forgotten what an informer knew", counted.expired, many),
            ("the server refused a request", counted.refused, many),
        ] {
            if must && came == 0 {
                return Err(format!("this run has shown little: it never came to pass that {what}"));
            }
        }
        let told = flat(&self.memory)?;
        eprintln!("chaos: memory is flat: {told}");
        for subject in self.subjects {
            subject.end().await?;
        }
        Ok(())
    }
}
