//! Lists Pods and prints their names.

#![expect(clippy::print_stdout, reason = "printing is what it does")]

use kubeset::{Clientset, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let clientset = Clientset::infer().await?;
    for pod in clientset.core_v1().pods().list().await?.items {
        println!("{}", pod.metadata.name.unwrap_or_default());
    }
    Ok(())
}
