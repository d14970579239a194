import type { Selectable } from 'kysely';
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

type PinRow = Pick<Selectable<Schema['pins']>, 'spec' | 'revision' | 'file' | 'traceparent'>;

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
  pins: readonly PinRow[],
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
  pin: PinRow,
  step: ReleaseStep,
  span: LoopContext['span'],
): Promise<readonly Problem[]> {
  const { source } = pin.spec as PinSpec;
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

function atPin(problem: Problem, pin: PinRow, step: ReleaseStep): Problem {
  const where = problem.file === pin.file ? '' : `, pinned by ${pin.file}`;
  return { ...problem, message: `${problem.message} (at ${step.commit.slice(0, 12)}${where})` };
}

function notThere(name: string, source: string, pin: PinRow): Problem {
  const message = `the source ${source} has no application ${name}`;
  const remedy = 'pin a commit that has it, or correct metadata.application';
  return {
    ...{ code: 'pin-application-missing', severity: 'error', file: pin.file, line: null, field: 'spec.revision' },
    ...{ message, remedy },
  };
}
