import { sql, type Transaction } from 'kysely';
import type { Step } from '../../core/rollout/steps.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';
import type { RolloutRow } from './rows.ts';

/** What the ledger calls the state that a rollout came into. */
const actions: Readonly<Record<string, string>> = {
  'rollout.running': 'rollout.resume',
  'rollout.paused': 'rollout.pause',
  'rollout.rolling-back': 'rollout.roll-back',
  'rollout.completed': 'rollout.complete',
  'rollout.aborted': 'rollout.abort',
  'rollout.superseded': 'rollout.supersede',
  'rollout.rolled-back': 'rollout.return',
  'wave.approved': 'rollout.approve',
};

/** Steps of a journey in waves. */
const journey = new Set(['rollout.started', 'rollout.completed', 'rollout.superseded', 'wave.rolling']);

type About = Pick<RolloutRow, 'id' | 'environment' | 'application' | 'release' | 'strategy'>;

/**
 * Tells the ledger what a rollout as a whole came to (U1), and screens what happened on its way.
 * @param now milliseconds since the epoch
 * @param more what the ledger is told besides
 */
export async function announce(
  transaction: Transaction<Schema>,
  rollout: About,
  steps: readonly Step[],
  actor: string,
  now: number,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { id, environment, application, release } = rollout;
  const entries = steps.flatMap(({ event, wave, detail }): LedgerEntry[] => {
    const action = actions[event];
    if (action === undefined) return [];
    const about = { environment, application, release, detail: { ...detail, wave, ...more } };
    return [{ actor, action, subject: `rollout/${id}`, ...about }];
  });
  await record(transaction, entries);
  await tellScreens(transaction, rollout, steps, now);
}

async function tellScreens(
  transaction: Transaction<Schema>,
  { id, environment, application, release, strategy }: About,
  steps: readonly Step[],
  now: number,
): Promise<void> {
  // Where nothing waits for health there is no journey to tell of: each cluster says for itself what it has applied.
  const heard = strategy.gated ? steps : steps.filter(({ event }) => !journey.has(event));
  const told = heard.flatMap((step) => {
    const message = describe(step, application, release, environment, strategy.waves[step.wave ?? 0]?.name ?? '');
    return message === null ? [] : [{ ...message, cluster: step.cluster, data: { ...step, rollout: id } }];
  });
  if (told.length === 0) return;
  const { rows } = await sql<{ newest: number }>`
    with told as (
      insert into events (at, cluster, application, environment, release, type, severity, message, data)
      select ${new Date(now)}, r.cluster, ${application}, ${environment}, ${release}, 'rollout', r.severity, r.message, r.data
      from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as r (cluster text, severity text, message text, data jsonb)
      returning id
    ) select max(id) as newest from told`.execute(transaction);
  const [first] = rows;
  if (first !== undefined) await publishNews(transaction, { type: 'event', event: first.newest });
}

interface Told {
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
}

/** What people are told of a step; null: nothing. */
function describe(
  { event, cluster, detail }: Step,
  application: string,
  release: string,
  environment: string,
  wave: string,
): Told | null {
  const what = `the rollout of ${release} in ${environment}`;
  const why = typeof detail.reason === 'string' ? `: ${detail.reason}` : '';
  switch (event) {
    case 'rollout.started':
      return { severity: 'info', message: `${what} has begun` };
    case 'rollout.running':
      return { severity: 'info', message: `${what} goes on` };
    case 'rollout.paused':
      return { severity: 'warning', message: `${what} is paused${why}` };
    case 'rollout.rolling-back':
      return { severity: 'error', message: `${what} goes back${why}` };
    case 'rollout.rolled-back':
      return { severity: 'warning', message: `${what} was rolled back` };
    case 'rollout.completed':
      return { severity: 'info', message: `${what} is complete` };
    case 'rollout.aborted':
      return { severity: 'warning', message: `${what} was ended${why}` };
    case 'rollout.superseded':
      return { severity: 'info', message: `${what} gave way to another${why}` };
    case 'wave.rolling':
      return { severity: 'info', message: `wave ${wave} of ${what} has begun` };
    case 'wave.waiting':
      return { severity: 'info', message: `wave ${wave} of ${what} waits at its gate` };
    case 'cluster.failed':
      return { severity: 'error', message: `${application} did not become healthy on ${cluster}${why}` };
    case 'cluster.skipped':
      return { severity: 'warning', message: `${what} goes on without ${cluster}${why}` };
    default:
      return null;
  }
}
