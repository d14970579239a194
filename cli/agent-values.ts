import { stringify } from 'yaml';
import type { JoinToken } from '../proto/rest/clusters.ts';
import { everything, rightsFor } from './agent-rights.ts';

/** The values of the Helm chart `fairway-agent` for one cluster, YAML: the rights are those of its bounds (T7). */
export function agentValues(joined: JoinToken & { readonly agentImage: string }): string {
  const { cluster, token, expiresAt, hub, agentImage: image, allow } = joined;
  const heading = `# Of cluster ${cluster}. The join token counts once, until ${expiresAt}.\n`;
  const values = { image, hub, joinToken: { value: token }, rights: rightsFor(allow) ?? everything };
  return (heading + stringify(values, { lineWidth: 0, aliasDuplicateObjects: false })).trimEnd();
}
