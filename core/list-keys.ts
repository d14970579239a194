/** How the API server merges lists of its own kinds, where the live object's field owners do not show it. */

const podTemplate: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  volumes: ['name'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  resourceClaims: ['name'],
  schedulingGates: ['name'],
};

/** Kinds that hold a pod's specification, in the core and built-in groups. */
const podKinds = new Set([
  'Pod',
  'PodTemplate',
  'ReplicationController',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

/**
 * The merge keys of the list at a path of an object (its segments; list positions count as segments), `set` for one
 * merged by value, or null for one that is replaced whole.
 */
export function listKeys(group: string, kind: string, path: readonly string[]): readonly string[] | 'set' | null {
  const field = path.at(-1) ?? '';
  if (path[0] === 'metadata') {
    if (field === 'ownerReferences') return ['uid'];
    return field === 'finalizers' ? 'set' : null;
  }
  if (kind === 'Service' && group === '') return field === 'ports' ? ['port', 'protocol'] : null;
  if (kind === 'ServiceAccount' && group === '') return field === 'secrets' ? ['name'] : null;
  if (group === 'admissionregistration.k8s.io') return field === 'webhooks' ? ['name'] : null;
  if (!podKinds.has(kind) || !['', 'apps', 'batch'].includes(group)) return null;
  if (field === 'ports') return ['containerPort', 'protocol'];
  return podTemplate[field] ?? null;
}
