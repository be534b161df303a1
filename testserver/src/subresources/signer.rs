//! Who may approve and sign the requests of a signer: the admission plugins `CertificateApproval` and `CertificateSigning`.

use crate::auth::{Attributes, authorize};
use crate::call::Call;
use crate::failure::Failure;
use serde_json::Value;

const GROUP: &str = "certificates.k8s.io";

/// Refuses decisions about certificates, and certificates, of those who are not let by the signer.
///
/// # Errors
///
/// If the user may not.
pub(crate) fn check(call: &Call, new: &Value, old: &Value) -> Result<(), Failure> {
    if call.resource.plural.as_ref() != "certificatesigningrequests" || call.resource.group.as_ref() != GROUP
    {
        return Ok(());
    }
    let is_same = |field: &str| new["status"][field] == old["status"][field];
    let verb = match call.route.subresource.as_str() {
        "approval" => "approve",
        "status" if !is_same("certificate") || !is_same("conditions") => "sign",
        _ => return Ok(()),
    };
    let signer = old["spec"]["signerName"].as_str().unwrap_or_default();
    let may = |name: &str| {
        let attributes = Attributes {
            verb: verb.into(),
            group: GROUP.into(),
            resource: "signers".into(),
            name: name.into(),
            ..Attributes::default()
        };
        authorize(&call.server, &call.user, &attributes).allowed
    };
    let domain = signer.split('/').next().unwrap_or_default();
    if may(signer) || may(&format!("{domain}/*")) {
        return Ok(());
    }
    let why = format!("user not permitted to {verb} requests with signerName {signer:?}");
    Err(Failure::forbidden(call.resource.named(), &call.route.name, &why))
}
