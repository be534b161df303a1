//! The kinds of `storage.k8s.io`.

mod classes;
mod drivers;

use super::strategy::Strategy;

/// The strategy of a resource of the group.
pub(super) fn strategy(plural: &str) -> Option<&'static Strategy> {
    Some(match plural {
        "csidrivers" => &drivers::CSI_DRIVER,
        "csinodes" => &drivers::CSI_NODE,
        "csistoragecapacities" => &drivers::CSI_STORAGE_CAPACITY,
        "storageclasses" => &classes::STORAGE_CLASS,
        "volumeattachments" => &drivers::VOLUME_ATTACHMENT,
        "volumeattributesclasses" => &classes::VOLUME_ATTRIBUTES_CLASS,
        _ => return None,
    })
}
