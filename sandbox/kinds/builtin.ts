import { typeNamed } from '../schema/read.ts';
import { any, type Field, type Type } from '../schema/type.ts';
import type { Kind, ScalePaths } from './kind.ts';

/**
 * The built-in kinds: `type | plural | short names | scope and traits`. Traits: `ns` namespaced, `status` with a status
 * subresource, `gen` counts generations, `scale` can be scaled, `all` is in kubectl's category "all".
 */
const table = `
core.Namespace | namespaces | ns | status
core.ConfigMap | configmaps | cm | ns
core.Secret | secrets | | ns
core.Service | services | svc | ns status all
core.ServiceAccount | serviceaccounts | sa | ns
core.Pod | pods | po | ns status all
core.PersistentVolume | persistentvolumes | pv | status
core.PersistentVolumeClaim | persistentvolumeclaims | pvc | ns status
core.ResourceQuota | resourcequotas | quota | ns status
core.LimitRange | limitranges | limits | ns
core.Endpoints | endpoints | ep | ns
core.Event | events | ev | ns
core.Node | nodes | no | status
apps.Deployment | deployments | deploy | ns status gen scale all
apps.StatefulSet | statefulsets | sts | ns status gen scale all
apps.DaemonSet | daemonsets | ds | ns status gen all
apps.ReplicaSet | replicasets | rs | ns status gen scale all
batch.Job | jobs | | ns status gen all
batch.CronJob | cronjobs | cj | ns status gen all
networking.Ingress | ingresses | ing | ns status gen
networking.IngressClass | ingressclasses | | gen
networking.NetworkPolicy | networkpolicies | netpol | ns gen
rbac.Role | roles | | ns
rbac.RoleBinding | rolebindings | | ns
rbac.ClusterRole | clusterroles | |
rbac.ClusterRoleBinding | clusterrolebindings | |
policy.PodDisruptionBudget | poddisruptionbudgets | pdb | ns status gen
autoscaling.v2.HorizontalPodAutoscaler | horizontalpodautoscalers | hpa | ns status all
storage.StorageClass | storageclasses | sc |
scheduling.PriorityClass | priorityclasses | pc | gen
coordination.Lease | leases | | ns
admissionregistration.MutatingWebhookConfiguration | mutatingwebhookconfigurations | | gen
admissionregistration.ValidatingWebhookConfiguration | validatingwebhookconfigurations | | gen
`;

const groups: Readonly<Record<string, string>> = {
  core: '',
  networking: 'networking.k8s.io',
  rbac: 'rbac.authorization.k8s.io',
  storage: 'storage.k8s.io',
  scheduling: 'scheduling.k8s.io',
  coordination: 'coordination.k8s.io',
  admissionregistration: 'admissionregistration.k8s.io',
};

const replicas: ScalePaths = {
  spec: ['spec', 'replicas'],
  status: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

function readRow(row: string): Kind {
  const [type = '', plural = '', shortNames = '', traits = ''] = row.split('|').map((cell) => cell.trim());
  const parts = type.split('.');
  const kind = parts.at(-1) ?? '';
  const has = new Set(traits.split(' '));
  return {
    group: groups[parts[0] ?? ''] ?? parts[0] ?? '',
    versions: [parts.length === 3 ? (parts[1] ?? '') : 'v1'],
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: shortNames === '' ? [] : [shortNames],
    categories: has.has('all') ? ['all'] : [],
    namespaced: has.has('ns'),
    status: has.has('status'),
    generation: has.has('gen'),
    scale: has.has('scale') ? replicas : null,
    get type() {
      return typeNamed(type);
    },
    custom: null,
  };
}

/** The kind of kinds. Its specification is held loosely: what is wrong with one is told by its own validation. */
export const definitionKind: Kind = {
  group: 'apiextensions.k8s.io',
  versions: ['v1'],
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  status: true,
  generation: true,
  scale: null,
  get type() {
    return customType(any, any);
  },
  custom: null,
};

/** The type of an object whose specification and status have these types. */
export function customType(spec: Type, status: Type): Type {
  const field = (type: Type, always = false): Field => ({ type, always });
  const text = field({ is: 'scalar', scalar: 'string' });
  return {
    is: 'map',
    atomic: false,
    values: null,
    fields: new Map([
      ['apiVersion', text],
      ['kind', text],
      ['metadata', field(typeNamed('meta.ObjectMeta'), true)],
      ['spec', field(spec)],
      ['status', field(status)],
    ]),
  };
}

const rows = table.trim().split('\n');

/** Every kind that a store serves before any CRD is created. */
export const builtinKinds: readonly Kind[] = [...rows.map(readRow), definitionKind];

/** The names of their types, for the generator of the schema. */
export function builtinTypes(): string[] {
  return rows.map((row) => (row.split('|')[0] ?? '').trim());
}
