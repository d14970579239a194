import { type FieldOwners, listKeysShown } from './owners.ts';

/**
 * How the API server merges lists: by the keys of their items (`x-kubernetes-list-map-keys`), by value (`set`), or not
 * at all, which is null. The table is that of Kubernetes' own kinds; it is asked where a live object's field owners do
 * not show it, and of manifests, which have none. Of a custom resource they show it as soon as anybody has set the list.
 */
export type ListKeys = readonly string[] | 'set' | null;

/** Below a pod's specification, by the last names of a path. */
const ofPods: Readonly<Record<string, ListKeys>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  ports: ['containerPort', 'protocol'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  'resources.claims': ['name'],
  volumes: ['name'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  resourceClaims: ['name'],
  schedulingGates: ['name'],
  'onExitCodes.values': 'set',
};

/** Of the metadata of objects, and of what their templates make. */
const ofMetadata: Readonly<Record<string, ListKeys>> = {
  'metadata.finalizers': 'set',
  'metadata.ownerReferences': ['uid'],
};

const webhooks: Readonly<Record<string, ListKeys>> = { webhooks: ['name'], 'webhooks.matchConditions': ['name'] };

/** Of other kinds, by whole paths. */
const ofKinds: Readonly<Record<string, Readonly<Record<string, ListKeys>>>> = {
  '/Service': { 'spec.ports': ['port', 'protocol'] },
  '/ServiceAccount': { secrets: ['name'] },
  '/Node': { 'spec.podCIDRs': 'set' },
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': {
    'spec.matchConditions': ['name'],
    'spec.variables': ['name'],
  },
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': { 'spec.validationActions': 'set' },
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': { 'spec.matchConditions': ['name'] },
  'storage.k8s.io/CSIDriver': { 'spec.volumeLifecycleModes': 'set' },
  'storage.k8s.io/CSINode': { 'spec.drivers': ['name'] },
  'gateway.networking.k8s.io/Gateway': { 'spec.listeners': ['name'] },
};

/** Kinds that hold a pod's specification. */
const podKinds = new Set([
  '/Pod',
  '/PodTemplate',
  '/ReplicationController',
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'batch/Job',
  'batch/CronJob',
]);

/** By the table. @param path the list's segments in its object; list positions count as segments */
export function listKeys(group: string, kind: string, path: readonly string[]): ListKeys {
  const name = `${group}/${kind}`;
  const isPod = podKinds.has(name);
  const [last = '', lastTwo] = lastNames(path);
  const ofAny = isPod || path.length === 2 ? ofMetadata[lastTwo] : undefined;
  if (ofAny !== undefined) return ofAny;
  if (isPod) return ofPods[lastTwo] ?? ofPods[last] ?? null;
  return ofKinds[name]?.[path.filter((segment) => !isPosition(segment)).join('.')] ?? null;
}

function lastNames(path: readonly string[]): readonly [last: string, lastTwo: string] {
  const at = path.findLastIndex((segment) => !isPosition(segment));
  const before = path.findLastIndex((segment, index) => index < at && !isPosition(segment));
  const last = path[at] ?? '';
  return [last, before < 0 ? last : `${path[before]}.${last}`];
}

function isPosition(segment: string): boolean {
  return /^\d+$/.test(segment);
}

/** By the field owners of the live list, where they show it, else by the table. */
export function listKeysOf(
  owners: FieldOwners | undefined,
  live: readonly unknown[],
  { group, kind }: { readonly group: string; readonly kind: string },
  path: readonly string[],
): ListKeys {
  const shown = listKeysShown(owners, live);
  return shown === undefined ? listKeys(group, kind, path) : shown;
}
