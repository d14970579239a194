import { type ReleaseStep, releasesToMake } from '../../core/release.ts';
import { wholeFleet } from '../fleet/check-loop.ts';
import type { Loop, Loops } from '../queue/loops.ts';
import type { RenderContext } from './context.ts';
import { settleHead } from './head.ts';
import { loadPinned, makePinned } from './pinned.ts';
import type { Refusals } from './refusals.ts';

/** Milliseconds. */
const checkDelay = 1_000;

/** The `release` loop: commits → releases, by application (G2). A broken commit becomes problems, and no release (G6). */
export function releaseLoop(context: RenderContext & { readonly loops: Pick<Loops, 'wake'> }): Loop {
  const { db, loops } = context;
  const refusals = new Map<string, Refusals>();
  return {
    name: 'release',
    concurrency: 2,
    keys: async () => {
      const applications = db.selectFrom('applications').select('name as key');
      const keys = await applications.union(db.selectFrom('pins').select('application as key')).execute();
      return keys.map(({ key }) => key);
    },
    reconcile: async (name, { log, span }) => {
      const [application, pins, releases] = await Promise.all([
        db.selectFrom('applications').selectAll().where('name', '=', name).executeTakeFirst(),
        loadPinned(db, name),
        db.selectFrom('releases').select('commit').where('application', '=', name).execute(),
      ]);
      const steps = releasesToMake({
        head: application === undefined || application.removed_at !== null ? null : application.commit,
        pinned: pins.map(({ revision }) => revision),
        released: new Set(releases.map(({ commit }) => commit)),
      });
      const known = retain(refusals.get(name), steps);
      refusals.set(name, known);

      const isHeadNew = application !== undefined && (await settleHead(context, application, known, span));
      const made = await makePinned(context, name, application ?? null, pins, steps, known, span);
      if (!isHeadNew && made.length === 0) return undefined;
      log.info({ application: name, commit: application?.commit, pinned: made }, 'releases made');
      await Promise.all([
        loops.wake('promotion', name),
        loops.wake('placement', name),
        // Of many releases at once it looks at the last.
        loops.wake('check', wholeFleet, checkDelay),
      ]);
      return undefined;
    },
  };
}

function retain(refusals: Refusals | undefined, steps: readonly ReleaseStep[]): Refusals {
  return new Map([...(refusals ?? [])].filter(([commit]) => steps.some((step) => step.commit === commit)));
}
