import type { Promotion } from '../../proto/rest/promotions.ts';
import type { RolloutDetail } from '../../proto/rest/rollouts.ts';
import { type Client, isAway } from '../client.ts';
import { type ExitCode, exit } from '../exit.ts';
import { renderRollout } from '../rollout/view.ts';
import type { Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';
import type { Screen } from '../up/screen.ts';
import { lookUntil } from '../watch.ts';
import { waitLine } from '../words.ts';
import { broughtBy, renderPromotion } from './view.ts';

export interface FollowOptions {
  readonly client: Client;
  /** Where no terminal is, its frame goes nowhere, and its lines are all there is. */
  readonly screen: Screen;
  readonly terminal: Pick<Terminal, 'style'>;
  readonly signal: AbortSignal;
}

/** Milliseconds: promotions are looked at so often though nothing was heard. */
const lookAnyway = 1_000;

/**
 * Shows promotions until enough is seen, or the signal: in a terminal as a frame with their gates and waves; else a line
 * for each change of one. A hub that goes away meanwhile is waited for.
 * @param ids of one set
 * @param isEnough looked at after each look
 * @returns the promotions as they were seen last
 */
export async function followPromotions(
  { client, screen, terminal, signal }: FollowOptions,
  ids: readonly number[],
  isEnough: (promotions: readonly Promotion[]) => boolean,
): Promise<readonly Promotion[]> {
  let promotions: readonly Promotion[] = [];
  const said = new Map<number, string>();
  const look = async () => {
    try {
      promotions = await Promise.all(ids.map((id) => client.get<Promotion>(`/promotions/${id}`)));
      const rollouts = await readRollouts(client, promotions);
      const now = Date.now();
      for (const promotion of promotions) {
        const line = changeLine(promotion, rollouts.get(promotion.id), now);
        const key = line.replace(/, for .*$/, '');
        if (said.get(promotion.id) === key) continue;
        said.set(promotion.id, key);
        screen.add([`${terminal.style('dim', new Date(now).toTimeString().slice(0, 8))}  ${line}`]);
      }
      screen.frame(frameOf(terminal, promotions, rollouts, now, screen.size().columns));
    } catch (error) {
      if (!isAway(error)) throw error;
      return false;
    }
    return isEnough(promotions);
  };
  await lookUntil(client, signal, look, { anyway: lookAnyway });
  return promotions;
}

type Rollouts = ReadonlyMap<number, RolloutDetail>;

/** The rollouts of those that roll out, by promotion. */
async function readRollouts(client: Client, promotions: readonly Promotion[]): Promise<Rollouts> {
  const rolling = promotions.flatMap(({ id, rollout }) => (rollout === null ? [] : [{ id, rollout }]));
  const read = rolling.map(
    async ({ id, rollout }) => [id, await client.get<RolloutDetail>(`/rollouts/${rollout}`)] as const,
  );
  return new Map(await Promise.all(read));
}

/** `shop@3f2c9… → prod: waiting: check smoke has not reported, for 5m`. */
function changeLine(promotion: Promotion, rollout: RolloutDetail | undefined, now: number): string {
  const { environment, state, stateReason, waits } = promotion;
  const wave = rollout === undefined ? '' : `, wave ${rollout.wave.name} (${rollout.wave.position}/${rollout.wave.of})`;
  const [first] = waits;
  const wait = first ?? (rollout?.state === 'paused' ? rollout.wait : null);
  const why = wait != null ? waitLine(wait, now) : stateReason;
  const what = state === 'rolling-out' ? `${state}${wave}` : state;
  return `${broughtBy(promotion)} → ${environment}: ${what}${why === null ? '' : `: ${singleLine(why)}`}`;
}

function frameOf(
  terminal: Pick<Terminal, 'style'>,
  promotions: readonly Promotion[],
  rollouts: Rollouts,
  now: number,
  columns: number,
): string[] {
  return promotions.flatMap((promotion) => {
    const rollout = rollouts.get(promotion.id);
    const lines =
      rollout === undefined || promotion.waits.length > 0
        ? renderPromotion(terminal, promotion, now)
        : renderRollout(terminal, rollout, { now, columns });
    return ['', ...lines];
  });
}

/** True where nothing is to be waited for any more. */
export function isOver({ endedAt }: Promotion): boolean {
  return endedAt !== null;
}

/** What a script is told of promotions: the worst of them. */
export function exitCodeOfPromotions(promotions: readonly Promotion[]): ExitCode {
  const codes = promotions.map(exitCodeOf);
  return [exit.refused, exit.failed, exit.waiting].find((code) => codes.includes(code)) ?? exit.done;
}

function exitCodeOf({ state, waits }: Promotion): ExitCode {
  switch (state) {
    case 'waiting':
      return exit.waiting;
    case 'pinned':
      return waits.length > 0 ? exit.waiting : exit.done;
    case 'pinning':
    case 'rolling-out':
    case 'settled':
      return exit.done;
    case 'rejected':
      return exit.refused;
    case 'rolled-back':
    case 'aborted':
    case 'superseded':
    case 'failed':
      return exit.failed;
  }
}
