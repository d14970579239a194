import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';
import type { Post } from './post.ts';

/** What notifications need of the hub. */
export interface NotificationContext {
  readonly db: Kysely<Schema>;
  readonly dataKey: DataKey;
  readonly log: Logger;
  /** Sends one request to the world outside. */
  readonly post: Post;
  /** Names this hub among others, in CloudEvents: a URI reference. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}
