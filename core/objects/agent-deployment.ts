import { groupOf, type KubeObject } from './object.ts';

/** The agent's own Deployment in its cluster, as the join manifest makes it and an upgrade changes it (L6). */

export const agentNamespace = 'fairway-system';
export const agentName = 'fairway-agent';
export const agentContainer = 'agent';
const nameLabel = 'app.kubernetes.io/name';
const partLabel = 'app.kubernetes.io/part-of';
export const agentLabels = { [nameLabel]: agentName, [partLabel]: 'fairway' } as const;

export interface AgentImage {
  readonly image: string;
  /** Of the Deployment. */
  readonly name: string;
  readonly namespace: string;
}

/**
 * The agent's Deployment with nothing but its image: all else stays whoever's it is. So it changes one that stands, and
 * is refused by the API server where there is none: an agent outside of its cluster makes no second one inside. It is
 * never pruned, for who would put it back?
 */
export function agentUpgrade({ image, name, namespace }: AgentImage): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { ...agentLabels }, annotations: { 'fairway.dev/prune': 'never' } },
    spec: { template: { spec: { containers: [{ name: agentContainer, image }] } } },
  };
}

/** True for the Deployment of an agent: applying a change of it ends the very process that applies it. */
export function isAgentDeployment({ apiVersion, kind, metadata }: KubeObject): boolean {
  const { labels = {} } = metadata;
  const isDeployment = kind === 'Deployment' && groupOf(apiVersion) === 'apps';
  return isDeployment && labels[nameLabel] === agentName && labels[partLabel] === agentLabels[partLabel];
}
