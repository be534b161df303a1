//! The kubeconfig if there is one, else the service account of the pod.

use super::environment::Environment;
use super::{Config, ConfigError, KubeconfigOverrides, in_cluster, kubeconfig};

pub(super) fn infer(environment: &Environment) -> Result<Config, ConfigError> {
    match kubeconfig::config(environment, None, &KubeconfigOverrides::default()) {
        Err(absent @ ConfigError::Empty { .. }) => in_cluster::config(environment).map_err(|failure| {
            ConfigError::NotInferred { kubeconfig: Box::new(absent), in_cluster: Box::new(failure) }
        }),
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const IN_POD: [(&str, &str); 2] =
        [("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("KUBERNETES_SERVICE_PORT", "443")];

    fn home(kubeconfig: Option<&str>, in_pod: bool) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        if let Some(text) = kubeconfig {
            fs::create_dir(root.path().join(".kube")).expect("a folder in it");
            fs::write(root.path().join(".kube/config"), text).expect("a file in it");
        }
        if in_pod {
            let folder = root.path().join("var/run/secrets/kubernetes.io/serviceaccount");
            fs::create_dir_all(&folder).expect("a folder in it");
            fs::write(folder.join("token"), "a-token").expect("a file in it");
            fs::write(folder.join("ca.crt"), "PEM").expect("a file in it");
        }
        root
    }

    const KUBECONFIG: &str = "
current-context: here
contexts: [{name: here, context: {cluster: here}}]
clusters: [{name: here, cluster: {server: 'https://kubeconfig.example'}}]
";

    #[test]
    fn a_kubeconfig_comes_before_the_service_account() {
        let root = home(Some(KUBECONFIG), true);
        let config = infer(&Environment::made_up(root.path(), &IN_POD)).expect("a configuration");
        assert_eq!(config.host, "https://kubeconfig.example");
    }

    #[test]
    fn without_a_kubeconfig_or_with_an_empty_one_the_service_account_is_used() {
        for kubeconfig in [None, Some(""), Some("apiVersion: v1\nkind: Config\nclusters: []\nusers: null\n")]
        {
            let root = home(kubeconfig, true);
            let config = infer(&Environment::made_up(root.path(), &IN_POD)).expect("a configuration");
            assert_eq!(config.host, "https://10.0.0.1:443");
        }
    }

    #[test]
    fn a_broken_kubeconfig_is_not_passed_over() {
        let root = home(Some("clusters: 7"), true);
        let error = infer(&Environment::made_up(root.path(), &IN_POD)).expect_err("it is broken");
        assert!(matches!(error, ConfigError::Parse { .. }), "{error}");
    }

    #[test]
    fn an_error_says_why_neither_way_worked() {
        let root = home(None, false);
        let error = infer(&Environment::made_up(root.path(), &[])).expect_err("nothing is there").to_string();
        let kubeconfig = root.path().join(".kube/config").display().to_string();
        for part in [kubeconfig.as_str(), "set KUBECONFIG", "KUBERNETES_SERVICE_HOST"] {
            assert!(error.contains(part), "{part} is missing in: {error}");
        }
    }
}
