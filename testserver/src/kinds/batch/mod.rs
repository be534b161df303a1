//! Jobs and CronJobs.

mod cron_job;
mod indexes;
mod job;
mod policies;
mod schedule;
mod status;

use super::strategy::Strategy;

/// The strategy of a resource in `batch`.
pub(super) fn strategy(plural: &str) -> Option<&'static Strategy> {
    match plural {
        "jobs" => Some(&job::STRATEGY),
        "cronjobs" => Some(&cron_job::STRATEGY),
        _ => None,
    }
}
