//! The tasks of an informer.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::cache::Cache;
use crate::object::CacheObject;
use crate::reflector::Reflector;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Keeps the cache up to date, for ever.
pub(super) async fn run<T: CacheObject>(reflector: Reflector<T, Arc<Cache<T>>>, cache: Arc<Cache<T>>) {
    let _end = EndOnDrop(&cache);
    first(pin!(reflector.run()), pin!(cache.resync())).await;
}

/// Ends the ways to all handlers and streams when nobody will write to the cache any more, a panic of a transform or of an index
/// included.
struct EndOnDrop<'a, T: CacheObject>(&'a Cache<T>);

impl<T: CacheObject> Drop for EndOnDrop<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(target: "kubeset::informers", "an informer has panicked, and its objects are out of date");
        }
        self.0.close();
    }
}

/// Waits for the first of two.
pub(super) async fn first(mut one: Pin<&mut impl Future>, mut other: Pin<&mut impl Future>) {
    poll_fn(|context| {
        if one.as_mut().poll(context).is_ready() || other.as_mut().poll(context).is_ready() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Tells who waits that the main task has ended, however it did.
struct StopOnDrop(watch::Sender<bool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

/// The tasks of an informer: they wait until it is started, and end when it is stopped.
pub(super) struct Tasks {
    state: Mutex<State>,
    /// Who holds a receiver is a task that has not ended.
    stop: watch::Sender<bool>,
}

enum State {
    /// What is to run.
    Waiting(Vec<Task>),
    Running(Handle),
    Stopped,
}

/// Why an informer cannot be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no runtime to run its tasks.
    #[error("an informer needs a tokio runtime: start it within one")]
    NoRuntime,
    /// It was shut down.
    #[error("the informer was shut down: make another one")]
    ShutDown,
}

impl Tasks {
    /// `main` keeps the cache up to date. It ends when the informer is stopped; handlers end by themselves.
    pub(super) fn new(main: impl Future<Output = ()> + Send + 'static) -> Self {
        let stop = watch::Sender::new(false);
        let mut stopped = stop.subscribe();
        let stop_at_end = StopOnDrop(stop.clone());
        let main: Task = Box::pin(async move {
            let _stop_at_end = stop_at_end;
            let stopped = async { drop(stopped.wait_for(|stop| *stop).await) };
            first(pin!(main), pin!(stopped)).await;
        });
        Self { state: Mutex::new(State::Waiting(vec![main])), stop }
    }

    pub(super) fn start(&self) -> Result<(), StartError> {
        let mut state = self.lock();
        match &mut *state {
            State::Running(_) => Ok(()),
            State::Stopped => Err(StartError::ShutDown),
            State::Waiting(tasks) => {
                let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
                for task in tasks.drain(..) {
                    drop(runtime.spawn(task));
                }
                *state = State::Running(runtime);
                Ok(())
            }
        }
    }

    pub(super) fn is_started(&self) -> bool {
        !matches!(*self.lock(), State::Waiting(_))
    }

    /// Adds a task, which ends by itself soon after a stop.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let running = self.stop.subscribe();
        let task: Task = Box::pin(async move {
            task.await;
            drop(running);
        });
        match &mut *self.lock() {
            State::Waiting(tasks) => tasks.push(task),
            State::Running(runtime) => drop(runtime.spawn(task)),
            State::Stopped => {}
        }
    }

    pub(super) fn stop(&self) {
        // What was to run is dropped without the lock: it may hold an informer.
        drop(std::mem::replace(&mut *self.lock(), State::Stopped));
        self.stop.send_replace(true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until somebody stops them.
    pub(super) async fn stopped(&self) {
        drop(self.stop.subscribe().wait_for(|stop| *stop).await);
    }

    /// Waits until all tasks have ended.
    pub(super) async fn finished(&self) {
        self.stop.closed().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tasks").field("started", &self.is_started()).finish_non_exhaustive()
    }
}
