import type { Promotion } from '../../proto/rest/promotions.ts';
import type { RolloutDetail } from '../../proto/rest/rollouts.ts';
import { type Client, isAway } from '../client.ts';
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
 * @param promotions as they were seen first
 * @param isEnough looked at after each look
 * @returns the promotions as they were seen last
 */
export async function followPromotions(
  { client, screen, terminal, signal }: FollowOptions,
  promotions: readonly Promotion[],
  isEnough: (seen: readonly Seen[]) => boolean,
): Promise<readonly Seen[]> {
  let seen: readonly Seen[] = promotions.map((promotion) => ({ promotion, rollout: null }));
  const said = new Map<number, string>();
  const look = async () => {
    try {
      seen = await Promise.all(promotions.map(({ id }) => see(client, id)));
      const now = Date.now();
      for (const { promotion, rollout } of seen) {
        const line = changeLine(promotion, rollout, now);
        const key = line.replace(/, for .*$/, '');
        if (said.get(promotion.id) === key) continue;
        said.set(promotion.id, key);
        screen.add([`${terminal.style('dim', new Date(now).toTimeString().slice(0, 8))}  ${line}`]);
      }
      screen.frame(frameOf(terminal, seen, now, screen.size().columns));
    } catch (error) {
      if (!isAway(error)) throw error;
      return false;
    }
    return isEnough(seen);
  };
  await lookUntil(client, signal, look, { anyway: lookAnyway });
  return seen;
}

/** A promotion, and its rollout where it has one. */
export interface Seen {
  readonly promotion: Promotion;
  readonly rollout: RolloutDetail | null;
}

async function see(client: Client, id: number): Promise<Seen> {
  const promotion = await client.get<Promotion>(`/promotions/${id}`);
  const { rollout } = promotion;
  return { promotion, rollout: rollout === null ? null : await client.get<RolloutDetail>(`/rollouts/${rollout}`) };
}

/** `shop@3f2c9… → prod: waiting: check smoke has not reported, for 5m`. */
function changeLine(promotion: Promotion, rollout: RolloutDetail | null, now: number): string {
  const { environment, state, stateReason, waits } = promotion;
  const wave = rollout === null ? '' : `, wave ${rollout.wave.name} (${rollout.wave.position}/${rollout.wave.of})`;
  const [first] = waits;
  const wait = first ?? (rollout?.state === 'paused' ? rollout.wait : null);
  const why = wait != null ? waitLine(wait, now) : stateReason;
  const what = state === 'rolling-out' ? `${state}${wave}` : state;
  return `${broughtBy(promotion)} → ${environment}: ${what}${why === null ? '' : `: ${singleLine(why)}`}`;
}

function frameOf(terminal: Pick<Terminal, 'style'>, seen: readonly Seen[], now: number, columns: number): string[] {
  return seen.flatMap(({ promotion, rollout }) => {
    const lines =
      rollout === null || promotion.waits.length > 0
        ? renderPromotion(terminal, promotion, now)
        : renderRollout(terminal, rollout, { now, columns });
    return ['', ...lines];
  });
}
