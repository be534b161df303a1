//! A Kubernetes API server in memory, as a program.

use kubeset_testserver::TestServer;
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
Usage: kubeset-testserver [--port <port>] [--kubeconfig <file>] [--without-controllers]

Serves the Kubernetes API from memory on 127.0.0.1, until it is interrupted.

  --port <port>        where to listen; by default any port that is free
  --kubeconfig <file>  a file to write, with which kubectl and other clients reach the server
  --without-controllers
                       leaves out what collects garbage and empties namespaces
";

/// What the command line says.
#[derive(Debug, Default)]
struct Arguments {
    port: u16,
    kubeconfig: Option<PathBuf>,
    without_controllers: bool,
}

fn main() -> ExitCode {
    match arguments(std::env::args().skip(1)) {
        Ok(Some(arguments)) => match run(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(error.as_ref()),
        },
        Ok(None) => {
            eprint!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(error.as_ref()),
    }
}

fn failed(error: &dyn Error) -> ExitCode {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Option<Arguments>, Box<dyn Error>> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--port" => {
                let port = value()?;
                arguments.port = port.parse().map_err(|_| format!("{port:?} is not a port"))?;
            }
            "--kubeconfig" => arguments.kubeconfig = Some(value()?.into()),
            "--without-controllers" => arguments.without_controllers = true,
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("{other:?} is not an option\n\n{HELP}").into()),
        }
    }
    Ok(Some(arguments))
}

#[tokio::main]
async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut builder = TestServer::builder().port(arguments.port);
    if arguments.without_controllers {
        builder = builder.without_controllers();
    }
    let server = builder.start().await?;
    if let Some(path) = &arguments.kubeconfig {
        let failed = |error| format!("cannot write {}: {error}", path.display());
        std::fs::write(path, server.kubeconfig()).map_err(failed)?;
    }
    writeln!(std::io::stdout(), "{}", server.url())?;
    std::future::pending().await
}
