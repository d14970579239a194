import { sql, type Transaction } from 'kysely';
import type { NoticeType } from '../../core/notification/notice.ts';
import type { Schema } from '../store/schema.ts';
import type { Draft } from './draft.ts';

/** What is older was told, or is no news. */
const horizon = sql`now() - interval '1 day'`;

interface Row {
  readonly key: string;
  readonly id: number;
  readonly environment: string;
  readonly application: string;
  readonly kind: string;
  readonly state: string;
  readonly release: string | null;
  readonly source: string | null;
  readonly commit: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

/** Promotions that wait for a person: for an approval, a verdict on an inconclusive check, or a merge. */
export async function findWaitingPromotions(transaction: Transaction<Schema>): Promise<Draft[]> {
  const { rows } = await sql<Row>`
    select * from (
      select 'promotion:' || p.id || ':' || (w ->> 'gate') || ':' || coalesce(w ->> 'name', '') || ':' || (w ->> 'since') as key,
        p.id, p.environment, p.application, p.kind, p.state, p.release, p.source, p.revision as commit,
        w ->> 'reason' as reason, p.state_since as at
      from promotions p cross join lateral jsonb_array_elements(p.waits) as w
      where p.ended_at is null and (w ->> 'gate' in ('approval', 'push') or w ->> 'gate' = 'check' and exists (
        select from checks c where c.release = p.release and c.name = w ->> 'name' and c.verdict = 'inconclusive'))
    ) found where not exists (select from notices n where n.key = found.key)`.execute(transaction);
  return rows.map((row) => {
    const what = row.release ?? `the removal of ${row.application}`;
    return draft(
      row,
      'promotion.waiting',
      `promotion/${row.id}`,
      `${what} waits for ${row.environment}: ${row.reason}`,
    );
  });
}

/** Rollouts as they begin, stop and end, and those whose next wave a person is to open. */
export async function findRollouts(transaction: Transaction<Schema>): Promise<Draft[]> {
  const { rows } = await sql<Row>`
    select * from (
      select 'rollout:' || r.id || ':' || case
          when r.state = 'running' and r.wait ->> 'on' = 'approval' then 'approval:' || r.wave
          when r.state = 'running' then 'started'
          else r.state || ':' || extract(epoch from r.state_since) end as key,
        r.id, r.environment, r.application, r.kind,
        case when r.state = 'running' and r.wait ->> 'on' = 'approval' then 'waiting' else r.state end as state,
        r.release, l.source, l.commit, coalesce(r.state_reason, r.wait ->> 'reason') as reason, r.state_since as at
      from rollouts r join releases l on l.id = r.release
      where r.state <> 'superseded' and (r.ended_at is null or r.ended_at > ${horizon})
    ) found where not exists (select from notices n where n.key = found.key)`.execute(transaction);
  return rows.map((row) => {
    const { type, message } = toldOf(row);
    return draft(row, type, `rollout/${row.id}`, message);
  });
}

function toldOf(row: Row): { readonly type: NoticeType; readonly message: string } {
  const what = row.kind === 'removal' ? `the removal of ${row.application}` : (row.release ?? row.application);
  const because = row.reason === null ? '' : `: ${row.reason}`;
  switch (row.state) {
    case 'running':
      return { type: 'rollout.started', message: `${what} is rolled out to ${row.environment}` };
    case 'waiting':
      return { type: 'rollout.waiting', message: `${what} waits in ${row.environment}${because}` };
    case 'completed':
      return { type: 'rollout.settled', message: `${what} is settled in ${row.environment}` };
    case 'paused':
      return { type: 'rollout.stopped', message: `${what} is paused in ${row.environment}${because}` };
    case 'rolling-back':
      return { type: 'rollout.stopped', message: `${what} is taken back from ${row.environment}${because}` };
    case 'rolled-back':
      return { type: 'rollout.stopped', message: `${what} was taken back from ${row.environment}${because}` };
    default:
      return { type: 'rollout.stopped', message: `${what} was ${row.state} in ${row.environment}${because}` };
  }
}

function draft(row: Row, type: NoticeType, subject: string, message: string): Draft {
  const { key, environment, application, release, source, commit, kind, state, at } = row;
  return {
    key,
    type,
    subject,
    message,
    at: at.toISOString(),
    environments: [environment],
    application,
    cluster: null,
    release,
    facts: { kind, state, reason: row.reason },
    origin: source === null || commit === null ? null : { source, commit },
  };
}
