import { describeDuration, milliseconds } from '../duration.ts';
import type { EnvironmentFacts, PromotionWorld, ReleaseFacts, SettlementFacts } from './world.ts';

/** What one environment says of a release that is to go further from it (P1). */
export type Standing =
  | { readonly type: 'soaked' }
  /** Well there, and not for long enough. */
  | {
      readonly type: 'soaking';
      readonly from: string;
      readonly since: number;
      readonly until: number;
      readonly reason: string;
    }
  /** It may still become well there. */
  | { readonly type: 'unsettled'; readonly from: string; readonly reason: string }
  /** It is not in force there any more, so that it soaks no further. */
  | { readonly type: 'passed'; readonly from: string; readonly reason: string };

/**
 * The environments that a release has to come from: `from` of the one that it goes to, where one that the application
 * does not list is replaced by that one's own `from` (P1).
 */
export function originsOf(
  { environments }: Pick<PromotionWorld, 'environments'>,
  release: ReleaseFacts,
  to: EnvironmentFacts,
): string[] {
  const found = new Set<string>();
  const visited = new Set([to.name]);
  const visit = (names: readonly string[]) => {
    for (const name of names) {
      if (visited.has(name)) continue;
      visited.add(name);
      // One that nobody declares satisfies nothing, and says so.
      if (release.environments.includes(name) || !environments.has(name)) found.add(name);
      else visit(environments.get(name)?.rules.from ?? []);
    }
  };
  visit(to.rules.from);
  return [...found];
}

/**
 * How a release stands in each environment that it has to come from. None: nothing keeps it.
 * @param now milliseconds since the epoch
 */
export function standings(world: PromotionWorld, release: ReleaseFacts, to: EnvironmentFacts, now: number): Standing[] {
  const soak = milliseconds(to.rules.soak);
  return originsOf(world, release, to).map((name): Standing => {
    const from = world.environments.get(name);
    const unsettled = (reason: string): Standing => ({ type: 'unsettled', from: name, reason });
    if (from === undefined) return unsettled(`environment ${name} is not declared`);
    if (!from.hasClusters) return unsettled(`environment ${name} has no clusters, and so proves nothing`);
    const settlements = from.settlements.filter((settlement) => settlement.release === release.id);
    if (settlements.length === 0) return unsettled(`${release.id} has not settled in ${name}`);
    return standingOf(release.id, name, settlements, soak, now);
  });
}

function standingOf(
  release: string,
  from: string,
  settlements: readonly SettlementFacts[],
  soak: number,
  now: number,
): Standing {
  const inForce = settlements.find((settlement) => settlement.inForce);
  const longest = Math.max(...settlements.map((settlement) => settlement.soaked));
  if (inForce === undefined) {
    if (longest > 0 && longest >= soak) return { type: 'soaked' };
    return { type: 'passed', from, reason: `${release} was replaced in ${from} before it had soaked there` };
  }
  if (inForce.healthySince === null) return { type: 'unsettled', from, reason: `${release} is not healthy in ${from}` };
  if (longest >= soak) return { type: 'soaked' };
  const since = inForce.healthySince;
  const until = since + soak;
  if (until <= now) return { type: 'soaked' };
  const reason = `${release} has not been healthy in ${from} for ${describeDuration(soak)}`;
  return { type: 'soaking', from, since, until, reason };
}
