//! Server processes that end when this program does, even when it is killed with SIGKILL.
//!
//! Each server is the child of a small shell script, whose standard input is a pipe from this program. The pipe
//! closes when [`Server`] is dropped, and also, by the kernel's hand, when this program dies in any way. The
//! script then stops the server: SIGTERM, after five seconds SIGKILL. It runs in a process group of its own, so
//! that Ctrl-C reaches this program alone and servers are still stopped in order.

use super::tail;
use std::error::Error;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Arguments: a folder to remove in the end, or ""; then the server and its arguments.
///
/// File descriptor 3 is the pipe. The word `kill` in it is for SIGKILL at once. If the server ends by itself, so does the script, with the server's exit status;
/// the folder is still removed only when the pipe closes, since the log is in it.
const GUARD: &str = r#"
folder=$1
shift
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
    if read -r word <&3 && [ "$word" = kill ]; then
        kill -KILL $server
        exit
    fi
    kill -TERM $server
    tries=0
    while kill -0 $server && [ $tries -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL $server
) &
stopper=$!
wait $server
status=$?
kill $stopper
if [ -n "$folder" ]; then
    (cat <&3 >/dev/null; rm -rf -- "$folder") &
fi
exit $status
"#;

/// A server process under guard, stopped on drop.
#[derive(Debug)]
pub(super) struct Server {
    guard: Child,
    name: String,
    log: PathBuf,
}

impl Server {
    /// Starts `program`, with its output in the file `log`.
    ///
    /// `folder` is removed after the server has stopped, for the case that this program cannot do it any more.
    pub(super) fn start(
        program: &Path,
        arguments: &[String],
        log: &Path,
        folder: Option<&Path>,
    ) -> io::Result<Self> {
        let output = File::create(log)?;
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(folder.unwrap_or_else(|| Path::new("")))
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()?;
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { guard, name, log: log.to_owned() })
    }

    /// Ends the server with SIGKILL, as a machine does that fails.
    pub(super) fn kill(mut self) -> io::Result<()> {
        match &mut self.guard.stdin {
            Some(pipe) => pipe.write_all(b"kill\n"),
            None => Ok(()),
        }
    }

    /// Checks that the server has not ended by itself.
    ///
    /// # Errors
    ///
    /// If it has: the end of its log is in the message.
    pub(super) fn must_run(&mut self) -> Result<(), Box<dyn Error>> {
        match self.guard.try_wait()? {
            None => Ok(()),
            Some(status) => Err(self.failure(&format!("ended with {status}"))),
        }
    }

    /// An error about this server, with the end of its log.
    pub(super) fn failure(&self, what: &str) -> Box<dyn Error> {
        let Self { name, log, .. } = self;
        format!("{name} {what}; the end of its log:\n{}", tail(log)).into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        if let Err(error) = self.guard.wait() {
            eprintln!("apiserver: cannot wait for {} to stop: {error}", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Server;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};
    use tempfile::TempDir;

    /// Set for the copy of this test program that gets killed: the folder of its server.
    const FOLDER: &str = "KUBESET_TEST_GUARD_FOLDER";

    /// A server that notes its process id, and then does what `then` says.
    fn server(folder: &Path, then: &str, remove: Option<&Path>) -> Server {
        let script = format!("echo $$ >'{0}/pid.new'; mv '{0}/pid.new' '{0}/pid'; {then}", folder.display());
        Server::start(Path::new("sh"), &["-c".into(), script], &folder.join("log"), remove).unwrap()
    }

    fn within_seconds(seconds: u64, mut check: impl FnMut() -> bool) -> bool {
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            if check() {
                return true;
            }
            sleep(Duration::from_millis(20));
        }
        check()
    }

    fn pid(folder: &Path) -> String {
        let file: PathBuf = folder.join("pid");
        assert!(within_seconds(10, || file.exists()), "the server starts");
        fs::read_to_string(file).unwrap().trim().to_owned()
    }

    fn runs(pid: &str) -> bool {
        Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success()
    }

    #[test]
    fn a_server_is_stopped_when_dropped() {
        let folder = TempDir::new().unwrap();
        let server = server(folder.path(), "exec sleep 300", None);
        let pid = pid(folder.path());
        assert!(runs(&pid));
        drop(server);
        assert!(!runs(&pid));
        assert!(folder.path().exists());
    }

    #[test]
    fn a_server_that_ignores_the_signal_is_killed() {
        let folder = TempDir::new().unwrap();
        let server = server(folder.path(), "trap '' TERM; while :; do sleep 1; done", None);
        let pid = pid(folder.path());
        drop(server);
        assert!(!runs(&pid));
    }

    #[test]
    fn a_server_that_is_to_be_killed_has_no_time_to_say_goodbye() {
        let folder = TempDir::new().unwrap();
        let goodbye = folder.path().join("goodbye");
        let script = format!("trap 'touch {}' TERM; while :; do sleep 0.1; done", goodbye.display());
        let server = server(folder.path(), &script, None);
        let pid = pid(folder.path());
        let start = Instant::now();
        server.kill().unwrap();
        assert!(!runs(&pid) && !goodbye.exists());
        assert!(start.elapsed() < Duration::from_secs(5), "it is not asked first");
    }

    #[test]
    fn a_server_that_ends_by_itself_is_reported_with_its_log() {
        let folder = TempDir::new().unwrap();
        let mut server = server(folder.path(), "echo the port is taken; exit 7", Some(folder.path()));
        let mut error = None;
        assert!(within_seconds(10, || {
            error = server.must_run().err();
            error.is_some()
        }));
        let error = error.unwrap().to_string();
        assert_eq!(error, "sh ended with exit status: 7; the end of its log:\nthe port is taken");
    }

    #[test]
    fn nothing_is_left_of_a_program_that_was_killed() {
        let folder = TempDir::new().unwrap();
        let mut copy = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "apiserver::guard::tests::the_program_that_gets_killed"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let pid = pid(folder.path());
        copy.kill().unwrap();
        copy.wait().unwrap();
        assert!(within_seconds(10, || !runs(&pid)), "the server is stopped");
        assert!(within_seconds(10, || !folder.path().exists()), "its folder is removed");
    }

    #[test]
    #[ignore = "a part of nothing_is_left_of_a_program_that_was_killed"]
    fn the_program_that_gets_killed() {
        let Some(folder) = std::env::var_os(FOLDER) else { return };
        let folder = Path::new(&folder);
        let _server = server(folder, "exec sleep 300", Some(folder));
        sleep(Duration::from_secs(60));
    }
}
