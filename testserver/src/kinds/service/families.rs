//! Families of IP addresses. The cluster has IPv4 only.

use super::{check, has_cluster_ip};
use crate::failure::Cause;
use crate::kinds::access::{Change, Look};
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use serde_json::Value;

const POLICY: Path<'static> = Path::root("spec.ipFamilyPolicy");

/// Fills in the families; what is wrong with those that are given.
pub(super) fn settle(spec: &mut Value, old: Option<&Value>) -> Vec<Cause> {
    if !has_cluster_ip(spec) {
        return Vec::new();
    }
    let is_headless = spec.text("clusterIP") == "None";
    let selects_nothing = is_headless && spec.count("selector") == 0;
    if !spec.has("ipFamilyPolicy") {
        let policy = old.map(|old| old.text("ipFamilyPolicy")).filter(|policy| !policy.is_empty());
        let usual = if selects_nothing { "RequireDualStack" } else { "SingleStack" };
        spec.set("ipFamilyPolicy", policy.unwrap_or(usual));
    }
    let mut report = Report::default();
    check::addresses(spec, &mut report);
    if report.is_empty() {
        reduce(spec, old, &mut report);
        of_addresses(spec, &mut report);
    }
    if !report.is_empty() {
        return report.into_causes();
    }
    let is_single = spec.text("ipFamilyPolicy") == "SingleStack";
    let mut families: Vec<String> = spec.texts("ipFamilies").map(str::to_owned).collect();
    if selects_nothing {
        if families.is_empty() {
            families.push("IPv4".into());
        }
        if families.len() < 2 && !is_single {
            families.push(if families[0] == "IPv4" { "IPv6" } else { "IPv4" }.into());
        }
    } else {
        if spec.text("ipFamilyPolicy") == "RequireDualStack" {
            let detail = "this cluster is not configured for dual-stack services";
            report.invalid(POLICY, "RequireDualStack", detail);
        }
        let path = Path::root("spec.ipFamilies");
        for (index, family) in families.iter().enumerate().filter(|(_, family)| *family != "IPv4") {
            report.invalid(path.index(index), family.as_str(), "not configured on this cluster");
        }
        if families.is_empty() {
            families.push("IPv4".into());
        }
    }
    spec.set("ipFamilies", families);
    report.into_causes()
}

/// What one address or family allows.
fn reduce(spec: &mut Value, old: Option<&Value>, report: &mut Report) {
    let is_single = spec.text("ipFamilyPolicy") == "SingleStack";
    if let (Some(old), true) = (old, is_single) {
        for field in ["clusterIPs", "ipFamilies"] {
            if spec[field] == old[field] && spec.count(field) > 1 {
                let first = spec[field][0].clone();
                spec.set(field, vec![first]);
            }
        }
    }
    if !is_single {
        return;
    }
    let policy = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
    if spec.count("clusterIPs") == 2 {
        report.invalid(POLICY, "SingleStack", &format!("{policy} cluster IPs are specified"));
    }
    if spec.count("ipFamilies") == 2 {
        report.invalid(POLICY, "SingleStack", &format!("{policy} IP families are specified"));
    }
}

/// The families of addresses that are given.
fn of_addresses(spec: &mut Value, report: &mut Report) {
    let path = Path::root("spec.clusterIPs");
    let mut families: Vec<String> = spec.texts("ipFamilies").map(str::to_owned).collect();
    for (index, address) in spec.texts("clusterIPs").enumerate().take_while(|(_, address)| *address != "None")
    {
        if index < families.len() {
            continue;
        }
        if address.contains(':') {
            let detail = "IPv6 is not configured on this cluster";
            report.invalid(path.index(index), spec["clusterIPs"].clone(), detail);
        } else {
            families.push("IPv4".into());
        }
    }
    if !families.is_empty() {
        spec.set("ipFamilies", families);
    }
}
