import type { Problem } from '../errors.ts';
import { pinPath } from './pin-file.ts';
import type { EnvironmentFacts, PromotionWorld, UndeclaredEnvironment } from './world.ts';

/** Where Git says something else than what is in force, and nothing is on its way to change that (G1, G9). */
export function pinProblems(world: PromotionWorld): Problem[] {
  const standing = [...world.environments.values()].flatMap((environment) => {
    const found = problemOf(world, environment);
    return found === null ? [] : [found];
  });
  const astray = world.undeclared.filter(({ isPinned }) => isPinned).map((pin) => strayProblem(world, pin));
  return [...standing, ...astray];
}

function strayProblem({ application }: PromotionWorld, { environment }: UndeclaredEnvironment): Problem {
  return {
    ...{ severity: 'warning', code: 'pin-environment-unknown', line: null, field: 'metadata.environment' },
    file: pinPath({ environment, application }),
    message: `there is no environment ${JSON.stringify(environment)}`,
    remedy: 'declare it, or take the pin away',
  };
}

function problemOf({ application, releases }: PromotionWorld, environment: EnvironmentFacts): Problem | null {
  const { name, rules, pin, requested, rolling, settlements, ended } = environment;
  const settled = settlements.find(({ inForce }) => inForce)?.release;
  if (requested !== null || rolling !== null) return null;
  const last = ended.find(({ id }) => id === pin?.promotion);
  // Nothing has come of the first one yet, and may.
  if (settled === undefined && last === undefined) return null;
  const base = {
    severity: 'warning',
    line: null,
    field: null,
    file: pinPath({ environment: name, application }),
  } as const;
  if (pin === null) {
    if (rules.from.length === 0) return null;
    return {
      ...base,
      code: 'pin-missing',
      message: `${name} has no pin for ${application} any more; it goes on with ${settled}`,
      remedy: `put the pin back, promote ${application} again, or take it away: fairway promote ${application} --to ${name} --remove`,
    };
  }
  if (pin.spec.revision === releases.get(settled ?? '')?.commit) return null;
  const why = last === undefined ? '' : `: promotion ${last.id} is ${last.state}`;
  return {
    ...base,
    code: 'pin-not-in-force',
    message: `the pin of ${application} in ${name} names ${pin.spec.revision.slice(0, 12)}, and ${settled ?? 'nothing'} is in force${why}`,
    remedy: 'promote one of the two, or pin what is in force',
  };
}
