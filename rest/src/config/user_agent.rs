//! The default `User-Agent`, in the shape that client-go uses and audit logs are searched for.

use std::env;
use std::path::Path;

/// `program/version (os/arch) kubeset/version`, for the program that runs.
pub(super) fn of_the_process() -> String {
    let program = env::args_os().next();
    let program = program.as_deref().map(Path::new).and_then(Path::file_name);
    user_agent(&program.map(|name| name.to_string_lossy()).unwrap_or_default())
}

fn user_agent(program: &str) -> String {
    // A header holds visible ASCII only.
    let program: String = program.chars().filter(char::is_ascii_graphic).collect();
    let program = if program.is_empty() { "unknown" } else { &program };
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{program}/{version} ({}/{}) kubeset/{version}",
        go_os(env::consts::OS),
        go_arch(env::consts::ARCH)
    )
}

/// Go's name of an operating system, where it differs from Rust's.
fn go_os(os: &str) -> &str {
    match os {
        "macos" => "darwin",
        other => other,
    }
}

/// Go's name of an architecture, where it differs from Rust's.
fn go_arch(arch: &str) -> &str {
    match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_has_client_gos_shape() {
        let version = env!("CARGO_PKG_VERSION");
        let platform = format!("{}/{}", go_os(env::consts::OS), go_arch(env::consts::ARCH));
        assert_eq!(
            user_agent("my-operator"),
            format!("my-operator/{version} ({platform}) kubeset/{version}")
        );
    }

    #[test]
    fn a_program_name_that_no_header_can_carry_is_cut_down() {
        assert!(user_agent("größe\n").starts_with("gre/"));
        assert!(user_agent("").starts_with("unknown/"));
    }

    #[test]
    fn platforms_have_gos_names() {
        assert_eq!((go_os("macos"), go_os("linux")), ("darwin", "linux"));
        assert_eq!(
            (go_arch("x86_64"), go_arch("aarch64"), go_arch("riscv64")),
            ("amd64", "arm64", "riscv64")
        );
    }
}
