import type { Page } from '../../proto/rest/page.ts';
import type { RolloutDetail, RolloutStep } from '../../proto/rest/rollouts.ts';
import { type Client, isAway } from '../client.ts';
import { type ExitCode, exit } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import type { Screen } from '../up/screen.ts';
import { lookUntil } from '../watch.ts';
import { stepLine } from './step-line.ts';
import { headLine, renderRollout } from './view.ts';

/** Milliseconds: a rollout is looked at so often though nothing was heard, for its counts move between events. */
const lookAnyway = 1_000;
/** Steps of its past that are told at first. */
const toldAtFirst = 20;
/** In a larger rollout only what is not well is told of single clusters. */
const small = 50;

export interface FollowOptions {
  readonly client: Client;
  /** Where no terminal is, its frame goes nowhere, and its lines are all there is. */
  readonly screen: Screen;
  readonly terminal: Pick<Terminal, 'style'>;
  readonly signal: AbortSignal;
}

/**
 * Shows a rollout until it has ended, or the signal: in a terminal as a frame that is redrawn, with its steps scrolling
 * above; else its steps alone, a line each. A hub that goes away meanwhile is waited for.
 * @returns the rollout as it was seen last
 */
export async function followRollout(options: FollowOptions, id: number): Promise<RolloutDetail> {
  const { client, screen, terminal, signal } = options;
  let rollout = await client.get<RolloutDetail>(`/rollouts/${id}`);
  let last: number | null = null;
  const look = async () => {
    try {
      rollout = await client.get<RolloutDetail>(`/rollouts/${id}`);
      const steps: RolloutStep[] = await readSteps(client, id, last);
      // Which rollout this is, before the first of its steps: a log of it names none.
      if (last === null) screen.add([headLine(terminal, rollout, Date.now())]);
      last = steps.at(-1)?.id ?? last ?? 0;
      screen.add(steps.filter((step) => isTold(rollout, step)).map((step) => stepLine(terminal, rollout, step)));
      const columns = screen.size().columns;
      screen.frame(['', ...renderRollout(terminal, rollout, { now: Date.now(), columns })]);
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    return rollout.endedAt !== null;
  };
  const { environment, application } = rollout;
  await lookUntil(client, signal, look, { query: { environment, application }, anyway: lookAnyway });
  return rollout;
}

/** Steps after one, the oldest first; where there is none yet, the last few. */
async function readSteps(client: Client, id: number, last: number | null): Promise<RolloutStep[]> {
  const steps: RolloutStep[] = [];
  let cursor: string | undefined;
  do {
    const limit = last === null ? toldAtFirst : 500;
    const page: Page<RolloutStep> = await client.get(`/rollouts/${id}/history`, { limit, cursor });
    const fresh = page.items.filter((step) => last === null || step.id > last);
    steps.push(...fresh);
    cursor = last === null || fresh.length < page.items.length ? undefined : (page.cursor ?? undefined);
  } while (cursor !== undefined);
  return steps.reverse();
}

const always = new Set(['cluster.failed', 'cluster.ill', 'cluster.skipped', 'cluster.left']);

function isTold({ clusters }: RolloutDetail, { event, cluster }: RolloutStep): boolean {
  if (cluster === null || always.has(event)) return true;
  return clusters.total <= small && event !== 'cluster.pending' && event !== 'cluster.due';
}

/** What a script is told of how a rollout ended: one that has not, waits. */
export function exitCodeOfRollout({ state }: Pick<RolloutDetail, 'state'>): ExitCode {
  switch (state) {
    case 'completed':
      return exit.done;
    case 'running':
    case 'paused':
    case 'rolling-back':
      return exit.waiting;
    case 'rolled-back':
    case 'aborted':
    case 'superseded':
      return exit.failed;
  }
}
