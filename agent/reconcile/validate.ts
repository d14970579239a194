import type { Wanted } from '../../core/apply/desired.ts';
import { isImmutableRefusal } from '../../core/apply/immutable.ts';
import { abandonedPointers, judge, type LiveRecord } from '../../core/apply/live.ts';
import type { PlanEntry, Planned } from '../../core/apply/plan.ts';
import { replaceRefusal } from '../../core/apply/replace.ts';
import type { Difference } from '../../core/fields/diff.ts';
import { differences } from '../../core/fields/diff.ts';
import { leavingIgnored } from '../../core/fields/ignored.ts';
import { fieldOwners } from '../../core/fields/owners.ts';
import { without } from '../../core/fields/pointer.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { describeRef, type KubeObject } from '../../core/objects/object.ts';
import { type Kube, KubeError } from '../kube/port.ts';
import { problem, problemOf } from './problems.ts';
import type { Target } from './resolve.ts';

/** An entry of a plan that would write. */
export type WriteEntry = Planned<'create' | 'change' | 'takeOver'>;

/** What a server-side dry run says of one write (A1), and what is planned for the object after that. */
export type Verdict =
  | {
      readonly verdict: 'write';
      readonly target: Target;
      readonly entry: WriteEntry | Planned<'replace'>;
      readonly write: Write;
      /** It does not exist yet. */
      readonly creates: boolean;
      /** What differs for certain, after the server had its say. */
      readonly fields: readonly Difference[];
      readonly conflicts: readonly ObjectProblem[];
    }
  /** What seemed to differ is the server's own spelling, or another controller's: nothing is written. */
  | {
      readonly verdict: 'equal';
      readonly target: Target;
      readonly entry: Planned<'unchanged' | 'conflict'>;
      readonly residue: readonly Difference[];
      readonly conflicts: readonly ObjectProblem[];
    }
  /** It stands there unseen, and is being deleted. */
  | { readonly verdict: 'wait'; readonly target: Target; readonly entry: Planned<'wait'> }
  | {
      readonly verdict: 'invalid';
      readonly target: Target;
      readonly entry: Planned<'refuse'>;
      readonly problem: ObjectProblem;
    };

/** What is sent to the API server. */
interface Write {
  readonly object: KubeObject;
  readonly force: boolean;
}

export interface ValidateOptions {
  readonly kube: Kube;
  /** What is to be done with an object that was found to stand where nothing was seen. */
  readonly replan: (wanted: Wanted, live: LiveRecord) => PlanEntry;
  readonly as: string | null;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Tries a write without doing it. Fields that people's tools own are taken over; those of other controllers are left
 * out or taken, as the plan says (A4).
 * @throws KubeError where the API server cannot say, for now
 */
export async function validate(entry: WriteEntry, target: Target, options: ValidateOptions): Promise<Verdict> {
  let write: Write | null = null;
  try {
    if (entry.action === 'create') {
      write = { object: target.wanted.object, force: false };
      const created = await tryCreate(write, target, options);
      if (created) return { verdict: 'write', target, entry, write, creates: true, fields: [], conflicts: [] };
      return validateUnseen(entry, target, options);
    }
    write = await changeOf(entry, target, options);
    const { object: answer } = await send(write, target, options);
    return compareWithAnswer(entry, target, write, answer);
  } catch (error) {
    if (!(error instanceof KubeError) || !isVerdict(error)) throw error;
    return refused(error, entry, target, write ?? { object: target.wanted.object, force: true });
  }
}

/** What stands in the object for a controller's field, as a problem that is told and not fought (A4). */
export function conflictProblems(yielded: readonly Difference[], { wanted }: Target): readonly ObjectProblem[] {
  return yielded.map(({ pointer, manager }) =>
    problem(
      wanted.ref,
      'conflict',
      `${describeRef(wanted.ref)}: ${manager} has set ${pointer}, which the bundle sets too; it is left as it is`,
      pointer,
    ),
  );
}

function isVerdict(error: KubeError): boolean {
  return ['invalid', 'forbidden', 'not-found', 'conflict', 'exists', 'too-large'].includes(error.code);
}

/** False where something stands there: what is not Fairway's bears no label, and no watch sees it. */
async function tryCreate(write: Write, target: Target, options: ValidateOptions): Promise<boolean> {
  try {
    return (await send(write, target, options)).created;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'conflict' && error.causes.length > 0) return false;
    // What stands there cannot be changed so: that is an answer to a change, and no create was tried.
    if (error instanceof KubeError && isImmutableRefusal(error)) return false;
    throw error;
  }
}

/** What stood there unseen is read, and planned for as what it is. */
async function validateUnseen(entry: WriteEntry, target: Target, options: ValidateOptions): Promise<Verdict> {
  const { wanted, resource } = target;
  const live = await options.kube.get(resource, wanted.ref, { signal: options.signal });
  if (live === null) return validate(entry, target, options);
  const found = options.replan(wanted, judge(live, wanted, options.now()));
  switch (found.action) {
    case 'change':
    case 'takeOver':
      return validate(found, target, options);
    case 'unchanged':
      return { verdict: 'equal', target, entry: found, residue: [], conflicts: [] };
    case 'conflict':
      return { verdict: 'equal', target, entry: found, residue: [], conflicts: [] };
    case 'wait':
      return { verdict: 'wait', target, entry: found };
    default:
      throw new Error(`an object that stands cannot be planned as ${found.action}`);
  }
}

async function changeOf(
  entry: Planned<'change' | 'takeOver'>,
  { wanted, resource }: Target,
  { kube, signal }: ValidateOptions,
): Promise<Write> {
  const live = wanted.ignored.length === 0 ? null : await kube.get(resource, wanted.ref, { signal });
  const object = live === null ? wanted.object : leavingIgnored(wanted, live);
  const yielded = entry.yielded.map(({ pointer }) => pointer);
  return { object: without(object, yielded), force: true };
}

function send({ object, force }: Write, { resource }: Target, { kube, as, signal }: ValidateOptions) {
  return kube.apply(resource, object, { dryRun: true, force, signal, ...(as === null ? {} : { as }) });
}

/** What the API server will not have; or, where only immutable fields are to blame and it may be, a replacement (A8). */
function refused(error: KubeError, entry: WriteEntry, target: Target, write: Write): Verdict {
  const { wanted } = target;
  const found = problemOf(error, wanted.ref, write.object);
  if (entry.action === 'create' || !isImmutableRefusal(error)) return invalid(target, found);
  const refusal = replaceRefusal(wanted, entry.live);
  if (refusal !== null) {
    const message = `${found.message.replace(/\.$/, '')}; ${refusal}`;
    return invalid(target, { ...found, code: 'immutable', message });
  }
  const { live, fields } = entry;
  const reason = `it is deleted and created anew, for ${found.field ?? 'a field'} is immutable`;
  return {
    verdict: 'write',
    target,
    entry: { action: 'replace', wanted, live, fields, reason },
    write: { object: wanted.object, force: true },
    creates: false,
    fields,
    conflicts: [],
  };
}

function invalid(target: Target, found: ObjectProblem): Verdict {
  const { object: ref, code, field, message: reason } = found;
  return { verdict: 'invalid', target, entry: { action: 'refuse', ref, code, field, reason }, problem: found };
}

function compareWithAnswer(
  entry: Planned<'change' | 'takeOver'>,
  target: Target,
  write: Write,
  answer: KubeObject,
): Verdict {
  const { wanted } = target;
  const conflicts = conflictProblems(entry.yielded, target);
  const residue = differences(wanted.object, answer, { ignored: wanted.ignored, sealed: wanted.sealed });
  const normalised = (field: Difference) =>
    residue.some(({ pointer, fingerprint }) => pointer === field.pointer && fingerprint === field.fingerprint);
  const fields = entry.fields.filter((field) => !normalised(field));
  const abandons =
    entry.live.abandoned.length > abandonedPointers(wanted, fieldOwners(answer.metadata.managedFields)).length;
  if (fields.length > 0 || abandons || entry.action === 'takeOver')
    return { verdict: 'write', target, entry: { ...entry, fields }, write, creates: false, fields, conflicts };
  const { live, yielded } = entry;
  return {
    verdict: 'equal',
    target,
    entry:
      yielded.length > 0
        ? { action: 'conflict', wanted, live, yielded, reason: `${yielded[0]?.manager} has set ${yielded[0]?.pointer}` }
        : { action: 'unchanged', wanted, live, reason: 'it equals the bundle, as the API server spells it' },
    residue: residue.filter((field) => entry.fields.some((own) => own.pointer === field.pointer)),
    conflicts,
  };
}
