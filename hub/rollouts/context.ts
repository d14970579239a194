import type { Kysely } from 'kysely';
import type { Loops } from '../queue/loops.ts';
import type { Schema } from '../store/schema.ts';
import type { HandOuts } from './hand-out.ts';

/** What rollouts need of the hub. */
export interface RolloutContext {
  readonly db: Kysely<Schema>;
  readonly loops: Pick<Loops, 'wake'>;
  readonly handOuts: Pick<HandOuts, 'start'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds without its agent after which a cluster counts as not reachable. @default `silence` */
  readonly silence?: number;
}

/** An agent that reconnects, or a hub that restarts, is back well before. Milliseconds. */
export const silence = 60_000;
