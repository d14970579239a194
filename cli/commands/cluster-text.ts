import type { Cluster } from '../../proto/rest/clusters.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';
import { ago, labelsText, timeLeft, word } from '../words.ts';
import { says, toRun } from './placement-cells.ts';

/** One cluster and what it runs, for people. */
export function renderCluster(
  terminal: Terminal,
  cluster: Cluster,
  placements: readonly Placement[],
  now = Date.now(),
): string {
  const facts: readonly (readonly [name: string, value: string | null])[] = [
    ['Cluster', cluster.name],
    ['State', cluster.state === 'joined' ? (cluster.connected ? 'connected' : 'disconnected') : cluster.state],
    ['Waits for', waitText(cluster, now)],
    ['Labels', labelsText(cluster.labels)],
    ['In Git', cluster.declaredLabels === null ? null : labelsText(cluster.declaredLabels)],
    ['May receive', allowanceText(cluster.allow)],
    ['Environments', cluster.environments.join(', ')],
    ['Cordoned', cordonText(cluster, now)],
    ['Agent', cluster.agentVersion],
    ['Kubernetes', cluster.kubernetesVersion],
    ['Last seen', cluster.lastSeenAt === null ? null : `${ago(cluster.lastSeenAt, now)} ago`],
    ['Registered', cluster.registeredAt],
    ['Drift', String(cluster.drifts)],
  ];
  const lines = facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(13)}${singleLine(value === '' || value === null ? '-' : value)}`);
  const table = renderTable(
    terminal,
    ['APPLICATION', 'ENVIRONMENT', 'RUNS', 'IS TO RUN', 'HEALTH', 'SAYS'],
    placements.map((placement) => [
      placement.application,
      placement.environment,
      placement.runningRelease,
      toRun(placement),
      word(placement.health),
      says(placement),
    ]),
    'Nothing is placed on it.',
  );
  const problems = placements.flatMap(({ application, problems: found }) =>
    found.map(({ object, code, field, message }) => [
      application,
      `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`,
      field,
      code,
      message,
    ]),
  );
  const problemTable = renderTable(terminal, ['APPLICATION', 'OBJECT', 'FIELD', 'CODE', 'PROBLEM'], problems, '');
  return [lines.join('\n'), table, problemTable].filter((part) => part !== '').join('\n\n');
}

function waitText({ wait }: Cluster, now: number): string | null {
  if (wait === null) return null;
  const deadline = wait.deadline === null ? '' : `, ${timeLeft(wait.deadline, now)}`;
  return `${wait.reason} (for ${ago(wait.since, now)}${deadline})`;
}

function cordonText({ cordon }: Cluster, now: number): string | null {
  if (cordon === null) return null;
  return `for ${ago(cordon.since, now)}${cordon.reason === null ? '' : `: ${cordon.reason}`}`;
}

function allowanceText(allow: Cluster['allow']): string {
  if (allow === null) return 'anything';
  const kinds = allow.kinds === undefined ? 'every kind' : allow.kinds.join(', ');
  const namespaces = allow.namespaces === undefined ? 'every namespace' : allow.namespaces.join(', ');
  return `${kinds} in ${namespaces}`;
}
