import { FairwayError } from '../errors.ts';
import { headToFollow } from './automatic.ts';
import { originsOf } from './eligibility.ts';
import type { MoveKind } from './types.ts';
import type { EnvironmentFacts, PromotionWorld, ReleaseFacts } from './world.ts';

/** What a person asks for. */
export interface Asked {
  readonly release?: string | undefined;
  readonly revision?: string | undefined;
  readonly remove: boolean;
}

/** What that comes to. */
export interface Chosen {
  readonly kind: MoveKind;
  readonly release: string | null;
  readonly target: { readonly source: string; readonly revision: string } | null;
}

/**
 * What a request comes to: the release that is named, or the newest that has settled everywhere that it comes from; or,
 * where that is settled already, a newer one that is on its way there.
 * @throws FairwayError `release-not-found`, `application-not-listed`, `promotion-settled`,
 * `promotion-nothing-to-promote`, `removal-nothing-there`, `environment-follows-head`
 */
export function requestTarget(world: PromotionWorld, environment: EnvironmentFacts, asked: Asked): Chosen {
  return asked.remove ? removalOf(world, environment) : releaseOf(world, environment, asked);
}

function releaseOf(world: PromotionWorld, environment: EnvironmentFacts, asked: Asked): Chosen {
  const { application } = world;
  const { name } = environment;
  const release = chosenRelease(world, environment, asked);
  if (release === null) return { kind: 'release', release: null, target: unreleased(world, asked) };
  if (!release.environments.includes(name)) {
    throw new FairwayError('application-not-listed', `${release.id} does not say that it is for ${name}.`, {
      field: 'environment',
      remedy: `Add ${name} to spec.environments of its app.yaml.`,
    });
  }
  const settled = environment.settlements.find(({ inForce }) => inForce)?.release;
  const isPinned = environment.pin === null || environment.pin.spec.revision === release.commit;
  if (settled === release.id && environment.rolling === null && isPinned) {
    throw new FairwayError('promotion-settled', `${release.id} is settled in ${name} already.`, {
      remedy: `See what there is: fairway releases ${application}`,
    });
  }
  return { kind: 'release', release: release.id, target: { source: release.source, revision: release.commit } };
}

/** @returns null for a commit that is no release yet */
function chosenRelease(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  { release: id, revision }: Asked,
): ReleaseFacts | null {
  const { application, releases } = world;
  if (id !== undefined) {
    const found = releases.get(id);
    if (found !== undefined) return found;
    throw new FairwayError('release-not-found', `There is no release ${JSON.stringify(id)} of ${application}.`, {
      field: 'release',
      remedy: `See what there is: fairway releases ${application}`,
    });
  }
  if (revision !== undefined) return [...releases.values()].find(({ commit }) => commit === revision) ?? null;
  if (environment.rules.from.length === 0) {
    throw new FairwayError('environment-follows-head', `${environment.name} follows the head of the source.`, {
      field: 'environment',
      remedy: 'Commit to the source; or name a release, which is then pinned there.',
    });
  }
  const found = furthest(world, environment);
  const settled = environment.settlements.find(({ inForce }) => inForce)?.release;
  if (found !== null && found.id !== settled) return found;
  const coming = comingRelease(world, environment, found?.sequence ?? -1);
  if (coming !== null) return coming;
  if (found !== null) return found;
  throw new FairwayError(
    'promotion-nothing-to-promote',
    `Nothing of ${application} has settled where ${environment.name} takes from.`,
    { field: 'applications', remedy: `Name a release, or see what there is: fairway releases ${application}` },
  );
}

/** The newest release that has settled in every environment that it comes from. */
function furthest(world: PromotionWorld, environment: EnvironmentFacts): ReleaseFacts | null {
  const settledIn = (release: ReleaseFacts, name: string) =>
    world.environments.get(name)?.settlements.some((settlement) => settlement.release === release.id) === true;
  const candidates = [...world.releases.values()]
    .filter((release) => release.environments.includes(environment.name))
    .filter((release) => originsOf(world, release, environment).every((name) => settledIn(release, name)));
  return candidates.sort((one, other) => other.sequence - one.sequence)[0] ?? null;
}

/**
 * The newest release that is newer than what could go at once, and is on its way to where the environment takes from:
 * whoever asks right after a commit means that one, and waits for it at its gates.
 */
function comingRelease(world: PromotionWorld, environment: EnvironmentFacts, after: number): ReleaseFacts | null {
  const candidates = [...world.releases.values()]
    .filter(({ sequence, environments }) => sequence > after && environments.includes(environment.name))
    .filter((release) => isComingTo(world, release, environment, new Set()));
  return candidates.sort((one, other) => other.sequence - one.sequence)[0] ?? null;
}

/** True where a release is, or gets without anybody's word, everywhere that it has to come from. */
function isComingTo(
  world: PromotionWorld,
  release: ReleaseFacts,
  to: EnvironmentFacts,
  visited: ReadonlySet<string>,
): boolean {
  if (visited.has(to.name)) return false;
  return originsOf(world, release, to).every((name) => {
    const from = world.environments.get(name);
    return from !== undefined && isComingIn(world, release, from, new Set([...visited, to.name]));
  });
}

function isComingIn(
  world: PromotionWorld,
  release: ReleaseFacts,
  environment: EnvironmentFacts,
  visited: ReadonlySet<string>,
): boolean {
  const { rules, pin, settlements, rolling, requested, failed, ended } = environment;
  const isThere = settlements.some((settlement) => settlement.inForce && settlement.release === release.id);
  if (isThere || rolling?.release === release.id || requested?.release === release.id) return true;
  if (rules.from.length === 0) return headToFollow(world, environment)?.id === release.id;
  const isTried = ended.some((each) => each.release === release.id && each.state !== 'superseded');
  if (rules.mode !== 'auto' || pin?.spec.hold !== undefined || failed.has(release.id) || isTried) return false;
  return isComingTo(world, release, environment, visited);
}

/** A commit that is to become a release: of the source that the application lives in. */
function unreleased({ application, releases, newest }: PromotionWorld, { revision }: Asked): Chosen['target'] {
  const source = releases.get(newest ?? '')?.source ?? [...releases.values()].at(-1)?.source;
  if (source !== undefined && revision !== undefined) return { source, revision };
  throw new FairwayError('release-not-found', `${application} has no release, so nobody knows where it comes from.`, {
    field: 'revision',
  });
}

function removalOf({ application, gone, newest, releases }: PromotionWorld, environment: EnvironmentFacts): Chosen {
  const { name, rules, pin, settlements } = environment;
  const settled = settlements.find(({ inForce }) => inForce);
  if (settled === undefined) {
    throw new FairwayError(
      'removal-nothing-there',
      `${application} is not settled in ${name}: there is nothing to take away.`,
      {
        field: 'environment',
      },
    );
  }
  const isListed = !gone && releases.get(newest ?? '')?.environments.includes(name) === true;
  if (rules.from.length === 0 && pin === null && isListed) {
    throw new FairwayError('environment-follows-head', `${name} follows the head, which has ${application} in it.`, {
      field: 'environment',
      remedy: `Take ${name} out of spec.environments of its app.yaml first.`,
    });
  }
  return { kind: 'removal', release: settled.release, target: null };
}
