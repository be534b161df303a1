//! The version of Kubernetes that is served.

/// The number after `1.`: of the feature, else of the clientset, else the newest.
pub(crate) const MINOR: u8 = if cfg!(feature = "v1_37") {
    37
} else if cfg!(feature = "v1_36") {
    36
} else if cfg!(feature = "v1_35") {
    35
} else if cfg!(feature = "v1_34") {
    34
} else if cfg!(feature = "v1_33") {
    33
} else {
    OTHERWISE
};

#[cfg(not(feature = "clientset"))]
const OTHERWISE: u8 = 37;

// One of these is there, whatever the version of the clientset.
#[cfg(feature = "clientset")]
k8s_openapi::k8s_if_1_33! { const OTHERWISE: u8 = 33; }
#[cfg(feature = "clientset")]
k8s_openapi::k8s_if_1_34! { const OTHERWISE: u8 = 34; }
#[cfg(feature = "clientset")]
k8s_openapi::k8s_if_1_35! { const OTHERWISE: u8 = 35; }
#[cfg(feature = "clientset")]
k8s_openapi::k8s_if_1_36! { const OTHERWISE: u8 = 36; }
#[cfg(feature = "clientset")]
k8s_openapi::k8s_if_1_37! { const OTHERWISE: u8 = 37; }
