//! What is done to networks and the API server, at random.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::cluster::{Cluster, told};
use crate::control::Control;
use crate::proxy::{Door, Ending, Flow, Proxy};

/// How often what heals the server is tried.
const ATTEMPTS: u32 = 20;
/// How long the server has too much to do, at least.
const CROWDED: Duration = Duration::from_secs(4);
/// How long informers cannot reach a server that goes on.
const ISOLATED: Duration = Duration::from_secs(2);
/// How long to wait between such attempts.
const RETRY: Duration = Duration::from_millis(500);

/// What happens to a network.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Cut(Ending),
    /// Bytes stop for a while and then go on.
    Freeze,
    /// Bytes stop for a while, and then all connections are cut.
    FreezeAndCut(Ending),
    /// What is connected hears no more, and is not told.
    Silence,
    Limit,
    Refuse,
    HangUp,
}

const TROUBLES: [Trouble; 9] = [
    Trouble::Cut(Ending::Fin),
    Trouble::Cut(Ending::Reset),
    Trouble::Freeze,
    Trouble::FreezeAndCut(Ending::Fin),
    Trouble::FreezeAndCut(Ending::Reset),
    Trouble::Silence,
    Trouble::Limit,
    Trouble::Refuse,
    Trouble::HangUp,
];

/// Does one thing after the other to a network, until `end`. All is well then, but for connections that are silent.
pub(crate) async fn trouble(proxy: Arc<Proxy>, mut random: Rng, end: Instant) {
    let all = async {
        loop {
            sleep(between(&mut random, 200, 4_000)).await;
            let trouble = TROUBLES[random.usize(..TROUBLES.len())];
            one(&proxy, trouble, &mut random).await;
        }
    };
    drop(timeout_at(end, all).await);
    proxy.heal();
}

async fn one(proxy: &Proxy, trouble: Trouble, random: &mut Rng) {
    match trouble {
        Trouble::Cut(ending) => return proxy.cut(ending),
        Trouble::Silence => return proxy.silence(),
        Trouble::Freeze | Trouble::FreezeAndCut(_) => proxy.flow(Flow::Frozen),
        Trouble::Limit => proxy.flow(Flow::Limited(random.u32(5_000..200_000))),
        Trouble::Refuse => proxy.door(Door::Refuses),
        Trouble::HangUp => proxy.door(Door::HangsUp),
    }
    if matches!(trouble, Trouble::Refuse | Trouble::HangUp) && random.bool() {
        // Without this, who is connected would not notice.
        proxy.cut(Ending::Reset);
    }
    sleep(between(random, 500, 7_000)).await;
    if let Trouble::FreezeAndCut(ending) = trouble {
        proxy.cut(ending);
    }
    proxy.heal();
}

/// What happens to the API server.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Kill,
    Terminate,
    Compact,
    /// Much happens while informers cannot reach it, and has been forgotten when they can.
    ForgetAndKill,
    /// It has too much to do for a while, and answers most requests of informers with 429.
    RefuseRequests,
}

const BLOWS: [Blow; 5] =
    [Blow::Kill, Blow::Terminate, Blow::Compact, Blow::ForgetAndKill, Blow::RefuseRequests];

/// What happens to the server, each as often as any other.
pub(crate) struct Blows {
    random: Rng,
    next: Vec<Blow>,
    /// How many there were.
    pub(crate) count: u32,
}

impl Blows {
    pub(crate) fn new(random: Rng) -> Self {
        Self { random, next: Vec::new(), count: 0 }
    }

    /// Does one thing after the other to the server, until `end` or a little later. It serves all then.
    ///
    /// # Errors
    ///
    /// If it cannot be brought back.
    pub(crate) async fn strike(&mut self, scene: &Scene<'_>, end: Instant) -> Result<(), String> {
        loop {
            let next = Instant::now() + between(&mut self.random, 500, 4_000);
            sleep_until(next.min(end)).await;
            if Instant::now() >= end {
                return Ok(());
            }
            if self.next.is_empty() {
                self.next = BLOWS.to_vec();
                self.random.shuffle(&mut self.next);
            }
            let Some(blow) = self.next.pop() else { return Ok(()) };
            self.count += 1;
            let pause = between(&mut self.random, 0, 5_000);
            scene.strike(blow, pause).await.map_err(|error| format!("{blow:?}: {error}"))?;
        }
    }
}

/// What is struck, and with what.
pub(crate) struct Scene<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) control: &'a Control,
    /// The networks between it and the informers.
    pub(crate) networks: Vec<Arc<Proxy>>,
}

impl Scene<'_> {
    async fn strike(&self, blow: Blow, pause: Duration) -> Result<(), String> {
        let Self { cluster, control, networks } = self;
        match blow {
            Blow::Compact => return persist(async || cluster.compact().await.map_err(told)).await,
            Blow::RefuseRequests => {
                persist(async || cluster.refuse().await.map_err(told)).await?;
                // So that informers have something to ask for.
                networks.iter().for_each(|network| network.cut(Ending::Fin));
                cluster.crowd(CROWDED + pause).await;
                return persist(async || cluster.accept().await.map_err(told)).await;
            }
            Blow::Terminate => {
                control.terminate().await?;
                sleep(pause).await;
            }
            Blow::Kill => {
                control.kill().await?;
                sleep(pause).await;
            }
            Blow::ForgetAndKill => {
                networks.iter().for_each(|network| network.isolate(true));
                sleep(ISOLATED).await;
                persist(async || cluster.compact().await.map_err(told)).await?;
                control.kill().await?;
            }
        }
        let started = control.start().await;
        networks.iter().for_each(|network| network.isolate(false));
        started
    }
}

/// Does something that may fail because the server has just come back.
async fn persist(attempt: impl AsyncFn() -> Result<(), String>) -> Result<(), String> {
    let mut outcome = attempt().await;
    for _ in 1..ATTEMPTS {
        if outcome.is_ok() {
            break;
        }
        sleep(RETRY).await;
        outcome = attempt().await;
    }
    outcome
}

/// A time by chance, in milliseconds.
fn between(random: &mut Rng, shortest: u64, longest: u64) -> Duration {
    Duration::from_millis(random.u64(shortest..=longest))
}
