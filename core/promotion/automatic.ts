import { type Standing, standings } from './eligibility.ts';
import { goesBack } from './settle-rollout.ts';
import type { OpenStep } from './steps.ts';
import type { EndedPromotion, EnvironmentFacts, PromotionWorld, ReleaseFacts } from './world.ts';

/** What nobody has to ask for, in an environment in which nothing is on its way to the pin. */
export function openAutomatically(world: PromotionWorld, environment: EnvironmentFacts, now: number): OpenStep | null {
  // It is to be held where it goes back to (R6).
  if (environment.rolling !== null && goesBack(environment.rolling)) return null;
  const removal = automaticRemoval(world, environment);
  if (removal !== null) return removal;
  const followed = headToFollow(world, environment);
  if (followed !== null && !environment.failed.has(followed.id)) return open(environment, 'head', followed);
  const release = automaticRelease(world, environment, now);
  return release === null ? null : open(environment, 'auto', release);
}

/** The head of the source where the environment follows it, and it is neither in force there nor tried (G1). */
export function headToFollow(world: PromotionWorld, environment: EnvironmentFacts): ReleaseFacts | null {
  const { rules, pin, rolling, settlements, ended } = environment;
  const newest = world.newest === null ? undefined : world.releases.get(world.newest);
  if (rules.from.length > 0 || pin !== null || world.gone) return null;
  if (newest === undefined || !newest.environments.includes(environment.name)) return null;
  if (rolling?.release === newest.id) return null;
  const inForce = settlements.find((settlement) => settlement.inForce)?.release ?? null;
  // What ended otherwise than by settling is not tried again until the head moves, or a person asks.
  const latest = ended.find(({ state }) => state !== 'superseded');
  const isTried = latest?.release === newest.id && !isOpenAgain(environment, latest);
  return inForce === newest.id || isTried ? null : newest;
}

/**
 * The newest release that may go into an environment of mode `auto`: fully soaked before those that still soak (P5).
 * What a person refused or took back, and whatever is older, is not tried again.
 */
export function automaticRelease(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  now: number,
): ReleaseFacts | null {
  const { rules, pin } = environment;
  if (rules.mode !== 'auto' || rules.from.length === 0 || pin?.spec.hold !== undefined || world.gone) return null;
  const floor = newestTried(world, environment);
  const refused = new Set(environment.ended.filter(isRefused).map(({ release }) => release));
  const candidates = [...world.releases.values()]
    .filter(
      ({ id, sequence, environments }) =>
        sequence > floor && environments.includes(environment.name) && !refused.has(id) && !environment.failed.has(id),
    )
    .map((release) => ({ release, standings: standings(world, release, environment, now) }))
    .filter(({ standings: found }) => found.every(({ type }) => type === 'soaked' || type === 'soaking'))
    .sort((one, other) => other.release.sequence - one.release.sequence);
  return (candidates.find(({ standings: found }) => isSoaked(found)) ?? candidates[0])?.release ?? null;
}

/** True where nothing keeps a release from going further. */
export function isSoaked(found: readonly Standing[]): boolean {
  return found.every(({ type }) => type === 'soaked');
}

function newestTried({ releases }: PromotionWorld, { rolling, settlements, ended }: EnvironmentFacts): number {
  const tried = [
    rolling?.release,
    settlements.find((settlement) => settlement.inForce)?.release,
    ...ended.filter(({ state }) => state !== 'superseded' && state !== 'rejected').map(({ release }) => release),
  ];
  return Math.max(-1, ...tried.map((id) => releases.get(id ?? '')?.sequence ?? -1));
}

function isRefused({ state, refused }: EndedPromotion): boolean {
  return state === 'rejected' && refused;
}

/** True where a check refused it that has not failed it any more. */
function isOpenAgain({ failed }: EnvironmentFacts, { state, refused, release }: EndedPromotion): boolean {
  return state === 'rejected' && !refused && release !== null && !failed.has(release);
}

/** What left the environment is taken away where that needs no person (G9). */
function automaticRemoval(world: PromotionWorld, environment: EnvironmentFacts): OpenStep | null {
  const { rules, isLeft, rolling, settlements, ended } = environment;
  const settled = settlements.find((settlement) => settlement.inForce);
  if (rules.removal !== 'auto' || !isLeft || rolling !== null || settled === undefined) return null;
  if (isListed(world, environment) || ended[0]?.kind === 'removal') return null;
  const reason = 'the application is no longer for this environment';
  return { ...base(environment), kind: 'removal', origin: 'auto', release: settled.release, target: null, reason };
}

/**
 * True where the application is for the environment, by the word of the release that is pinned there, or where there is
 * no pin, of the newest one: as it is for placements (G1). A cluster that is there no more says nothing about the others.
 */
export function isListed(
  { gone, newest, releases }: PromotionWorld,
  { name, pin, settlements }: EnvironmentFacts,
): boolean {
  const head = gone ? undefined : releases.get(newest ?? '');
  const inForce = releases.get(settlements.find((settlement) => settlement.inForce)?.release ?? '');
  const says = pin === null ? head : (releases.get(pin.release ?? '') ?? inForce ?? head);
  return says?.environments.includes(name) === true;
}

function open(environment: EnvironmentFacts, origin: 'head' | 'auto', release: ReleaseFacts): OpenStep {
  const target = { source: release.source, revision: release.commit };
  return { ...base(environment), kind: 'release', origin, release: release.id, target, reason: null };
}

function base({ name }: EnvironmentFacts) {
  return { type: 'open', environment: name, state: 'waiting', requestedBy: 'hub' } as const;
}
