//! `approval` of CertificateSigningRequests: whether the certificate is to be signed.

use super::Section;
use crate::kinds::access::Change;
use crate::kinds::certificate_signing_request as requests;
use serde_json::Value;

pub(super) static SECTION: Section = Section {
    prepare,
    check: |new, old, report| requests::check_change(new, old, requests::May::Approve, report),
    admit: super::always,
};

fn prepare(new: &mut Value, old: &Value) {
    requests::set_times(new, old);
    let conditions = new["status"]["conditions"].clone();
    new.copy_field("spec", old);
    new.copy_field("status", old);
    if conditions.is_null() {
        new.inner("status").remove_field("conditions");
    } else {
        new.inner("status").set("conditions", conditions);
    }
}
