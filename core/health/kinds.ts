import { autoscalerHealth } from './autoscaling.ts';
import { acmeHealth, certificateHealth, certificateRequestHealth, issuerHealth } from './certificates.ts';
import { definitionHealth, serviceApiHealth } from './definitions.ts';
import { gatewayClassHealth, gatewayHealth, routeHealth } from './gateways.ts';
import { cronJobHealth, jobHealth } from './jobs.ts';
import {
  clusterHealth,
  controlPlaneHealth,
  machineHealth,
  machineHealthCheckHealth,
  machineSetHealth,
} from './machines.ts';
import { ingressHealth, serviceHealth } from './network.ts';
import { argoRolloutHealth, openShiftHealth } from './operators.ts';
import { podHealth } from './pods.ts';
import { disruptionBudgetHealth } from './policies.ts';
import type { HealthCheck } from './report.ts';
import { namespaceHealth, volumeClaimHealth, volumeHealth } from './storage.ts';
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './workloads.ts';

/** Who judges which kind (H1), by `GROUP/KIND`; whatever is not here is judged by its conditions. */
export const checks: Readonly<Record<string, HealthCheck>> = {
  '/Pod': podHealth,
  '/ReplicationController': replicaSetHealth,
  'apps/ReplicaSet': replicaSetHealth,
  'apps/Deployment': deploymentHealth,
  'apps/StatefulSet': statefulSetHealth,
  'apps/DaemonSet': daemonSetHealth,
  'batch/Job': jobHealth,
  'batch/CronJob': cronJobHealth,
  'autoscaling/HorizontalPodAutoscaler': autoscalerHealth,
  'policy/PodDisruptionBudget': disruptionBudgetHealth,

  '/PersistentVolumeClaim': volumeClaimHealth,
  '/PersistentVolume': volumeHealth,
  '/Namespace': namespaceHealth,
  '/Service': serviceHealth,
  'networking.k8s.io/Ingress': ingressHealth,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionHealth,
  'apiregistration.k8s.io/APIService': serviceApiHealth,

  'gateway.networking.k8s.io/GatewayClass': gatewayClassHealth,
  'gateway.networking.k8s.io/Gateway': gatewayHealth,
  'gateway.networking.k8s.io/HTTPRoute': routeHealth,
  'gateway.networking.k8s.io/GRPCRoute': routeHealth,
  'gateway.networking.k8s.io/TLSRoute': routeHealth,
  'gateway.networking.k8s.io/TCPRoute': routeHealth,
  'gateway.networking.k8s.io/UDPRoute': routeHealth,

  'cert-manager.io/Certificate': certificateHealth,
  'cert-manager.io/CertificateRequest': certificateRequestHealth,
  'cert-manager.io/Issuer': issuerHealth,
  'cert-manager.io/ClusterIssuer': issuerHealth,
  'acme.cert-manager.io/Order': acmeHealth,
  'acme.cert-manager.io/Challenge': acmeHealth,

  'cluster.x-k8s.io/Cluster': clusterHealth,
  'cluster.x-k8s.io/Machine': machineHealth,
  'cluster.x-k8s.io/MachineSet': machineSetHealth,
  'cluster.x-k8s.io/MachineDeployment': machineSetHealth,
  'cluster.x-k8s.io/MachinePool': machineSetHealth,
  'cluster.x-k8s.io/MachineHealthCheck': machineHealthCheckHealth,
  'controlplane.cluster.x-k8s.io/KubeadmControlPlane': controlPlaneHealth,

  'machine.openshift.io/Machine': machineHealth,
  'machine.openshift.io/MachineSet': machineSetHealth,
  'machine.openshift.io/ControlPlaneMachineSet': machineSetHealth,
  'machine.openshift.io/MachineHealthCheck': machineHealthCheckHealth,
  'machineconfiguration.openshift.io/MachineConfigPool': openShiftHealth,
  'config.openshift.io/ClusterOperator': openShiftHealth,

  'argoproj.io/Rollout': argoRolloutHealth,
};
