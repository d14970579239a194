import type { Kysely } from 'kysely';
import type { Loops } from '../queue/loops.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';
import { credentialsOf } from './credentials.ts';
import { followedSource } from './decide-sources.ts';
import { type HookedSource, readWebhook, type WebhookHeaders, wokenBy } from './webhook.ts';

export interface WebhookContext {
  readonly db: Kysely<Schema>;
  readonly dataKey: DataKey;
  readonly loops: Loops;
}

export interface WebhookRequest {
  readonly headers: WebhookHeaders;
  /** As it came: the signature is over these bytes. */
  readonly body: Uint8Array;
  /** Named in the hook's own address. */
  readonly source?: string | undefined;
}

/**
 * Wakes the sources that a hook is about, at once.
 * @returns their names; none where the hook is about a branch that nobody follows
 * @throws FairwayError `hook-malformed` (400), `hook-unknown-repository` (404), `hook-signature` (401)
 */
export async function handleWebhook(
  { db, dataKey, loops }: WebhookContext,
  { headers, body, source }: WebhookRequest,
): Promise<{ readonly sources: readonly string[] }> {
  const hook = readWebhook(headers, body);
  const rows = await db.selectFrom('sources').selectAll().where('removed_at', 'is', null).execute();
  const sources = await Promise.all(
    rows.map(async ({ name, origin, spec }): Promise<HookedSource> => {
      const { url, branch, pinsBranch, credentials } = followedSource(origin, spec);
      const stored = credentials === null ? null : await credentialsOf(db, dataKey, credentials);
      const branches = pinsBranch === null ? [branch] : [branch, pinsBranch];
      return { name, url, branches, secret: stored?.webhookSecret ?? null };
    }),
  );
  const woken = wokenBy(hook, body, sources, source ?? null);
  await Promise.all(woken.map((name) => loops.wake('source', name)));
  return { sources: woken };
}
