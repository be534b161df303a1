//! Many calls at a time.

use crate::BoxError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

/// Does `work` for each number below `count`, in `concurrency` tasks of which each takes the next number that is left.
///
/// # Errors
///
/// The first of the work's, which ends all tasks.
pub async fn in_tasks<W, F>(count: usize, concurrency: usize, work: W) -> Result<usize, BoxError>
where
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), BoxError>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..concurrency {
        let (next, work) = (Arc::clone(&next), work.clone());
        tasks.spawn(async move {
            let mut done = 0;
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return Ok::<usize, BoxError>(done);
                }
                work(index).await?;
                done += 1;
            }
        });
    }
    let mut done = 0;
    while let Some(task) = tasks.join_next().await {
        done += task??;
    }
    Ok(done)
}

/// Does `work` for each number below `count`, in `threads` threads at a time. Gives how often the work said that it was
/// done.
///
/// # Errors
///
/// If a thread panics.
pub async fn in_threads<W>(count: usize, threads: usize, work: W) -> Result<usize, BoxError>
where
    W: Fn(usize) -> bool + Clone + Send + 'static,
{
    let mut running = JoinSet::new();
    for thread in 0..threads {
        let work = work.clone();
        running.spawn_blocking(move || (thread..count).step_by(threads).filter(|index| work(*index)).count());
    }
    let mut done = 0;
    while let Some(thread) = running.join_next().await {
        done += thread?;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::{in_tasks, in_threads};

    #[tokio::test]
    async fn each_number_is_worked_on_once() {
        let (sender, numbers) = std::sync::mpsc::channel();
        let work = move |index| {
            let sender = sender.clone();
            async move { sender.send(index).map_err(Into::into) }
        };
        assert_eq!(in_tasks(100, 7, work).await.unwrap(), 100);
        let mut numbers: Vec<usize> = numbers.iter().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn an_error_ends_the_work() {
        let error = in_tasks(100, 2, async |_| Err("refused".into())).await.unwrap_err();
        assert_eq!(error.to_string(), "refused");
    }

    #[tokio::test]
    async fn threads_do_each_number_once() {
        let sum = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let work = {
            let sum = std::sync::Arc::clone(&sum);
            move |index| {
                sum.fetch_add(index, std::sync::atomic::Ordering::Relaxed);
                index % 2 == 0
            }
        };
        assert_eq!(in_threads(101, 3, work).await.unwrap(), 51);
        assert_eq!(sum.load(std::sync::atomic::Ordering::Relaxed), 5050);
    }
}
