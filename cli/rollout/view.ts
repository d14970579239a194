import type { Rollout, RolloutDetail, Wave } from '../../proto/rest/rollouts.ts';
import { renderTable } from '../table.ts';
import type { Style, Terminal } from '../terminal.ts';
import { singleLine, textWidth } from '../text-width.ts';
import { ago, timeLeft, until, waitLine, word } from '../words.ts';
import { countsText, drawBar } from './bar.ts';

type Paint = Pick<Terminal, 'style'>;

export interface RolloutViewOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the terminal. */
  readonly columns: number;
}

/** A rollout as lines: where it goes, a bar a wave, what it waits for, its budget, and the clusters that keep it. */
export function renderRollout(terminal: Paint, rollout: RolloutDetail, options: RolloutViewOptions): string[] {
  const width = Math.min(40, Math.max(10, Math.floor(options.columns / 4)));
  return [
    headLine(terminal, rollout, options.now),
    '',
    ...waveLines(terminal, rollout, width, options.now),
    '',
    ...standLines(terminal, rollout, options.now),
    ...troubleLines(terminal, rollout, options.now),
  ];
}

/** `shop@3f2c9… → prod: rolling, for 3m (rollout 12)` */
export function headLine(terminal: Paint, rollout: RolloutDetail, now: number): string {
  const { id, environment, application, kind, release, previous, state, stateSince } = rollout;
  const what = kind === 'removal' ? `${application} away from ${environment}` : `${release} → ${environment}`;
  const since = ago(stateSince, now);
  const from = kind === 'removal' || previous === null ? '' : terminal.style('dim', `  instead of ${previous}`);
  return `${terminal.style('bold', what)}  ${painted(terminal, state)} for ${since}  (rollout ${id})${from}`;
}

function waveLines(terminal: Paint, { waves, gated }: RolloutDetail, width: number, now: number): string[] {
  const longest = Math.max(0, ...waves.map(({ name }) => textWidth(name)));
  return waves.map((wave) => {
    const name = wave.name + ' '.repeat(longest - textWidth(wave.name));
    return `${markOf(terminal, wave)} ${name}  ${drawBar(terminal, wave.clusters, width, gated)}  ${countsText(wave.clusters, gated)}${noteOf(terminal, wave, now)}`;
  });
}

function markOf(terminal: Paint, { state }: Wave): string {
  switch (state) {
    case 'done':
      return terminal.style('green', '✓');
    case 'rolling':
      return terminal.style('cyan', '▶');
    case 'soaking':
      return terminal.style('cyan', '◷');
    case 'waiting':
      return terminal.style('yellow', '‖');
    case 'pending':
      return ' ';
  }
}

function noteOf(terminal: Paint, wave: Wave, now: number): string {
  const { state, soakSeconds, healthySince, needsApproval, approvedBy } = wave;
  const notes: string[] = [];
  if (state === 'soaking' && healthySince !== null) {
    const end = new Date(Date.parse(healthySince) + soakSeconds * 1000).toISOString();
    notes.push(`soaks, ${timeLeft(end, now)}`);
  }
  if (approvedBy !== null) notes.push(`approved by ${singleLine(approvedBy)}`);
  else if (needsApproval && state !== 'done') notes.push('a person opens it');
  return notes.length === 0 ? '' : terminal.style('dim', `  ${notes.join(', ')}`);
}

function standLines(terminal: Paint, rollout: RolloutDetail, now: number): string[] {
  const { wait, budget, failures, endedAt } = rollout;
  const why = reasonOf(rollout);
  const lines: string[] = [];
  if (wait !== null) lines.push(`Waits for  ${terminal.style('yellow', waitLine(wait, now))}`);
  else if (why !== null) lines.push(`Because    ${singleLine(why)}`);
  if (endedAt !== null) return lines;
  const places = budget.maximum === null ? 'no bound' : `${budget.used} of ${budget.maximum} unavailable`;
  const failed = failures.count === 0 ? 'none' : terminal.style('red', String(failures.count));
  lines.push(`Budget     ${places}; failed: ${failed}, it stops at ${failures.threshold}`);
  return lines;
}

/** Why it is as it is, and who says so. */
export function reasonOf({ stateReason, rolledBackBy }: Pick<Rollout, 'stateReason' | 'rolledBackBy'>): string | null {
  return rolledBackBy === null || stateReason === null ? stateReason : `taken back by ${rolledBackBy}: ${stateReason}`;
}

function troubleLines(terminal: Paint, { troubled, waves }: RolloutDetail, now: number): string[] {
  if (troubled.length === 0) return [];
  const rows = troubled.map(({ cluster, wave, state, stateReason, stateSince, wait }) => [
    cluster,
    waves[wave - 1]?.name ?? String(wave),
    word(state),
    ago(stateSince, now),
    until(wait?.deadline ?? null, now),
    stateReason ?? wait?.reason ?? null,
  ]);
  return ['', ...renderTable(terminal, ['CLUSTER', 'WAVE', 'STATE', 'SINCE', 'LEFT', 'WHY'], rows, '').split('\n')];
}

const states: Readonly<Record<RolloutDetail['state'], Style>> = {
  running: 'cyan',
  paused: 'yellow',
  'rolling-back': 'yellow',
  completed: 'green',
  'rolled-back': 'red',
  aborted: 'red',
  superseded: 'dim',
};

function painted(terminal: Paint, state: RolloutDetail['state']): string {
  return terminal.style(states[state], state);
}
