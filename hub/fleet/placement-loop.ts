import { type Kysely, sql } from 'kysely';
import type { Problem } from '../../core/errors.ts';
import { type AssignStep, decidePlacements, type PlacementDecision, type PlacementStep } from '../../core/placement.ts';
import type { OpenSpan } from '../../telemetry/spans.ts';
import type { Loop, LoopContext } from '../queue/loops.ts';
import { type BundleFor, ensureBundles, ensureNothing } from '../releases/bundles.ts';
import type { RenderContext } from '../releases/context.ts';
import { replaceProblems } from '../store/problems.ts';
import type { Schema } from '../store/schema.ts';
import { loadPlacementWorld } from './placement-world.ts';
import { type Carried, type PlacementWrite, writePlacements } from './placement-write.ts';

/**
 * The loop that gives each cluster its releases. Key: an application. It renders what is missing outside of any
 * transaction, then decides again under the application's lock: two replicas that decide at once end as one
 * decision, and a world that moved meanwhile is seen (R11).
 */
export function placementLoop(context: RenderContext): Loop {
  const { db } = context;
  return {
    name: 'placement',
    concurrency: 4,
    keys: async () => (await db.selectFrom('applications').select('name').execute()).map(({ name }) => name),
    reconcile: async (application, { log, signal, span }) => {
      const rendered = new Map<string, RenderedStep>();
      while (!signal.aborted) {
        const draft = await decide(db, application);
        await renderMissing(context, draft, rendered);
        const changed = await db.transaction().execute(async (transaction) => {
          await sql`select pg_advisory_xact_lock(hashtextextended(${`placement:${application}`}, 0))`.execute(
            transaction,
          );
          const { steps, problems } = await decide(transaction, application);
          if (steps.some((step) => step.type === 'assign' && !rendered.has(renderKey(step)))) return null;
          const { writes, failures } = settle(steps, rendered);
          await replaceProblems(transaction, `placement:${application}`, [...problems, ...failures]);
          return writePlacements(transaction, application, writes, (of) => openAssign(span, application, of));
        });
        if (changed === null) continue;
        if (changed.length > 0) log.info({ application, clusters: changed.length }, 'placements changed');
        return undefined;
      }
      return undefined;
    },
  };
}

/** The span of giving one release to its clusters, on the trace that the release came with. */
function openAssign(
  span: LoopContext['span'],
  application: string,
  { release, environment, ...of }: Carried,
): OpenSpan {
  const attributes = {
    'fairway.application': application,
    'fairway.release': release,
    'deployment.environment.name': environment,
    'vcs.ref.head.revision': of.commit,
  };
  return span('assign', { parent: of.traceparent, attributes });
}

async function decide(db: Kysely<Schema>, application: string): Promise<PlacementDecision> {
  const world = await loadPlacementWorld(db, application);
  return world === null ? { steps: [], problems: [] } : decidePlacements(world);
}

interface RenderedStep {
  readonly commit: string;
  readonly traceparent: string | null;
  readonly outcome: BundleFor;
}

/** What a render of a step depends on. */
function renderKey({ release, removal, cluster, environment, labels }: AssignStep): string {
  return JSON.stringify([release, removal, environment, cluster, labels]);
}

async function renderMissing(
  context: RenderContext,
  { steps }: PlacementDecision,
  rendered: Map<string, RenderedStep>,
): Promise<void> {
  const missing = new Map<string, AssignStep[]>();
  for (const step of steps) {
    if (step.type !== 'assign' || rendered.has(renderKey(step))) continue;
    const others = missing.get(step.release);
    if (others === undefined) missing.set(step.release, [step]);
    else others.push(step);
  }
  for (const [id, assigns] of missing) {
    const release = await context.db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const outcomes = await ensureBundles(
      context,
      release,
      assigns.filter(({ removal }) => !removal),
    );
    for (const step of assigns) {
      const outcome = step.removal ? await ensureNothing(context.db, release.application) : outcomes.get(step.cluster);
      if (outcome === undefined) throw new Error(`no render of ${id} for cluster ${step.cluster}`);
      rendered.set(renderKey(step), { commit: release.commit, traceparent: release.traceparent, outcome });
    }
  }
}

/** A cluster whose render failed keeps what it runs; the same failure on many clusters is said once (G6). */
function settle(
  steps: readonly PlacementStep[],
  rendered: ReadonlyMap<string, RenderedStep>,
): { writes: PlacementWrite[]; failures: Problem[] } {
  const writes: PlacementWrite[] = [];
  const failures = new Map<string, Problem>();
  for (const step of steps) {
    if (step.type !== 'assign') {
      writes.push(step);
      continue;
    }
    const { commit, traceparent, outcome } = rendered.get(renderKey(step)) as RenderedStep;
    if ('problem' in outcome) failures.set(`${outcome.problem.code} ${outcome.problem.message}`, outcome.problem);
    else writes.push({ ...step, bundle: outcome.bundle, commit, traceparent });
  }
  return { writes, failures: [...failures.values()] };
}
