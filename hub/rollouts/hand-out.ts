import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import type { QueueBackend } from '../queue/backend.ts';
import { createFanOut } from '../queue/fan-out.ts';
import type { Loops } from '../queue/loops.ts';
import type { Schema } from '../store/schema.ts';

/** Clusters whose turn came in one decision. */
interface HandOut {
  readonly rollout: number;
  readonly generation: number;
  readonly clusters: readonly string[];
}

/** Hands clusters the release of their rollout, so many a second. */
export interface HandOuts {
  start(handOut: HandOut): Promise<void>;
  run(): Promise<void>;
  close(): Promise<void>;
}

export interface HandOutsOptions {
  readonly db: Kysely<Schema>;
  readonly backend: Pick<QueueBackend, 'createQueue' | 'createWorker' | 'createFlows'>;
  readonly loops: Pick<Loops, 'wake'>;
  /** Clusters a second, over all hubs. */
  readonly rate: number;
  readonly log: Logger;
}

/** A job a cluster; when those of a decision are through, the rollout is looked at again. */
export function createHandOuts({ db, backend, loops, rate, log }: HandOutsOptions): HandOuts {
  const fanOut = createFanOut({
    ...{ backend, name: 'hand-out', rate, log },
    item: async (key, cluster) => {
      const application = await handOut(db, parse(key), cluster);
      if (application !== null) await loops.wake('placement', application);
    },
    done: (key) => loops.wake('rollout', String(parse(key).rollout)),
  });
  return {
    start: ({ rollout, generation, clusters }) => fanOut.start(`${rollout} ${generation}`, clusters),
    run: fanOut.run,
    close: fanOut.close,
  };
}

type Decided = Pick<HandOut, 'rollout' | 'generation'>;

function parse(key: string): Decided {
  const [rollout = 0, generation = 0] = key.split(' ').map(Number);
  return { rollout, generation };
}

/**
 * From now on the cluster's placement follows its rollout (G1). Nothing happens where that is so already, or where the
 * rollout has moved on: it is paused, has ended, goes back, or has given the cluster another turn (R7, R9).
 * @returns the application; null: nothing happened
 */
async function handOut(db: Kysely<Schema>, { rollout, generation }: Decided, cluster: string): Promise<string | null> {
  const { rows } = await sql<{ application: string }>`
    with active as (
      select id, application from rollouts where id = ${rollout} and state = 'running' for share
    )
    update rollout_clusters c set handed_out_at = now() from active
    where c.rollout = active.id and c.cluster = ${cluster} and c.assigned_by = ${generation} and c.state = 'updating'
      and c.handed_out_at is null and not c.given_back
    returning active.application`.execute(db);
  return rows[0]?.application ?? null;
}
