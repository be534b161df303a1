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

#[cfg(test)]
mod tests {
    use super::in_tasks;

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
}
