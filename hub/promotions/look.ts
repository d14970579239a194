import { FairwayError } from '../../core/errors.ts';
import { addressOf } from '../../core/promotion/authors.ts';
import type { PinChange, PlanFacts } from '../../core/promotion/world.ts';
import { makePlan } from '../plans/make.ts';
import { fetchCommit } from '../releases/prepared.ts';
import { fleetSource } from '../sources/decide-sources.ts';
import type { Mirror } from '../sources/mirror.ts';
import type { PromotionContext } from './context.ts';

/** What a decision needs and no transaction can wait for; kept for one run of the loop. */
export interface Looked {
  /** By promotion. */
  readonly plans: Map<number, PlanFacts>;
  /** By environment and the commit at which the pin was read. */
  readonly changes: Map<string, PinChange>;
}

export function nothingLooked(): Looked {
  return { plans: new Map(), changes: new Map() };
}

/** The key of a pin in `changes`. */
export function changeKey({ environment, commit }: { readonly environment: string; readonly commit: string }): string {
  return `${environment} ${commit}`;
}

/**
 * Makes the plan of a promotion as of now, and finds out who wrote what is new in it (P2, P3).
 * @throws FairwayError of the mirror (`again`)
 */
export async function lookAtPlan(context: PromotionContext, id: number, { plans }: Looked): Promise<void> {
  const { db } = context;
  const row = await db.selectFrom('promotions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const { environment, application, kind, release } = row;
  // Its gate says so: there is nothing to plan.
  if (kind !== 'removal' && release === null) return void plans.set(id, { failure: 'its commit is no release yet' });
  try {
    const plan = await makePlan(context, {
      environment,
      application,
      kind,
      release: kind === 'removal' ? null : release,
    });
    if (row.authors === null) await noteAuthors(context, id, release, row.previous);
    plans.set(id, { digest: plan.digest });
  } catch (error) {
    if (!(error instanceof FairwayError) || error.retry === 'again') throw error;
    plans.set(id, { failure: error.message });
  }
}

async function noteAuthors(
  { db, mirrorOf }: PromotionContext,
  promotion: number,
  release: string | null,
  previous: string | null,
): Promise<void> {
  const rows = await db
    .selectFrom('releases')
    .select(['id', 'source', 'path', 'commit', 'author'])
    .where('id', 'in', [release ?? '', previous ?? ''])
    .execute();
  const newer = rows.find(({ id }) => id === release);
  const older = rows.find(({ id }) => id === previous);
  if (newer === undefined) return;
  const mirror = await mirrorOf(newer.source);
  await fetchCommit(db, mirror, newer.source, newer.commit);
  const since = older?.source === newer.source ? older.commit : null;
  const { authors } = await mirror.authors(newer.commit, newer.path, since);
  const addresses = [newer.author ?? '', ...authors].flatMap((author) => addressOf(author) ?? []);
  await db
    .updateTable('promotions')
    .set({ authors: JSON.stringify([...new Set(addresses)]) })
    .where('id', '=', promotion)
    .execute();
}

/**
 * Finds out who changed a pin as it stands.
 * @throws FairwayError of the mirror
 */
export async function lookAtPin(
  { db, mirrorOf, signer, pinsBranch }: PromotionContext,
  application: string,
  environment: string,
  { changes }: Looked,
): Promise<void> {
  const pin = await db
    .selectFrom('pins')
    .select(['environment', 'commit', 'file', 'spec'])
    .where('environment', '=', environment)
    .where('application', '=', application)
    .executeTakeFirst();
  if (pin === undefined) return;
  const mirror = await mirrorOf(fleetSource);
  const commits = await lastChanges(mirror, pin, pinsBranch);
  const raw = await Promise.all(commits.map((commit) => mirror.rawCommit(commit)));
  const foreign = commits.find((_, index) => !signer.isOwn(raw[index] ?? new Uint8Array()));
  if (foreign === undefined) {
    const { promotion } = pin.spec as { readonly promotion?: string };
    const known = /^\d{1,15}$/.test(promotion ?? '')
      ? await db
          .selectFrom('promotions')
          .select('id')
          .where('id', '=', Number(promotion))
          .where('environment', '=', environment)
          .where('application', '=', application)
          .executeTakeFirst()
      : undefined;
    changes.set(changeKey(pin), { isRestored: known === undefined, actor: 'hub' });
    return;
  }
  const { author } = await mirror.commit(foreign);
  const address = addressOf(author);
  changes.set(changeKey(pin), { isRestored: false, actor: address === null ? 'git' : `user:${address}` });
}

async function lastChanges(
  mirror: Mirror,
  { commit, file }: { readonly commit: string; readonly file: string },
  branch: string,
): Promise<readonly string[]> {
  const found = await mirror.lastChanges(commit, file);
  if (found !== null) return found;
  // A mirror begins with the head alone.
  await mirror.deepen(branch);
  return (await mirror.lastChanges(commit, file)) ?? [commit];
}
