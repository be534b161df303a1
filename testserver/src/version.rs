//! The version of Kubernetes that is served.

#[cfg(all(
    feature = "clientset",
    not(any(feature = "v1_33", feature = "v1_34", feature = "v1_35", feature = "v1_36", feature = "v1_37"))
))]
mod of_the_clientset {
    k8s_openapi::k8s_if_1_33! { pub(super) const MINOR: u8 = 33; }
    k8s_openapi::k8s_if_1_34! { pub(super) const MINOR: u8 = 34; }
    k8s_openapi::k8s_if_1_35! { pub(super) const MINOR: u8 = 35; }
    k8s_openapi::k8s_if_1_36! { pub(super) const MINOR: u8 = 36; }
    k8s_openapi::k8s_if_1_37! { pub(super) const MINOR: u8 = 37; }
}

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
    otherwise()
};

#[cfg(all(
    feature = "clientset",
    not(any(feature = "v1_33", feature = "v1_34", feature = "v1_35", feature = "v1_36", feature = "v1_37"))
))]
const fn otherwise() -> u8 {
    of_the_clientset::MINOR
}

#[cfg(not(all(
    feature = "clientset",
    not(any(feature = "v1_33", feature = "v1_34", feature = "v1_35", feature = "v1_36", feature = "v1_37"))
)))]
const fn otherwise() -> u8 {
    37
}
