import { stageOf } from '../../core/apply/order.ts';
import { entriesOf, type PlanEntry } from '../../core/apply/plan.ts';
import type { Run } from './application.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import type { Target } from './resolve.ts';
import type { Survey } from './survey.ts';
import { type ValidateOptions, type Verdict, validate, type WriteEntry } from './validate.ts';

/** A plan that the API server has looked through: what will be done, if nothing happens in between. */
export interface Prepared {
  readonly entries: readonly PlanEntry[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Keys of objects that can be looked at only once a definition or a namespace of the bundle stands. */
  readonly deferred: ReadonlySet<string>;
}

/** What is to be tried: an object's write, or the Job of a hook that is due. */
interface Trial {
  readonly entry: WriteEntry;
  readonly target: Target;
}

/**
 * Tries every write of a plan, and puts into the plan what the server says of each. A dry run ends here; applying goes
 * on from here, so that both show the very same. Objects whose definition or namespace only this bundle brings are put
 * off until that stands: the definitions come first, to tell which those are (A1).
 * @param run remembers verdicts while a bundle is on its way; null: everything is tried
 */
export async function prepare(
  { entries, targets, hooks, replan }: Survey,
  run: Pick<Run, 'verdicts'> | null,
  { kube, requests, now }: Pick<Context, 'kube' | 'requests' | 'now'>,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<Prepared> {
  const verdicts = new Map<string, Verdict>();
  const how: ValidateOptions = { ...options, kube, replan, now };
  const tryAll = (trials: readonly Trial[]) =>
    bounded(trials, requests, async (trial) => {
      options.signal.throwIfAborted();
      verdicts.set(trial.target.wanted.key, await verdictOn(trial, run, how));
    });

  const trials = [
    ...entriesOf(entries, 'create', 'change', 'takeOver').flatMap((entry): Trial[] => {
      const target = targets.get(entry.wanted.key);
      return target === undefined ? [] : [{ entry, target }];
    }),
    ...entriesOf(entries, 'hook')
      .filter(({ state }) => state === 'due')
      .flatMap(({ hook, reason }): Trial[] => {
        const target = hooks.find((candidate) => candidate.hook === hook);
        return target === undefined ? [] : [{ entry: { action: 'create', wanted: hook.wanted, reason }, target }];
      }),
  ];
  const isDefinition = ({ target }: Trial) => stageOf(target.wanted.ref) === 'definitions';
  await tryAll(trials.filter(isDefinition));
  const unusable = new Set([...leavingNamespaces(entries), ...newNamespaces(verdicts.values())]);
  const isPutOff = ({ target: { served, wanted } }: Trial) => !served || unusable.has(wanted.ref.namespace);
  const others = trials.filter((trial) => !isDefinition(trial));
  await tryAll(others.filter((trial) => !isPutOff(trial)));
  return {
    entries: refine(entries, verdicts.values()),
    verdicts,
    deferred: new Set(others.filter(isPutOff).map(({ target }) => target.wanted.key)),
  };
}

/** Namespaces of the bundle that are being deleted: nothing can be created in them. */
export function leavingNamespaces(entries: readonly PlanEntry[]): readonly string[] {
  return entriesOf(entries, 'wait').flatMap(({ wanted: { ref } }) => (ref.kind === 'Namespace' ? [ref.name] : []));
}

function newNamespaces(verdicts: Iterable<Verdict>): readonly string[] {
  return [...verdicts].flatMap((verdict) => {
    const { ref } = verdict.target.wanted;
    return verdict.verdict === 'write' && verdict.creates && ref.kind === 'Namespace' ? [ref.name] : [];
  });
}

/** A verdict holds for as long as both sides stand as they did: what waits for its wave is not tried in every pass. */
async function verdictOn(
  { entry, target }: Trial,
  run: Pick<Run, 'verdicts'> | null,
  options: ValidateOptions,
): Promise<Verdict> {
  const { key, digest } = target.wanted;
  const stands = entry.action === 'create' ? 'nothing' : `${entry.live.uid} ${entry.live.resourceVersion}`;
  const of = `${digest} ${stands} ${options.as}`;
  const known = run?.verdicts.get(key);
  if (known?.of === of && known.verdict.verdict === 'write') return known.verdict;
  const verdict = await validate(entry, target, options);
  run?.verdicts.set(key, { of, verdict });
  return verdict;
}

/** The plan with what the API server said of it: what it took for equal is unchanged, what it refuses is refused. */
export function refine(entries: readonly PlanEntry[], verdicts: Iterable<Verdict>): readonly PlanEntry[] {
  const byKey = new Map([...verdicts].map((verdict) => [verdict.target.wanted.key, verdict]));
  return entries.map((entry) => {
    if ('ref' in entry) return entry;
    const verdict = byKey.get(entry.action === 'hook' ? entry.hook.wanted.key : entry.wanted.key);
    if (verdict === undefined) return entry;
    return entry.action !== 'hook' || verdict.verdict === 'invalid' ? verdict.entry : entry;
  });
}
