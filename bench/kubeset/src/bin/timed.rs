//! The measured program, whose times count.

use bench_harness::{Arguments, BoxError};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    bench_kubeset::run(Arguments::of_the_process()?).await
}
