import type { Allowance } from '../proto/rest/clusters.ts';

/** One rule of a Kubernetes role. */
interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The agent's own rights in its cluster (T7). */
export interface AgentRights {
  /** Everywhere. */
  readonly cluster: readonly PolicyRule[];
  /** In these namespaces alone; none where the bounds name patterns, which Kubernetes' roles cannot say. */
  readonly namespaced: { readonly namespaces: readonly string[]; readonly rules: readonly PolicyRule[] } | null;
}

/** The rules of Kubernetes' own cluster-admin. A role of our own has them, for what a binding refers to can never be changed. */
export const everything: AgentRights = {
  cluster: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  namespaced: null,
};

const read = ['get', 'list', 'watch'] as const;
const write = ['create', 'patch', 'update', 'delete'] as const;

/** What the agent looks at whatever it may receive: whether kinds and namespaces stand yet, and who scales what. */
const always: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: read },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: read },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list'] },
];

/** What the agent reads where a hook's Job has failed: its Pods, and their last lines (A2). */
const hookLogs: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
];

/**
 * The rights that an agent needs to keep what its cluster may receive, and no wider (T7). Null where the cluster may
 * receive anything: that is cluster-admin.
 *
 * Reading the allowed kinds holds everywhere, for watches span the cluster; writing holds only in the namespaces
 * that are named. Where those are patterns, it holds everywhere, and the agent itself keeps to them.
 */
export function rightsFor(allow: Allowance | null): AgentRights | null {
  if (allow === null || (allow.kinds === undefined && allow.namespaces === undefined)) return null;
  const kinds = (allow.kinds ?? ['*/*']).map(readKind);
  const namespaces = allow.namespaces ?? ['*'];
  const named = namespaces.every((name) => !name.includes('*'));
  const rules = (verbs: readonly string[], wanted = kinds) =>
    wanted.map(({ group, resource }) => ({ apiGroups: [group], resources: [resource], verbs }));

  const looks = [...always, ...(kinds.some(mayBeJob) ? hookLogs : [])];

  if (!named) return { cluster: [...looks, ...rules([...read, ...write])], namespaced: null };
  const clusterScoped = kinds.filter(({ resource }) => clusterScopedResources.has(resource));
  return {
    cluster: [...looks, ...rules(read), ...rules(write, clusterScoped)],
    namespaced: {
      namespaces,
      rules: rules(
        write,
        kinds.filter((kind) => !clusterScoped.includes(kind)),
      ),
    },
  };
}

interface Resource {
  readonly group: string;
  readonly resource: string;
}

/** `apps/Deployment` → deployments of apps; `v1/ConfigMap` → configmaps of the core group; `*` stays. */
function readKind(text: string): Resource {
  const [group = '*', kind = '*'] = text === '*' ? ['*', '*'] : text.split('/');
  return { group: group === 'v1' ? '' : group, resource: kind === '*' ? '*' : pluralOf(kind) };
}

function mayBeJob({ group, resource }: Resource): boolean {
  return (group === '*' || group === 'batch') && (resource === '*' || resource === 'jobs');
}

/** How Kubernetes itself, and the makers of custom resources with few exceptions, form a resource's name. */
function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === 'endpoints') return name;
  if (/(s|x|ch|sh)$/.test(name)) return `${name}es`;
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return `${name}s`;
}

const clusterScopedResources: ReadonlySet<string> = new Set([
  'apiservices',
  'clusterrolebindings',
  'clusterroles',
  'csidrivers',
  'customresourcedefinitions',
  'ingressclasses',
  'mutatingwebhookconfigurations',
  'namespaces',
  'nodes',
  'persistentvolumes',
  'priorityclasses',
  'runtimeclasses',
  'storageclasses',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
]);
