//! The kinds of `networking.k8s.io`.

mod addresses;
mod ingress;
mod ingress_class;
mod network_policy;

use super::strategy::Strategy;

/// The strategy of a resource of the group.
pub(super) fn strategy(plural: &str) -> Option<&'static Strategy> {
    Some(match plural {
        "ingressclasses" => &ingress_class::STRATEGY,
        "ingresses" => &ingress::STRATEGY,
        "ipaddresses" => &addresses::IP_ADDRESS,
        "networkpolicies" => &network_policy::STRATEGY,
        "servicecidrs" => &addresses::SERVICE_CIDR,
        _ => return None,
    })
}
