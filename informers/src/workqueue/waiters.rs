//! Those who wait for a key, and who of them is to be woken.
//!
//! One of them minds the time: it alone has a timer, for the next key that becomes due. All others stand in line for
//! keys. The one that minds the time is woken for a key only if nobody is in line.

use std::collections::VecDeque;
use std::task::Waker;

/// The wakers that are to be called when the queue's lock has been released.
#[derive(Default)]
pub(super) struct Calls {
    first: Option<Waker>,
    rest: Vec<Waker>,
    /// Whoever waits for the end of a drain should look again.
    pub(super) drained: bool,
}

impl Calls {
    fn push(&mut self, waker: Waker) {
        if self.first.is_none() {
            self.first = Some(waker);
        } else {
            self.rest.push(waker);
        }
    }

    pub(super) fn wake(self) {
        let Some(first) = self.first else { return };
        first.wake();
        for waker in self.rest {
            waker.wake();
        }
    }
}

/// What a waiter was when it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It minded the time.
    Timekeeper,
    /// It stood in line.
    InLine,
    /// It had been called for a key, which it has not taken yet.
    Called,
}

#[derive(Default)]
pub(super) struct Waiters {
    /// By rising number: new ones go to the end.
    line: VecDeque<Waiter>,
    timekeeper: Option<Waiter>,
    given: u64,
}

struct Waiter {
    number: u64,
    waker: Waker,
}

impl Waiters {
    /// Lets a waiter wait, or wait on with this waker, and returns its number. If there is something to mind the time
    /// for and nobody does, it does.
    pub(super) fn wait(&mut self, number: Option<u64>, waker: &Waker, time_matters: bool) -> u64 {
        if let Some(number) = number {
            if let Some(waiter) = self.timekeeper.as_mut().filter(|waiter| waiter.number == number) {
                waiter.waker.clone_from(waker);
                return number;
            }
            if let Ok(position) = self.position(number) {
                self.line[position].waker.clone_from(waker);
                return number;
            }
        }
        let number = self.given;
        self.given += 1;
        let waiter = Waiter { number, waker: waker.clone() };
        if time_matters && self.timekeeper.is_none() {
            self.timekeeper = Some(waiter);
        } else {
            self.line.push_back(waiter);
        }
        number
    }

    pub(super) fn is_timekeeper(&self, number: u64) -> bool {
        self.timekeeper.as_ref().is_some_and(|waiter| waiter.number == number)
    }

    /// Removes a waiter.
    pub(super) fn leave(&mut self, number: u64) -> Place {
        if self.is_timekeeper(number) {
            self.timekeeper = None;
            return Place::Timekeeper;
        }
        match self.position(number) {
            Ok(position) => {
                self.line.remove(position);
                Place::InLine
            }
            Err(_) => Place::Called,
        }
    }

    /// Calls as many waiters as there are keys for.
    pub(super) fn call(&mut self, keys: usize, calls: &mut Calls) {
        for _ in 0..keys {
            let Some(waiter) = self.line.pop_front() else {
                if let Some(waiter) = &self.timekeeper {
                    calls.push(waiter.waker.clone());
                }
                return;
            };
            calls.push(waiter.waker);
        }
    }

    /// Makes whoever minds the time look at it again, or the first in line begin to.
    pub(super) fn call_timekeeper(&mut self, calls: &mut Calls) {
        if self.timekeeper.is_none() {
            self.timekeeper = self.line.pop_front();
        }
        if let Some(waiter) = &self.timekeeper {
            calls.push(waiter.waker.clone());
        }
    }

    /// Calls everybody.
    pub(super) fn call_all(&mut self, calls: &mut Calls) {
        for waiter in self.line.drain(..).chain(self.timekeeper.take()) {
            calls.push(waiter.waker);
        }
    }

    fn position(&self, number: u64) -> Result<usize, usize> {
        self.line.binary_search_by_key(&number, |waiter| waiter.number)
    }
}
