//! What `kubectl` users call resources: facts that servers tell in discovery, and no OpenAPI document has.

/// Short names and categories of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nicknames {
    /// The API group; empty for core.
    pub group: &'static str,
    /// The resource on the wire.
    pub plural: &'static str,
    /// Such as `po` for pods.
    pub short_names: &'static [&'static str],
    /// Such as `all`, which `kubectl get all` lists.
    pub categories: &'static [&'static str],
}

/// A resource that has none.
const NONE: Nicknames = Nicknames { group: "", plural: "", short_names: &[], categories: &[] };

const ALL: &[&str] = &["all"];
const EXTENSIONS: &[&str] = &["api-extensions"];

/// A row of the table.
const fn row(
    group: &'static str,
    plural: &'static str,
    short_names: &'static [&'static str],
    categories: &'static [&'static str],
) -> Nicknames {
    Nicknames { group, plural, short_names, categories }
}

/// Every resource that has a short name or a category, in all versions of its group.
pub const NICKNAMES: &[Nicknames] = &[
    row("", "componentstatuses", &["cs"], &[]),
    row("", "configmaps", &["cm"], &[]),
    row("", "endpoints", &["ep"], &[]),
    row("", "events", &["ev"], &[]),
    row("", "limitranges", &["limits"], &[]),
    row("", "namespaces", &["ns"], &[]),
    row("", "nodes", &["no"], &[]),
    row("", "persistentvolumeclaims", &["pvc"], &[]),
    row("", "persistentvolumes", &["pv"], &[]),
    row("", "pods", &["po"], ALL),
    row("", "replicationcontrollers", &["rc"], ALL),
    row("", "resourcequotas", &["quota"], &[]),
    row("", "serviceaccounts", &["sa"], &[]),
    row("", "services", &["svc"], ALL),
    row("admissionregistration.k8s.io", "mutatingadmissionpolicies", &[], EXTENSIONS),
    row("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", &[], EXTENSIONS),
    row("admissionregistration.k8s.io", "mutatingwebhookconfigurations", &[], EXTENSIONS),
    row("admissionregistration.k8s.io", "validatingadmissionpolicies", &[], EXTENSIONS),
    row("admissionregistration.k8s.io", "validatingadmissionpolicybindings", &[], EXTENSIONS),
    row("admissionregistration.k8s.io", "validatingwebhookconfigurations", &[], EXTENSIONS),
    row("apiextensions.k8s.io", "customresourcedefinitions", &["crd", "crds"], EXTENSIONS),
    row("apiregistration.k8s.io", "apiservices", &[], EXTENSIONS),
    row("apps", "daemonsets", &["ds"], ALL),
    row("apps", "deployments", &["deploy"], ALL),
    row("apps", "replicasets", &["rs"], ALL),
    row("apps", "statefulsets", &["sts"], ALL),
    row("autoscaling", "horizontalpodautoscalers", &["hpa"], ALL),
    row("batch", "cronjobs", &["cj"], ALL),
    row("batch", "jobs", &[], ALL),
    row("certificates.k8s.io", "certificatesigningrequests", &["csr"], &[]),
    row("events.k8s.io", "events", &["ev"], &[]),
    row("networking.k8s.io", "ingresses", &["ing"], &[]),
    row("networking.k8s.io", "ipaddresses", &["ip"], &[]),
    row("networking.k8s.io", "networkpolicies", &["netpol"], &[]),
    row("policy", "poddisruptionbudgets", &["pdb"], &[]),
    row("scheduling.k8s.io", "priorityclasses", &["pc"], &[]),
    row("storage.k8s.io", "storageclasses", &["sc"], &[]),
    row("storage.k8s.io", "volumeattributesclasses", &["vac"], &[]),
];

/// The nicknames of a resource.
pub fn nicknames(group: &str, plural: &str) -> &'static Nicknames {
    NICKNAMES.iter().find(|row| row.group == group && row.plural == plural).unwrap_or(&NONE)
}
