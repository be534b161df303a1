//! The measured program, whose times count.

use bench_harness::{Arguments, BoxError};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    bench_kube_rs::run(Arguments::of_the_process()?).await
}
