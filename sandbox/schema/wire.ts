/** Written by generate-wire.ts from k8s.io/api v0.32.4. See fields/wire.ts for the notation. */
export const wireText = `
admissionregistration.MatchCondition 1:name:s 2:expression:s
admissionregistration.MutatingWebhook 1:name:s 2:clientConfig:admissionregistration.WebhookClientConfig 3:rules:*admissionregistration.RuleWithOperations 4:failurePolicy:&s 9:matchPolicy:&s 5:namespaceSelector:&meta.LabelSelector 11:objectSelector:&meta.LabelSelector 6:sideEffects:&s 7:timeoutSeconds:&v 8:admissionReviewVersions:*s 10:reinvocationPolicy:&s 12:matchConditions:*admissionregistration.MatchCondition
admissionregistration.MutatingWebhookConfiguration 1:metadata:meta.ObjectMeta 2:webhooks:*admissionregistration.MutatingWebhook
admissionregistration.Rule 1:apiGroups:*s 2:apiVersions:*s 3:resources:*s 4:scope:&s
admissionregistration.RuleWithOperations 1:operations:*s 2::admissionregistration.Rule
admissionregistration.ServiceReference 1:namespace:s 2:name:s 3:path:&s 4:port:&v
admissionregistration.ValidatingWebhook 1:name:s 2:clientConfig:admissionregistration.WebhookClientConfig 3:rules:*admissionregistration.RuleWithOperations 4:failurePolicy:&s 9:matchPolicy:&s 5:namespaceSelector:&meta.LabelSelector 10:objectSelector:&meta.LabelSelector 6:sideEffects:&s 7:timeoutSeconds:&v 8:admissionReviewVersions:*s 11:matchConditions:*admissionregistration.MatchCondition
admissionregistration.ValidatingWebhookConfiguration 1:metadata:meta.ObjectMeta 2:webhooks:*admissionregistration.ValidatingWebhook
admissionregistration.WebhookClientConfig 3:url:&s 1:service:&admissionregistration.ServiceReference 2:caBundle:y
apps.DaemonSet 1:metadata:meta.ObjectMeta 2:spec:apps.DaemonSetSpec 3:status:apps.DaemonSetStatus
apps.DaemonSetCondition 1:type:s 2:status:s 3:lastTransitionTime:t 4:reason:s 5:message:s
apps.DaemonSetSpec 1:selector:&meta.LabelSelector 2:template:core.PodTemplateSpec 3:updateStrategy:apps.DaemonSetUpdateStrategy 4:minReadySeconds:v 6:revisionHistoryLimit:&v
apps.DaemonSetStatus 1:currentNumberScheduled:v 2:numberMisscheduled:v 3:desiredNumberScheduled:v 4:numberReady:v 5:observedGeneration:v 6:updatedNumberScheduled:v 7:numberAvailable:v 8:numberUnavailable:v 9:collisionCount:&v 10:conditions:*apps.DaemonSetCondition
apps.DaemonSetUpdateStrategy 1:type:s 2:rollingUpdate:&apps.RollingUpdateDaemonSet
apps.Deployment 1:metadata:meta.ObjectMeta 2:spec:apps.DeploymentSpec 3:status:apps.DeploymentStatus
apps.DeploymentCondition 1:type:s 2:status:s 6:lastUpdateTime:t 7:lastTransitionTime:t 4:reason:s 5:message:s
apps.DeploymentSpec 1:replicas:&v 2:selector:&meta.LabelSelector 3:template:core.PodTemplateSpec 4:strategy:apps.DeploymentStrategy 5:minReadySeconds:v 6:revisionHistoryLimit:&v 7:paused:b 9:progressDeadlineSeconds:&v
apps.DeploymentStatus 1:observedGeneration:v 2:replicas:v 3:updatedReplicas:v 7:readyReplicas:v 4:availableReplicas:v 5:unavailableReplicas:v 6:conditions:*apps.DeploymentCondition 8:collisionCount:&v
apps.DeploymentStrategy 1:type:s 2:rollingUpdate:&apps.RollingUpdateDeployment
apps.ReplicaSet 1:metadata:meta.ObjectMeta 2:spec:apps.ReplicaSetSpec 3:status:apps.ReplicaSetStatus
apps.ReplicaSetCondition 1:type:s 2:status:s 3:lastTransitionTime:t 4:reason:s 5:message:s
apps.ReplicaSetSpec 1:replicas:&v 4:minReadySeconds:v 2:selector:&meta.LabelSelector 3:template:core.PodTemplateSpec
apps.ReplicaSetStatus 1:replicas:v 2:fullyLabeledReplicas:v 4:readyReplicas:v 5:availableReplicas:v 3:observedGeneration:v 6:conditions:*apps.ReplicaSetCondition
apps.RollingUpdateDaemonSet 1:maxUnavailable:&i 2:maxSurge:&i
apps.RollingUpdateDeployment 1:maxUnavailable:&i 2:maxSurge:&i
apps.RollingUpdateStatefulSetStrategy 1:partition:&v 2:maxUnavailable:&i
apps.StatefulSet 1:metadata:meta.ObjectMeta 2:spec:apps.StatefulSetSpec 3:status:apps.StatefulSetStatus
apps.StatefulSetCondition 1:type:s 2:status:s 3:lastTransitionTime:t 4:reason:s 5:message:s
apps.StatefulSetOrdinals 1:start:v
apps.StatefulSetPersistentVolumeClaimRetentionPolicy 1:whenDeleted:s 2:whenScaled:s
apps.StatefulSetSpec 1:replicas:&v 2:selector:&meta.LabelSelector 3:template:core.PodTemplateSpec 4:volumeClaimTemplates:*core.PersistentVolumeClaim 5:serviceName:s 6:podManagementPolicy:s 7:updateStrategy:apps.StatefulSetUpdateStrategy 8:revisionHistoryLimit:&v 9:minReadySeconds:v 10:persistentVolumeClaimRetentionPolicy:&apps.StatefulSetPersistentVolumeClaimRetentionPolicy 11:ordinals:&apps.StatefulSetOrdinals
apps.StatefulSetStatus 1:observedGeneration:v 2:replicas:v 3:readyReplicas:v 4:currentReplicas:v 5:updatedReplicas:v 6:currentRevision:s 7:updateRevision:s 9:collisionCount:&v 10:conditions:*apps.StatefulSetCondition 11:availableReplicas:v
apps.StatefulSetUpdateStrategy 1:type:s 2:rollingUpdate:&apps.RollingUpdateStatefulSetStrategy
authentication.ExtraValue 1:items:*s
authentication.SelfSubjectReview 1:metadata:meta.ObjectMeta 2:status:authentication.SelfSubjectReviewStatus
authentication.SelfSubjectReviewStatus 1:userInfo:authentication.UserInfo
authentication.UserInfo 1:username:s 2:uid:s 3:groups:*s 4:extra:{authentication.ExtraValue
authorization.ExtraValue 1:items:*s
authorization.FieldSelectorAttributes 1:rawSelector:s 2:requirements:*meta.FieldSelectorRequirement
authorization.LabelSelectorAttributes 1:rawSelector:s 2:requirements:*meta.LabelSelectorRequirement
authorization.LocalSubjectAccessReview 1:metadata:meta.ObjectMeta 2:spec:authorization.SubjectAccessReviewSpec 3:status:authorization.SubjectAccessReviewStatus
authorization.NonResourceAttributes 1:path:s 2:verb:s
authorization.NonResourceRule 1:verbs:*s 2:nonResourceURLs:*s
authorization.ResourceAttributes 1:namespace:s 2:verb:s 3:group:s 4:version:s 5:resource:s 6:subresource:s 7:name:s 8:fieldSelector:&authorization.FieldSelectorAttributes 9:labelSelector:&authorization.LabelSelectorAttributes
authorization.ResourceRule 1:verbs:*s 2:apiGroups:*s 3:resources:*s 4:resourceNames:*s
authorization.SelfSubjectAccessReview 1:metadata:meta.ObjectMeta 2:spec:authorization.SelfSubjectAccessReviewSpec 3:status:authorization.SubjectAccessReviewStatus
authorization.SelfSubjectAccessReviewSpec 1:resourceAttributes:&authorization.ResourceAttributes 2:nonResourceAttributes:&authorization.NonResourceAttributes
authorization.SelfSubjectRulesReview 1:metadata:meta.ObjectMeta 2:spec:authorization.SelfSubjectRulesReviewSpec 3:status:authorization.SubjectRulesReviewStatus
authorization.SelfSubjectRulesReviewSpec 1:namespace:s
authorization.SubjectAccessReview 1:metadata:meta.ObjectMeta 2:spec:authorization.SubjectAccessReviewSpec 3:status:authorization.SubjectAccessReviewStatus
authorization.SubjectAccessReviewSpec 1:resourceAttributes:&authorization.ResourceAttributes 2:nonResourceAttributes:&authorization.NonResourceAttributes 3:user:s 4:groups:*s 5:extra:{authorization.ExtraValue 6:uid:s
authorization.SubjectAccessReviewStatus 1:allowed:b 4:denied:b 2:reason:s 3:evaluationError:s
authorization.SubjectRulesReviewStatus 1:resourceRules:*authorization.ResourceRule 2:nonResourceRules:*authorization.NonResourceRule 3:incomplete:b 4:evaluationError:s
autoscaling.Scale 1:metadata:meta.ObjectMeta 2:spec:autoscaling.ScaleSpec 3:status:autoscaling.ScaleStatus
autoscaling.ScaleSpec 1:replicas:v
autoscaling.ScaleStatus 1:replicas:v 2:selector:s
autoscaling.v2.ContainerResourceMetricSource 1:name:s 2:target:autoscaling.v2.MetricTarget 3:container:s
autoscaling.v2.ContainerResourceMetricStatus 1:name:s 2:current:autoscaling.v2.MetricValueStatus 3:container:s
autoscaling.v2.CrossVersionObjectReference 1:kind:s 2:name:s 3:apiVersion:s
autoscaling.v2.ExternalMetricSource 1:metric:autoscaling.v2.MetricIdentifier 2:target:autoscaling.v2.MetricTarget
autoscaling.v2.ExternalMetricStatus 1:metric:autoscaling.v2.MetricIdentifier 2:current:autoscaling.v2.MetricValueStatus
autoscaling.v2.HPAScalingPolicy 1:type:s 2:value:v 3:periodSeconds:v
autoscaling.v2.HPAScalingRules 3:stabilizationWindowSeconds:&v 1:selectPolicy:&s 2:policies:*autoscaling.v2.HPAScalingPolicy
autoscaling.v2.HorizontalPodAutoscaler 1:metadata:meta.ObjectMeta 2:spec:autoscaling.v2.HorizontalPodAutoscalerSpec 3:status:autoscaling.v2.HorizontalPodAutoscalerStatus
autoscaling.v2.HorizontalPodAutoscalerBehavior 1:scaleUp:&autoscaling.v2.HPAScalingRules 2:scaleDown:&autoscaling.v2.HPAScalingRules
autoscaling.v2.HorizontalPodAutoscalerCondition 1:type:s 2:status:s 3:lastTransitionTime:t 4:reason:s 5:message:s
autoscaling.v2.HorizontalPodAutoscalerSpec 1:scaleTargetRef:autoscaling.v2.CrossVersionObjectReference 2:minReplicas:&v 3:maxReplicas:v 4:metrics:*autoscaling.v2.MetricSpec 5:behavior:&autoscaling.v2.HorizontalPodAutoscalerBehavior
autoscaling.v2.HorizontalPodAutoscalerStatus 1:observedGeneration:&v 2:lastScaleTime:&t 3:currentReplicas:v 4:desiredReplicas:v 5:currentMetrics:*autoscaling.v2.MetricStatus 6:conditions:*autoscaling.v2.HorizontalPodAutoscalerCondition
autoscaling.v2.MetricIdentifier 1:name:s 2:selector:&meta.LabelSelector
autoscaling.v2.MetricSpec 1:type:s 2:object:&autoscaling.v2.ObjectMetricSource 3:pods:&autoscaling.v2.PodsMetricSource 4:resource:&autoscaling.v2.ResourceMetricSource 7:containerResource:&autoscaling.v2.ContainerResourceMetricSource 5:external:&autoscaling.v2.ExternalMetricSource
autoscaling.v2.MetricStatus 1:type:s 2:object:&autoscaling.v2.ObjectMetricStatus 3:pods:&autoscaling.v2.PodsMetricStatus 4:resource:&autoscaling.v2.ResourceMetricStatus 7:containerResource:&autoscaling.v2.ContainerResourceMetricStatus 5:external:&autoscaling.v2.ExternalMetricStatus
autoscaling.v2.MetricTarget 1:type:s 2:value:&q 3:averageValue:&q 4:averageUtilization:&v
autoscaling.v2.MetricValueStatus 1:value:&q 2:averageValue:&q 3:averageUtilization:&v
autoscaling.v2.ObjectMetricSource 1:describedObject:autoscaling.v2.CrossVersionObjectReference 2:target:autoscaling.v2.MetricTarget 3:metric:autoscaling.v2.MetricIdentifier
autoscaling.v2.ObjectMetricStatus 1:metric:autoscaling.v2.MetricIdentifier 2:current:autoscaling.v2.MetricValueStatus 3:describedObject:autoscaling.v2.CrossVersionObjectReference
autoscaling.v2.PodsMetricSource 1:metric:autoscaling.v2.MetricIdentifier 2:target:autoscaling.v2.MetricTarget
autoscaling.v2.PodsMetricStatus 1:metric:autoscaling.v2.MetricIdentifier 2:current:autoscaling.v2.MetricValueStatus
autoscaling.v2.ResourceMetricSource 1:name:s 2:target:autoscaling.v2.MetricTarget
autoscaling.v2.ResourceMetricStatus 1:name:s 2:current:autoscaling.v2.MetricValueStatus
batch.CronJob 1:metadata:meta.ObjectMeta 2:spec:batch.CronJobSpec 3:status:batch.CronJobStatus
batch.CronJobSpec 1:schedule:s 8:timeZone:&s 2:startingDeadlineSeconds:&v 3:concurrencyPolicy:s 4:suspend:&b 5:jobTemplate:batch.JobTemplateSpec 6:successfulJobsHistoryLimit:&v 7:failedJobsHistoryLimit:&v
batch.CronJobStatus 1:active:*core.ObjectReference 4:lastScheduleTime:&t 5:lastSuccessfulTime:&t
batch.Job 1:metadata:meta.ObjectMeta 2:spec:batch.JobSpec 3:status:batch.JobStatus
batch.JobCondition 1:type:s 2:status:s 3:lastProbeTime:t 4:lastTransitionTime:t 5:reason:s 6:message:s
batch.JobSpec 1:parallelism:&v 2:completions:&v 3:activeDeadlineSeconds:&v 11:podFailurePolicy:&batch.PodFailurePolicy 16:successPolicy:&batch.SuccessPolicy 7:backoffLimit:&v 12:backoffLimitPerIndex:&v 13:maxFailedIndexes:&v 4:selector:&meta.LabelSelector 5:manualSelector:&b 6:template:core.PodTemplateSpec 8:ttlSecondsAfterFinished:&v 9:completionMode:&s 10:suspend:&b 14:podReplacementPolicy:&s 15:managedBy:&s
batch.JobStatus 1:conditions:*batch.JobCondition 2:startTime:&t 3:completionTime:&t 4:active:v 5:succeeded:v 6:failed:v 11:terminating:&v 7:completedIndexes:s 10:failedIndexes:&s 8:uncountedTerminatedPods:&batch.UncountedTerminatedPods 9:ready:&v
batch.JobTemplateSpec 1:metadata:meta.ObjectMeta 2:spec:batch.JobSpec
batch.PodFailurePolicy 1:rules:*batch.PodFailurePolicyRule
batch.PodFailurePolicyOnExitCodesRequirement 1:containerName:&s 2:operator:s 3:values:*v
batch.PodFailurePolicyOnPodConditionsPattern 1:type:s 2:status:s
batch.PodFailurePolicyRule 1:action:s 2:onExitCodes:&batch.PodFailurePolicyOnExitCodesRequirement 3:onPodConditions:*batch.PodFailurePolicyOnPodConditionsPattern
batch.SuccessPolicy 1:rules:*batch.SuccessPolicyRule
batch.SuccessPolicyRule 1:succeededIndexes:&s 2:succeededCount:&v
batch.UncountedTerminatedPods 1:succeeded:*s 2:failed:*s
coordination.Lease 1:metadata:meta.ObjectMeta 2:spec:coordination.LeaseSpec
coordination.LeaseSpec 1:holderIdentity:&s 2:leaseDurationSeconds:&v 3:acquireTime:&t 4:renewTime:&t 5:leaseTransitions:&v 6:strategy:&s 7:preferredHolder:&s
core.AWSElasticBlockStoreVolumeSource 1:volumeID:s 2:fsType:s 3:partition:v 4:readOnly:b
core.Affinity 1:nodeAffinity:&core.NodeAffinity 2:podAffinity:&core.PodAffinity 3:podAntiAffinity:&core.PodAntiAffinity
core.AppArmorProfile 1:type:s 2:localhostProfile:&s
core.AttachedVolume 1:name:s 2:devicePath:s
core.AzureDiskVolumeSource 1:diskName:s 2:diskURI:s 3:cachingMode:&s 4:fsType:&s 5:readOnly:&b 6:kind:&s
core.AzureFilePersistentVolumeSource 1:secretName:s 2:shareName:s 3:readOnly:b 4:secretNamespace:&s
core.AzureFileVolumeSource 1:secretName:s 2:shareName:s 3:readOnly:b
core.CSIPersistentVolumeSource 1:driver:s 2:volumeHandle:s 3:readOnly:b 4:fsType:s 5:volumeAttributes:{s 6:controllerPublishSecretRef:&core.SecretReference 7:nodeStageSecretRef:&core.SecretReference 8:nodePublishSecretRef:&core.SecretReference 9:controllerExpandSecretRef:&core.SecretReference 10:nodeExpandSecretRef:&core.SecretReference
core.CSIVolumeSource 1:driver:s 2:readOnly:&b 3:fsType:&s 4:volumeAttributes:{s 5:nodePublishSecretRef:&core.LocalObjectReference
core.Capabilities 1:add:*s 2:drop:*s
core.CephFSPersistentVolumeSource 1:monitors:*s 2:path:s 3:user:s 4:secretFile:s 5:secretRef:&core.SecretReference 6:readOnly:b
core.CephFSVolumeSource 1:monitors:*s 2:path:s 3:user:s 4:secretFile:s 5:secretRef:&core.LocalObjectReference 6:readOnly:b
core.CinderPersistentVolumeSource 1:volumeID:s 2:fsType:s 3:readOnly:b 4:secretRef:&core.SecretReference
core.CinderVolumeSource 1:volumeID:s 2:fsType:s 3:readOnly:b 4:secretRef:&core.LocalObjectReference
core.ClientIPConfig 1:timeoutSeconds:&v
core.ClusterTrustBundleProjection 1:name:&s 2:signerName:&s 3:labelSelector:&meta.LabelSelector 5:optional:&b 4:path:s
core.ConfigMap 1:metadata:meta.ObjectMeta 4:immutable:&b 2:data:{s 3:binaryData:{y
core.ConfigMapEnvSource 1::core.LocalObjectReference 2:optional:&b
core.ConfigMapKeySelector 1::core.LocalObjectReference 2:key:s 3:optional:&b
core.ConfigMapNodeConfigSource 1:namespace:s 2:name:s 3:uid:s 4:resourceVersion:s 5:kubeletConfigKey:s
core.ConfigMapProjection 1::core.LocalObjectReference 2:items:*core.KeyToPath 4:optional:&b
core.ConfigMapVolumeSource 1::core.LocalObjectReference 2:items:*core.KeyToPath 3:defaultMode:&v 4:optional:&b
core.Container 1:name:s 2:image:s 3:command:*s 4:args:*s 5:workingDir:s 6:ports:*core.ContainerPort 19:envFrom:*core.EnvFromSource 7:env:*core.EnvVar 8:resources:core.ResourceRequirements 23:resizePolicy:*core.ContainerResizePolicy 24:restartPolicy:&s 9:volumeMounts:*core.VolumeMount 21:volumeDevices:*core.VolumeDevice 10:livenessProbe:&core.Probe 11:readinessProbe:&core.Probe 22:startupProbe:&core.Probe 12:lifecycle:&core.Lifecycle 13:terminationMessagePath:s 20:terminationMessagePolicy:s 14:imagePullPolicy:s 15:securityContext:&core.SecurityContext 16:stdin:b 17:stdinOnce:b 18:tty:b
core.ContainerImage 1:names:*s 2:sizeBytes:v
core.ContainerPort 1:name:s 2:hostPort:v 3:containerPort:v 4:protocol:s 5:hostIP:s
core.ContainerResizePolicy 1:resourceName:s 2:restartPolicy:s
core.ContainerState 1:waiting:&core.ContainerStateWaiting 2:running:&core.ContainerStateRunning 3:terminated:&core.ContainerStateTerminated
core.ContainerStateRunning 1:startedAt:t
core.ContainerStateTerminated 1:exitCode:v 2:signal:v 3:reason:s 4:message:s 5:startedAt:t 6:finishedAt:t 7:containerID:s
core.ContainerStateWaiting 1:reason:s 2:message:s
core.ContainerStatus 1:name:s 2:state:core.ContainerState 3:lastState:core.ContainerState 4:ready:b 5:restartCount:v 6:image:s 7:imageID:s 8:containerID:s 9:started:&b 10:allocatedResources:{q 11:resources:&core.ResourceRequirements 12:volumeMounts:*core.VolumeMountStatus 13:user:&core.ContainerUser 14:allocatedResourcesStatus:*core.ResourceStatus
core.ContainerUser 1:linux:&core.LinuxContainerUser
core.DaemonEndpoint 1:Port:v
core.DownwardAPIProjection 1:items:*core.DownwardAPIVolumeFile
core.DownwardAPIVolumeFile 1:path:s 2:fieldRef:&core.ObjectFieldSelector 3:resourceFieldRef:&core.ResourceFieldSelector 4:mode:&v
core.DownwardAPIVolumeSource 1:items:*core.DownwardAPIVolumeFile 2:defaultMode:&v
core.EmptyDirVolumeSource 1:medium:s 2:sizeLimit:&q
core.EndpointAddress 1:ip:s 3:hostname:s 4:nodeName:&s 2:targetRef:&core.ObjectReference
core.EndpointPort 1:name:s 2:port:v 3:protocol:s 4:appProtocol:&s
core.EndpointSubset 1:addresses:*core.EndpointAddress 2:notReadyAddresses:*core.EndpointAddress 3:ports:*core.EndpointPort
core.Endpoints 1:metadata:meta.ObjectMeta 2:subsets:*core.EndpointSubset
core.EnvFromSource 1:prefix:s 2:configMapRef:&core.ConfigMapEnvSource 3:secretRef:&core.SecretEnvSource
core.EnvVar 1:name:s 2:value:s 3:valueFrom:&core.EnvVarSource
core.EnvVarSource 1:fieldRef:&core.ObjectFieldSelector 2:resourceFieldRef:&core.ResourceFieldSelector 3:configMapKeyRef:&core.ConfigMapKeySelector 4:secretKeyRef:&core.SecretKeySelector
core.EphemeralContainer 1::core.EphemeralContainerCommon 2:targetContainerName:s
core.EphemeralContainerCommon 1:name:s 2:image:s 3:command:*s 4:args:*s 5:workingDir:s 6:ports:*core.ContainerPort 19:envFrom:*core.EnvFromSource 7:env:*core.EnvVar 8:resources:core.ResourceRequirements 23:resizePolicy:*core.ContainerResizePolicy 24:restartPolicy:&s 9:volumeMounts:*core.VolumeMount 21:volumeDevices:*core.VolumeDevice 10:livenessProbe:&core.Probe 11:readinessProbe:&core.Probe 22:startupProbe:&core.Probe 12:lifecycle:&core.Lifecycle 13:terminationMessagePath:s 20:terminationMessagePolicy:s 14:imagePullPolicy:s 15:securityContext:&core.SecurityContext 16:stdin:b 17:stdinOnce:b 18:tty:b
core.EphemeralVolumeSource 1:volumeClaimTemplate:&core.PersistentVolumeClaimTemplate
core.Event 1:metadata:meta.ObjectMeta 2:involvedObject:core.ObjectReference 3:reason:s 4:message:s 5:source:core.EventSource 6:firstTimestamp:t 7:lastTimestamp:t 8:count:v 9:type:s 10:eventTime:t 11:series:&core.EventSeries 12:action:s 13:related:&core.ObjectReference 14:reportingComponent:s 15:reportingInstance:s
core.EventSeries 1:count:v 2:lastObservedTime:t
core.EventSource 1:component:s 2:host:s
core.ExecAction 1:command:*s
core.FCVolumeSource 1:targetWWNs:*s 2:lun:&v 3:fsType:s 4:readOnly:b 5:wwids:*s
core.FlexPersistentVolumeSource 1:driver:s 2:fsType:s 3:secretRef:&core.SecretReference 4:readOnly:b 5:options:{s
core.FlexVolumeSource 1:driver:s 2:fsType:s 3:secretRef:&core.LocalObjectReference 4:readOnly:b 5:options:{s
core.FlockerVolumeSource 1:datasetName:s 2:datasetUUID:s
core.GCEPersistentDiskVolumeSource 1:pdName:s 2:fsType:s 3:partition:v 4:readOnly:b
core.GRPCAction 1:port:v 2:service:&s
core.GitRepoVolumeSource 1:repository:s 2:revision:s 3:directory:s
core.GlusterfsPersistentVolumeSource 1:endpoints:s 2:path:s 3:readOnly:b 4:endpointsNamespace:&s
core.GlusterfsVolumeSource 1:endpoints:s 2:path:s 3:readOnly:b
core.HTTPGetAction 1:path:s 2:port:i 3:host:s 4:scheme:s 5:httpHeaders:*core.HTTPHeader
core.HTTPHeader 1:name:s 2:value:s
core.HostAlias 1:ip:s 2:hostnames:*s
core.HostIP 1:ip:s
core.HostPathVolumeSource 1:path:s 2:type:&s
core.ISCSIPersistentVolumeSource 1:targetPortal:s 2:iqn:s 3:lun:v 4:iscsiInterface:s 5:fsType:s 6:readOnly:b 7:portals:*s 8:chapAuthDiscovery:b 11:chapAuthSession:b 10:secretRef:&core.SecretReference 12:initiatorName:&s
core.ISCSIVolumeSource 1:targetPortal:s 2:iqn:s 3:lun:v 4:iscsiInterface:s 5:fsType:s 6:readOnly:b 7:portals:*s 8:chapAuthDiscovery:b 11:chapAuthSession:b 10:secretRef:&core.LocalObjectReference 12:initiatorName:&s
core.ImageVolumeSource 1:reference:s 2:pullPolicy:s
core.KeyToPath 1:key:s 2:path:s 3:mode:&v
core.Lifecycle 1:postStart:&core.LifecycleHandler 2:preStop:&core.LifecycleHandler
core.LifecycleHandler 1:exec:&core.ExecAction 2:httpGet:&core.HTTPGetAction 3:tcpSocket:&core.TCPSocketAction 4:sleep:&core.SleepAction
core.LimitRange 1:metadata:meta.ObjectMeta 2:spec:core.LimitRangeSpec
core.LimitRangeItem 1:type:s 2:max:{q 3:min:{q 4:default:{q 5:defaultRequest:{q 6:maxLimitRequestRatio:{q
core.LimitRangeSpec 1:limits:*core.LimitRangeItem
core.LinuxContainerUser 1:uid:v 2:gid:v 3:supplementalGroups:*v
core.LoadBalancerIngress 1:ip:s 2:hostname:s 3:ipMode:&s 4:ports:*core.PortStatus
core.LoadBalancerStatus 1:ingress:*core.LoadBalancerIngress
core.LocalObjectReference 1:name:s
core.LocalVolumeSource 1:path:s 2:fsType:&s
core.ModifyVolumeStatus 1:targetVolumeAttributesClassName:s 2:status:s
core.NFSVolumeSource 1:server:s 2:path:s 3:readOnly:b
core.Namespace 1:metadata:meta.ObjectMeta 2:spec:core.NamespaceSpec 3:status:core.NamespaceStatus
core.NamespaceCondition 1:type:s 2:status:s 4:lastTransitionTime:t 5:reason:s 6:message:s
core.NamespaceSpec 1:finalizers:*s
core.NamespaceStatus 1:phase:s 2:conditions:*core.NamespaceCondition
core.Node 1:metadata:meta.ObjectMeta 2:spec:core.NodeSpec 3:status:core.NodeStatus
core.NodeAddress 1:type:s 2:address:s
core.NodeAffinity 1:requiredDuringSchedulingIgnoredDuringExecution:&core.NodeSelector 2:preferredDuringSchedulingIgnoredDuringExecution:*core.PreferredSchedulingTerm
core.NodeCondition 1:type:s 2:status:s 3:lastHeartbeatTime:t 4:lastTransitionTime:t 5:reason:s 6:message:s
core.NodeConfigSource 2:configMap:&core.ConfigMapNodeConfigSource
core.NodeConfigStatus 1:assigned:&core.NodeConfigSource 2:active:&core.NodeConfigSource 3:lastKnownGood:&core.NodeConfigSource 4:error:s
core.NodeDaemonEndpoints 1:kubeletEndpoint:core.DaemonEndpoint
core.NodeFeatures 1:supplementalGroupsPolicy:&b
core.NodeRuntimeHandler 1:name:s 2:features:&core.NodeRuntimeHandlerFeatures
core.NodeRuntimeHandlerFeatures 1:recursiveReadOnlyMounts:&b 2:userNamespaces:&b
core.NodeSelector 1:nodeSelectorTerms:*core.NodeSelectorTerm
core.NodeSelectorRequirement 1:key:s 2:operator:s 3:values:*s
core.NodeSelectorTerm 1:matchExpressions:*core.NodeSelectorRequirement 2:matchFields:*core.NodeSelectorRequirement
core.NodeSpec 1:podCIDR:s 7:podCIDRs:*s 3:providerID:s 4:unschedulable:b 5:taints:*core.Taint 6:configSource:&core.NodeConfigSource 2:externalID:s
core.NodeStatus 1:capacity:{q 2:allocatable:{q 3:phase:s 4:conditions:*core.NodeCondition 5:addresses:*core.NodeAddress 6:daemonEndpoints:core.NodeDaemonEndpoints 7:nodeInfo:core.NodeSystemInfo 8:images:*core.ContainerImage 9:volumesInUse:*s 10:volumesAttached:*core.AttachedVolume 11:config:&core.NodeConfigStatus 12:runtimeHandlers:*core.NodeRuntimeHandler 13:features:&core.NodeFeatures
core.NodeSystemInfo 1:machineID:s 2:systemUUID:s 3:bootID:s 4:kernelVersion:s 5:osImage:s 6:containerRuntimeVersion:s 7:kubeletVersion:s 8:kubeProxyVersion:s 9:operatingSystem:s 10:architecture:s
core.ObjectFieldSelector 1:apiVersion:s 2:fieldPath:s
core.ObjectReference 1:kind:s 2:namespace:s 3:name:s 4:uid:s 5:apiVersion:s 6:resourceVersion:s 7:fieldPath:s
core.PersistentVolume 1:metadata:meta.ObjectMeta 2:spec:core.PersistentVolumeSpec 3:status:core.PersistentVolumeStatus
core.PersistentVolumeClaim 1:metadata:meta.ObjectMeta 2:spec:core.PersistentVolumeClaimSpec 3:status:core.PersistentVolumeClaimStatus
core.PersistentVolumeClaimCondition 1:type:s 2:status:s 3:lastProbeTime:t 4:lastTransitionTime:t 5:reason:s 6:message:s
core.PersistentVolumeClaimSpec 1:accessModes:*s 4:selector:&meta.LabelSelector 2:resources:core.VolumeResourceRequirements 3:volumeName:s 5:storageClassName:&s 6:volumeMode:&s 7:dataSource:&core.TypedLocalObjectReference 8:dataSourceRef:&core.TypedObjectReference 9:volumeAttributesClassName:&s
core.PersistentVolumeClaimStatus 1:phase:s 2:accessModes:*s 3:capacity:{q 4:conditions:*core.PersistentVolumeClaimCondition 5:allocatedResources:{q 7:allocatedResourceStatuses:{s 8:currentVolumeAttributesClassName:&s 9:modifyVolumeStatus:&core.ModifyVolumeStatus
core.PersistentVolumeClaimTemplate 1:metadata:meta.ObjectMeta 2:spec:core.PersistentVolumeClaimSpec
core.PersistentVolumeClaimVolumeSource 1:claimName:s 2:readOnly:b
core.PersistentVolumeSource 1:gcePersistentDisk:&core.GCEPersistentDiskVolumeSource 2:awsElasticBlockStore:&core.AWSElasticBlockStoreVolumeSource 3:hostPath:&core.HostPathVolumeSource 4:glusterfs:&core.GlusterfsPersistentVolumeSource 5:nfs:&core.NFSVolumeSource 6:rbd:&core.RBDPersistentVolumeSource 7:iscsi:&core.ISCSIPersistentVolumeSource 8:cinder:&core.CinderPersistentVolumeSource 9:cephfs:&core.CephFSPersistentVolumeSource 10:fc:&core.FCVolumeSource 11:flocker:&core.FlockerVolumeSource 12:flexVolume:&core.FlexPersistentVolumeSource 13:azureFile:&core.AzureFilePersistentVolumeSource 14:vsphereVolume:&core.VsphereVirtualDiskVolumeSource 15:quobyte:&core.QuobyteVolumeSource 16:azureDisk:&core.AzureDiskVolumeSource 17:photonPersistentDisk:&core.PhotonPersistentDiskVolumeSource 18:portworxVolume:&core.PortworxVolumeSource 19:scaleIO:&core.ScaleIOPersistentVolumeSource 20:local:&core.LocalVolumeSource 21:storageos:&core.StorageOSPersistentVolumeSource 22:csi:&core.CSIPersistentVolumeSource
core.PersistentVolumeSpec 1:capacity:{q 2::core.PersistentVolumeSource 3:accessModes:*s 4:claimRef:&core.ObjectReference 5:persistentVolumeReclaimPolicy:s 6:storageClassName:s 7:mountOptions:*s 8:volumeMode:&s 9:nodeAffinity:&core.VolumeNodeAffinity 10:volumeAttributesClassName:&s
core.PersistentVolumeStatus 1:phase:s 2:message:s 3:reason:s 4:lastPhaseTransitionTime:&t
core.PhotonPersistentDiskVolumeSource 1:pdID:s 2:fsType:s
core.Pod 1:metadata:meta.ObjectMeta 2:spec:core.PodSpec 3:status:core.PodStatus
core.PodAffinity 1:requiredDuringSchedulingIgnoredDuringExecution:*core.PodAffinityTerm 2:preferredDuringSchedulingIgnoredDuringExecution:*core.WeightedPodAffinityTerm
core.PodAffinityTerm 1:labelSelector:&meta.LabelSelector 2:namespaces:*s 3:topologyKey:s 4:namespaceSelector:&meta.LabelSelector 5:matchLabelKeys:*s 6:mismatchLabelKeys:*s
core.PodAntiAffinity 1:requiredDuringSchedulingIgnoredDuringExecution:*core.PodAffinityTerm 2:preferredDuringSchedulingIgnoredDuringExecution:*core.WeightedPodAffinityTerm
core.PodCondition 1:type:s 2:status:s 3:lastProbeTime:t 4:lastTransitionTime:t 5:reason:s 6:message:s
core.PodDNSConfig 1:nameservers:*s 2:searches:*s 3:options:*core.PodDNSConfigOption
core.PodDNSConfigOption 1:name:s 2:value:&s
core.PodIP 1:ip:s
core.PodOS 1:name:s
core.PodReadinessGate 1:conditionType:s
core.PodResourceClaim 1:name:s 3:resourceClaimName:&s 4:resourceClaimTemplateName:&s
core.PodResourceClaimStatus 1:name:s 2:resourceClaimName:&s
core.PodSchedulingGate 1:name:s
core.PodSecurityContext 1:seLinuxOptions:&core.SELinuxOptions 8:windowsOptions:&core.WindowsSecurityContextOptions 2:runAsUser:&v 6:runAsGroup:&v 3:runAsNonRoot:&b 4:supplementalGroups:*v 12:supplementalGroupsPolicy:&s 5:fsGroup:&v 7:sysctls:*core.Sysctl 9:fsGroupChangePolicy:&s 10:seccompProfile:&core.SeccompProfile 11:appArmorProfile:&core.AppArmorProfile 13:seLinuxChangePolicy:&s
core.PodSpec 1:volumes:*core.Volume 20:initContainers:*core.Container 2:containers:*core.Container 34:ephemeralContainers:*core.EphemeralContainer 3:restartPolicy:s 4:terminationGracePeriodSeconds:&v 5:activeDeadlineSeconds:&v 6:dnsPolicy:s 7:nodeSelector:{s 8:serviceAccountName:s 9:serviceAccount:s 21:automountServiceAccountToken:&b 10:nodeName:s 11:hostNetwork:b 12:hostPID:b 13:hostIPC:b 27:shareProcessNamespace:&b 14:securityContext:&core.PodSecurityContext 15:imagePullSecrets:*core.LocalObjectReference 16:hostname:s 17:subdomain:s 18:affinity:&core.Affinity 19:schedulerName:s 22:tolerations:*core.Toleration 23:hostAliases:*core.HostAlias 24:priorityClassName:s 25:priority:&v 26:dnsConfig:&core.PodDNSConfig 28:readinessGates:*core.PodReadinessGate 29:runtimeClassName:&s 30:enableServiceLinks:&b 31:preemptionPolicy:&s 32:overhead:{q 33:topologySpreadConstraints:*core.TopologySpreadConstraint 35:setHostnameAsFQDN:&b 36:os:&core.PodOS 37:hostUsers:&b 38:schedulingGates:*core.PodSchedulingGate 39:resourceClaims:*core.PodResourceClaim 40:resources:&core.ResourceRequirements
core.PodStatus 1:phase:s 2:conditions:*core.PodCondition 3:message:s 4:reason:s 11:nominatedNodeName:s 5:hostIP:s 16:hostIPs:*core.HostIP 6:podIP:s 12:podIPs:*core.PodIP 7:startTime:&t 10:initContainerStatuses:*core.ContainerStatus 8:containerStatuses:*core.ContainerStatus 9:qosClass:s 13:ephemeralContainerStatuses:*core.ContainerStatus 14:resize:s 15:resourceClaimStatuses:*core.PodResourceClaimStatus
core.PodTemplateSpec 1:metadata:meta.ObjectMeta 2:spec:core.PodSpec
core.PortStatus 1:port:v 2:protocol:s 3:error:&s
core.PortworxVolumeSource 1:volumeID:s 2:fsType:s 3:readOnly:b
core.PreferredSchedulingTerm 1:weight:v 2:preference:core.NodeSelectorTerm
core.Probe 1::core.ProbeHandler 2:initialDelaySeconds:v 3:timeoutSeconds:v 4:periodSeconds:v 5:successThreshold:v 6:failureThreshold:v 7:terminationGracePeriodSeconds:&v
core.ProbeHandler 1:exec:&core.ExecAction 2:httpGet:&core.HTTPGetAction 3:tcpSocket:&core.TCPSocketAction 4:grpc:&core.GRPCAction
core.ProjectedVolumeSource 1:sources:*core.VolumeProjection 2:defaultMode:&v
core.QuobyteVolumeSource 1:registry:s 2:volume:s 3:readOnly:b 4:user:s 5:group:s 6:tenant:s
core.RBDPersistentVolumeSource 1:monitors:*s 2:image:s 3:fsType:s 4:pool:s 5:user:s 6:keyring:s 7:secretRef:&core.SecretReference 8:readOnly:b
core.RBDVolumeSource 1:monitors:*s 2:image:s 3:fsType:s 4:pool:s 5:user:s 6:keyring:s 7:secretRef:&core.LocalObjectReference 8:readOnly:b
core.ResourceClaim 1:name:s 2:request:s
core.ResourceFieldSelector 1:containerName:s 2:resource:s 3:divisor:q
core.ResourceHealth 1:resourceID:s 2:health:s
core.ResourceQuota 1:metadata:meta.ObjectMeta 2:spec:core.ResourceQuotaSpec 3:status:core.ResourceQuotaStatus
core.ResourceQuotaSpec 1:hard:{q 2:scopes:*s 3:scopeSelector:&core.ScopeSelector
core.ResourceQuotaStatus 1:hard:{q 2:used:{q
core.ResourceRequirements 1:limits:{q 2:requests:{q 3:claims:*core.ResourceClaim
core.ResourceStatus 1:name:s 2:resources:*core.ResourceHealth
core.SELinuxOptions 1:user:s 2:role:s 3:type:s 4:level:s
core.ScaleIOPersistentVolumeSource 1:gateway:s 2:system:s 3:secretRef:&core.SecretReference 4:sslEnabled:b 5:protectionDomain:s 6:storagePool:s 7:storageMode:s 8:volumeName:s 9:fsType:s 10:readOnly:b
core.ScaleIOVolumeSource 1:gateway:s 2:system:s 3:secretRef:&core.LocalObjectReference 4:sslEnabled:b 5:protectionDomain:s 6:storagePool:s 7:storageMode:s 8:volumeName:s 9:fsType:s 10:readOnly:b
core.ScopeSelector 1:matchExpressions:*core.ScopedResourceSelectorRequirement
core.ScopedResourceSelectorRequirement 1:scopeName:s 2:operator:s 3:values:*s
core.SeccompProfile 1:type:s 2:localhostProfile:&s
core.Secret 1:metadata:meta.ObjectMeta 5:immutable:&b 2:data:{y 4:stringData:{s 3:type:s
core.SecretEnvSource 1::core.LocalObjectReference 2:optional:&b
core.SecretKeySelector 1::core.LocalObjectReference 2:key:s 3:optional:&b
core.SecretProjection 1::core.LocalObjectReference 2:items:*core.KeyToPath 4:optional:&b
core.SecretReference 1:name:s 2:namespace:s
core.SecretVolumeSource 1:secretName:s 2:items:*core.KeyToPath 3:defaultMode:&v 4:optional:&b
core.SecurityContext 1:capabilities:&core.Capabilities 2:privileged:&b 3:seLinuxOptions:&core.SELinuxOptions 10:windowsOptions:&core.WindowsSecurityContextOptions 4:runAsUser:&v 8:runAsGroup:&v 5:runAsNonRoot:&b 6:readOnlyRootFilesystem:&b 7:allowPrivilegeEscalation:&b 9:procMount:&s 11:seccompProfile:&core.SeccompProfile 12:appArmorProfile:&core.AppArmorProfile
core.Service 1:metadata:meta.ObjectMeta 2:spec:core.ServiceSpec 3:status:core.ServiceStatus
core.ServiceAccount 1:metadata:meta.ObjectMeta 2:secrets:*core.ObjectReference 3:imagePullSecrets:*core.LocalObjectReference 4:automountServiceAccountToken:&b
core.ServiceAccountTokenProjection 1:audience:s 2:expirationSeconds:&v 3:path:s
core.ServicePort 1:name:s 2:protocol:s 6:appProtocol:&s 3:port:v 4:targetPort:i 5:nodePort:v
core.ServiceSpec 1:ports:*core.ServicePort 2:selector:{s 3:clusterIP:s 18:clusterIPs:*s 4:type:s 5:externalIPs:*s 7:sessionAffinity:s 8:loadBalancerIP:s 9:loadBalancerSourceRanges:*s 10:externalName:s 11:externalTrafficPolicy:s 12:healthCheckNodePort:v 13:publishNotReadyAddresses:b 14:sessionAffinityConfig:&core.SessionAffinityConfig 19:ipFamilies:*s 17:ipFamilyPolicy:&s 20:allocateLoadBalancerNodePorts:&b 21:loadBalancerClass:&s 22:internalTrafficPolicy:&s 23:trafficDistribution:&s
core.ServiceStatus 1:loadBalancer:core.LoadBalancerStatus 2:conditions:*meta.Condition
core.SessionAffinityConfig 1:clientIP:&core.ClientIPConfig
core.SleepAction 1:seconds:v
core.StorageOSPersistentVolumeSource 1:volumeName:s 2:volumeNamespace:s 3:fsType:s 4:readOnly:b 5:secretRef:&core.ObjectReference
core.StorageOSVolumeSource 1:volumeName:s 2:volumeNamespace:s 3:fsType:s 4:readOnly:b 5:secretRef:&core.LocalObjectReference
core.Sysctl 1:name:s 2:value:s
core.TCPSocketAction 1:port:i 2:host:s
core.Taint 1:key:s 2:value:s 3:effect:s 4:timeAdded:&t
core.Toleration 1:key:s 2:operator:s 3:value:s 4:effect:s 5:tolerationSeconds:&v
core.TopologySelectorLabelRequirement 1:key:s 2:values:*s
core.TopologySelectorTerm 1:matchLabelExpressions:*core.TopologySelectorLabelRequirement
core.TopologySpreadConstraint 1:maxSkew:v 2:topologyKey:s 3:whenUnsatisfiable:s 4:labelSelector:&meta.LabelSelector 5:minDomains:&v 6:nodeAffinityPolicy:&s 7:nodeTaintsPolicy:&s 8:matchLabelKeys:*s
core.TypedLocalObjectReference 1:apiGroup:&s 2:kind:s 3:name:s
core.TypedObjectReference 1:apiGroup:&s 2:kind:s 3:name:s 4:namespace:&s
core.Volume 1:name:s 2::core.VolumeSource
core.VolumeDevice 1:name:s 2:devicePath:s
core.VolumeMount 1:name:s 2:readOnly:b 7:recursiveReadOnly:&s 3:mountPath:s 4:subPath:s 5:mountPropagation:&s 6:subPathExpr:s
core.VolumeMountStatus 1:name:s 2:mountPath:s 3:readOnly:b 4:recursiveReadOnly:&s
core.VolumeNodeAffinity 1:required:&core.NodeSelector
core.VolumeProjection 1:secret:&core.SecretProjection 2:downwardAPI:&core.DownwardAPIProjection 3:configMap:&core.ConfigMapProjection 4:serviceAccountToken:&core.ServiceAccountTokenProjection 5:clusterTrustBundle:&core.ClusterTrustBundleProjection
core.VolumeResourceRequirements 1:limits:{q 2:requests:{q
core.VolumeSource 1:hostPath:&core.HostPathVolumeSource 2:emptyDir:&core.EmptyDirVolumeSource 3:gcePersistentDisk:&core.GCEPersistentDiskVolumeSource 4:awsElasticBlockStore:&core.AWSElasticBlockStoreVolumeSource 5:gitRepo:&core.GitRepoVolumeSource 6:secret:&core.SecretVolumeSource 7:nfs:&core.NFSVolumeSource 8:iscsi:&core.ISCSIVolumeSource 9:glusterfs:&core.GlusterfsVolumeSource 10:persistentVolumeClaim:&core.PersistentVolumeClaimVolumeSource 11:rbd:&core.RBDVolumeSource 12:flexVolume:&core.FlexVolumeSource 13:cinder:&core.CinderVolumeSource 14:cephfs:&core.CephFSVolumeSource 15:flocker:&core.FlockerVolumeSource 16:downwardAPI:&core.DownwardAPIVolumeSource 17:fc:&core.FCVolumeSource 18:azureFile:&core.AzureFileVolumeSource 19:configMap:&core.ConfigMapVolumeSource 20:vsphereVolume:&core.VsphereVirtualDiskVolumeSource 21:quobyte:&core.QuobyteVolumeSource 22:azureDisk:&core.AzureDiskVolumeSource 23:photonPersistentDisk:&core.PhotonPersistentDiskVolumeSource 26:projected:&core.ProjectedVolumeSource 24:portworxVolume:&core.PortworxVolumeSource 25:scaleIO:&core.ScaleIOVolumeSource 27:storageos:&core.StorageOSVolumeSource 28:csi:&core.CSIVolumeSource 29:ephemeral:&core.EphemeralVolumeSource 30:image:&core.ImageVolumeSource
core.VsphereVirtualDiskVolumeSource 1:volumePath:s 2:fsType:s 3:storagePolicyName:s 4:storagePolicyID:s
core.WeightedPodAffinityTerm 1:weight:v 2:podAffinityTerm:core.PodAffinityTerm
core.WindowsSecurityContextOptions 1:gmsaCredentialSpecName:&s 2:gmsaCredentialSpec:&s 3:runAsUserName:&s 4:hostProcess:&b
meta.Condition 1:type:s 2:status:s 3:observedGeneration:v 4:lastTransitionTime:t 5:reason:s 6:message:s
meta.DeleteOptions 1:gracePeriodSeconds:&v 2:preconditions:&meta.Preconditions 3:orphanDependents:&b 4:propagationPolicy:&s 5:dryRun:*s 6:ignoreStoreReadErrorWithClusterBreakingPotential:&b
meta.FieldSelectorRequirement 1:key:s 2:operator:s 3:values:*s
meta.LabelSelector 1:matchLabels:{s 2:matchExpressions:*meta.LabelSelectorRequirement
meta.LabelSelectorRequirement 1:key:s 2:operator:s 3:values:*s
meta.ManagedFieldsEntry 1:manager:s 2:operation:s 3:apiVersion:s 4:time:&t 6:fieldsType:s 7:fieldsV1:&r 8:subresource:s
meta.ObjectMeta 1:name:s 2:generateName:s 3:namespace:s 4:selfLink:s 5:uid:s 6:resourceVersion:s 7:generation:v 8:creationTimestamp:t 9:deletionTimestamp:&t 10:deletionGracePeriodSeconds:&v 11:labels:{s 12:annotations:{s 13:ownerReferences:*meta.OwnerReference 14:finalizers:*s 17:managedFields:*meta.ManagedFieldsEntry
meta.OwnerReference 5:apiVersion:s 1:kind:s 3:name:s 4:uid:s 6:controller:&b 7:blockOwnerDeletion:&b
meta.Preconditions 1:uid:&s 2:resourceVersion:&s
networking.HTTPIngressPath 1:path:s 3:pathType:&s 2:backend:networking.IngressBackend
networking.HTTPIngressRuleValue 1:paths:*networking.HTTPIngressPath
networking.IPBlock 1:cidr:s 2:except:*s
networking.Ingress 1:metadata:meta.ObjectMeta 2:spec:networking.IngressSpec 3:status:networking.IngressStatus
networking.IngressBackend 4:service:&networking.IngressServiceBackend 3:resource:&core.TypedLocalObjectReference
networking.IngressClass 1:metadata:meta.ObjectMeta 2:spec:networking.IngressClassSpec
networking.IngressClassParametersReference 1:aPIGroup:&s 2:kind:s 3:name:s 4:scope:&s 5:namespace:&s
networking.IngressClassSpec 1:controller:s 2:parameters:&networking.IngressClassParametersReference
networking.IngressLoadBalancerIngress 1:ip:s 2:hostname:s 4:ports:*networking.IngressPortStatus
networking.IngressLoadBalancerStatus 1:ingress:*networking.IngressLoadBalancerIngress
networking.IngressPortStatus 1:port:v 2:protocol:s 3:error:&s
networking.IngressRule 1:host:s 2::networking.IngressRuleValue
networking.IngressRuleValue 1:http:&networking.HTTPIngressRuleValue
networking.IngressServiceBackend 1:name:s 2:port:networking.ServiceBackendPort
networking.IngressSpec 4:ingressClassName:&s 1:defaultBackend:&networking.IngressBackend 2:tls:*networking.IngressTLS 3:rules:*networking.IngressRule
networking.IngressStatus 1:loadBalancer:networking.IngressLoadBalancerStatus
networking.IngressTLS 1:hosts:*s 2:secretName:s
networking.NetworkPolicy 1:metadata:meta.ObjectMeta 2:spec:networking.NetworkPolicySpec
networking.NetworkPolicyEgressRule 1:ports:*networking.NetworkPolicyPort 2:to:*networking.NetworkPolicyPeer
networking.NetworkPolicyIngressRule 1:ports:*networking.NetworkPolicyPort 2:from:*networking.NetworkPolicyPeer
networking.NetworkPolicyPeer 1:podSelector:&meta.LabelSelector 2:namespaceSelector:&meta.LabelSelector 3:ipBlock:&networking.IPBlock
networking.NetworkPolicyPort 1:protocol:&s 2:port:&i 3:endPort:&v
networking.NetworkPolicySpec 1:podSelector:meta.LabelSelector 2:ingress:*networking.NetworkPolicyIngressRule 3:egress:*networking.NetworkPolicyEgressRule 4:policyTypes:*s
networking.ServiceBackendPort 1:name:s 2:number:v
policy.PodDisruptionBudget 1:metadata:meta.ObjectMeta 2:spec:policy.PodDisruptionBudgetSpec 3:status:policy.PodDisruptionBudgetStatus
policy.PodDisruptionBudgetSpec 1:minAvailable:&i 2:selector:&meta.LabelSelector 3:maxUnavailable:&i 4:unhealthyPodEvictionPolicy:&s
policy.PodDisruptionBudgetStatus 1:observedGeneration:v 2:disruptedPods:{t 3:disruptionsAllowed:v 4:currentHealthy:v 5:desiredHealthy:v 6:expectedPods:v 7:conditions:*meta.Condition
rbac.AggregationRule 1:clusterRoleSelectors:*meta.LabelSelector
rbac.ClusterRole 1:metadata:meta.ObjectMeta 2:rules:*rbac.PolicyRule 3:aggregationRule:&rbac.AggregationRule
rbac.ClusterRoleBinding 1:metadata:meta.ObjectMeta 2:subjects:*rbac.Subject 3:roleRef:rbac.RoleRef
rbac.PolicyRule 1:verbs:*s 2:apiGroups:*s 3:resources:*s 4:resourceNames:*s 5:nonResourceURLs:*s
rbac.Role 1:metadata:meta.ObjectMeta 2:rules:*rbac.PolicyRule
rbac.RoleBinding 1:metadata:meta.ObjectMeta 2:subjects:*rbac.Subject 3:roleRef:rbac.RoleRef
rbac.RoleRef 1:apiGroup:s 2:kind:s 3:name:s
rbac.Subject 1:kind:s 2:apiGroup:s 3:name:s 4:namespace:s
scheduling.PriorityClass 1:metadata:meta.ObjectMeta 2:value:v 3:globalDefault:b 4:description:s 5:preemptionPolicy:&s
storage.StorageClass 1:metadata:meta.ObjectMeta 2:provisioner:s 3:parameters:{s 4:reclaimPolicy:&s 5:mountOptions:*s 6:allowVolumeExpansion:&b 7:volumeBindingMode:&s 8:allowedTopologies:*core.TopologySelectorTerm
`;
