import type { Meter } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Authority } from '../fleet/authority.ts';
import type { Signer } from '../fleet/signing-key.ts';
import type { News } from '../link/news.ts';
import type { Loops } from '../queue/loops.ts';
import type { HandOuts } from '../rollouts/hand-out.ts';
import type { Mirror } from '../sources/mirror.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';

/** What the API needs of the hub. */
export interface ApiContext {
  readonly db: Kysely<Schema>;
  readonly dataKey: DataKey;
  readonly authority: Pick<Authority, 'fingerprints'>;
  readonly loops: Loops;
  /** By the source's name. Rejects with a FairwayError where there is no such source. */
  readonly mirrorOf: (source: string) => Promise<Mirror>;
  readonly signer: Signer;
  /** Of the fleet repository. */
  readonly pinsBranch: string;
  readonly handOuts: Pick<HandOuts, 'start'>;
  readonly news: Pick<News, 'subscribe'>;
  readonly log: Logger;
  /** Of this hub. */
  readonly version: string;
  /** `host:port` that agents dial. */
  readonly publicGrpc: string;
  /** Image that `cluster register -o manifest` names. */
  readonly agentImage: string;
  /** What `/readyz` asks besides the database, by name; a rejection says why not. */
  readonly readiness?: Readonly<Record<string, () => Promise<void>>>;
  /** The metrics of this process as Prometheus text; without it there is no `/metrics`. */
  readonly scrape?: () => Promise<string>;
  readonly meter?: Meter;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Requests a minute from one address. @default 12 000 */
  readonly requestsPerMinute?: number;
}
