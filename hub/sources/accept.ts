import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { fleetSource } from './decide-sources.ts';
import { lockSources, readPinsHead, writePinsHead } from './write-source.ts';

/**
 * A person's word that a rewritten head is meant (G7). Wake the `source` loop of the source afterwards: it takes the
 * commit as if it had descended.
 * @param commit the rewritten head, so that nobody accepts what they have not seen
 * @throws FairwayError `source-not-found`, `rewrite-not-found`
 */
export async function acceptRewrite(db: Kysely<Schema>, name: string, commit: string, actor: string): Promise<void> {
  await inTransaction(db, async (transaction) => {
    await lockSources(transaction);
    const row = await transaction.selectFrom('sources').selectAll().where('name', '=', name).executeTakeFirst();
    if (row === undefined || row.removed_at !== null) {
      throw new FairwayError('source-not-found', `There is no source ${JSON.stringify(name)}.`, { field: 'name' });
    }
    const pins = name === fleetSource ? await readPinsHead(transaction) : null;
    let before: string | null;
    if (row.rewritten_head === commit) {
      before = row.head;
      await transaction
        .updateTable('sources')
        .set({ head: commit, rewritten_head: null })
        .where('name', '=', name)
        .execute();
    } else if (pins?.rewritten === commit) {
      before = pins.commit;
      await writePinsHead(transaction, { commit, rewritten: null });
    } else {
      throw new FairwayError('rewrite-not-found', `${commit} is no head of ${name} that waits to be accepted.`, {
        field: 'commit',
        remedy: 'Name the commit that the source shows as its rewritten head.',
      });
    }
    const detail = { before };
    await record(transaction, [{ actor, action: 'source.accept-rewrite', subject: `source/${name}`, commit, detail }]);
  });
}
