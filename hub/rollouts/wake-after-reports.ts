import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { ReportedNews } from '../link/store-reports.ts';
import type { Loops } from '../queue/loops.ts';
import type { Schema } from '../store/schema.ts';

export interface WakeAfterReports {
  readonly db: Kysely<Schema>;
  readonly loops: Pick<Loops, 'wake'>;
  readonly log: Logger;
}

/** Milliseconds in which news of many reports is told together. */
const window = 25;
/** What promotions wait for, soaks and health, is no matter of milliseconds. */
const promotionDelay = 200;

/**
 * Tells the loops what agents have reported: rollouts of what was reported on, or of what depends on it; placements
 * that waited for it (R12); promotions, where health has turned. It is told together and once; what is lost, a sweep
 * finds (R9).
 */
export function wakeAfterReports({ db, loops, log }: WakeAfterReports): (news: readonly ReportedNews[]) => void {
  let waiting: ReportedNews[] = [];
  let telling = false;

  const tell = async () => {
    await pause(window);
    while (waiting.length > 0) {
      const news = waiting;
      waiting = [];
      await tellLoops(db, loops, news).catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, 'rollouts are not told of reports; the sweep will find them'),
      );
    }
    telling = false;
  };

  return (news) => {
    waiting.push(...news);
    if (telling) return;
    telling = true;
    void tell();
  };
}

async function tellLoops(db: Kysely<Schema>, loops: Pick<Loops, 'wake'>, news: readonly ReportedNews[]): Promise<void> {
  const about = new Map(
    news.map(({ environment, application }) => [`${environment}/${application}`, { environment, application }]),
  );
  const turned = [...new Set(news.flatMap((each) => (each.turned ? [each.application] : [])))];
  const { rows: rollouts } = await sql<{ id: number }>`
    select distinct r.id from rollouts r join releases on releases.id = r.release
    join jsonb_to_recordset(${JSON.stringify([...about.values()])}::jsonb) as n (environment text, application text)
      on n.environment = r.environment
    where r.ended_at is null and (r.application = n.application or releases.spec -> 'dependsOn' ? n.application)`.execute(
    db,
  );
  const { rows: dependents } =
    turned.length === 0
      ? { rows: [] }
      : await sql<{ name: string }>`
          select name from applications where spec -> 'dependsOn' ?| ${turned}::text[]`.execute(db);
  await Promise.all([
    ...rollouts.map(({ id }) => loops.wake('rollout', String(id))),
    ...dependents.map(({ name }) => loops.wake('placement', name)),
    ...turned.map((application) => loops.wake('promotion', application, promotionDelay)),
  ]);
}
