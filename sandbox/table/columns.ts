import type { KubeObject } from '../../core/objects/object.ts';
import { mapOf, mapsOf } from '../kinds/defaults/draft.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { isMap } from '../schema/type.ts';
import { humanDuration } from './duration.ts';
import { jsonPathValue } from './json-path.ts';

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer';
  /** Above zero: shown only where everything is asked for. */
  readonly priority: number;
  readonly cell: (object: KubeObject, now: number) => unknown;
}

type Read = (object: KubeObject) => unknown;

const column = (name: string, cell: Read, priority = 0): Column => ({ name, type: 'string', priority, cell });
const amount = (name: string, cell: Read): Column => ({
  name,
  type: 'integer',
  priority: 0,
  cell: (object) => Number(cell(object) ?? 0),
});
const age: Column = {
  name: 'Age',
  type: 'string',
  priority: 0,
  cell: (object, now) => since(object.metadata.creationTimestamp, now),
};
const spec = (object: KubeObject, name: string) => mapOf(object, 'spec')?.[name];
const status = (object: KubeObject, name: string) => mapOf(object, 'status')?.[name];

function since(time: unknown, now: number): string {
  return typeof time === 'string' ? humanDuration(now - Date.parse(time)) : '<unknown>';
}

const size = (value: unknown) => (isMap(value) ? Object.keys(value).length : 0);
const orNone = (text: string) => (text === '' ? '<none>' : text);
const pod = (object: KubeObject) => mapOf(mapOf(mapOf(object, 'spec'), 'template'), 'spec');
const containers = (object: KubeObject, field: string) =>
  mapsOf(pod(object), 'containers')
    .map((container) => String(container[field]))
    .join(',');
const selector = (object: KubeObject) => orNone(labels(mapOf(mapOf(object, 'spec'), 'selector')?.matchLabels));
const labels = (map: unknown) =>
  isMap(map)
    ? Object.entries(map)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(',')
    : '';
const images = [
  column('Containers', (object) => containers(object, 'name'), 1),
  column('Images', (object) => containers(object, 'image'), 1),
];
const outOf = (ready: string, all: Read) =>
  column('Ready', (object) => `${Number(status(object, ready) ?? 0)}/${Number(all(object) ?? 0)}`);
const role = column(
  'Role',
  (object) => `${String(mapOf(object, 'roleRef')?.kind)}/${String(mapOf(object, 'roleRef')?.name)}`,
);

const ports = (object: KubeObject) =>
  orNone(
    mapsOf(mapOf(object, 'spec'), 'ports')
      .map(
        ({ port, nodePort, protocol }) =>
          `${String(port)}${nodePort === undefined ? '' : `:${String(nodePort)}`}/${String(protocol)}`,
      )
      .join(','),
  );
const addresses = (object: KubeObject) =>
  mapsOf(mapOf(mapOf(object, 'status'), 'loadBalancer'), 'ingress')
    .map(({ ip, hostname }) => String(ip ?? hostname))
    .join(',');

const columns: Readonly<Record<string, readonly Column[]>> = {
  '/namespaces': [column('Status', (object) => status(object, 'phase')), age],
  '/configmaps': [amount('Data', (object) => size(object.data) + size(object.binaryData)), age],
  '/secrets': [column('Type', ({ type }) => type), amount('Data', (object) => size(object.data)), age],
  '/services': [
    column('Type', (object) => spec(object, 'type')),
    column('Cluster-IP', (object) => spec(object, 'clusterIP') ?? '<none>'),
    column(
      'External-IP',
      (object) => addresses(object) || (spec(object, 'type') === 'LoadBalancer' ? '<pending>' : '<none>'),
    ),
    column('Port(s)', ports),
    age,
    column('Selector', (object) => orNone(labels(spec(object, 'selector'))), 1),
  ],
  '/pods': [
    column('Ready', (object) => {
      const all = mapsOf(mapOf(object, 'status'), 'containerStatuses');
      return `${all.filter(({ ready }) => ready === true).length}/${mapsOf(mapOf(object, 'spec'), 'containers').length}`;
    }),
    column('Status', podStatus),
    column('Restarts', (object) =>
      String(
        mapsOf(mapOf(object, 'status'), 'containerStatuses').reduce(
          (sum, { restartCount }) => sum + Number(restartCount),
          0,
        ),
      ),
    ),
    age,
  ],
  '/persistentvolumeclaims': [
    column('Status', (object) => status(object, 'phase')),
    column('Volume', (object) => spec(object, 'volumeName') ?? ''),
    column('Capacity', (object) => mapOf(mapOf(object, 'status'), 'capacity')?.storage ?? ''),
    column('StorageClass', (object) => spec(object, 'storageClassName') ?? ''),
    age,
  ],
  'apps/deployments': [
    outOf('readyReplicas', (object) => spec(object, 'replicas')),
    amount('Up-to-date', (object) => status(object, 'updatedReplicas')),
    amount('Available', (object) => status(object, 'availableReplicas')),
    age,
    ...images,
    column('Selector', selector, 1),
  ],
  'apps/statefulsets': [outOf('readyReplicas', (object) => spec(object, 'replicas')), age, ...images],
  'apps/daemonsets': [
    amount('Desired', (object) => status(object, 'desiredNumberScheduled')),
    amount('Current', (object) => status(object, 'currentNumberScheduled')),
    amount('Ready', (object) => status(object, 'numberReady')),
    amount('Up-to-date', (object) => status(object, 'updatedNumberScheduled')),
    amount('Available', (object) => status(object, 'numberAvailable')),
    column('Node Selector', (object) => orNone(labels(pod(object)?.nodeSelector))),
    age,
    ...images,
  ],
  'apps/replicasets': [
    amount('Desired', (object) => spec(object, 'replicas')),
    amount('Current', (object) => status(object, 'replicas')),
    amount('Ready', (object) => status(object, 'readyReplicas')),
    age,
    ...images,
  ],
  'batch/jobs': [
    column('Status', jobStatus),
    column(
      'Completions',
      (object) => `${Number(status(object, 'succeeded') ?? 0)}/${Number(spec(object, 'completions') ?? 1)}`,
    ),
    age,
    ...images,
  ],
  'batch/cronjobs': [
    column('Schedule', (object) => spec(object, 'schedule')),
    column('Timezone', (object) => spec(object, 'timeZone') ?? '<none>'),
    column('Suspend', (object) => (spec(object, 'suspend') === true ? 'True' : 'False')),
    amount('Active', (object) => mapsOf(mapOf(object, 'status'), 'active').length),
    column('Last Schedule', () => '<none>'),
    age,
  ],
  'networking.k8s.io/ingresses': [
    column('Class', (object) => spec(object, 'ingressClassName') ?? '<none>'),
    column(
      'Hosts',
      (object) =>
        mapsOf(mapOf(object, 'spec'), 'rules')
          .map(({ host }) => String(host ?? '*'))
          .join(',') || '*',
    ),
    column('Address', addresses),
    column('Ports', (object) => (spec(object, 'tls') === undefined ? '80' : '80, 443')),
    age,
  ],
  'networking.k8s.io/networkpolicies': [
    column('Pod-Selector', (object) => orNone(labels(mapOf(mapOf(object, 'spec'), 'podSelector')?.matchLabels))),
    age,
  ],
  'rbac.authorization.k8s.io/rolebindings': [role, age],
  'rbac.authorization.k8s.io/clusterrolebindings': [role, age],
  'rbac.authorization.k8s.io/roles': [createdAt()],
  'rbac.authorization.k8s.io/clusterroles': [createdAt()],
  'apiextensions.k8s.io/customresourcedefinitions': [createdAt()],
  'policy/poddisruptionbudgets': [
    column('Min Available', (object) => String(spec(object, 'minAvailable') ?? 'N/A')),
    column('Max Unavailable', (object) => String(spec(object, 'maxUnavailable') ?? 'N/A')),
    amount('Allowed Disruptions', (object) => status(object, 'disruptionsAllowed')),
    age,
  ],
  'autoscaling/horizontalpodautoscalers': [
    column('Reference', (object) => {
      const target = mapOf(mapOf(object, 'spec'), 'scaleTargetRef');
      return `${String(target?.kind)}/${String(target?.name)}`;
    }),
    column('Targets', () => '<unknown>'),
    column('MinPods', (object) => String(spec(object, 'minReplicas') ?? '<unset>')),
    amount('MaxPods', (object) => spec(object, 'maxReplicas')),
    amount('Replicas', (object) => status(object, 'currentReplicas')),
    age,
  ],
  'storage.k8s.io/storageclasses': [
    column('Provisioner', ({ provisioner }) => provisioner),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode),
    age,
  ],
};

/** The columns of a kind's table, after its name. */
export function columnsOf(kind: Kind): readonly Column[] {
  if (kind.custom === null) return columns[kindKey(kind)] ?? [age];
  if (kind.custom.columns.length === 0) return [age];
  return kind.custom.columns.map(({ name, type, jsonPath }): Column => {
    const read = (object: KubeObject) => jsonPathValue(object, jsonPath);
    if (type === 'date') return { name, type: 'string', priority: 0, cell: (object, now) => since(read(object), now) };
    return {
      name,
      type: type === 'integer' ? 'integer' : 'string',
      priority: 0,
      cell: (object) => read(object) ?? null,
    };
  });
}

function createdAt(): Column {
  return column('Created At', (object) => object.metadata.creationTimestamp);
}

function podStatus(object: KubeObject): unknown {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  for (const container of mapsOf(mapOf(object, 'status'), 'containerStatuses')) {
    const reason = mapOf(mapOf(container, 'state'), 'waiting')?.reason;
    if (reason !== undefined) return reason;
  }
  return status(object, 'phase');
}

function jobStatus(object: KubeObject): string {
  const conditions = mapsOf(mapOf(object, 'status'), 'conditions').map(({ type }) => type);
  return ['Complete', 'Failed', 'Suspended'].find((type) => conditions.includes(type)) ?? 'Running';
}
