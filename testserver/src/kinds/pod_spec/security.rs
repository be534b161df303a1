//! Security contexts of pods and containers.

use super::volumes::{USER_MAX, relative_path};
use crate::kinds::access::Look;
use crate::kinds::path::Path;
use crate::kinds::report::Report;
use crate::names;
use serde_json::Value;

const SYSCTL_MAX: usize = 253;
const SYSCTL_FORMAT: &str = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
const PROFILE_MAX: usize = 4095;

/// The context of a pod.
pub(super) fn check_pod(spec: &Value, parent: Path<'_>, report: &mut Report) {
    let path = parent.child("securityContext");
    let context = &spec["securityContext"];
    ids(context, &["fsGroup", "runAsUser", "runAsGroup"], path, report);
    let groups = path.child("supplementalGroups");
    for (index, group) in context.list("supplementalGroups").iter().enumerate() {
        id(group.as_i64(), groups.index(index), report);
    }
    sysctls(spec, path.child("sysctls"), report);
    let mut known = |field: &str, values: &[&str]| {
        let value = context.text(field);
        if context.has(field) && !values.contains(&value) {
            report.not_supported(path.child(field), value, values);
        }
    };
    known("fsGroupChangePolicy", &["Always", "OnRootMismatch"]);
    known("supplementalGroupsPolicy", &["Merge", "Strict"]);
    known("seLinuxChangePolicy", &["MountOption", "Recursive"]);
    seccomp(&context["seccompProfile"], path.child("seccompProfile"), report);
    app_armor(&context["appArmorProfile"], path.child("appArmorProfile"), report);
    if spec.is_true("shareProcessNamespace") && spec.is_true("hostPID") {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        report.invalid(parent.child("shareProcessNamespace"), true, detail);
    }
}

/// The context of a container. `host_users` tells whether users of the pod are users of the host.
pub(super) fn check_container(context: &Value, host_users: bool, path: Path<'_>, report: &mut Report) {
    if context.is_null() {
        return;
    }
    ids(context, &["runAsUser", "runAsGroup"], path, report);
    if context.has("procMount") {
        let mount = context.text("procMount");
        let known = ["Default", "Unmasked"];
        if !known.contains(&mount) {
            report.not_supported(path.child("procMount"), mount, &known);
        }
        if host_users && mount == "Unmasked" {
            let detail = "`hostUsers` must be false to use `Unmasked`";
            report.invalid(path.child("procMount"), mount, detail);
        }
    }
    seccomp(&context["seccompProfile"], path.child("seccompProfile"), report);
    if context["allowPrivilegeEscalation"] == false && context.is_true("privileged") {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        report.invalid_as(path, &shown_context(context), detail);
    }
    app_armor(&context["appArmorProfile"], path.child("appArmorProfile"), report);
}

/// A context as a server shows it: its own types have no JSON names.
fn shown_context(context: &Value) -> String {
    const FIELDS: [&str; 10] = [
        "Capabilities",
        "Privileged",
        "SELinuxOptions",
        "WindowsOptions",
        "RunAsUser",
        "RunAsGroup",
        "RunAsNonRoot",
        "ReadOnlyRootFilesystem",
        "AllowPrivilegeEscalation",
        "ProcMount",
    ];
    let fields = FIELDS.map(|name| {
        let mut json = name.to_owned();
        json[..if name.starts_with("SE") { 2 } else { 1 }].make_ascii_lowercase();
        format!("\"{name}\":{}", context[&json])
    });
    let [seccomp, app_armor] =
        ["seccompProfile", "appArmorProfile"].map(|field| shown_profile(&context[field]));
    format!("{{{},\"SeccompProfile\":{seccomp},\"AppArmorProfile\":{app_armor}}}", fields.join(","))
}

fn shown_profile(profile: &Value) -> String {
    if profile.is_null() {
        return "null".into();
    }
    format!("{{\"Type\":{},\"LocalhostProfile\":{}}}", profile["type"], profile["localhostProfile"])
}

fn ids(context: &Value, fields: &[&str], path: Path<'_>, report: &mut Report) {
    for field in fields {
        id(context.number(field), path.child(field), report);
    }
}

fn id(id: Option<i64>, path: Path<'_>, report: &mut Report) {
    if let Some(id) = id.filter(|id| !(0..=USER_MAX).contains(id)) {
        report.invalid(path, id, &names::between(0, USER_MAX));
    }
}

fn sysctls(spec: &Value, path: Path<'_>, report: &mut Report) {
    let mut known: Vec<&str> = Vec::new();
    for (index, sysctl) in spec["securityContext"].list("sysctls").iter().enumerate() {
        let item = path.index(index);
        let path = item.child("name");
        let name = sysctl.text("name");
        if name.is_empty() {
            report.required(path, "");
        } else if !is_sysctl(name) {
            let detail = format!("must have at most {SYSCTL_MAX} characters and match regex {SYSCTL_FORMAT}");
            report.invalid(path, name, &detail);
        } else if known.contains(&name) {
            report.duplicate(path, name);
        }
        known.push(name);
        let dotted = name.replace('/', ".");
        let of_ipc =
            ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|prefix| dotted.starts_with(prefix))
                || dotted == "kernel.sem";
        if spec.is_true("hostNetwork") && dotted.starts_with("net.") {
            report.invalid(path, name, "may not be specified when 'hostNetwork' is true");
        } else if spec.is_true("hostIPC") && of_ipc {
            report.invalid(path, name, "may not be specified when 'hostIPC' is true");
        }
    }
}

fn is_sysctl(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= SYSCTL_MAX
        && name.split(['.', '/']).all(|part| {
            let bytes = part.as_bytes();
            bytes.first().zip(bytes.last()).is_some_and(|(first, last)| plain(*first) && plain(*last))
                && bytes.iter().all(|byte| plain(*byte) || matches!(byte, b'-' | b'_'))
        })
}

fn seccomp(profile: &Value, path: Path<'_>, report: &mut Report) {
    if profile.is_null() {
        return;
    }
    let kind = profile.text("type");
    let known = ["Localhost", "RuntimeDefault", "Unconfined"];
    if kind.is_empty() {
        report.required(path.child("type"), "type is required when seccompProfile is set");
    } else if !known.contains(&kind) {
        report.not_supported(path.child("type"), kind, &known);
    }
    let path = path.child("localhostProfile");
    match (kind == "Localhost", profile.has("localhostProfile")) {
        (true, true) => relative_path(profile.text("localhostProfile"), path, report),
        (true, false) => report.required(path, "must be set when seccomp type is Localhost"),
        (false, true) => {
            let detail = "can only be set when seccomp type is Localhost";
            report.invalid_as(path, &shown_profile(profile), detail);
        }
        (false, false) => {}
    }
}

fn app_armor(profile: &Value, path: Path<'_>, report: &mut Report) {
    if profile.is_null() {
        return;
    }
    let local = path.child("localhostProfile");
    let text = profile.text("localhostProfile");
    match profile.text("type") {
        "Localhost" => {
            if text.trim() != text {
                report.invalid(local, text, "must not be padded with whitespace");
            } else if text.is_empty() {
                report.required(local, "must be set when AppArmor type is Localhost");
            }
            if text.len() > PROFILE_MAX {
                report.too_long(local, PROFILE_MAX);
            }
        }
        "RuntimeDefault" | "Unconfined" => {
            if profile.has("localhostProfile") {
                report.invalid(local, text, "can only be set when AppArmor type is Localhost");
            }
        }
        "" => report.required(path.child("type"), "type is required when appArmorProfile is set"),
        other => {
            report.not_supported(path.child("type"), other, &["Localhost", "RuntimeDefault", "Unconfined"]);
        }
    }
}
