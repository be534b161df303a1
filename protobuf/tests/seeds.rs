//! The seeds of the fuzz targets, as ordinary tests.

#[path = "../fuzz/src/body.rs"]
mod body;
#[path = "../fuzz/src/object.rs"]
mod object;

use std::fs;
use std::path::Path;

/// Runs a target on its seeds, on each of them cut short at every place, and with each byte changed.
fn run(target: &str, exercise: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let seeds = fs::read_dir(&folder).expect("the target has seeds");
    let seeds: Vec<_> = seeds.map(|seed| seed.expect("a seed").path()).collect();
    assert!(seeds.len() > 5, "{target} has too few seeds");
    for seed in seeds {
        let mut bytes = fs::read(&seed).expect("a seed");
        for end in 0..=bytes.len() {
            exercise(&bytes[..end]);
        }
        // Not the first, which picks the kind.
        for place in 1..bytes.len() {
            let byte = bytes[place];
            for other in [byte ^ 1, byte.wrapping_add(1), 0xff] {
                bytes[place] = other;
                exercise(&bytes);
            }
            bytes[place] = byte;
        }
    }
}

#[test]
fn objects_of_any_bytes_are_read_or_refused() {
    run("object", object::object);
}

#[test]
fn bodies_of_any_bytes_are_read_or_refused() {
    run("body", body::body);
}
