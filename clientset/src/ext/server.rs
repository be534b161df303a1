//! What the server says about itself.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{APIGroupList, APIVersions};
use k8s_openapi::apimachinery::pkg::version::Info;
use kubeset_rest::{Read, ReadRaw};

use crate::Clientset;

impl Clientset {
    /// The server's version: `GET /version/`.
    pub fn server_version(&self) -> Read<Info> {
        self.server().read("/version/")
    }

    /// The versions of the core group: `GET /api/`.
    pub fn api_versions(&self) -> Read<APIVersions> {
        self.server().read("/api/")
    }

    /// The other groups and their versions: `GET /apis/`.
    pub fn api_groups(&self) -> Read<APIGroupList> {
        self.server().read("/apis/")
    }

    /// The server's own log files, if it serves them, as a page of links: `GET /logs/`.
    pub fn log_files(&self) -> ReadRaw {
        self.server().read_raw("/logs/")
    }

    /// One of the server's own log files, if it serves them: `GET /logs/{logpath}`.
    pub fn log_file(&self, path: &str) -> ReadRaw {
        self.server().read_raw("/logs/").suffix(path)
    }

    /// The keys that sign the tokens of service accounts, as a JSON web key set: `GET /openid/v1/jwks/`.
    pub fn openid_keys(&self) -> ReadRaw {
        self.server().read_raw("/openid/v1/jwks/")
    }

    /// How others can check the tokens of service accounts: `GET /.well-known/openid-configuration/`.
    pub fn openid_configuration(&self) -> ReadRaw {
        self.server().read_raw("/.well-known/openid-configuration/")
    }
}
