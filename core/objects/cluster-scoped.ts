import type { DefinedKind } from '../apply/desired.ts';
import { groupOf, type KubeObject } from './object.ts';

/** Kinds of Kubernetes itself that belong to no namespace, by group. */
const builtIn: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace', 'Node', 'PersistentVolume', 'ComponentStatus'],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'gateway.networking.k8s.io': ['GatewayClass'],
  'networking.k8s.io': ['IngressClass', 'IPAddress', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  policy: ['PodSecurityPolicy'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'ResourceSlice', 'DeviceTaintRule'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['StorageClass', 'VolumeAttachment', 'CSIDriver', 'CSINode', 'VolumeAttributesClass'],
};

/**
 * Whether a kind belongs to no namespace, as far as that can be told without a cluster: what Kubernetes itself has,
 * and what the bundle's own definitions say. Of any other kind its name is all there is to go by: `ClusterIssuer`.
 */
export function isClusterScoped(object: KubeObject, defined: readonly DefinedKind[]): boolean {
  const group = groupOf(object.apiVersion);
  if (group === 'admissionregistration.k8s.io') return true;
  if (builtIn[group]?.includes(object.kind) === true) return true;
  const definition = defined.find((kind) => kind.group === group && kind.kind === object.kind);
  return definition === undefined ? /^Cluster[A-Z]/.test(object.kind) : !definition.namespaced;
}
