//! CustomResourceDefinitions.

use super::metadata::Origin;
use super::strategy::{InitialStatus, Strategy};
use crate::crd::definition;

pub(super) static STRATEGY: Strategy = Strategy {
    has_generation: true,
    status: InitialStatus::Reset,
    origin: Origin::Extension,
    updates_unconditionally: false,
    default: definition::default,
    create: definition::begin,
    update: |new, _| definition::note_storage(new),
    check: definition::check,
    check_update: definition::check_update,
    check_status: |new, _, report| definition::check_status(new, report),
    warn: definition::warnings,
    ..Strategy::PLAIN
};
