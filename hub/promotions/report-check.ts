import type { Selectable } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { CheckVerdict } from '../../core/promotion/types.ts';
import { record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { PromotionContext } from './context.ts';

export interface ReportCheck {
  readonly release: string;
  /** Null: wherever the release goes. */
  readonly environment: string | null;
  readonly name: string;
  readonly verdict: CheckVerdict;
  readonly detail: string | null;
  readonly url: string | null;
  readonly actor: string;
}

/**
 * Takes a verdict on a release; the latest of its name counts (P4, P7).
 * @throws FairwayError `release-not-found`, `environment-not-found`
 */
export async function reportCheck(
  context: Pick<PromotionContext, 'db' | 'loops' | 'now'>,
  { actor, ...verdict }: ReportCheck,
): Promise<Selectable<Schema['checks']>> {
  const { application, row } = await inTransaction(context.db, async (transaction) => {
    const release = await transaction
      .selectFrom('releases')
      .select('application')
      .where('id', '=', verdict.release)
      .executeTakeFirst();
    if (release === undefined) throw missing('release', verdict.release);
    if (verdict.environment !== null) {
      const environment = await transaction
        .selectFrom('declarations')
        .select('name')
        .where('kind', '=', 'Environment')
        .where('name', '=', verdict.environment)
        .executeTakeFirst();
      if (environment === undefined) throw missing('environment', verdict.environment);
    }
    const written = await transaction
      .insertInto('checks')
      .values({ ...verdict, reported_by: actor, at: new Date(context.now()) })
      .returningAll()
      .executeTakeFirstOrThrow();
    const { name, verdict: word, detail, url, environment } = verdict;
    await record(transaction, [
      {
        ...{ actor, action: 'check.report', subject: `release/${verdict.release}`, application: release.application },
        ...(environment === null ? {} : { environment }),
        ...{ release: verdict.release, detail: { name, verdict: word, detail, url } },
      },
    ]);
    return { application: release.application, row: written };
  });
  await context.loops.wake('promotion', application);
  return row;
}

function missing(field: 'release' | 'environment', name: string): FairwayError {
  return new FairwayError(`${field}-not-found`, `There is no ${field} ${JSON.stringify(name)}.`, { field });
}
