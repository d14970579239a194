import { stringify } from 'yaml';
import { digestOf } from '../core/canonical.ts';
import { agentContainer, agentLabels, agentName, agentNamespace } from '../core/objects/agent-deployment.ts';
import type { JoinToken } from '../proto/rest/clusters.ts';
import { type AgentRights, everything, rightsFor } from './agent-rights.ts';

const namespace = agentNamespace;
const name = agentName;
const labels = agentLabels;
const healthPort = 8080;
const subject = { kind: 'ServiceAccount', name, namespace };
const rbac = 'rbac.authorization.k8s.io/v1';

type Joined = JoinToken & { readonly agentImage: string };

/** What `kubectl apply` needs for an agent inside its cluster: YAML, in the order in which it is to be created. */
export function agentManifest(joined: Joined): string {
  const rights = rightsFor(joined.allow);
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'fairway-join', namespace, labels },
      type: 'Opaque',
      data: { token: Buffer.from(joined.token).toString('base64') },
    },
    ...stateRights(),
    ...bindTo(rights ?? everything),
    deployment(joined),
  ];
  const heading = [
    `# The agent of cluster ${joined.cluster}. Its join token counts once, until ${joined.expiresAt}.`,
    ...(rights === null ? ['# It has the rights of cluster-admin, for the cluster may receive anything.'] : []),
    '',
  ].join('\n');
  return (
    heading + objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')
  ).trimEnd();
}

/** Without a disk the agent keeps its state in Secrets of its own namespace (L4). */
function stateRights(): object[] {
  const metadata = { name: 'fairway-agent-state', namespace, labels };
  const verbs = ['get', 'list', 'create', 'patch', 'delete'];
  return [
    { apiVersion: rbac, kind: 'Role', metadata, rules: [{ apiGroups: [''], resources: ['secrets'], verbs }] },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [subject],
    },
  ];
}

function clusterRoleBinding(role: string): object {
  return {
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}

function bindTo({ cluster, namespaced }: AgentRights): object[] {
  const base = [
    { apiVersion: rbac, kind: 'ClusterRole', metadata: { name, labels }, rules: cluster },
    clusterRoleBinding(name),
  ];
  if (namespaced === null) return base;
  const role = 'fairway-agent-writer';
  return [
    ...base,
    { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: role, labels }, rules: namespaced.rules },
    ...namespaced.namespaces.flatMap((where) => [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: where } },
      {
        apiVersion: rbac,
        kind: 'RoleBinding',
        metadata: { name, namespace: where, labels },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [subject],
      },
    ]),
  ];
}

/** One replica, replaced and never doubled: two agents of one cluster would fight. A new token starts it anew. */
function deployment({ hub, agentImage: image, token }: Joined): object {
  const probe = (path: string) => ({ httpGet: { path, port: 'health' }, periodSeconds: 10 });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: {
        metadata: { labels, annotations: { 'fairway.dev/join-token': digestOf(token) } },
        spec: {
          serviceAccountName: name,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: agentContainer,
              image,
              env: [
                { name: 'FAIRWAY_HUB', value: hub },
                {
                  name: 'FAIRWAY_JOIN_TOKEN',
                  valueFrom: { secretKeyRef: { name: 'fairway-join', key: 'token', optional: true } },
                },
                { name: 'FAIRWAY_HEALTH', value: `0.0.0.0:${healthPort}` },
              ],
              ports: [{ name: 'health', containerPort: healthPort }],
              livenessProbe: { ...probe('/healthz'), initialDelaySeconds: 10, failureThreshold: 6 },
              readinessProbe: probe('/readyz'),
              resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
}
