import type { Logger } from 'pino';
import { FairwayError } from '../../core/errors.ts';
import type { PinSpec } from '../../core/kinds/pin.ts';
import { isSamePin } from '../../core/promotion/pin.ts';
import { pinPath } from '../../core/promotion/pin-file.ts';
import { fleetSource } from '../sources/decide-sources.ts';
import type { Mirror } from '../sources/mirror.ts';
import type { PromotionContext } from './context.ts';
import { makePinCommit, messageOf, type PinsBranch, readPinsBranch, remoteHead, writeOf } from './pin-commit.ts';
import { loadApprovers, loadHoldOverrides, noteCommit, notePushWait, reconsider } from './pinning.ts';
import type { PromotionRow } from './records.ts';

/** So often a commit is made again because others moved the branch meanwhile; then a sweep comes back to it. */
const attempts = 5;

/**
 * Takes the commits of promotions whose gates are met to Git (G10). A commit is recorded before it is pushed, and the
 * same change on the same head is the same commit: whoever finds one recorded, another replica or this hub after a
 * crash, does no harm by going on with it.
 * @throws FairwayError of the mirror that may pass by itself (`again`)
 */
export async function pushPins(context: PromotionContext, application: string, log: Logger): Promise<void> {
  const own = await context.db
    .selectFrom('promotions')
    .selectAll()
    .where('application', '=', application)
    .where('state', '=', 'pinning')
    .orderBy('id')
    .execute();
  for (const row of own) {
    const group = await groupOf(context, row);
    // One of a set is enough to push for all.
    if (group[0]?.id !== row.id) continue;
    try {
      await pushGroup(context, group);
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
      await notePushWait(context, group, null, error.message);
      if (error.retry === 'again') throw error;
      log.warn({ application, promotion: row.id, error: error.message }, 'a pin cannot be pushed');
    }
  }
}

async function groupOf({ db }: PromotionContext, row: PromotionRow): Promise<readonly PromotionRow[]> {
  if (row.promotion_set === null) return [row];
  return db
    .selectFrom('promotions')
    .selectAll()
    .where('promotion_set', '=', row.promotion_set)
    .where('state', '=', 'pinning')
    .orderBy('id')
    .execute();
}

async function pushGroup(context: PromotionContext, group: readonly PromotionRow[]): Promise<void> {
  const { pinsBranch } = context;
  const mirror = await context.mirrorOf(fleetSource);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const branch = await readPinsBranch(mirror, pinsBranch);
    const writes = group.map((row) => writeOf(row));
    if (writes.every(({ key, spec }) => isSamePin(branch.pinOf(key)?.spec ?? null, spec))) return readBack(context);
    if (!(await isAsDecided(context, group, branch))) return;
    if (await isRefusedAt(mirror, group, branch)) return;

    const at = Math.min(...group.map(({ state_since }) => state_since.getTime()));
    const message = messageOf(group, await loadApprovers(context.db, group));
    const commit = await makePinCommit(context, mirror, branch, writes, { at, message });
    if (!(await noteCommit(context.db, group, commit))) return;
    const refusal = await tryPush(mirror, commit, pinsBranch);
    if (refusal === null) return readBack(context);
    // Somebody was faster, perhaps with this very commit; or the branch takes none of the hub's.
    if ((await remoteHead(mirror, pinsBranch)) === branch.head)
      return offerMerge(context, mirror, group, commit, refusal);
  }
  throw new FairwayError('pins-contended', `The branch ${pinsBranch} moved ${attempts} times while the hub pushed.`, {
    retry: 'again',
  });
}

/** What Git says decides, whoever put it there. */
function readBack({ loops }: PromotionContext): Promise<void> {
  return loops.wake('source', fleetSource);
}

/**
 * False where a pin is another than the one that was decided on, which is then decided again (G10): one that the hub has
 * not read, or not judged, or that names another revision; or one that is held, though nobody opened that gate (P5). A
 * rollback is decided on whatever stands there.
 */
async function isAsDecided(
  context: PromotionContext,
  group: readonly PromotionRow[],
  branch: PinsBranch,
): Promise<boolean> {
  const rows = await context.db
    .selectFrom('pins')
    .select(['environment', 'application', 'spec', 'file', 'promotion'])
    .where(
      'application',
      'in',
      group.map(({ application }) => application),
    )
    .execute();
  const known = new Map(rows.map((row) => [pinPath(row), row]));
  const mayMoveHeld = await loadHoldOverrides(context.db, group);
  for (const row of group) {
    const before = known.get(pinPath(row));
    if (before !== undefined && branch.broken.has(before.file)) {
      await notePushWait(context, group, null, `${before.file} is broken on ${context.pinsBranch}: mend it`);
      return false;
    }
    const now = branch.pinOf(row)?.spec ?? null;
    const isRead = isSamePin(now, (before?.spec as PinSpec | undefined) ?? null) && before?.promotion !== null;
    const isUnmoved =
      (now?.revision ?? null) === row.pin_before && (now?.hold === undefined || mayMoveHeld.has(row.id));
    if (isRead && (isUnmoved || row.kind === 'rollback')) continue;
    await reconsider(context, group);
    await readBack(context);
    return false;
  }
  return true;
}

/** The branch refused this before, and nothing has changed since. */
async function isRefusedAt(mirror: Mirror, group: readonly PromotionRow[], { head }: PinsBranch): Promise<boolean> {
  const [first] = group;
  const commit = first?.pin_commit ?? null;
  if (commit === null || !first?.waits.some(({ gate, name }) => gate === 'push' && name !== null)) return false;
  if (!(await mirror.has(commit))) return false;
  return ((await mirror.commit(commit)).parents[0] ?? null) === head;
}

/** A branch that takes no commit of the hub's gets one beside it, which a person merges. */
async function offerMerge(
  context: PromotionContext,
  mirror: Mirror,
  group: readonly PromotionRow[],
  commit: string,
  refusal: string,
): Promise<void> {
  const { pinsBranch } = context;
  const beside = `fairway/promotion-${group[0]?.id}`;
  const second = await tryPush(mirror, commit, beside, true);
  const what =
    second === null
      ? `merge ${beside} into it`
      : `nor does ${beside} (${second}): let the hub push there, or write ${group.map(pinPath).join(', ')} yourself`;
  await notePushWait(context, group, beside, `${pinsBranch} does not take the hub's commit (${refusal}): ${what}`);
}

/**
 * Sends a commit to a branch of the remote.
 * @returns why the remote does not take it; null: it does
 * @throws FairwayError `git-unreachable`, `git-missing`
 */
export async function tryPush(mirror: Mirror, commit: string, branch: string, force = false): Promise<string | null> {
  try {
    return (await mirror.push(commit, branch, force)).refusal;
  } catch (error) {
    if (error instanceof FairwayError && error.code === 'git-refused') return error.message;
    throw error;
  }
}
