//! Which columns each built-in kind has.

use super::column::Column;
use super::{access, cluster, devices, network, pods, storage, workloads};

/// The columns of a built-in kind, unless they are those of most.
pub(super) fn columns(group: &str, kind: &str) -> Option<&'static [Column]> {
    match group {
        "" => core(kind),
        "apps" | "batch" | "autoscaling" | "policy" => of_workloads(kind),
        "networking.k8s.io" | "discovery.k8s.io" => of_network(kind),
        "storage.k8s.io" => of_storage(kind),
        "admissionregistration.k8s.io"
        | "apiextensions.k8s.io"
        | "certificates.k8s.io"
        | "rbac.authorization.k8s.io" => of_access(kind),
        "resource.k8s.io" | "lifecycle.k8s.io" => of_devices(kind),
        _ => of_cluster(kind),
    }
}

fn core(kind: &str) -> Option<&'static [Column]> {
    Some(match kind {
        "ComponentStatus" => cluster::COMPONENT_STATUS,
        "ConfigMap" => cluster::CONFIG_MAP,
        "Endpoints" => network::ENDPOINTS,
        "Event" => cluster::EVENT,
        "Namespace" => cluster::NAMESPACE,
        "Node" => cluster::NODE,
        "PersistentVolume" => storage::PERSISTENT_VOLUME,
        "PersistentVolumeClaim" => storage::PERSISTENT_VOLUME_CLAIM,
        "Pod" => pods::COLUMNS,
        "PodTemplate" => workloads::POD_TEMPLATE,
        "ReplicationController" => workloads::REPLICATION_CONTROLLER,
        "ResourceQuota" => cluster::RESOURCE_QUOTA,
        "Secret" => cluster::SECRET,
        "Service" => network::SERVICE,
        "ServiceAccount" => cluster::NAME_AND_AGE,
        _ => return None,
    })
}

fn of_workloads(kind: &str) -> Option<&'static [Column]> {
    Some(match kind {
        "ControllerRevision" => workloads::CONTROLLER_REVISION,
        "CronJob" => workloads::CRON_JOB,
        "DaemonSet" => workloads::DAEMON_SET,
        "Deployment" => workloads::DEPLOYMENT,
        "HorizontalPodAutoscaler" => workloads::HORIZONTAL_POD_AUTOSCALER,
        "Job" => workloads::JOB,
        "PodDisruptionBudget" => workloads::POD_DISRUPTION_BUDGET,
        "ReplicaSet" => workloads::REPLICA_SET,
        "Scale" => workloads::SCALE,
        "StatefulSet" => workloads::STATEFUL_SET,
        _ => return None,
    })
}

fn of_network(kind: &str) -> Option<&'static [Column]> {
    Some(match kind {
        "EndpointSlice" => network::ENDPOINT_SLICE,
        "IPAddress" => network::IP_ADDRESS,
        "Ingress" => network::INGRESS,
        "IngressClass" => network::INGRESS_CLASS,
        "NetworkPolicy" => network::NETWORK_POLICY,
        "ServiceCIDR" => network::SERVICE_CIDR,
        _ => return None,
    })
}

fn of_storage(kind: &str) -> Option<&'static [Column]> {
    Some(match kind {
        "CSIDriver" => storage::CSI_DRIVER,
        "CSINode" => storage::CSI_NODE,
        "StorageClass" => storage::STORAGE_CLASS,
        "VolumeAttachment" => storage::VOLUME_ATTACHMENT,
        "VolumeAttributesClass" => storage::VOLUME_ATTRIBUTES_CLASS,
        _ => return None,
    })
}

fn of_access(kind: &str) -> Option<&'static [Column]> {
    Some(match kind {
        "CertificateSigningRequest" => access::CERTIFICATE_SIGNING_REQUEST,
        "ClusterRoleBinding" | "RoleBinding" => access::BINDING,
        "ClusterTrustBundle" => access::CLUSTER_TRUST_BUNDLE,
        "CustomResourceDefinition" => access::CUSTOM_RESOURCE_DEFINITION,
        "MutatingAdmissionPolicy" => access::MUTATING_POLICY,
        "MutatingAdmissionPolicyBinding" | "ValidatingAdmissionPolicyBinding" => access::POLICY_BINDING,
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => access::WEBHOOKS,
        "PodCertificateRequest" => access::POD_CERTIFICATE_REQUEST,
        "ValidatingAdmissionPolicy" => access::VALIDATING_POLICY,
        _ => return None,
    })
}

fn of_devices(kind: &str) -> Option<&'static [Column]> {
    Some(match kind {
        "DeviceClass" | "ResourceClaimTemplate" => cluster::NAME_AND_AGE,
        "DeviceTaintRule" => devices::DEVICE_TAINT_RULE,
        "Eviction" => devices::EVICTION,
        "EvictionRequest" => devices::EVICTION_REQUEST,
        "ResourceClaim" => devices::RESOURCE_CLAIM,
        "ResourcePoolStatusRequest" => devices::RESOURCE_POOL_STATUS_REQUEST,
        "ResourceSlice" => devices::RESOURCE_SLICE,
        _ => return None,
    })
}

fn of_cluster(kind: &str) -> Option<&'static [Column]> {
    Some(match kind {
        "APIService" => cluster::API_SERVICE,
        "CompositePodGroup" => workloads::COMPOSITE_POD_GROUP,
        "Event" => cluster::EVENT,
        "FlowSchema" => cluster::FLOW_SCHEMA,
        "Lease" => cluster::LEASE,
        "LeaseCandidate" => cluster::LEASE_CANDIDATE,
        "PodGroup" => workloads::POD_GROUP,
        "PriorityClass" => cluster::PRIORITY_CLASS,
        "PriorityLevelConfiguration" => cluster::PRIORITY_LEVEL,
        "RuntimeClass" => cluster::RUNTIME_CLASS,
        "StorageVersion" => cluster::STORAGE_VERSION,
        "StorageVersionMigration" => cluster::STORAGE_VERSION_MIGRATION,
        "Workload" => cluster::NAME_AND_AGE,
        _ => return None,
    })
}
