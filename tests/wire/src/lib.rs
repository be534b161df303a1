//! Tests of the wire: see `tests/kinds/`. A package of its own, so that each Kubernetes version is built with little
//! else: `cargo xtask kinds` runs them for the older ones.
