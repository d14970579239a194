import { stripVTControlCharacters } from 'node:util';
import type { Cluster } from '../../proto/rest/clusters.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { type Cell, renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { textWidth } from '../text-width.ts';
import { ago, healthSummary, word } from '../words.ts';
import { problemStyle, problemText } from './announce.ts';
import { shortCommit } from './line.ts';
import { applicationsOf, isSettled, type Snapshot } from './snapshot.ts';
import { standing } from './standing.ts';

/** How many lines of a kind are shown at most. */
const listed = 5;

export interface FrameOptions {
  readonly snapshot: Snapshot;
  /** Clusters whose agents the hub refuses, and why. */
  readonly refused: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the terminal. */
  readonly columns: number;
  readonly rows: number;
}

/** The fleet as a few lines: clusters and what they run, what moves, what is wrong, and the sum of it. */
export function renderFrame(terminal: Pick<Terminal, 'style'>, options: FrameOptions): readonly string[] {
  const { snapshot } = options;
  const below = [...movingLines(options), ...standingLines(terminal, options), ...troubleLines(terminal, options)];
  const room = Math.max(3, options.rows - below.length - 6);
  return [
    '',
    ...clusterTable(terminal, options, room),
    ...(below.length > 0 ? ['', ...below] : []),
    '',
    sum(terminal, snapshot),
  ];
}

function clusterTable(terminal: Pick<Terminal, 'style'>, options: FrameOptions, room: number): readonly string[] {
  const { snapshot, columns } = options;
  const applications = applicationsOf(snapshot);
  const shown = snapshot.clusters.slice(0, room);
  const table = (headings: readonly string[], cells: (cluster: Cluster) => readonly Cell[]) =>
    renderTable(
      terminal,
      ['CLUSTER', 'ENVIRONMENT', 'AGENT', ...headings],
      shown.map((cluster) => [cluster.name, cluster.environments.join(', '), agentCell(cluster), ...cells(cluster)]),
      'No cluster is registered yet.',
    ).split('\n');
  const whole = table(applications, ({ name }) =>
    applications.map((application) => placementCell(snapshot, name, application)),
  );
  const fits = whole.every((line) => textWidth(stripVTControlCharacters(line)) < columns);
  const lines = fits ? whole : table(['HEALTHY'], ({ placements }) => [healthSummary(placements)]);
  const more = snapshot.clusters.length - shown.length;
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}

function agentCell({ state, connected }: Cluster): Cell {
  if (state !== 'joined') return word(state);
  return word(connected ? 'connected' : 'disconnected');
}

function placementCell({ placements }: Snapshot, cluster: string, application: string): Cell {
  const placement = placements.find((one) => one.cluster === cluster && one.application === application);
  if (placement === undefined) return null;
  const { health, release, runningRelease } = placement;
  if (runningRelease !== release) {
    const from = runningRelease === null ? '' : `${shortCommit(runningRelease)} `;
    return { text: `${from}→ ${shortCommit(release)}`, style: 'cyan' };
  }
  const text = `${shortCommit(release)} ${health}`;
  const known = word(health);
  return typeof known === 'object' && known !== null ? { ...known, text } : text;
}

function movingLines({ snapshot, now }: FrameOptions): readonly string[] {
  const moving = snapshot.placements.filter((placement) => !isSettled(placement));
  const lines = moving.slice(0, listed).map((placement) => {
    const { cluster, application, wait } = placement;
    const since = ago(wait?.since ?? null, now);
    return `moving  ${cluster}  ${application}: ${reasonOf(placement)}${since === null ? '' : ` (${since})`}`;
  });
  return moving.length > listed ? [...lines, `… and ${moving.length - listed} more`] : lines;
}

function standingLines(terminal: Pick<Terminal, 'style'>, { snapshot }: FrameOptions): readonly string[] {
  const all = standing(snapshot);
  const lines = all.slice(0, listed).map(({ text, style }) => terminal.style(style, text));
  return all.length > listed ? [...lines, `… and ${all.length - listed} more`] : lines;
}

function reasonOf({ wait, message, health }: Placement): string {
  return wait?.reason || message || health;
}

function troubleLines(terminal: Pick<Terminal, 'style'>, { snapshot, refused }: FrameOptions): readonly string[] {
  const { problems, sources } = snapshot.status;
  const total = problems.errors + problems.warnings;
  return [
    ...[...refused].map(([cluster, reason]) => terminal.style('red', `refused  ${cluster}: ${reason}`)),
    ...sources.unreachable.map(({ name, error }) =>
      terminal.style('red', `unreachable  ${name}: ${error?.message ?? ''}`),
    ),
    ...problems.items.slice(0, listed).map((problem) => terminal.style(problemStyle(problem), problemText(problem))),
    ...(total > listed ? [`… and ${total - listed} more`] : []),
  ];
}

/** `3 of 3 clusters connected · 6 of 6 healthy · no drift` */
function sum(terminal: Pick<Terminal, 'style'>, { status }: Snapshot): string {
  const { clusters, placements, drifts } = status;
  const parts = [
    [`${clusters.connected} of ${clusters.total} clusters connected`, clusters.connected === clusters.total],
    [`${placements.healthy} of ${placements.total} applications healthy`, placements.healthy === placements.total],
    [drifts === 0 ? 'no drift' : `${drifts} drifted`, drifts === 0],
  ] as const;
  return parts.map(([text, good]) => terminal.style(good ? 'green' : 'yellow', text)).join(' · ');
}
