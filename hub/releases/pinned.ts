import type { Kysely } from 'kysely';
import { FairwayError, type Problem } from '../../core/errors.ts';
import type { PinSpec } from '../../core/kinds/pin.ts';
import type { SourceSpec } from '../../core/kinds/source.ts';
import type { ReleaseStep } from '../../core/release.ts';
import type { LoopContext } from '../queue/loops.ts';
import { replaceProblems } from '../store/problems.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { RenderContext } from './context.ts';
import { openRelease, readNewRelease, writeRelease } from './create.ts';
import type { ApplicationRow } from './head.ts';
import { fetchCommit } from './prepared.ts';
import { locateApplication } from './read.ts';
import type { Refusals } from './refusals.ts';

/** A commit that is to become a release though it is no head. */
interface Pinned {
  readonly source: string;
  readonly revision: string;
  /** Of the pin that names it; null: a promotion does, and no pin yet. */
  readonly file: string | null;
  readonly traceparent: string | null;
}

/** The commits of an application that pins name, or that promotions are to take into pins. */
export async function loadPinned(db: Kysely<Schema>, application: string): Promise<Pinned[]> {
  const pins = await db
    .selectFrom('pins')
    .select(['spec', 'revision', 'file', 'traceparent'])
    .where('application', '=', application)
    .execute();
  const promotions = await db
    .selectFrom('promotions')
    .select(['source', 'revision', 'traceparent'])
    .where('application', '=', application)
    .where('state', '=', 'waiting')
    .where('release', 'is', null)
    .execute();
  return [
    ...pins.map(({ spec, ...pin }) => ({ ...pin, source: (spec as PinSpec).source })),
    ...promotions.flatMap(({ source, revision, traceparent }) =>
      source === null || revision === null ? [] : [{ source, revision, file: null, traceparent }],
    ),
  ];
}

/**
 * Makes a release of every pinned commit that is none yet. What cannot be made is said, and changes nothing on any
 * cluster (G7).
 * @param application where it lives at the head of its source; null: the hub has never seen it there
 * @returns the commits that became releases
 * @throws FairwayError of the mirror where a commit could not be read just now; the others have been made
 */
export async function makePinned(
  context: RenderContext,
  name: string,
  application: ApplicationRow | null,
  pins: readonly Pinned[],
  steps: readonly ReleaseStep[],
  refusals: Refusals,
  span: LoopContext['span'],
): Promise<string[]> {
  const made: string[] = [];
  const problems: Problem[] = [];
  const later: FairwayError[] = [];
  for (const step of steps) {
    const pin = pins.find(({ revision }) => step.origin === 'pin' && revision === step.commit);
    if (pin === undefined) continue;
    try {
      const found = refusals.get(step.commit) ?? (await make(context, name, application, pin, step, span));
      if (found.length === 0) made.push(step.commit);
      else {
        refusals.set(step.commit, found);
        problems.push(...found.map((problem) => atPin(problem, pin, step)));
      }
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
      if (error.retry === 'again') later.push(error);
      const { code, message, remedy = null } = error;
      const problem = { code, severity: 'error', line: null, field: 'spec.revision', message, remedy } as const;
      problems.push(atPin({ ...problem, file: pin.file }, pin, step));
    }
  }
  await replaceProblems(context.db, `application:${name}:pins`, problems);
  const [first] = later;
  if (first !== undefined) throw first;
  return made;
}

/** @returns what is wrong; nothing where the release was made */
async function make(
  { db, mirrorOf }: RenderContext,
  name: string,
  application: ApplicationRow | null,
  pin: Pinned,
  step: ReleaseStep,
  span: LoopContext['span'],
): Promise<readonly Problem[]> {
  const { source } = pin;
  const { traceparent } = openRelease(span, pin.traceparent, name, step.commit);
  const mirror = await mirrorOf(source);
  await fetchCommit(db, mirror, source, step.commit);
  const row = await db.selectFrom('sources').select('spec').where('name', '=', source).executeTakeFirst();
  const folders = (row?.spec as Partial<SourceSpec> | undefined)?.paths ?? ['.'];
  const expected = application?.source === source ? application.path : null;
  const path = await locateApplication(mirror, step.commit, name, expected, folders);
  if (path === null) return [notThere(name, source, pin)];
  const { release, problems } = await readNewRelease(mirror, name, source, path, step);
  if (release === null) return problems;
  await inTransaction(db, (transaction) => writeRelease(transaction, release, traceparent));
  return [];
}

function atPin(problem: Problem, pin: Pinned, step: ReleaseStep): Problem {
  const where = pin.file === null ? ', to be promoted' : problem.file === pin.file ? '' : `, pinned by ${pin.file}`;
  return { ...problem, message: `${problem.message} (at ${step.commit.slice(0, 12)}${where})` };
}

function notThere(name: string, source: string, pin: Pinned): Problem {
  const message = `the source ${source} has no application ${name}`;
  const remedy = 'pin a commit that has it, or correct metadata.application';
  return {
    ...{ code: 'pin-application-missing', severity: 'error', file: pin.file, line: null, field: 'spec.revision' },
    ...{ message, remedy },
  };
}
