//! A Kubernetes API server in memory, as a program.

use kubeset_testserver::{Builder, TestServer};
use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Usage: kubeset-testserver [option...]

Serves the Kubernetes API from memory on 127.0.0.1, until it is interrupted.

  --port <port>        where to listen; by default any port that is free
  --kubeconfig <file>  a file to write, with which kubectl and other clients reach the server as an administrator
  --tls                HTTPS; the kubeconfig says whom to trust (needs the Cargo feature `tls`)
  --require-credentials
                       asks everybody who they are, and lets them do what stored roles and bindings allow
  --token <token>=<user>[,<group>...]
                       a bearer token, and whose it is; may be given again
  --without-controllers
                       leaves out what collects garbage and empties namespaces
";

/// What the command line says.
#[derive(Debug, Default)]
struct Arguments {
    port: u16,
    kubeconfig: Option<PathBuf>,
    without_controllers: bool,
    tls: bool,
    require_credentials: bool,
    /// Each with a user and groups.
    tokens: Vec<(String, String, Vec<String>)>,
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
            "--tls" => arguments.tls = true,
            "--require-credentials" => arguments.require_credentials = true,
            "--token" => arguments.tokens.push(token(&value()?)?),
            "--without-controllers" => arguments.without_controllers = true,
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("{other:?} is not an option\n\n{HELP}").into()),
        }
    }
    Ok(Some(arguments))
}

/// Reads a token and whose it is.
fn token(text: &str) -> Result<(String, String, Vec<String>), Box<dyn Error>> {
    let parts = text.split_once('=').filter(|(token, user)| !token.is_empty() && !user.is_empty());
    // The text is not told, since it may be a token.
    let (token, user) = parts.ok_or("a token is given as <token>=<user>, or <token>=<user>,<group>")?;
    let mut words = user.split(',').map(str::to_owned);
    let user = words.next().unwrap_or_default();
    Ok((token.to_owned(), user, words.collect()))
}

/// The server that the arguments ask for.
fn builder(arguments: &Arguments) -> Result<Builder, Box<dyn Error>> {
    let mut builder = TestServer::builder().port(arguments.port);
    if arguments.without_controllers {
        builder = builder.without_controllers();
    }
    if arguments.require_credentials {
        builder = builder.require_credentials();
    }
    for (token, user, groups) in &arguments.tokens {
        builder = builder.token(token, user, groups);
    }
    #[cfg(feature = "tls")]
    if arguments.tls {
        builder = builder.tls();
    }
    if arguments.tls && cfg!(not(feature = "tls")) {
        return Err("this program was built without TLS: build it with `--features tls`".into());
    }
    Ok(builder)
}

/// Writes a file that only its owner can read: it may hold credentials.
fn write(path: &Path, content: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content.as_bytes())
}

#[tokio::main]
async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let server = builder(arguments)?.start().await?;
    if let Some(path) = &arguments.kubeconfig {
        let failed = |error| format!("cannot write {}: {error}", path.display());
        write(path, &server.kubeconfig()).map_err(failed)?;
    }
    writeln!(std::io::stdout(), "{}", server.url())?;
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::arguments;

    fn parse(line: &str) -> Result<Option<super::Arguments>, String> {
        arguments(line.split_ascii_whitespace().map(str::to_owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_and_others_refused() {
        let parsed =
            parse("--port 18080 --token secret=jane,developers --require-credentials").unwrap().unwrap();
        assert!(parsed.port == 18080 && parsed.require_credentials && !parsed.tls);
        assert_eq!(parsed.tokens, [("secret".into(), "jane".into(), vec!["developers".into()])]);
        assert!(parse("--help").unwrap().is_none());
        assert!(parse("--prot 1").unwrap_err().starts_with("\"--prot\" is not an option"));
        assert!(!parse("--token secret").unwrap_err().contains("secret"));
    }
}
