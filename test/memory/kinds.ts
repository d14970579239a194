import type { Resource } from '../../agent/kube/port.ts';

const namespaced: readonly (readonly [group: string, version: string, kind: string, plural: string])[] = [
  ['', 'v1', 'ConfigMap', 'configmaps'],
  ['', 'v1', 'Secret', 'secrets'],
  ['', 'v1', 'Service', 'services'],
  ['', 'v1', 'ServiceAccount', 'serviceaccounts'],
  ['', 'v1', 'Pod', 'pods'],
  ['', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['apps', 'v1', 'Deployment', 'deployments'],
  ['apps', 'v1', 'StatefulSet', 'statefulsets'],
  ['apps', 'v1', 'DaemonSet', 'daemonsets'],
  ['autoscaling', 'v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'],
  ['batch', 'v1', 'Job', 'jobs'],
  ['networking.k8s.io', 'v1', 'Ingress', 'ingresses'],
  ['rbac.authorization.k8s.io', 'v1', 'Role', 'roles'],
  ['rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'],
];
const clusterScoped: typeof namespaced = [
  ['', 'v1', 'Namespace', 'namespaces'],
  ['', 'v1', 'PersistentVolume', 'persistentvolumes'],
  ['rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles'],
  ['rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings'],
  ['storage.k8s.io', 'v1', 'StorageClass', 'storageclasses'],
  ['apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions'],
];

/** What a cluster in memory serves before any CustomResourceDefinition. */
export const builtInResources: readonly Resource[] = [
  ...namespaced.map(([group, version, kind, plural]) => ({ group, version, kind, plural, namespaced: true })),
  ...clusterScoped.map(([group, version, kind, plural]) => ({ group, version, kind, plural, namespaced: false })),
];
