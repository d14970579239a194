import type { Kysely, Selectable } from 'kysely';
import type { Mirror } from '../sources/mirror.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';

/** What rendering needs of the hub. */
export interface RenderContext {
  readonly db: Kysely<Schema>;
  readonly dataKey: DataKey;
  /** By the source's name. Rejects with a FairwayError where there is no such source. */
  readonly mirrorOf: (source: string) => Promise<Mirror>;
}

export type Release = Selectable<Schema['releases']>;
