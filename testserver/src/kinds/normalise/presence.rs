//! Which fields are told when they are empty: what OpenAPI documents do not say and Go types do.
//!
//! A field is by default what most fields like it are: an optional scalar or list is left out when it is zero, a required
//! one is not; an optional structure is a pointer, but for `metadata`, `spec`, `status` and `template`; a time is a
//! structure. The tables name the others, by type (`Container`, or `core.v1.Event` where two groups differ) and field.

use crate::schema::{Scalar, Schema, Shape};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What becomes of a field that is missing or zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Missing stays missing, zero stays zero: a pointer.
    Optional,
    /// Missing becomes null, zero stays zero.
    Nullable,
    /// Zero goes.
    Omitted,
    /// Missing becomes zero; for lists and maps that is null.
    Kept,
    /// Missing becomes an empty structure.
    Structure,
}

/// Pointers that are left out when they are nil: their zeros stay.
const OPTIONAL: &str = "\
    AllocatedDeviceStatus: shareID; AllocationResult: allocationTimestamp;
    AppArmorProfile: localhostProfile; AzureDiskVolumeSource: cachingMode fsType kind readOnly;
    BasicDevice: allNodes allowMultipleAllocations bindsToNode nodeName;
    CSIDriverSpec: attachRequired fsGroupPolicy nodeAllocatableUpdatePeriodSeconds podInfoOnMount
    preventPodSchedulingIfMissing requiresRepublish seLinuxMount serviceAccountTokenInSecrets
    storageCapacity; CSIVolumeSource: fsType readOnly; CapacityRequestPolicyRange: min;
    CertificateSigningRequestSpec: expirationSeconds; ClientIPConfig: timeoutSeconds;
    ClusterTrustBundleProjection: name optional signerName user;
    CompositePodGroupSpec: parentCompositePodGroupName preemptionPolicy priority;
    CompositePodGroupTemplate: preemptionPolicy priority; ConfigMap: immutable;
    ConfigMapEnvSource: optional; ConfigMapKeySelector: optional; ConfigMapProjection: optional;
    ConfigMapVolumeSource: defaultMode defaultUser optional; Container: restartPolicy;
    ContainerStatus: started stopSignal;
    CronJobSpec: failedJobsHistoryLimit startingDeadlineSeconds successfulJobsHistoryLimit suspend timeZone;
    CronJobStatus: lastScheduleTime lastSuccessfulTime; CustomResourceDefinitionVersion: deprecationWarning;
    CustomResourceSubresourceScale: labelSelectorPath; CustomResourceSubresources: status;
    DaemonSetSpec: revisionHistoryLimit; DaemonSetStatus: collisionCount;
    DeleteOptions: gracePeriodSeconds ignoreStoreReadErrorWithClusterBreakingPotential orphanDependents
    propagationPolicy; DeploymentSpec: progressDeadlineSeconds replicas revisionHistoryLimit;
    DeploymentStatus: collisionCount terminatingReplicas;
    Device: allNodes allowMultipleAllocations bindsToNode nodeName;
    DeviceAttribute: bool int string version; DeviceClassSpec: extendedResourceName;
    DeviceConstraint: distinctAttribute matchAttribute; DeviceRequest: adminAccess;
    DeviceRequestAllocationResult: adminAccess shareID; DeviceTaint: timeAdded;
    DeviceTaintSelector: device driver pool; DeviceToleration: tolerationSeconds;
    DownwardAPIVolumeFile: mode user; DownwardAPIVolumeSource: defaultMode defaultUser;
    EmptyDirVolumeSource: mode; Endpoint: hostname nodeName zone; EndpointAddress: nodeName;
    EndpointConditions: ready serving terminating; EndpointPort: appProtocol;
    EphemeralContainer: restartPolicy; EvictionRequestStatus: observedGeneration;
    EvictionStatus: observedGeneration; ExactDeviceRequest: adminAccess;
    ExemptPriorityLevelConfiguration: lendablePercent nominalConcurrencyShares; FCVolumeSource: lun;
    FileKeySelector: optional; GRPCAction: mode; GlusterfsPersistentVolumeSource: endpointsNamespace;
    HPAScalingRules: selectPolicy stabilizationWindowSeconds; HTTPGetAction: protocol;
    HorizontalPodAutoscalerCondition: observedGeneration;
    HorizontalPodAutoscalerSpec: minReplicas targetCPUUtilizationPercentage;
    HorizontalPodAutoscalerStatus: currentCPUUtilizationPercentage lastScaleTime observedGeneration;
    HostPathVolumeSource: type; IPAddressSpec: parentRef; ISCSIPersistentVolumeSource: initiatorName;
    ISCSIVolumeSource: initiatorName; IngressClassParametersReference: apiGroup namespace;
    IngressPortStatus: error; IngressSpec: ingressClassName;
    JSONSchemaProps: $ref maxItems maxLength maxProperties maximum minItems minLength minProperties minimum
    multipleOf x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-preserve-unknown-fields;
    JobSpec: activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions managedBy
    manualSelector maxFailedIndexes parallelism podReplacementPolicy suspend ttlSecondsAfterFinished;
    JobStatus: completionTime failedIndexes ready startTime terminating; KeyToPath: mode user;
    LeaseCandidateSpec: pingTime renewTime;
    LeaseSpec: acquireTime holderIdentity leaseDurationSeconds leaseTransitions preferredHolder renewTime
    strategy; Lifecycle: stopSignal;
    LimitedPriorityLevelConfiguration: borrowingLimitPercent lendablePercent; ListMeta: remainingItemCount;
    LoadBalancerIngress: ipMode; LocalVolumeSource: fsType; ManagedFieldsEntry: time;
    MatchResources: matchPolicy; MetricTarget: averageUtilization; MetricValueStatus: averageUtilization;
    MutatingAdmissionPolicySpec: failurePolicy;
    MutatingWebhook: failurePolicy matchPolicy reinvocationPolicy timeoutSeconds;
    NamedRuleWithOperations: scope; NetworkPolicyPort: endPort protocol;
    NodeAllocatableMapping: capacityKey; NodeFeatures: supplementalGroupsPolicy;
    NodeRuntimeHandlerFeatures: recursiveReadOnlyMounts userNamespaces; NodeSwapStatus: capacity;
    NodeSystemInfo: runningInUserNamespace; ObjectMeta: deletionGracePeriodSeconds deletionTimestamp;
    OwnerReference: blockOwnerDeletion controller; ParamRef: parameterNotFoundAction;
    PartitionTypeStatus: allocatable total;
    PersistentVolumeClaimSpec: storageClassName volumeAttributesClassName volumeMode;
    PersistentVolumeClaimStatus: currentVolumeAttributesClassName;
    PersistentVolumeSpec: volumeAttributesClassName volumeMode;
    PersistentVolumeStatus: lastPhaseTransitionTime; PodCertificateProjection: maxExpirationSeconds user;
    PodCertificateRequestSpec: maxExpirationSeconds;
    PodCertificateRequestStatus: beginRefreshAt notAfter notBefore; PodDNSConfigOption: value;
    PodDisruptionBudgetSpec: unhealthyPodEvictionPolicy;
    PodFailurePolicyOnExitCodesRequirement: containerName;
    PodGroupResourceClaim: resourceClaimName resourceClaimTemplateName;
    PodGroupResourceClaimStatus: resourceClaimName;
    PodGroupSpec: parentCompositePodGroupName preemptionPolicy priority;
    PodGroupTemplate: preemptionPolicy priority;
    PodResourceClaim: resourceClaimName resourceClaimTemplateName;
    PodResourceClaimStatus: resourceClaimName; PodSchedulingGroup: podGroupName;
    PodSecurityContext: fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seLinuxChangePolicy
    supplementalGroupsPolicy;
    PodSpec: activeDeadlineSeconds automountServiceAccountToken enableServiceLinks hostUsers
    hostnameOverride preemptionPolicy priority runtimeClassName setHostnameAsFQDN shareProcessNamespace
    terminationGracePeriodSeconds; PodStatus: startTime;
    PoolStatus: allocatedDevices availableDevices nodeName resourceSliceCount totalDevices
    unavailableDevices validationError; PortStatus: error; Preconditions: resourceVersion uid;
    PriorityClass: preemptionPolicy; Probe: terminationGracePeriodSeconds;
    ProjectedVolumeSource: defaultMode defaultUser; ReplicaSetSpec: replicas;
    ReplicaSetStatus: terminatingReplicas; ReplicationControllerSpec: replicas template;
    ResourceHealth: message; ResourcePoolStatusRequest: status;
    ResourcePoolStatusRequestSpec: defaultPartitionTypeAttribute limit poolName;
    ResourcePoolStatusRequestStatus: poolCount;
    ResourceSliceSpec: partitionTypeAttribute perDeviceNodeSelection;
    ResponderStatus: completionTime expectedCompletionTime heartbeatTime message startTime;
    RollingUpdateStatefulSetStrategy: partition; RuleWithOperations: scope;
    SeccompProfile: localhostProfile; Secret: immutable; SecretEnvSource: optional;
    SecretKeySelector: optional; SecretProjection: optional;
    SecretVolumeSource: defaultMode defaultUser optional;
    SecurityContext: allowPrivilegeEscalation privileged procMount readOnlyRootFilesystem runAsGroup
    runAsNonRoot runAsUser; ServiceAccount: automountServiceAccountToken;
    ServiceAccountTokenProjection: expirationSeconds user; ServicePort: appProtocol;
    ServiceReference: path port;
    ServiceSpec: allocateLoadBalancerNodePorts internalTrafficPolicy ipFamilyPolicy loadBalancerClass
    trafficDistribution; ShareableCapacityStatus: available consumed total;
    ShareableSummaryStatus: fullyAvailableDevices partiallyAvailableDevices;
    StatefulSetSpec: replicas revisionHistoryLimit; StatefulSetStatus: collisionCount;
    StorageClass: allowVolumeExpansion reclaimPolicy volumeBindingMode;
    StorageHealthCondition: accessMode volumeMode; StorageVersionStatus: commonEncodingVersion;
    SuccessPolicyRule: succeededCount succeededIndexes; Taint: timeAdded; TokenRequest: expirationSeconds;
    Toleration: tolerationSeconds; TopologySpreadConstraint: minDomains nodeAffinityPolicy nodeTaintsPolicy;
    TypedObjectReference: namespace; ValidatingAdmissionPolicySpec: failurePolicy;
    ValidatingWebhook: failurePolicy matchPolicy timeoutSeconds; Validation: reason;
    ValidationRule: optionalOldSelf reason; VolumeAttachmentSource: persistentVolumeName;
    VolumeError: errorCode; VolumeMount: mountPropagation recursiveReadOnly;
    VolumeMountStatus: recursiveReadOnly; VolumeNodeResources: count; WebhookClientConfig: url;
    WindowsSecurityContextOptions: gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName;
    WorkloadPodGroupGangSchedulingPolicy: minCount;
    WorkloadPodGroupResourceClaim: resourceClaimName resourceClaimTemplateName;
    discovery.v1.EndpointPort: name port protocol; resource.v1.ResourceSliceSpec: allNodes nodeName;
    resource.v1beta2.ResourceSliceSpec: allNodes nodeName;
";

/// Pointers that are told even when they are nil, as null.
const NULLABLE: &str = "\
    AzureFilePersistentVolumeSource: secretNamespace; CapacityRequestPolicy: default;
    CompositePodGroupSpec: workloadRef; DaemonSetSpec: selector; DeploymentSpec: selector;
    EvictionResponder: priority; GRPCAction: service; HTTPIngressPath: pathType;
    IngressClassParametersReference: scope; LimitedPriorityLevelConfiguration: nominalConcurrencyShares;
    MutatingWebhook: sideEffects; NodeAllocatableMappedResources: quantity;
    PodGroupTemplate: schedulingConstraints; ReplicaSetSpec: selector;
    ScaleIOPersistentVolumeSource: secretRef; ScaleIOVolumeSource: secretRef; StatefulSetSpec: selector;
    TargetResponder: priority; TokenRequestSpec: boundObjectRef expirationSeconds;
    TypedObjectReference: apiGroup; ValidatingWebhook: sideEffects;
    core.v1.TypedLocalObjectReference: apiGroup;
";

/// Required values that are left out when they are zero all the same.
const OMITTED: &str = "\
    ContainerRestartRule: action; ContainerRestartRuleOnExitCodes: operator; CounterSet: counters;
    DeviceCounterConsumption: counters; FlowSchemaCondition: type; ImageVolumeStatus: imageRef;
    LeaseCandidateSpec: strategy; ParentReference: name resource; PartitionTypeStatus: attribute type;
    PodCertificateProjection: keyType signerName; PoolStatus: driver poolName;
    PriorityLevelConfigurationCondition: type;
    ServerStorageVersion: apiServerID decodableVersions encodingVersion; ShareableCapacityStatus: name;
    StorageVersionCondition: message; TokenReviewSpec: token;
    ValidatingAdmissionPolicyBindingSpec: policyName validationActions;
";

/// Optional values that are told even when they are zero: `0`, `""`, or null for lists.
const KEPT: &str = "\
    AllocatedDeviceStatus: conditions; CSINodeDriver: topologyKeys; ClusterRole: rules;
    ContainerImage: names; ControllerRevision: revision;
    CustomResourceDefinitionStatus: conditions storedVersions; DaemonSetCondition: status type;
    DeploymentCondition: status type; DeviceClaim: requests; DeviceRequest: deviceClassName;
    EndpointSlice: endpoints ports; Event: reportingComponent; FlowSchemaSpec: matchingPrecedence;
    HorizontalPodAutoscalerStatus: currentMetrics; NodeRuntimeHandler: name;
    PodCertificateRequestSpec: pkixPublicKey proofOfPossession;
    PodDisruptionBudgetStatus: currentHealthy desiredHealthy disruptionsAllowed expectedPods;
    PodFailurePolicyOnPodConditionsPattern: status; PriorityClass: value; ProjectedVolumeSource: sources;
    QueuingConfiguration: handSize queueLengthLimit queues; ReplicaSetCondition: status type;
    ResourcePolicyRule: namespaces; Role: rules; RoleRef: apiGroup; StatefulSetCondition: status type;
    StatefulSetOrdinals: start; StatefulSetSpec: serviceName; StatefulSetStatus: availableReplicas;
    TokenRequestSpec: audiences; TokenRequestStatus: token; WorkloadSpec: podGroupTemplates;
    core.v1.Event: reportingInstance;
";

/// Structures that are always there, and values that are written like structures.
const STRUCTURES: &str = "\
    APIGroup: preferredVersion; AllocationResult: devices; Container: resources;
    ContainerStatus: lastState state; CustomResourceDefinitionStatus: acceptedNames;
    DaemonSetSpec: updateStrategy; DeploymentSpec: strategy; Endpoint: conditions;
    EphemeralContainer: resources; Event: deprecatedSource regarding source; IngressServiceBackend: port;
    IngressStatus: loadBalancer; NetworkPolicySpec: podSelector; NodeDaemonEndpoints: kubeletEndpoint;
    NodeStatus: daemonEndpoints nodeInfo; PersistentVolumeClaimSpec: resources; ResourceClaimSpec: devices;
    ResourceFieldSelector: divisor; SelfSubjectReviewStatus: userInfo; ServicePort: targetPort;
    ServiceStatus: loadBalancer; StatefulSetSpec: updateStrategy; TokenReviewStatus: user;
";

const TABLES: [(Presence, &str); 5] = [
    (Presence::Optional, OPTIONAL),
    (Presence::Nullable, NULLABLE),
    (Presence::Omitted, OMITTED),
    (Presence::Kept, KEPT),
    (Presence::Structure, STRUCTURES),
];

type Fields = Vec<(&'static str, Presence)>;

static EXCEPTIONS: LazyLock<HashMap<&'static str, Fields>> = LazyLock::new(|| {
    let mut exceptions: HashMap<&'static str, Fields> = HashMap::new();
    for (presence, table) in TABLES {
        for row in table.split(';') {
            if let Some((name, fields)) = row.trim().split_once(':') {
                let fields = fields.split_whitespace().map(|field| (field, presence));
                exceptions.entry(name).or_default().extend(fields);
            }
        }
    }
    exceptions
});

/// The fields of a type that are not what most are. `name` is that of a definition, or a kind with its group version
/// (`core.v1.Event`).
pub(super) fn exceptions(name: &str) -> impl Fn(&str) -> Option<Presence> {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    let short = dots.next().map_or(name, |at| &name[at + 1..]);
    let qualified = dots.nth(1).map_or(name, |at| &name[at + 1..]);
    let tables = [EXCEPTIONS.get(qualified), EXCEPTIONS.get(short)];
    move |field| {
        let fields = tables.iter().flatten().copied().flatten();
        fields.copied().find(|(name, _)| *name == field).map(|(_, presence)| presence)
    }
}

/// What most fields like this one are.
pub(super) fn usual(name: &str, schema: &Schema, required: bool) -> Presence {
    const ALWAYS: [&str; 4] = ["metadata", "spec", "status", "template"];
    match &schema.resolved().shape {
        Shape::Scalar(Scalar::Time) => Presence::Structure,
        Shape::Scalar(_) if is_structure(schema) && required => Presence::Structure,
        Shape::Scalar(_) if is_structure(schema) => Presence::Optional,
        Shape::Object { properties, .. } if !properties.is_empty() => {
            if required || ALWAYS.contains(&name) {
                Presence::Structure
            } else {
                Presence::Optional
            }
        }
        Shape::Any if required => Presence::Structure,
        Shape::Any => Presence::Optional,
        _ if required => Presence::Kept,
        _ => Presence::Omitted,
    }
}

/// Whether a scalar is a structure in Go: a quantity, or a number or text.
fn is_structure(schema: &Schema) -> bool {
    matches!(schema.shape, Shape::Reference(_))
}

#[cfg(test)]
mod tests {
    use super::{EXCEPTIONS, Presence, TABLES, exceptions, usual};
    use crate::schema::{Schema, builtin};

    #[test]
    fn every_exception_is_of_a_type_and_field_that_exist() {
        let known: Vec<&str> = builtin::documents().map(|(name, _)| name).collect();
        for (name, fields) in EXCEPTIONS.iter() {
            let suffix = format!(".{name}");
            let types: Vec<_> = known.iter().filter(|known| known.ends_with(&suffix)).collect();
            assert!(!types.is_empty() || crate::version::MINOR < 37, "{name}");
            for (field, _) in fields {
                let has = |name: &&&str| Schema::definition(name).unwrap().property(field).is_some();
                assert!(types.iter().any(has) || crate::version::MINOR < 37, "{name}.{field}");
            }
        }
    }

    #[test]
    fn no_field_is_in_two_tables() {
        for (name, fields) in EXCEPTIONS.iter() {
            let mut names: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), fields.len(), "{name}");
        }
        assert_eq!(TABLES.len(), 5);
    }

    #[test]
    fn types_of_the_same_name_may_differ_by_group() {
        let core = exceptions("io.k8s.api.core.v1.EndpointPort");
        let discovery = exceptions("io.k8s.api.discovery.v1.EndpointPort");
        assert_eq!(core("name"), None);
        assert_eq!(discovery("name"), Some(Presence::Optional));
        assert_eq!(core("appProtocol"), Some(Presence::Optional));
    }

    #[test]
    fn the_usual_presence_depends_on_the_shape() {
        let pod = Schema::definition("io.k8s.api.core.v1.PodSpec").unwrap();
        let of = |name: &str, required| usual(name, pod.property(name).unwrap(), required);
        assert_eq!(of("nodeName", false), Presence::Omitted);
        assert_eq!(of("containers", true), Presence::Kept);
        assert_eq!(of("affinity", false), Presence::Optional);
        let meta = Schema::definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta").unwrap();
        assert_eq!(usual("labels", meta.property("labels").unwrap(), false), Presence::Omitted);
    }
}
