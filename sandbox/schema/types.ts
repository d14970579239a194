/** Written by generate.ts from k8s.io/client-go v0.32.4. See read.ts for the notation. */
export const typesText = `
admissionregistration.MatchCondition expression:s name:s
admissionregistration.MutatingWebhook admissionReviewVersions:[s] clientConfig:admissionregistration.WebhookClientConfig! failurePolicy:s matchConditions:[admissionregistration.MatchCondition;name] matchPolicy:s name:s namespaceSelector:meta.LabelSelector objectSelector:meta.LabelSelector reinvocationPolicy:s rules:[admissionregistration.RuleWithOperations] sideEffects:s timeoutSeconds:n
admissionregistration.MutatingWebhookConfiguration apiVersion:s kind:s metadata:meta.ObjectMeta! webhooks:[admissionregistration.MutatingWebhook;name]
admissionregistration.RuleWithOperations apiGroups:[s] apiVersions:[s] operations:[s] resources:[s] scope:s
admissionregistration.ServiceReference name:s namespace:s path:s port:n
admissionregistration.ValidatingWebhook admissionReviewVersions:[s] clientConfig:admissionregistration.WebhookClientConfig! failurePolicy:s matchConditions:[admissionregistration.MatchCondition;name] matchPolicy:s name:s namespaceSelector:meta.LabelSelector objectSelector:meta.LabelSelector rules:[admissionregistration.RuleWithOperations] sideEffects:s timeoutSeconds:n
admissionregistration.ValidatingWebhookConfiguration apiVersion:s kind:s metadata:meta.ObjectMeta! webhooks:[admissionregistration.ValidatingWebhook;name]
admissionregistration.WebhookClientConfig caBundle:s service:admissionregistration.ServiceReference url:s
apps.DaemonSet apiVersion:s kind:s metadata:meta.ObjectMeta! spec:apps.DaemonSetSpec! status:apps.DaemonSetStatus!
apps.DaemonSetCondition lastTransitionTime:u message:s reason:s status:s type:s
apps.DaemonSetSpec minReadySeconds:n revisionHistoryLimit:n selector:meta.LabelSelector template:core.PodTemplateSpec! updateStrategy:apps.DaemonSetUpdateStrategy!
apps.DaemonSetStatus collisionCount:n conditions:[apps.DaemonSetCondition;type] currentNumberScheduled:n desiredNumberScheduled:n numberAvailable:n numberMisscheduled:n numberReady:n numberUnavailable:n observedGeneration:n updatedNumberScheduled:n
apps.DaemonSetUpdateStrategy rollingUpdate:apps.RollingUpdateDaemonSet type:s
apps.Deployment apiVersion:s kind:s metadata:meta.ObjectMeta! spec:apps.DeploymentSpec! status:apps.DeploymentStatus!
apps.DeploymentCondition lastTransitionTime:u lastUpdateTime:u message:s reason:s status:s type:s
apps.DeploymentSpec minReadySeconds:n paused:b progressDeadlineSeconds:n replicas:n revisionHistoryLimit:n selector:meta.LabelSelector strategy:apps.DeploymentStrategy! template:core.PodTemplateSpec!
apps.DeploymentStatus availableReplicas:n collisionCount:n conditions:[apps.DeploymentCondition;type] observedGeneration:n readyReplicas:n replicas:n unavailableReplicas:n updatedReplicas:n
apps.DeploymentStrategy rollingUpdate:apps.RollingUpdateDeployment type:s
apps.ReplicaSet apiVersion:s kind:s metadata:meta.ObjectMeta! spec:apps.ReplicaSetSpec! status:apps.ReplicaSetStatus!
apps.ReplicaSetCondition lastTransitionTime:u message:s reason:s status:s type:s
apps.ReplicaSetSpec minReadySeconds:n replicas:n selector:meta.LabelSelector template:core.PodTemplateSpec!
apps.ReplicaSetStatus availableReplicas:n conditions:[apps.ReplicaSetCondition;type] fullyLabeledReplicas:n observedGeneration:n readyReplicas:n replicas:n
apps.RollingUpdateDaemonSet maxSurge:u maxUnavailable:u
apps.RollingUpdateDeployment maxSurge:u maxUnavailable:u
apps.RollingUpdateStatefulSetStrategy maxUnavailable:u partition:n
apps.StatefulSet apiVersion:s kind:s metadata:meta.ObjectMeta! spec:apps.StatefulSetSpec! status:apps.StatefulSetStatus!
apps.StatefulSetCondition lastTransitionTime:u message:s reason:s status:s type:s
apps.StatefulSetOrdinals start:n
apps.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s whenScaled:s
apps.StatefulSetSpec minReadySeconds:n ordinals:apps.StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:apps.StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:s replicas:n revisionHistoryLimit:n selector:meta.LabelSelector serviceName:s template:core.PodTemplateSpec! updateStrategy:apps.StatefulSetUpdateStrategy! volumeClaimTemplates:[core.PersistentVolumeClaim]
apps.StatefulSetStatus availableReplicas:n collisionCount:n conditions:[apps.StatefulSetCondition;type] currentReplicas:n currentRevision:s observedGeneration:n readyReplicas:n replicas:n updateRevision:s updatedReplicas:n
apps.StatefulSetUpdateStrategy rollingUpdate:apps.RollingUpdateStatefulSetStrategy type:s
autoscaling.v2.ContainerResourceMetricSource container:s name:s target:autoscaling.v2.MetricTarget!
autoscaling.v2.ContainerResourceMetricStatus container:s current:autoscaling.v2.MetricValueStatus! name:s
autoscaling.v2.CrossVersionObjectReference apiVersion:s kind:s name:s
autoscaling.v2.ExternalMetricSource metric:autoscaling.v2.MetricIdentifier! target:autoscaling.v2.MetricTarget!
autoscaling.v2.ExternalMetricStatus current:autoscaling.v2.MetricValueStatus! metric:autoscaling.v2.MetricIdentifier!
autoscaling.v2.HPAScalingPolicy periodSeconds:n type:s value:n
autoscaling.v2.HPAScalingRules policies:[autoscaling.v2.HPAScalingPolicy] selectPolicy:s stabilizationWindowSeconds:n
autoscaling.v2.HorizontalPodAutoscaler apiVersion:s kind:s metadata:meta.ObjectMeta! spec:autoscaling.v2.HorizontalPodAutoscalerSpec! status:autoscaling.v2.HorizontalPodAutoscalerStatus!
autoscaling.v2.HorizontalPodAutoscalerBehavior scaleDown:autoscaling.v2.HPAScalingRules scaleUp:autoscaling.v2.HPAScalingRules
autoscaling.v2.HorizontalPodAutoscalerCondition lastTransitionTime:u message:s reason:s status:s type:s
autoscaling.v2.HorizontalPodAutoscalerSpec behavior:autoscaling.v2.HorizontalPodAutoscalerBehavior maxReplicas:n metrics:[autoscaling.v2.MetricSpec] minReplicas:n scaleTargetRef:autoscaling.v2.CrossVersionObjectReference!
autoscaling.v2.HorizontalPodAutoscalerStatus conditions:[autoscaling.v2.HorizontalPodAutoscalerCondition;type] currentMetrics:[autoscaling.v2.MetricStatus] currentReplicas:n desiredReplicas:n lastScaleTime:u observedGeneration:n
autoscaling.v2.MetricIdentifier name:s selector:meta.LabelSelector
autoscaling.v2.MetricSpec containerResource:autoscaling.v2.ContainerResourceMetricSource external:autoscaling.v2.ExternalMetricSource object:autoscaling.v2.ObjectMetricSource pods:autoscaling.v2.PodsMetricSource resource:autoscaling.v2.ResourceMetricSource type:s
autoscaling.v2.MetricStatus containerResource:autoscaling.v2.ContainerResourceMetricStatus external:autoscaling.v2.ExternalMetricStatus object:autoscaling.v2.ObjectMetricStatus pods:autoscaling.v2.PodsMetricStatus resource:autoscaling.v2.ResourceMetricStatus type:s
autoscaling.v2.MetricTarget averageUtilization:n averageValue:q type:s value:q
autoscaling.v2.MetricValueStatus averageUtilization:n averageValue:q value:q
autoscaling.v2.ObjectMetricSource describedObject:autoscaling.v2.CrossVersionObjectReference! metric:autoscaling.v2.MetricIdentifier! target:autoscaling.v2.MetricTarget!
autoscaling.v2.ObjectMetricStatus current:autoscaling.v2.MetricValueStatus! describedObject:autoscaling.v2.CrossVersionObjectReference! metric:autoscaling.v2.MetricIdentifier!
autoscaling.v2.PodsMetricSource metric:autoscaling.v2.MetricIdentifier! target:autoscaling.v2.MetricTarget!
autoscaling.v2.PodsMetricStatus current:autoscaling.v2.MetricValueStatus! metric:autoscaling.v2.MetricIdentifier!
autoscaling.v2.ResourceMetricSource name:s target:autoscaling.v2.MetricTarget!
autoscaling.v2.ResourceMetricStatus current:autoscaling.v2.MetricValueStatus! name:s
batch.CronJob apiVersion:s kind:s metadata:meta.ObjectMeta! spec:batch.CronJobSpec! status:batch.CronJobStatus!
batch.CronJobSpec concurrencyPolicy:s failedJobsHistoryLimit:n jobTemplate:batch.JobTemplateSpec! schedule:s startingDeadlineSeconds:n successfulJobsHistoryLimit:n suspend:b timeZone:s
batch.CronJobStatus active:[core.ObjectReference] lastScheduleTime:u lastSuccessfulTime:u
batch.Job apiVersion:s kind:s metadata:meta.ObjectMeta! spec:batch.JobSpec! status:batch.JobStatus!
batch.JobCondition lastProbeTime:u lastTransitionTime:u message:s reason:s status:s type:s
batch.JobSpec activeDeadlineSeconds:n backoffLimit:n backoffLimitPerIndex:n completionMode:s completions:n managedBy:s manualSelector:b maxFailedIndexes:n parallelism:n podFailurePolicy:batch.PodFailurePolicy podReplacementPolicy:s selector:meta.LabelSelector successPolicy:batch.SuccessPolicy suspend:b template:core.PodTemplateSpec! ttlSecondsAfterFinished:n
batch.JobStatus active:n completedIndexes:s completionTime:u conditions:[batch.JobCondition] failed:n failedIndexes:s ready:n startTime:u succeeded:n terminating:n uncountedTerminatedPods:batch.UncountedTerminatedPods
batch.JobTemplateSpec metadata:meta.ObjectMeta! spec:batch.JobSpec!
batch.PodFailurePolicy rules:[batch.PodFailurePolicyRule]
batch.PodFailurePolicyOnExitCodesRequirement containerName:s operator:s values:[n;]
batch.PodFailurePolicyOnPodConditionsPattern status:s type:s
batch.PodFailurePolicyRule action:s onExitCodes:batch.PodFailurePolicyOnExitCodesRequirement onPodConditions:[batch.PodFailurePolicyOnPodConditionsPattern]
batch.SuccessPolicy rules:[batch.SuccessPolicyRule]
batch.SuccessPolicyRule succeededCount:n succeededIndexes:s
batch.UncountedTerminatedPods failed:[s;] succeeded:[s;]
coordination.Lease apiVersion:s kind:s metadata:meta.ObjectMeta! spec:coordination.LeaseSpec!
coordination.LeaseSpec acquireTime:u holderIdentity:s leaseDurationSeconds:n leaseTransitions:n preferredHolder:s renewTime:u strategy:s
core.AWSElasticBlockStoreVolumeSource fsType:s partition:n readOnly:b volumeID:s
core.Affinity nodeAffinity:core.NodeAffinity podAffinity:core.PodAffinity podAntiAffinity:core.PodAntiAffinity
core.AppArmorProfile localhostProfile:s type:s
core.AttachedVolume devicePath:s name:s
core.AzureDiskVolumeSource cachingMode:s diskName:s diskURI:s fsType:s kind:s readOnly:b
core.AzureFilePersistentVolumeSource readOnly:b secretName:s secretNamespace:s shareName:s
core.AzureFileVolumeSource readOnly:b secretName:s shareName:s
core.CSIPersistentVolumeSource controllerExpandSecretRef:core.SecretReference controllerPublishSecretRef:core.SecretReference driver:s fsType:s nodeExpandSecretRef:core.SecretReference nodePublishSecretRef:core.SecretReference nodeStageSecretRef:core.SecretReference readOnly:b volumeAttributes:{s} volumeHandle:s
core.CSIVolumeSource driver:s fsType:s nodePublishSecretRef:core.LocalObjectReference readOnly:b volumeAttributes:{s}
core.Capabilities add:[s] drop:[s]
core.CephFSPersistentVolumeSource monitors:[s] path:s readOnly:b secretFile:s secretRef:core.SecretReference user:s
core.CephFSVolumeSource monitors:[s] path:s readOnly:b secretFile:s secretRef:core.LocalObjectReference user:s
core.CinderPersistentVolumeSource fsType:s readOnly:b secretRef:core.SecretReference volumeID:s
core.CinderVolumeSource fsType:s readOnly:b secretRef:core.LocalObjectReference volumeID:s
core.ClientIPConfig timeoutSeconds:n
core.ClusterTrustBundleProjection labelSelector:meta.LabelSelector name:s optional:b path:s signerName:s
core.ConfigMap apiVersion:s binaryData:{s} data:{s} immutable:b kind:s metadata:meta.ObjectMeta!
core.ConfigMapEnvSource name:s optional:b
core.ConfigMapKeySelector= key:s name:s optional:b
core.ConfigMapNodeConfigSource kubeletConfigKey:s name:s namespace:s resourceVersion:s uid:s
core.ConfigMapProjection items:[core.KeyToPath] name:s optional:b
core.ConfigMapVolumeSource defaultMode:n items:[core.KeyToPath] name:s optional:b
core.Container args:[s] command:[s] env:[core.EnvVar;name] envFrom:[core.EnvFromSource] image:s imagePullPolicy:s lifecycle:core.Lifecycle livenessProbe:core.Probe name:s ports:[core.ContainerPort;containerPort,protocol] readinessProbe:core.Probe resizePolicy:[core.ContainerResizePolicy] resources:core.ResourceRequirements! restartPolicy:s securityContext:core.SecurityContext startupProbe:core.Probe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s tty:b volumeDevices:[core.VolumeDevice;devicePath] volumeMounts:[core.VolumeMount;mountPath] workingDir:s
core.ContainerImage names:[s] sizeBytes:n
core.ContainerPort containerPort:n hostIP:s hostPort:n name:s protocol:s~TCP
core.ContainerResizePolicy resourceName:s restartPolicy:s
core.ContainerState running:core.ContainerStateRunning terminated:core.ContainerStateTerminated waiting:core.ContainerStateWaiting
core.ContainerStateRunning startedAt:u
core.ContainerStateTerminated containerID:s exitCode:n finishedAt:u message:s reason:s signal:n startedAt:u
core.ContainerStateWaiting message:s reason:s
core.ContainerStatus allocatedResources:{q} allocatedResourcesStatus:[core.ResourceStatus;name] containerID:s image:s imageID:s lastState:core.ContainerState! name:s ready:b resources:core.ResourceRequirements restartCount:n started:b state:core.ContainerState! user:core.ContainerUser volumeMounts:[core.VolumeMountStatus;mountPath]
core.ContainerUser linux:core.LinuxContainerUser
core.DaemonEndpoint Port:n
core.DownwardAPIProjection items:[core.DownwardAPIVolumeFile]
core.DownwardAPIVolumeFile fieldRef:core.ObjectFieldSelector mode:n path:s resourceFieldRef:core.ResourceFieldSelector
core.DownwardAPIVolumeSource defaultMode:n items:[core.DownwardAPIVolumeFile]
core.EmptyDirVolumeSource medium:s sizeLimit:q
core.EndpointAddress= hostname:s ip:s nodeName:s targetRef:core.ObjectReference
core.EndpointPort= appProtocol:s name:s port:n protocol:s
core.EndpointSubset addresses:[core.EndpointAddress] notReadyAddresses:[core.EndpointAddress] ports:[core.EndpointPort]
core.Endpoints apiVersion:s kind:s metadata:meta.ObjectMeta! subsets:[core.EndpointSubset]
core.EnvFromSource configMapRef:core.ConfigMapEnvSource prefix:s secretRef:core.SecretEnvSource
core.EnvVar name:s value:s valueFrom:core.EnvVarSource
core.EnvVarSource configMapKeyRef:core.ConfigMapKeySelector fieldRef:core.ObjectFieldSelector resourceFieldRef:core.ResourceFieldSelector secretKeyRef:core.SecretKeySelector
core.EphemeralContainer args:[s] command:[s] env:[core.EnvVar;name] envFrom:[core.EnvFromSource] image:s imagePullPolicy:s lifecycle:core.Lifecycle livenessProbe:core.Probe name:s ports:[core.ContainerPort;containerPort,protocol] readinessProbe:core.Probe resizePolicy:[core.ContainerResizePolicy] resources:core.ResourceRequirements! restartPolicy:s securityContext:core.SecurityContext startupProbe:core.Probe stdin:b stdinOnce:b targetContainerName:s terminationMessagePath:s terminationMessagePolicy:s tty:b volumeDevices:[core.VolumeDevice;devicePath] volumeMounts:[core.VolumeMount;mountPath] workingDir:s
core.EphemeralVolumeSource volumeClaimTemplate:core.PersistentVolumeClaimTemplate
core.Event action:s apiVersion:s count:n eventTime:u firstTimestamp:u involvedObject:core.ObjectReference! kind:s lastTimestamp:u message:s metadata:meta.ObjectMeta! reason:s related:core.ObjectReference reportingComponent:s reportingInstance:s series:core.EventSeries source:core.EventSource! type:s
core.EventSeries count:n lastObservedTime:u
core.EventSource component:s host:s
core.ExecAction command:[s]
core.FCVolumeSource fsType:s lun:n readOnly:b targetWWNs:[s] wwids:[s]
core.FlexPersistentVolumeSource driver:s fsType:s options:{s} readOnly:b secretRef:core.SecretReference
core.FlexVolumeSource driver:s fsType:s options:{s} readOnly:b secretRef:core.LocalObjectReference
core.FlockerVolumeSource datasetName:s datasetUUID:s
core.GCEPersistentDiskVolumeSource fsType:s partition:n pdName:s readOnly:b
core.GRPCAction port:n service:s
core.GitRepoVolumeSource directory:s repository:s revision:s
core.GlusterfsPersistentVolumeSource endpoints:s endpointsNamespace:s path:s readOnly:b
core.GlusterfsVolumeSource endpoints:s path:s readOnly:b
core.HTTPGetAction host:s httpHeaders:[core.HTTPHeader] path:s port:u scheme:s
core.HTTPHeader name:s value:s
core.HostAlias hostnames:[s] ip:s
core.HostIP ip:s
core.HostPathVolumeSource path:s type:s
core.ISCSIPersistentVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s lun:n portals:[s] readOnly:b secretRef:core.SecretReference targetPortal:s
core.ISCSIVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s lun:n portals:[s] readOnly:b secretRef:core.LocalObjectReference targetPortal:s
core.ImageVolumeSource pullPolicy:s reference:s
core.KeyToPath key:s mode:n path:s
core.Lifecycle postStart:core.LifecycleHandler preStop:core.LifecycleHandler
core.LifecycleHandler exec:core.ExecAction httpGet:core.HTTPGetAction sleep:core.SleepAction tcpSocket:core.TCPSocketAction
core.LimitRange apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.LimitRangeSpec!
core.LimitRangeItem default:{q} defaultRequest:{q} max:{q} maxLimitRequestRatio:{q} min:{q} type:s
core.LimitRangeSpec limits:[core.LimitRangeItem]
core.LinuxContainerUser gid:n supplementalGroups:[n] uid:n
core.LoadBalancerIngress hostname:s ip:s ipMode:s ports:[core.PortStatus]
core.LoadBalancerStatus ingress:[core.LoadBalancerIngress]
core.LocalObjectReference= name:s
core.LocalVolumeSource fsType:s path:s
core.ModifyVolumeStatus status:s targetVolumeAttributesClassName:s
core.NFSVolumeSource path:s readOnly:b server:s
core.Namespace apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.NamespaceSpec! status:core.NamespaceStatus!
core.NamespaceCondition lastTransitionTime:u message:s reason:s status:s type:s
core.NamespaceSpec finalizers:[s]
core.NamespaceStatus conditions:[core.NamespaceCondition;type] phase:s
core.Node apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.NodeSpec! status:core.NodeStatus!
core.NodeAddress address:s type:s
core.NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[core.PreferredSchedulingTerm] requiredDuringSchedulingIgnoredDuringExecution:core.NodeSelector
core.NodeCondition lastHeartbeatTime:u lastTransitionTime:u message:s reason:s status:s type:s
core.NodeConfigSource configMap:core.ConfigMapNodeConfigSource
core.NodeConfigStatus active:core.NodeConfigSource assigned:core.NodeConfigSource error:s lastKnownGood:core.NodeConfigSource
core.NodeDaemonEndpoints kubeletEndpoint:core.DaemonEndpoint!
core.NodeFeatures supplementalGroupsPolicy:b
core.NodeRuntimeHandler features:core.NodeRuntimeHandlerFeatures name:s
core.NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:b userNamespaces:b
core.NodeSelector= nodeSelectorTerms:[core.NodeSelectorTerm]
core.NodeSelectorRequirement key:s operator:s values:[s]
core.NodeSelectorTerm= matchExpressions:[core.NodeSelectorRequirement] matchFields:[core.NodeSelectorRequirement]
core.NodeSpec configSource:core.NodeConfigSource externalID:s podCIDR:s podCIDRs:[s;] providerID:s taints:[core.Taint] unschedulable:b
core.NodeStatus addresses:[core.NodeAddress;type] allocatable:{q} capacity:{q} conditions:[core.NodeCondition;type] config:core.NodeConfigStatus daemonEndpoints:core.NodeDaemonEndpoints! features:core.NodeFeatures images:[core.ContainerImage] nodeInfo:core.NodeSystemInfo! phase:s runtimeHandlers:[core.NodeRuntimeHandler] volumesAttached:[core.AttachedVolume] volumesInUse:[s]
core.NodeSystemInfo architecture:s bootID:s containerRuntimeVersion:s kernelVersion:s kubeProxyVersion:s kubeletVersion:s machineID:s operatingSystem:s osImage:s systemUUID:s
core.ObjectFieldSelector= apiVersion:s fieldPath:s
core.ObjectReference= apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
core.PersistentVolume apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.PersistentVolumeSpec! status:core.PersistentVolumeStatus!
core.PersistentVolumeClaim apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.PersistentVolumeClaimSpec! status:core.PersistentVolumeClaimStatus!
core.PersistentVolumeClaimCondition lastProbeTime:u lastTransitionTime:u message:s reason:s status:s type:s
core.PersistentVolumeClaimSpec accessModes:[s] dataSource:core.TypedLocalObjectReference dataSourceRef:core.TypedObjectReference resources:core.VolumeResourceRequirements! selector:meta.LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s volumeName:s
core.PersistentVolumeClaimStatus accessModes:[s] allocatedResourceStatuses:{s} allocatedResources:{q} capacity:{q} conditions:[core.PersistentVolumeClaimCondition;type] currentVolumeAttributesClassName:s modifyVolumeStatus:core.ModifyVolumeStatus phase:s
core.PersistentVolumeClaimTemplate metadata:meta.ObjectMeta! spec:core.PersistentVolumeClaimSpec!
core.PersistentVolumeClaimVolumeSource claimName:s readOnly:b
core.PersistentVolumeSpec accessModes:[s] awsElasticBlockStore:core.AWSElasticBlockStoreVolumeSource azureDisk:core.AzureDiskVolumeSource azureFile:core.AzureFilePersistentVolumeSource capacity:{q} cephfs:core.CephFSPersistentVolumeSource cinder:core.CinderPersistentVolumeSource claimRef:core.ObjectReference csi:core.CSIPersistentVolumeSource fc:core.FCVolumeSource flexVolume:core.FlexPersistentVolumeSource flocker:core.FlockerVolumeSource gcePersistentDisk:core.GCEPersistentDiskVolumeSource glusterfs:core.GlusterfsPersistentVolumeSource hostPath:core.HostPathVolumeSource iscsi:core.ISCSIPersistentVolumeSource local:core.LocalVolumeSource mountOptions:[s] nfs:core.NFSVolumeSource nodeAffinity:core.VolumeNodeAffinity persistentVolumeReclaimPolicy:s photonPersistentDisk:core.PhotonPersistentDiskVolumeSource portworxVolume:core.PortworxVolumeSource quobyte:core.QuobyteVolumeSource rbd:core.RBDPersistentVolumeSource scaleIO:core.ScaleIOPersistentVolumeSource storageClassName:s storageos:core.StorageOSPersistentVolumeSource volumeAttributesClassName:s volumeMode:s vsphereVolume:core.VsphereVirtualDiskVolumeSource
core.PersistentVolumeStatus lastPhaseTransitionTime:u message:s phase:s reason:s
core.PhotonPersistentDiskVolumeSource fsType:s pdID:s
core.Pod apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.PodSpec! status:core.PodStatus!
core.PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[core.WeightedPodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution:[core.PodAffinityTerm]
core.PodAffinityTerm labelSelector:meta.LabelSelector matchLabelKeys:[s] mismatchLabelKeys:[s] namespaceSelector:meta.LabelSelector namespaces:[s] topologyKey:s
core.PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[core.WeightedPodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution:[core.PodAffinityTerm]
core.PodCondition lastProbeTime:u lastTransitionTime:u message:s reason:s status:s type:s
core.PodDNSConfig nameservers:[s] options:[core.PodDNSConfigOption] searches:[s]
core.PodDNSConfigOption name:s value:s
core.PodIP ip:s
core.PodOS name:s
core.PodReadinessGate conditionType:s
core.PodResourceClaim name:s resourceClaimName:s resourceClaimTemplateName:s
core.PodResourceClaimStatus name:s resourceClaimName:s
core.PodSchedulingGate name:s
core.PodSecurityContext appArmorProfile:core.AppArmorProfile fsGroup:n fsGroupChangePolicy:s runAsGroup:n runAsNonRoot:b runAsUser:n seLinuxChangePolicy:s seLinuxOptions:core.SELinuxOptions seccompProfile:core.SeccompProfile supplementalGroups:[n] supplementalGroupsPolicy:s sysctls:[core.Sysctl] windowsOptions:core.WindowsSecurityContextOptions
core.PodSpec activeDeadlineSeconds:n affinity:core.Affinity automountServiceAccountToken:b containers:[core.Container;name]! dnsConfig:core.PodDNSConfig dnsPolicy:s enableServiceLinks:b ephemeralContainers:[core.EphemeralContainer;name] hostAliases:[core.HostAlias;ip] hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s imagePullSecrets:[core.LocalObjectReference;name] initContainers:[core.Container;name] nodeName:s nodeSelector:={s} os:core.PodOS overhead:{q} preemptionPolicy:s priority:n priorityClassName:s readinessGates:[core.PodReadinessGate] resourceClaims:[core.PodResourceClaim;name] resources:core.ResourceRequirements restartPolicy:s runtimeClassName:s schedulerName:s schedulingGates:[core.PodSchedulingGate;name] securityContext:core.PodSecurityContext serviceAccount:s serviceAccountName:s setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:n tolerations:[core.Toleration] topologySpreadConstraints:[core.TopologySpreadConstraint;topologyKey,whenUnsatisfiable] volumes:[core.Volume;name]
core.PodStatus conditions:[core.PodCondition;type] containerStatuses:[core.ContainerStatus] ephemeralContainerStatuses:[core.ContainerStatus] hostIP:s hostIPs:[core.HostIP] initContainerStatuses:[core.ContainerStatus] message:s nominatedNodeName:s phase:s podIP:s podIPs:[core.PodIP;ip] qosClass:s reason:s resize:s resourceClaimStatuses:[core.PodResourceClaimStatus;name] startTime:u
core.PodTemplateSpec metadata:meta.ObjectMeta! spec:core.PodSpec!
core.PortStatus error:s port:n protocol:s
core.PortworxVolumeSource fsType:s readOnly:b volumeID:s
core.PreferredSchedulingTerm preference:core.NodeSelectorTerm! weight:n
core.Probe exec:core.ExecAction failureThreshold:n grpc:core.GRPCAction httpGet:core.HTTPGetAction initialDelaySeconds:n periodSeconds:n successThreshold:n tcpSocket:core.TCPSocketAction terminationGracePeriodSeconds:n timeoutSeconds:n
core.ProjectedVolumeSource defaultMode:n sources:[core.VolumeProjection]
core.QuobyteVolumeSource group:s readOnly:b registry:s tenant:s user:s volume:s
core.RBDPersistentVolumeSource fsType:s image:s keyring:s monitors:[s] pool:s readOnly:b secretRef:core.SecretReference user:s
core.RBDVolumeSource fsType:s image:s keyring:s monitors:[s] pool:s readOnly:b secretRef:core.LocalObjectReference user:s
core.ResourceClaim name:s request:s
core.ResourceFieldSelector= containerName:s divisor:q resource:s
core.ResourceHealth health:s resourceID:s
core.ResourceQuota apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.ResourceQuotaSpec! status:core.ResourceQuotaStatus!
core.ResourceQuotaSpec hard:{q} scopeSelector:core.ScopeSelector scopes:[s]
core.ResourceQuotaStatus hard:{q} used:{q}
core.ResourceRequirements claims:[core.ResourceClaim;name] limits:{q} requests:{q}
core.ResourceStatus name:s resources:[core.ResourceHealth;resourceID]
core.SELinuxOptions level:s role:s type:s user:s
core.ScaleIOPersistentVolumeSource fsType:s gateway:s protectionDomain:s readOnly:b secretRef:core.SecretReference sslEnabled:b storageMode:s storagePool:s system:s volumeName:s
core.ScaleIOVolumeSource fsType:s gateway:s protectionDomain:s readOnly:b secretRef:core.LocalObjectReference sslEnabled:b storageMode:s storagePool:s system:s volumeName:s
core.ScopeSelector= matchExpressions:[core.ScopedResourceSelectorRequirement]
core.ScopedResourceSelectorRequirement operator:s scopeName:s values:[s]
core.SeccompProfile localhostProfile:s type:s
core.Secret apiVersion:s data:{s} immutable:b kind:s metadata:meta.ObjectMeta! stringData:{s} type:s
core.SecretEnvSource name:s optional:b
core.SecretKeySelector= key:s name:s optional:b
core.SecretProjection items:[core.KeyToPath] name:s optional:b
core.SecretReference= name:s namespace:s
core.SecretVolumeSource defaultMode:n items:[core.KeyToPath] optional:b secretName:s
core.SecurityContext allowPrivilegeEscalation:b appArmorProfile:core.AppArmorProfile capabilities:core.Capabilities privileged:b procMount:s readOnlyRootFilesystem:b runAsGroup:n runAsNonRoot:b runAsUser:n seLinuxOptions:core.SELinuxOptions seccompProfile:core.SeccompProfile windowsOptions:core.WindowsSecurityContextOptions
core.Service apiVersion:s kind:s metadata:meta.ObjectMeta! spec:core.ServiceSpec! status:core.ServiceStatus!
core.ServiceAccount apiVersion:s automountServiceAccountToken:b imagePullSecrets:[core.LocalObjectReference] kind:s metadata:meta.ObjectMeta! secrets:[core.ObjectReference;name]
core.ServiceAccountTokenProjection audience:s expirationSeconds:n path:s
core.ServicePort appProtocol:s name:s nodePort:n port:n protocol:s~TCP targetPort:u
core.ServiceSpec allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[s] externalIPs:[s] externalName:s externalTrafficPolicy:s healthCheckNodePort:n internalTrafficPolicy:s ipFamilies:[s] ipFamilyPolicy:s loadBalancerClass:s loadBalancerIP:s loadBalancerSourceRanges:[s] ports:[core.ServicePort;port,protocol] publishNotReadyAddresses:b selector:={s} sessionAffinity:s sessionAffinityConfig:core.SessionAffinityConfig trafficDistribution:s type:s
core.ServiceStatus conditions:[meta.Condition;type] loadBalancer:core.LoadBalancerStatus!
core.SessionAffinityConfig clientIP:core.ClientIPConfig
core.SleepAction seconds:n
core.StorageOSPersistentVolumeSource fsType:s readOnly:b secretRef:core.ObjectReference volumeName:s volumeNamespace:s
core.StorageOSVolumeSource fsType:s readOnly:b secretRef:core.LocalObjectReference volumeName:s volumeNamespace:s
core.Sysctl name:s value:s
core.TCPSocketAction host:s port:u
core.Taint effect:s key:s timeAdded:u value:s
core.Toleration effect:s key:s operator:s tolerationSeconds:n value:s
core.TopologySelectorLabelRequirement key:s values:[s]
core.TopologySelectorTerm= matchLabelExpressions:[core.TopologySelectorLabelRequirement]
core.TopologySpreadConstraint labelSelector:meta.LabelSelector matchLabelKeys:[s] maxSkew:n minDomains:n nodeAffinityPolicy:s nodeTaintsPolicy:s topologyKey:s whenUnsatisfiable:s
core.TypedLocalObjectReference= apiGroup:s kind:s name:s
core.TypedObjectReference apiGroup:s kind:s name:s namespace:s
core.Volume awsElasticBlockStore:core.AWSElasticBlockStoreVolumeSource azureDisk:core.AzureDiskVolumeSource azureFile:core.AzureFileVolumeSource cephfs:core.CephFSVolumeSource cinder:core.CinderVolumeSource configMap:core.ConfigMapVolumeSource csi:core.CSIVolumeSource downwardAPI:core.DownwardAPIVolumeSource emptyDir:core.EmptyDirVolumeSource ephemeral:core.EphemeralVolumeSource fc:core.FCVolumeSource flexVolume:core.FlexVolumeSource flocker:core.FlockerVolumeSource gcePersistentDisk:core.GCEPersistentDiskVolumeSource gitRepo:core.GitRepoVolumeSource glusterfs:core.GlusterfsVolumeSource hostPath:core.HostPathVolumeSource image:core.ImageVolumeSource iscsi:core.ISCSIVolumeSource name:s nfs:core.NFSVolumeSource persistentVolumeClaim:core.PersistentVolumeClaimVolumeSource photonPersistentDisk:core.PhotonPersistentDiskVolumeSource portworxVolume:core.PortworxVolumeSource projected:core.ProjectedVolumeSource quobyte:core.QuobyteVolumeSource rbd:core.RBDVolumeSource scaleIO:core.ScaleIOVolumeSource secret:core.SecretVolumeSource storageos:core.StorageOSVolumeSource vsphereVolume:core.VsphereVirtualDiskVolumeSource
core.VolumeDevice devicePath:s name:s
core.VolumeMount mountPath:s mountPropagation:s name:s readOnly:b recursiveReadOnly:s subPath:s subPathExpr:s
core.VolumeMountStatus mountPath:s name:s readOnly:b recursiveReadOnly:s
core.VolumeNodeAffinity required:core.NodeSelector
core.VolumeProjection clusterTrustBundle:core.ClusterTrustBundleProjection configMap:core.ConfigMapProjection downwardAPI:core.DownwardAPIProjection secret:core.SecretProjection serviceAccountToken:core.ServiceAccountTokenProjection
core.VolumeResourceRequirements limits:{q} requests:{q}
core.VsphereVirtualDiskVolumeSource fsType:s storagePolicyID:s storagePolicyName:s volumePath:s
core.WeightedPodAffinityTerm podAffinityTerm:core.PodAffinityTerm! weight:n
core.WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
meta.Condition lastTransitionTime:u message:s observedGeneration:n reason:s status:s type:s
meta.LabelSelector= matchExpressions:[meta.LabelSelectorRequirement] matchLabels:{s}
meta.LabelSelectorRequirement key:s operator:s values:[s]
meta.ManagedFieldsEntry apiVersion:s fieldsType:s fieldsV1:? manager:s operation:s subresource:s time:u
meta.ObjectMeta annotations:{s} creationTimestamp:u deletionGracePeriodSeconds:n deletionTimestamp:u finalizers:[s;] generateName:s generation:n labels:{s} managedFields:[meta.ManagedFieldsEntry] name:s namespace:s ownerReferences:[meta.OwnerReference;uid] resourceVersion:s selfLink:s uid:s
meta.OwnerReference= apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s
networking.HTTPIngressPath backend:networking.IngressBackend! path:s pathType:s
networking.HTTPIngressRuleValue paths:[networking.HTTPIngressPath]
networking.IPBlock cidr:s except:[s]
networking.Ingress apiVersion:s kind:s metadata:meta.ObjectMeta! spec:networking.IngressSpec! status:networking.IngressStatus!
networking.IngressBackend resource:core.TypedLocalObjectReference service:networking.IngressServiceBackend
networking.IngressClass apiVersion:s kind:s metadata:meta.ObjectMeta! spec:networking.IngressClassSpec!
networking.IngressClassParametersReference apiGroup:s kind:s name:s namespace:s scope:s
networking.IngressClassSpec controller:s parameters:networking.IngressClassParametersReference
networking.IngressLoadBalancerIngress hostname:s ip:s ports:[networking.IngressPortStatus]
networking.IngressLoadBalancerStatus ingress:[networking.IngressLoadBalancerIngress]
networking.IngressPortStatus error:s port:n protocol:s
networking.IngressRule host:s http:networking.HTTPIngressRuleValue
networking.IngressServiceBackend name:s port:networking.ServiceBackendPort!
networking.IngressSpec defaultBackend:networking.IngressBackend ingressClassName:s rules:[networking.IngressRule] tls:[networking.IngressTLS]
networking.IngressStatus loadBalancer:networking.IngressLoadBalancerStatus!
networking.IngressTLS hosts:[s] secretName:s
networking.NetworkPolicy apiVersion:s kind:s metadata:meta.ObjectMeta! spec:networking.NetworkPolicySpec!
networking.NetworkPolicyEgressRule ports:[networking.NetworkPolicyPort] to:[networking.NetworkPolicyPeer]
networking.NetworkPolicyIngressRule from:[networking.NetworkPolicyPeer] ports:[networking.NetworkPolicyPort]
networking.NetworkPolicyPeer ipBlock:networking.IPBlock namespaceSelector:meta.LabelSelector podSelector:meta.LabelSelector
networking.NetworkPolicyPort endPort:n port:u protocol:s
networking.NetworkPolicySpec egress:[networking.NetworkPolicyEgressRule] ingress:[networking.NetworkPolicyIngressRule] podSelector:meta.LabelSelector! policyTypes:[s]
networking.ServiceBackendPort= name:s number:n
policy.PodDisruptionBudget apiVersion:s kind:s metadata:meta.ObjectMeta! spec:policy.PodDisruptionBudgetSpec! status:policy.PodDisruptionBudgetStatus!
policy.PodDisruptionBudgetSpec maxUnavailable:u minAvailable:u selector:meta.LabelSelector unhealthyPodEvictionPolicy:s
policy.PodDisruptionBudgetStatus conditions:[meta.Condition;type] currentHealthy:n desiredHealthy:n disruptedPods:{u} disruptionsAllowed:n expectedPods:n observedGeneration:n
rbac.AggregationRule clusterRoleSelectors:[meta.LabelSelector]
rbac.ClusterRole aggregationRule:rbac.AggregationRule apiVersion:s kind:s metadata:meta.ObjectMeta! rules:[rbac.PolicyRule]
rbac.ClusterRoleBinding apiVersion:s kind:s metadata:meta.ObjectMeta! roleRef:rbac.RoleRef! subjects:[rbac.Subject]
rbac.PolicyRule apiGroups:[s] nonResourceURLs:[s] resourceNames:[s] resources:[s] verbs:[s]
rbac.Role apiVersion:s kind:s metadata:meta.ObjectMeta! rules:[rbac.PolicyRule]
rbac.RoleBinding apiVersion:s kind:s metadata:meta.ObjectMeta! roleRef:rbac.RoleRef! subjects:[rbac.Subject]
rbac.RoleRef= apiGroup:s kind:s name:s
rbac.Subject= apiGroup:s kind:s name:s namespace:s
scheduling.PriorityClass apiVersion:s description:s globalDefault:b kind:s metadata:meta.ObjectMeta! preemptionPolicy:s value:n
storage.StorageClass allowVolumeExpansion:b allowedTopologies:[core.TopologySelectorTerm] apiVersion:s kind:s metadata:meta.ObjectMeta! mountOptions:[s] parameters:{s} provisioner:s reclaimPolicy:s volumeBindingMode:s
`;
