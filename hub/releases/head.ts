import type { Selectable, Transaction } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import { releaseId } from '../../core/release.ts';
import type { LoopContext } from '../queue/loops.ts';
import { replaceProblems } from '../store/problems.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { RenderContext } from './context.ts';
import { openRelease, readNewRelease, writeRelease } from './create.ts';
import { fetchCommit } from './prepared.ts';
import type { Refusals } from './refusals.ts';

export type ApplicationRow = Selectable<Schema['applications']>;

/**
 * Sees to it that the head of an application is its newest release, or that what is wrong with it is said.
 * @returns whether its newest release is another one now
 * @throws FairwayError of the mirror where the commit cannot be read now
 */
export async function settleHead(
  context: RenderContext,
  application: ApplicationRow,
  refusals: Refusals,
  span: LoopContext['span'],
): Promise<boolean> {
  const { db } = context;
  const { name, commit } = application;
  const scope = `application:${name}`;
  if (application.removed_at !== null) {
    await replaceProblems(db, scope, []);
    return false;
  }
  if (refusals.has(commit)) return false;
  const known = await db
    .selectFrom('releases')
    .select(['id', 'spec'])
    .where('id', '=', releaseId(name, commit))
    .executeTakeFirst();
  if (known !== undefined) {
    await db.deleteFrom('problems').where('scope', '=', scope).where('commit', 'is distinct from', commit).execute();
    if (application.newest_release === known.id) return false;
    return inTransaction(db, (transaction) =>
      setNewest(transaction, application, known.id, known.spec as ApplicationSpec),
    );
  }

  const making = openRelease(span, application.traceparent, name, commit);
  const mirror = await context.mirrorOf(application.source);
  await fetchCommit(db, mirror, application.source, commit);
  const step = { commit, origin: 'head' } as const;
  const { release, problems } = await readNewRelease(mirror, name, application.source, application.path, step);
  making.set({ 'fairway.problems': problems.length });
  const isNew = await inTransaction(db, async (transaction) => {
    if (release !== null) {
      if (!(await setNewest(transaction, application, release.id, release.spec))) return false;
      await writeRelease(transaction, release, making.traceparent);
    }
    await replaceProblems(transaction, scope, problems, { source: application.source, commit });
    return release !== null;
  });
  if (release === null) refusals.set(commit, problems);
  return isNew;
}

/** Nothing happens where the application's head has moved on meanwhile: a wake for that one is on its way. */
async function setNewest(
  transaction: Transaction<Schema>,
  { name, source, commit }: ApplicationRow,
  id: string,
  spec: ApplicationSpec,
): Promise<boolean> {
  const updated = await transaction
    .updateTable('applications')
    .set({ newest_release: id, spec: JSON.stringify(spec) })
    .where('name', '=', name)
    .where('source', '=', source)
    .where('commit', '=', commit)
    .where('removed_at', 'is', null)
    .returning('name')
    .executeTakeFirst();
  return updated !== undefined;
}
