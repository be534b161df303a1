//! The API server that the tests run on: the real one that `cargo xtask e2e` has started, else one in this process.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, mpsc};
use std::thread;

use kubeset::rest::RestClient;
use kubeset::{Clientset, Config};
use kubeset_testserver::{ClientCertificate, TestServer};
use serde_json::{Value, json};

/// The bearer tokens of the server in this process.
const TOKENS: [(&str, &str); 2] = [("token-of-admin", "admin"), ("token-of-joe", "joe")];

/// The group that may do everything.
const MASTERS: &str = "system:masters";

/// The one server of all tests.
pub(crate) static SERVER: LazyLock<ApiServer> = LazyLock::new(|| match std::env::var("KUBESET_E2E_ETCD") {
    Ok(etcd) => ApiServer::Real { etcd },
    Err(_) => ApiServer::InProcess { kubeconfig: write_files(server()), server: server() },
});

/// Which server it is.
pub(crate) enum ApiServer {
    /// One of its own processes, that `KUBECONFIG` leads to.
    Real {
        /// The URL of its store.
        etcd: String,
    },
    /// One in this process.
    InProcess {
        /// The server.
        server: &'static TestServer,
        /// How to reach it: with the contexts of the real one's kubeconfig.
        kubeconfig: PathBuf,
    },
}

impl ApiServer {
    /// The kubeconfig, if it is not the one that `KUBECONFIG` names.
    pub(crate) fn kubeconfig(&self) -> Option<&Path> {
        match self {
            Self::Real { .. } => None,
            Self::InProcess { kubeconfig, .. } => Some(kubeconfig),
        }
    }

    /// Makes the server's store forget all versions before the latest.
    pub(crate) async fn forget(&self, clientset: &Clientset) {
        let etcd = match self {
            Self::Real { etcd } => etcd,
            Self::InProcess { server, .. } => return server.expire_history(),
        };
        let version =
            clientset.core_v1().namespaces().list().limit(1).await.unwrap().metadata.resource_version;
        let etcd = RestClient::unversioned(&Config::new(etcd)).unwrap();
        let compaction = json!({"revision": version, "physical": true});
        let _: Value = etcd.post().abs_path("/v3/kv/compaction").json(&compaction).send().await.unwrap();
    }
}

/// The server in this process, on a thread of its own: each test has a runtime that ends with it.
fn server() -> &'static TestServer {
    static STARTED: LazyLock<TestServer> = LazyLock::new(|| {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let [(admin, _), (joe, _)] = TOKENS;
                // As the real one: nothing but the API server runs.
                let builder = TestServer::builder().tls().require_credentials().without_controllers();
                let builder = builder.token(admin, "token-admin", [MASTERS]).token(joe, "joe", [""; 0]);
                sender.send(builder.start().await.unwrap()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().unwrap()
    });
    &STARTED
}

/// Writes the kubeconfig of the server in this process, and the files that it names.
fn write_files(server: &TestServer) -> PathBuf {
    let folder = folder();
    let authority = server.authority().unwrap();
    let other = thread::spawn(other_authority).join().unwrap();
    let admin = server.certificate_for("admin", [MASTERS]).unwrap();
    let jane = server.certificate_for("jane", [""; 0]).unwrap();
    let [(token, _), (joe, _)] = TOKENS;
    let files = [
        ("ca.crt", &authority),
        ("admin.crt", &admin.certificate),
        ("admin.key", &admin.key),
        ("admin.token", &token.to_owned()),
    ];
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
    let cluster = |name: &str, key: &str, value: Value| json!({"name": name, "cluster": {"server": server.url(), key: value}});
    let context = |name: &str, cluster: &str, user: &str| json!({"name": name, "context": {"cluster": cluster, "user": user, "namespace": "default"}});
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "admin",
        "clusters": [
            cluster("kubeset", "certificate-authority-data", data(&authority)),
            cluster("kubeset-files", "certificate-authority", "ca.crt".into()),
            cluster("wrong-ca", "certificate-authority-data", data(&other)),
        ],
        "users": [
            certificate_user("admin", &admin),
            {"name": "admin-files", "user": {"client-certificate": "admin.crt", "client-key": "admin.key"}},
            {"name": "token", "user": {"token": token}},
            {"name": "token-file", "user": {"tokenFile": "admin.token"}},
            certificate_user("jane", &jane),
            {"name": "joe", "user": {"token": joe}},
        ],
        "contexts": [
            context("admin", "kubeset", "admin"),
            context("admin-files", "kubeset-files", "admin-files"),
            context("token", "kubeset", "token"),
            context("token-file", "kubeset", "token-file"),
            context("jane", "kubeset", "jane"),
            context("joe", "kubeset", "joe"),
            context("wrong-ca", "wrong-ca", "admin"),
        ],
    });
    let path = folder.join("kubeconfig");
    fs::write(&path, kubeconfig.to_string()).unwrap();
    path
}

/// A folder of this process. Those of processes that have ended are removed.
fn folder() -> PathBuf {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e");
    for other in fs::read_dir(&parent).into_iter().flatten().flatten() {
        if !Path::new("/proc").join(other.file_name()).exists() {
            let _ = fs::remove_dir_all(other.path());
        }
    }
    let folder = parent.join(std::process::id().to_string());
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// An authority that has not signed the server's certificate.
fn other_authority() -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { TestServer::builder().tls().start().await.unwrap().authority().unwrap() })
}

fn certificate_user(name: &str, of: &ClientCertificate) -> Value {
    json!({"name": name, "user": {
        "client-certificate-data": data(&of.certificate),
        "client-key-data": data(&of.key),
    }})
}

fn data(pem: &str) -> Value {
    serde_json::to_value(kubeset::k8s_openapi::ByteString(pem.as_bytes().to_vec())).unwrap()
}
