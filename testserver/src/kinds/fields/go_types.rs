//! What Go calls the types of fields: error messages of a server name them.

use crate::schema::{Scalar, Schema, Shape};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Types of fields, where they are not what a document's type is usually called, by type: `Type.field` of each.
const NAMED: &str = "\
    []int64: DeviceAttribute.ints LinuxContainerUser.supplementalGroups
    PodSecurityContext.supplementalGroups; []types.UID: UncountedTerminatedPods.failed
    UncountedTerminatedPods.succeeded; []v1.Capability: Capabilities.add Capabilities.drop;
    []v1.FinalizerName: NamespaceSpec.finalizers; []v1.IPFamily: ServiceSpec.ipFamilies; []v1.KeyUsage:
    CertificateSigningRequestSpec.usages; []v1.OperationType: NamedRuleWithOperations.operations
    RuleWithOperations.operations; []v1.PersistentVolumeAccessMode:
    PersistentVolumeClaimSpec.accessModes PersistentVolumeClaimStatus.accessModes
    PersistentVolumeSpec.accessModes; []v1.PolicyType: NetworkPolicySpec.policyTypes;
    []v1.ResourceQuotaScope: ResourceQuotaSpec.scopes; []v1.UniqueVolumeName: NodeStatus.volumesInUse;
    []v1.ValidationAction: ValidatingAdmissionPolicyBindingSpec.validationActions;
    []v1.VolumeLifecycleMode: CSIDriverSpec.volumeLifecycleModes; int64:
    CSIDriverSpec.nodeAllocatableUpdatePeriodSeconds ClusterTrustBundleProjection.user
    Condition.observedGeneration ConfigMapVolumeSource.defaultUser ContainerImage.sizeBytes
    ControllerRevision.revision CronJobSpec.startingDeadlineSeconds
    CustomResourceDefinitionCondition.observedGeneration
    CustomResourceDefinitionStatus.observedGeneration DaemonSetStatus.observedGeneration
    DeleteOptions.gracePeriodSeconds DeploymentStatus.observedGeneration DeviceAttribute.int
    DeviceRequest.count DeviceSubRequest.count DeviceToleration.tolerationSeconds
    DownwardAPIVolumeFile.user DownwardAPIVolumeSource.defaultUser
    EvictionRequestStatus.observedGeneration EvictionStatus.observedGeneration ExactDeviceRequest.count
    HorizontalPodAutoscalerCondition.observedGeneration HorizontalPodAutoscalerStatus.observedGeneration
    JSONSchemaProps.maxItems JSONSchemaProps.maxLength JSONSchemaProps.maxProperties
    JSONSchemaProps.minItems JSONSchemaProps.minLength JSONSchemaProps.minProperties
    JobSpec.activeDeadlineSeconds KeyToPath.user LinuxContainerUser.gid LinuxContainerUser.uid
    ListMeta.remainingItemCount NodeSwapStatus.capacity ObjectMeta.deletionGracePeriodSeconds
    ObjectMeta.generation PodCertificateProjection.user PodCondition.observedGeneration
    PodDisruptionBudgetStatus.observedGeneration PodSecurityContext.fsGroup
    PodSecurityContext.runAsGroup PodSecurityContext.runAsUser PodSpec.activeDeadlineSeconds
    PodSpec.terminationGracePeriodSeconds PodStatus.observedGeneration PoolStatus.generation
    Probe.terminationGracePeriodSeconds ProjectedVolumeSource.defaultUser
    ReplicaSetStatus.observedGeneration ReplicationControllerStatus.observedGeneration
    ResourcePool.generation ResourcePool.resourceSliceCount SecretVolumeSource.defaultUser
    SecurityContext.runAsGroup SecurityContext.runAsUser ServiceAccountTokenProjection.expirationSeconds
    ServiceAccountTokenProjection.user SleepAction.seconds StatefulSetStatus.observedGeneration
    StorageVersionCondition.observedGeneration TokenRequest.expirationSeconds
    TokenRequestSpec.expirationSeconds Toleration.tolerationSeconds
    ValidatingAdmissionPolicyStatus.observedGeneration; map[string]v1.AttestationValue:
    TokenRequestSpec.attestations; map[string]v1.ExtraValue: CertificateSigningRequestSpec.extra
    SubjectAccessReviewSpec.extra UserInfo.extra; map[v1.ResourceName]v1.ClaimResourceStatus:
    PersistentVolumeClaimStatus.allocatedResourceStatuses;
    map[v1.ResourceName]v1beta1.NodeAllocatableResource: BasicDevice.nodeAllocatableResources;
    map[v1beta1.QualifiedName]v1beta1.DeviceAttribute: BasicDevice.attributes;
    map[v1beta1.QualifiedName]v1beta1.DeviceCapacity: BasicDevice.capacity; types.NodeName:
    PodCertificateRequestSpec.nodeName; types.UID: BoundObjectReference.uid
    ConfigMapNodeConfigSource.uid DeviceRequestAllocationResult.shareID EvictionPodReference.uid
    EvictionRequestPodReference.uid ObjectMeta.uid ObjectReference.uid OwnerReference.uid
    PodCertificateRequestSpec.nodeUID PodCertificateRequestSpec.podUID
    PodCertificateRequestSpec.serviceAccountUID Preconditions.uid ResourceClaimConsumerReference.uid
    StatusDetails.uid; v1.APIServiceConditionType: APIServiceCondition.type; v1.AddressType:
    EndpointSlice.addressType; v1.AppArmorProfileType: AppArmorProfile.type;
    v1.AzureDataDiskCachingMode: AzureDiskVolumeSource.cachingMode; v1.AzureDataDiskKind:
    AzureDiskVolumeSource.kind; v1.CauseType: StatusCause.reason; v1.CompletionMode:
    JobSpec.completionMode; v1.ComponentConditionType: ComponentCondition.type; v1.ConcurrencyPolicy:
    CronJobSpec.concurrencyPolicy; v1.ConditionStatus: APIServiceCondition.status
    CertificateSigningRequestCondition.status ComponentCondition.status Condition.status
    CustomResourceDefinitionCondition.status DaemonSetCondition.status DeploymentCondition.status
    FlowSchemaCondition.status HorizontalPodAutoscalerCondition.status JobCondition.status
    NamespaceCondition.status NodeCondition.status PersistentVolumeClaimCondition.status
    PodCondition.status PodFailurePolicyOnPodConditionsPattern.status
    PriorityLevelConfigurationCondition.status ReplicaSetCondition.status
    ReplicationControllerCondition.status StatefulSetCondition.status; v1.ContainerRestartPolicy:
    Container.restartPolicy EphemeralContainer.restartPolicy; v1.ContainerRestartRuleAction:
    ContainerRestartRule.action; v1.ContainerRestartRuleOnExitCodesOperator:
    ContainerRestartRuleOnExitCodes.operator; v1.ConversionStrategyType:
    CustomResourceConversion.strategy; v1.CoordinatedLeaseStrategy: LeaseCandidateSpec.strategy
    LeaseSpec.strategy; v1.CustomResourceDefinitionConditionType:
    CustomResourceDefinitionCondition.type; v1.DNSPolicy: PodSpec.dnsPolicy; v1.DaemonSetConditionType:
    DaemonSetCondition.type; v1.DaemonSetUpdateStrategyType: DaemonSetUpdateStrategy.type;
    v1.DeletionPropagation: DeleteOptions.propagationPolicy; v1.DeploymentConditionType:
    DeploymentCondition.type; v1.DeploymentStrategyType: DeploymentStrategy.type; v1.FSGroupPolicy:
    CSIDriverSpec.fsGroupPolicy; v1.FailurePolicyType: MutatingWebhook.failurePolicy
    ValidatingAdmissionPolicySpec.failurePolicy ValidatingWebhook.failurePolicy;
    v1.FieldSelectorOperator: FieldSelectorRequirement.operator; v1.FieldValueErrorReason:
    ValidationRule.reason; v1.FlowDistinguisherMethodType: FlowDistinguisherMethod.type;
    v1.FlowSchemaConditionType: FlowSchemaCondition.type; v1.GRPCProbeMode: GRPCAction.mode;
    v1.HTTPProtocol: HTTPGetAction.protocol; v1.HostPathType: HostPathVolumeSource.type;
    v1.IPFamilyPolicy: ServiceSpec.ipFamilyPolicy; v1.JSONSchemaDefinitions:
    JSONSchemaProps.definitions; v1.JSONSchemaDependencies: JSONSchemaProps.dependencies;
    v1.JSONSchemaURL: JSONSchemaProps.$schema; v1.JobConditionType: JobCondition.type;
    v1.LabelSelectorOperator: LabelSelectorRequirement.operator; v1.LimitResponseType:
    LimitResponse.type; v1.LimitType: LimitRangeItem.type; v1.LoadBalancerIPMode:
    LoadBalancerIngress.ipMode; v1.ManagedFieldsOperationType: ManagedFieldsEntry.operation;
    v1.MatchPolicyType: MutatingWebhook.matchPolicy ValidatingWebhook.matchPolicy;
    v1.MountPropagationMode: VolumeMount.mountPropagation; v1.NamespaceConditionType:
    NamespaceCondition.type; v1.NamespacePhase: NamespaceStatus.phase; v1.NodeAddressType:
    NodeAddress.type; v1.NodeConditionType: NodeCondition.type; v1.NodeInclusionPolicy:
    TopologySpreadConstraint.nodeAffinityPolicy TopologySpreadConstraint.nodeTaintsPolicy; v1.NodePhase:
    NodeStatus.phase; v1.NodeSelectorOperator: NodeSelectorRequirement.operator; v1.OSName: PodOS.name;
    v1.PathType: HTTPIngressPath.pathType; v1.PersistentVolumeAccessMode:
    StorageHealthCondition.accessMode; v1.PersistentVolumeClaimConditionType:
    PersistentVolumeClaimCondition.type; v1.PersistentVolumeClaimModifyVolumeStatus:
    ModifyVolumeStatus.status; v1.PersistentVolumeClaimPhase: PersistentVolumeClaimStatus.phase;
    v1.PersistentVolumeClaimRetentionPolicyType:
    StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted
    StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled; v1.PersistentVolumeMode:
    PersistentVolumeClaimSpec.volumeMode PersistentVolumeSpec.volumeMode
    StorageHealthCondition.volumeMode; v1.PersistentVolumePhase: PersistentVolumeStatus.phase;
    v1.PersistentVolumeReclaimPolicy: PersistentVolumeSpec.persistentVolumeReclaimPolicy
    StorageClass.reclaimPolicy; v1.PodConditionType: PodCondition.type
    PodFailurePolicyOnPodConditionsPattern.type PodReadinessGate.conditionType;
    v1.PodFSGroupChangePolicy: PodSecurityContext.fsGroupChangePolicy; v1.PodFailurePolicyAction:
    PodFailurePolicyRule.action; v1.PodFailurePolicyOnExitCodesOperator:
    PodFailurePolicyOnExitCodesRequirement.operator; v1.PodManagementPolicyType:
    StatefulSetSpec.podManagementPolicy; v1.PodPhase: PodStatus.phase; v1.PodQOSClass:
    PodStatus.qosClass; v1.PodReplacementPolicy: JobSpec.podReplacementPolicy; v1.PodResizeStatus:
    PodStatus.resize; v1.PodSELinuxChangePolicy: PodSecurityContext.seLinuxChangePolicy;
    v1.PreemptionPolicy: PodSpec.preemptionPolicy PriorityClass.preemptionPolicy;
    v1.PriorityLevelConfigurationConditionType: PriorityLevelConfigurationCondition.type;
    v1.PriorityLevelEnablement: PriorityLevelConfigurationSpec.type; v1.ProcMountType:
    SecurityContext.procMount; v1.Protocol: ContainerPort.protocol EndpointPort.protocol
    IngressPortStatus.protocol NetworkPolicyPort.protocol PortStatus.protocol ServicePort.protocol;
    v1.PullPolicy: Container.imagePullPolicy EphemeralContainer.imagePullPolicy
    ImageVolumeSource.pullPolicy; v1.RecursiveReadOnlyMode: VolumeMount.recursiveReadOnly
    VolumeMountStatus.recursiveReadOnly; v1.ReinvocationPolicyType:
    MutatingAdmissionPolicySpec.reinvocationPolicy MutatingWebhook.reinvocationPolicy;
    v1.ReplicaSetConditionType: ReplicaSetCondition.type; v1.ReplicationControllerConditionType:
    ReplicationControllerCondition.type; v1.RequestConditionType:
    CertificateSigningRequestCondition.type; v1.ResourceHealthStatus: ResourceHealth.health;
    v1.ResourceID: ResourceHealth.resourceID; v1.ResourceList: ContainerStatus.allocatedResources
    LimitRangeItem.default LimitRangeItem.defaultRequest LimitRangeItem.max
    LimitRangeItem.maxLimitRequestRatio LimitRangeItem.min NodeStatus.allocatable NodeStatus.capacity
    Overhead.podFixed PersistentVolumeClaimStatus.allocatedResources
    PersistentVolumeClaimStatus.capacity PersistentVolumeSpec.capacity PodSpec.overhead
    PodStatus.allocatedResources ResourceQuotaSpec.hard ResourceQuotaStatus.hard
    ResourceQuotaStatus.used ResourceRequirements.limits ResourceRequirements.requests
    VolumeResourceRequirements.limits VolumeResourceRequirements.requests; v1.ResourceName:
    ContainerResizePolicy.resourceName ContainerResourceMetricSource.name
    ContainerResourceMetricStatus.name NodeAllocatableMappedResources.name
    NodeAllocatableOverheadResources.name ResourceMetricSource.name ResourceMetricStatus.name
    ResourceStatus.name; v1.ResourceQuotaScope: ScopedResourceSelectorRequirement.scopeName;
    v1.ResourceResizeRestartPolicy: ContainerResizePolicy.restartPolicy; v1.ResourceScope:
    CustomResourceDefinitionSpec.scope; v1.RestartPolicy: PodSpec.restartPolicy;
    v1.ScopeSelectorOperator: ScopedResourceSelectorRequirement.operator; v1.ScopeType:
    NamedRuleWithOperations.scope RuleWithOperations.scope; v1.SeccompProfileType: SeccompProfile.type;
    v1.SecretType: Secret.type; v1.ServiceAffinity: ServiceSpec.sessionAffinity;
    v1.ServiceExternalTrafficPolicy: ServiceSpec.externalTrafficPolicy; v1.ServiceInternalTrafficPolicy:
    ServiceSpec.internalTrafficPolicy; v1.ServiceType: ServiceSpec.type; v1.SideEffectClass:
    MutatingWebhook.sideEffects ValidatingWebhook.sideEffects; v1.Signal: ContainerStatus.stopSignal
    Lifecycle.stopSignal; v1.StatefulSetConditionType: StatefulSetCondition.type;
    v1.StatefulSetUpdateStrategyType: StatefulSetUpdateStrategy.type; v1.StatusReason: Status.reason
    Validation.reason; v1.StorageHealthStatusType: StorageHealthCondition.status; v1.StorageMedium:
    EmptyDirVolumeSource.medium; v1.SubjectKind: Subject.kind; v1.SupplementalGroupsPolicy:
    PodSecurityContext.supplementalGroupsPolicy; v1.TaintEffect: Taint.effect Toleration.effect;
    v1.TerminationMessagePolicy: Container.terminationMessagePolicy
    EphemeralContainer.terminationMessagePolicy; v1.TolerationOperator: Toleration.operator;
    v1.URIScheme: HTTPGetAction.scheme; v1.UnhealthyPodEvictionPolicyType:
    PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy; v1.UniqueVolumeName: AttachedVolume.name;
    v1.UnsatisfiableConstraintAction: TopologySpreadConstraint.whenUnsatisfiable; v1.ValidationRules:
    JSONSchemaProps.x-kubernetes-validations; v1.Verbs: APIResource.verbs; v1.VolumeBindingMode:
    StorageClass.volumeBindingMode; v1.VolumeHealthStatusType: VolumeHealthCondition.status;
    v2.HPAScalingPolicyType: HPAScalingPolicy.type; v2.HorizontalPodAutoscalerConditionType:
    HorizontalPodAutoscalerCondition.type; v2.MetricSourceType: MetricSpec.type MetricStatus.type;
    v2.MetricTargetType: MetricTarget.type; v2.ScalingPolicySelect: HPAScalingRules.selectPolicy;\
";

/// Fields of embedded structures, which paths name though documents do not have them.
const EMBEDDED: &str = "\
    DeviceConfiguration: DeviceAllocationConfiguration.opaque DeviceClaimConfiguration.opaque
    DeviceClassConfiguration.opaque; IngressRuleValue: IngressRule.http; LocalObjectReference:
    ConfigMapEnvSource.name ConfigMapKeySelector.name ConfigMapProjection.name
    ConfigMapVolumeSource.name SecretEnvSource.name SecretKeySelector.name SecretProjection.name;
    PersistentVolumeSource: PersistentVolumeSpec.awsElasticBlockStore PersistentVolumeSpec.azureDisk
    PersistentVolumeSpec.azureFile PersistentVolumeSpec.cephfs PersistentVolumeSpec.cinder
    PersistentVolumeSpec.csi PersistentVolumeSpec.fc PersistentVolumeSpec.flexVolume
    PersistentVolumeSpec.flocker PersistentVolumeSpec.gcePersistentDisk PersistentVolumeSpec.glusterfs
    PersistentVolumeSpec.hostPath PersistentVolumeSpec.iscsi PersistentVolumeSpec.local
    PersistentVolumeSpec.nfs PersistentVolumeSpec.photonPersistentDisk
    PersistentVolumeSpec.portworxVolume PersistentVolumeSpec.quobyte PersistentVolumeSpec.rbd
    PersistentVolumeSpec.scaleIO PersistentVolumeSpec.storageos PersistentVolumeSpec.vsphereVolume;
    ProbeHandler: Probe.exec Probe.grpc Probe.httpGet Probe.tcpSocket; Rule:
    RuleWithOperations.apiGroups RuleWithOperations.apiVersions RuleWithOperations.resources
    RuleWithOperations.scope; RuleWithOperations: NamedRuleWithOperations.operations;
    RuleWithOperations.Rule: NamedRuleWithOperations.apiGroups NamedRuleWithOperations.apiVersions
    NamedRuleWithOperations.resources NamedRuleWithOperations.scope\
";

type Table = HashMap<&'static str, &'static str>;

static NAMES: LazyLock<Table> = LazyLock::new(|| table(NAMED));
static EMBEDDINGS: LazyLock<Table> = LazyLock::new(|| table(EMBEDDED));

fn table(text: &'static str) -> Table {
    let rows = text.split(';').filter_map(|row| row.split_once(':'));
    let rows =
        rows.flat_map(|(name, fields)| fields.split_whitespace().map(move |field| (field, name.trim())));
    rows.collect()
}

/// The structure that a field of a type is embedded in.
pub(super) fn embedding(owner: &str, field: &str) -> Option<&'static str> {
    match (owner, field) {
        ("Volume", field) if field != "name" => Some("VolumeSource"),
        ("EphemeralContainer", field) if field != "targetContainerName" => Some("EphemeralContainerCommon"),
        _ => EMBEDDINGS.get(format!("{owner}.{field}").as_str()).copied(),
    }
}

/// The type of a field.
pub(super) fn of_field(owner: &str, field: &str, schema: &Schema) -> String {
    match NAMES.get(format!("{owner}.{field}").as_str()) {
        Some(name) => (*name).to_owned(),
        None => of_schema(schema),
    }
}

/// The type that a schema usually is of.
pub(super) fn of_schema(schema: &Schema) -> String {
    if let (Shape::Reference(name), false) = (&schema.shape, is_time(schema)) {
        let mut parts = name.rsplitn(3, '.');
        let kind = parts.next().unwrap_or_default();
        return format!("{}.{kind}", parts.next().unwrap_or_default());
    }
    match &schema.resolved().shape {
        Shape::Scalar(Scalar::String | Scalar::Time) => "string".into(),
        Shape::Scalar(Scalar::Bytes) => "[]uint8".into(),
        Shape::Scalar(Scalar::Integer | Scalar::IntOrString) => "int32".into(),
        Shape::Scalar(Scalar::Number) => "float64".into(),
        Shape::Scalar(Scalar::Boolean) => "bool".into(),
        Shape::List(items) => format!("[]{}", of_schema(items)),
        Shape::Object { additional: Some(entry), .. } => format!("map[string]{}", of_schema(entry)),
        _ => "map[string]interface {}".into(),
    }
}

fn is_time(schema: &Schema) -> bool {
    matches!(schema.resolved().shape, Shape::Scalar(Scalar::Time | Scalar::IntOrString))
}

#[cfg(test)]
mod tests {
    use super::{embedding, of_field};
    use crate::schema::Schema;

    #[test]
    fn types_are_named_as_in_go() {
        let spec = Schema::definition("io.k8s.api.core.v1.PodSpec").unwrap();
        let of = |field: &str| of_field("PodSpec", field, spec.property(field).unwrap());
        assert_eq!(of("dnsPolicy"), "v1.DNSPolicy");
        assert_eq!(of("containers"), "[]v1.Container");
        assert_eq!(of("nodeSelector"), "map[string]string");
        assert_eq!(of("activeDeadlineSeconds"), "int64");
        assert_eq!(of("priority"), "int32");
        assert_eq!(of("overhead"), "v1.ResourceList");
    }

    #[test]
    fn embedded_structures_are_part_of_paths() {
        assert_eq!(embedding("Probe", "httpGet"), Some("ProbeHandler"));
        assert_eq!(embedding("Volume", "emptyDir"), Some("VolumeSource"));
        assert_eq!(embedding("Volume", "name"), None);
    }
}
