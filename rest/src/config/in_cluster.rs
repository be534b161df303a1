//! The service account that Kubernetes mounts into every pod.

use std::fs;
use std::net::Ipv6Addr;
use std::path::PathBuf;

use secrecy::SecretString;

use super::environment::Environment;
use super::{Config, ConfigError, DEFAULT_NAMESPACE, PemSource};

/// Where Kubernetes mounts the service account, from the root of the file system.
const FOLDER: &str = "var/run/secrets/kubernetes.io/serviceaccount";

pub(super) fn config(environment: &Environment) -> Result<Config, ConfigError> {
    let host = required(environment, "KUBERNETES_SERVICE_HOST")?;
    let port = required(environment, "KUBERNETES_SERVICE_PORT")?;
    let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host };

    let folder = environment.under_root(FOLDER);
    let token_file = folder.join("token");
    let token = read(token_file.clone(), "the service account's token")?;
    let ca_file = folder.join("ca.crt");
    read(ca_file.clone(), "the certificate of the cluster's CA")?;

    let mut config = Config::new(format!("https://{host}:{port}"));
    config.tls.ca = Some(PemSource::File(ca_file));
    config.bearer_token = Some(SecretString::from(token.trim()));
    config.bearer_token_file = Some(token_file);
    config.default_namespace = namespace(environment);
    Ok(config)
}

fn required(environment: &Environment, variable: &'static str) -> Result<String, ConfigError> {
    environment.text(variable).ok_or(ConfigError::NotInCluster { variable })
}

fn read(path: PathBuf, role: &str) -> Result<String, ConfigError> {
    fs::read_to_string(&path).map_err(|cause| ConfigError::Read { path, role: role.to_owned(), cause })
}

/// `POD_NAMESPACE`, else the mounted file, else `default`.
fn namespace(environment: &Environment) -> String {
    let given = environment.text("POD_NAMESPACE");
    let mounted = || fs::read_to_string(environment.under_root(FOLDER).join("namespace")).ok();
    given
        .or_else(mounted)
        .map(|namespace| namespace.trim().to_owned())
        .filter(|namespace| !namespace.is_empty())
        .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use secrecy::ExposeSecret;

    use super::*;

    const HOST: (&str, &str) = ("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    const PORT: (&str, &str) = ("KUBERNETES_SERVICE_PORT", "443");

    fn pod(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join(FOLDER);
        fs::create_dir_all(&folder).expect("a folder in it");
        for (name, text) in files {
            fs::write(folder.join(name), text).expect("a file in it");
        }
        root
    }

    fn load(root: &Path, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        config(&Environment::made_up(root, variables))
    }

    #[test]
    fn a_pod_finds_its_server_token_and_namespace() {
        let root = pod(&[("token", "a-token\n"), ("ca.crt", "PEM"), ("namespace", "web\n")]);
        let config = load(root.path(), &[HOST, PORT]).expect("a configuration");
        assert_eq!(config.host, "https://10.0.0.1:443");
        assert_eq!(config.default_namespace, "web");
        assert_eq!(config.bearer_token.as_ref().map(ExposeSecret::expose_secret), Some("a-token"));
        assert_eq!(config.bearer_token_file, Some(root.path().join(FOLDER).join("token")));
        assert!(matches!(config.tls.ca, Some(PemSource::File(path)) if path.ends_with("ca.crt")));
    }

    #[test]
    fn an_ipv6_server_gets_its_brackets() {
        let root = pod(&[("token", "a-token"), ("ca.crt", "PEM")]);
        let config =
            load(root.path(), &[("KUBERNETES_SERVICE_HOST", "fd00::1"), PORT]).expect("a configuration");
        assert_eq!(config.host, "https://[fd00::1]:443");
    }

    #[test]
    fn the_namespace_is_the_variables_then_the_files_then_default() {
        let with_file = pod(&[("token", "a-token"), ("ca.crt", "PEM"), ("namespace", "from-file\n")]);
        let without = pod(&[("token", "a-token"), ("ca.crt", "PEM"), ("namespace", " \n")]);
        let table = [
            (with_file.path(), "from-variable", "from-variable"),
            (with_file.path(), "", "from-file"),
            (without.path(), "from-variable", "from-variable"),
            (without.path(), "", "default"),
        ];
        for (root, variable, want) in table {
            let config = load(root, &[HOST, PORT, ("POD_NAMESPACE", variable)]).expect("a configuration");
            assert_eq!(config.default_namespace, want);
        }
    }

    #[test]
    fn outside_a_pod_the_missing_variable_is_named() {
        let root = pod(&[]);
        for (variables, missing) in [
            (&[][..], "KUBERNETES_SERVICE_HOST"),
            (&[HOST], "KUBERNETES_SERVICE_PORT"),
            (&[("KUBERNETES_SERVICE_HOST", ""), PORT], "KUBERNETES_SERVICE_HOST"),
        ] {
            let error = load(root.path(), variables).expect_err("not in a pod");
            assert!(matches!(error, ConfigError::NotInCluster { variable } if variable == missing));
        }
    }

    #[test]
    fn an_unreadable_token_or_ca_is_an_error_that_names_the_file() {
        for (files, missing) in [(&[("ca.crt", "PEM")], "token"), (&[("token", "a-token")], "ca.crt")] {
            let root = pod(files);
            let error = load(root.path(), &[HOST, PORT]).expect_err("a file is missing");
            assert!(matches!(&error, ConfigError::Read { path, .. } if path.ends_with(missing)), "{error}");
        }
    }
}
