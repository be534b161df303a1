//! The command lines of etcd and kube-apiserver.

use super::{Features, Layout};

/// etcd as a single member without TLS on the loopback address, and without waiting for the disk.
pub(super) fn etcd(layout: &Layout) -> Vec<String> {
    let client = layout.etcd_url();
    let peer = format!("http://127.0.0.1:{}", layout.etcd_peer_port);
    vec![
        "--name=kubeset".into(),
        format!("--data-dir={}", layout.path("etcd").display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=kubeset={peer}"),
        "--unsafe-no-fsync".into(),
        "--log-level=warn".into(),
    ]
}

/// kube-apiserver without what needs the rest of a cluster.
pub(super) fn apiserver(layout: &Layout, features: Features) -> Vec<String> {
    let path = |name: &str| layout.path(name).display().to_string();
    let mut arguments = vec![
        format!("--etcd-servers={}", layout.etcd_url()),
        "--bind-address=127.0.0.1".into(),
        "--advertise-address=127.0.0.1".into(),
        format!("--secure-port={}", layout.port),
        // A Service cannot have a loopback endpoint, so that of the API server itself would never be ready.
        "--endpoint-reconciler-type=none".into(),
        "--service-cluster-ip-range=10.0.0.0/16".into(),
        format!("--tls-cert-file={}", path("apiserver.crt")),
        format!("--tls-private-key-file={}", path("apiserver.key")),
        format!("--client-ca-file={}", path("ca.crt")),
        format!("--token-auth-file={}", path("tokens.csv")),
        format!("--cert-dir={}", path("certificates")),
        format!("--service-account-key-file={}", path("service-account.pub")),
        format!("--service-account-signing-key-file={}", path("service-account.key")),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        "--authorization-mode=Node,RBAC".into(),
        "--allow-privileged=true".into(),
        // Pods would wait for a service account that only the controller manager makes.
        "--disable-admission-plugins=ServiceAccount".into(),
    ];
    match features {
        Features::All => {
            arguments.push("--runtime-config=api/all=true".into());
            arguments.push("--feature-gates=AllAlpha=true,AllBeta=true".into());
        }
        Features::Released => {}
    }
    arguments
}
