import type { ConflictPolicy } from '../../core/bundle.ts';
import { type Difference, differences } from '../../core/diff.ts';
import { fieldOwners } from '../../core/field-owners.ts';
import { leavingIgnored } from '../../core/ignored.ts';
import { abandonedPointers } from '../../core/live.ts';
import { isPersonsTool } from '../../core/managers.ts';
import { describeRef, type KubeObject } from '../../core/object.ts';
import type { Planned } from '../../core/plan.ts';
import { pointerOfField, without } from '../../core/pointer.ts';
import type { ObjectProblem } from '../../core/status.ts';
import { type Kube, KubeError } from '../kube/port.ts';
import { problem, problemOf } from './problems.ts';
import type { Target } from './resolve.ts';

/** An entry of a plan that would write. */
export type WriteEntry = Planned<'create' | 'change' | 'takeOver'>;

/** What a server-side dry run says of one write (A1). */
export type Verdict =
  | {
      readonly verdict: 'write';
      readonly target: Target;
      readonly write: Write;
      /** It does not exist yet. */
      readonly creates: boolean;
      /** What differs for certain, after the server had its say. */
      readonly fields: readonly Difference[];
      readonly conflicts: readonly ObjectProblem[];
    }
  /** What seemed to differ is the server's own spelling: nothing is written. */
  | {
      readonly verdict: 'equal';
      readonly target: Target;
      readonly residue: readonly Difference[];
      readonly conflicts: readonly ObjectProblem[];
    }
  | {
      readonly verdict: 'invalid';
      readonly target: Target;
      readonly problem: ObjectProblem;
      readonly error: KubeError;
    };

/** What is sent to the API server. */
interface Write {
  readonly object: KubeObject;
  readonly force: boolean;
}

export interface ValidateOptions {
  readonly kube: Kube;
  readonly conflicts: ConflictPolicy;
  readonly as: string | null;
  readonly signal: AbortSignal;
}

/**
 * Tries a write without doing it. Fields that people's tools own are taken over; those of other controllers are left
 * out or taken, as the application says (A4).
 * @throws KubeError where the API server cannot say, for now
 */
export async function validate(entry: WriteEntry, target: Target, options: ValidateOptions): Promise<Verdict> {
  const { ref } = target.wanted;
  let write: Write | null = null;
  try {
    const first = await firstWrite(entry, target, options);
    const tried = await tryWrite(first, target, options);
    write = tried.write;
    const conflicts = [
      ...(entry.action === 'create' ? [] : conflictProblems(entry.yielded, target)),
      ...tried.conflicts,
    ];
    // An object that stood there unseen, with fields left to others: they are left to them in this write already.
    if (entry.action === 'create' && !tried.created && target.wanted.ignored.length > 0) {
      const live = await options.kube.get(target.resource, ref, { signal: options.signal });
      if (live !== null) write = { object: leavingIgnored(target.wanted, live), force: tried.write.force };
    }
    if (entry.action === 'create')
      return { verdict: 'write', target, write, creates: tried.created, fields: [], conflicts };
    return compareWithAnswer(entry, target, write, tried.answer, conflicts);
  } catch (error) {
    if (!(error instanceof KubeError) || !isVerdict(error)) throw error;
    const object = write?.object ?? target.wanted.object;
    return { verdict: 'invalid', target, problem: problemOf(error, ref, object), error };
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

async function firstWrite(entry: WriteEntry, { wanted, resource }: Target, options: ValidateOptions): Promise<Write> {
  if (entry.action === 'create') return { object: wanted.object, force: false };
  const live =
    wanted.ignored.length === 0 ? null : await options.kube.get(resource, wanted.ref, { signal: options.signal });
  const object = live === null ? wanted.object : leavingIgnored(wanted, live);
  return {
    object: without(
      object,
      entry.yielded.map(({ pointer }) => pointer),
    ),
    force: true,
  };
}

interface Tried {
  readonly write: Write;
  readonly answer: KubeObject;
  readonly created: boolean;
  readonly conflicts: readonly ObjectProblem[];
}

async function tryWrite(write: Write, target: Target, options: ValidateOptions): Promise<Tried> {
  const { kube, conflicts: policy } = options;
  const call = { dryRun: true, signal: options.signal, ...(options.as === null ? {} : { as: options.as }) };
  try {
    const { object, created } = await kube.apply(target.resource, write.object, { ...call, force: write.force });
    return { write, answer: object, created, conflicts: [] };
  } catch (error) {
    if (write.force || !(error instanceof KubeError) || error.code !== 'conflict' || error.causes.length === 0)
      throw error;
    const yielded = policy === 'force' ? [] : conflictsWithControllers(error, write.object);
    const forced = {
      object: without(
        write.object,
        yielded.map(({ pointer }) => pointer),
      ),
      force: true,
    };
    const { object, created } = await kube.apply(target.resource, forced.object, { ...call, force: true });
    return { write: forced, answer: object, created, conflicts: conflictProblems(yielded, target) };
  }
}

function conflictsWithControllers(error: KubeError, object: KubeObject): readonly Difference[] {
  return error.causes.flatMap(({ field, message }) => {
    const manager = /conflict with "([^"]*)"/.exec(message)?.[1] ?? 'unknown';
    const pointer = pointerOfField(field, object);
    if (pointer === null || isPersonsTool(manager)) return [];
    return [{ pointer, manager, wanted: null, found: null, fingerprint: '' }];
  });
}

function compareWithAnswer(
  entry: Planned<'change' | 'takeOver'>,
  target: Target,
  write: Write,
  answer: KubeObject,
  conflicts: readonly ObjectProblem[],
): Verdict {
  const { wanted } = target;
  const residue = differences(wanted.object, answer, wanted.ignored, undefined, wanted.sealed);
  const normalised = (field: Difference) =>
    residue.some(({ pointer, fingerprint }) => pointer === field.pointer && fingerprint === field.fingerprint);
  const fields = entry.fields.filter((field) => !normalised(field));
  const abandons =
    entry.live.abandoned.length > abandonedPointers(wanted, fieldOwners(answer.metadata.managedFields)).length;
  if (fields.length === 0 && !abandons && entry.action === 'change')
    return {
      verdict: 'equal',
      target,
      residue: residue.filter((field) => entry.fields.some((own) => own.pointer === field.pointer)),
      conflicts,
    };
  return { verdict: 'write', target, write, creates: false, fields, conflicts };
}
