import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { decodeJoinToken, encodeJoinToken, joinTokenHash } from '../../core/link/join-token.ts';
import type { Schema } from '../store/schema.ts';
import type { Authority } from './authority.ts';

/** How long a join token holds where nobody says otherwise, in milliseconds. */
const defaultLifetime = 60 * 60_000;
const longestLifetime = 7 * 24 * 60 * 60_000;

export interface IssuedToken {
  /** Shown once; only its hash is stored (T1). */
  readonly token: string;
  readonly expiresAt: Date;
}

interface Issue {
  readonly cluster: string;
  readonly actor: string;
  /** Milliseconds. */
  readonly timeToLive: number | undefined;
  readonly now: number;
}

/** Makes the one token that counts for a cluster; those issued before it no longer do (T1). */
export async function issueToken(
  transaction: Transaction<Schema>,
  { fingerprints }: Pick<Authority, 'fingerprints'>,
  { cluster, actor, timeToLive = defaultLifetime, now }: Issue,
): Promise<IssuedToken> {
  if (!Number.isFinite(timeToLive) || timeToLive < 1_000 || timeToLive > longestLifetime) {
    throw new FairwayError('time-to-live-invalid', 'A join token holds for at least a second and at most seven days.', {
      field: 'ttl',
      remedy: 'Write it as 15m, 12h or 7d.',
    });
  }
  const token = { secret: randomBytes(32), fingerprints };
  const expiresAt = new Date(now + timeToLive);
  await transaction.deleteFrom('join_tokens').where('cluster', '=', cluster).where('used_at', 'is', null).execute();
  await transaction
    .insertInto('join_tokens')
    .values({
      hash: joinTokenHash(token),
      cluster,
      created_by: actor,
      created_at: new Date(now),
      expires_at: expiresAt,
    })
    .execute();
  return { token: encodeJoinToken(token), expiresAt };
}

/**
 * Uses a token up, and says for which cluster it was. Of two uses at once one wins (T1).
 * @throws FairwayError `join-token-malformed`, `join-token-unknown`, `join-token-used`, `join-token-expired`.
 */
export async function redeemToken(transaction: Transaction<Schema>, text: string, now: number): Promise<string> {
  const hash = joinTokenHash(decodeJoinToken(text));
  const row = await transaction
    .selectFrom('join_tokens')
    .select(['cluster', 'expires_at', 'used_at'])
    .where('hash', '=', hash)
    .forUpdate()
    .executeTakeFirst();
  const remedy = 'Issue a new one: `fairway cluster register NAME --replace -o token`.';
  if (row === undefined) {
    throw new FairwayError(
      'join-token-unknown',
      'This hub knows no such join token, or it was replaced by a newer one.',
      {
        field: 'token',
        remedy,
      },
    );
  }
  if (row.used_at !== null) {
    const message = `This join token of the cluster ${row.cluster} was used at ${row.used_at.toISOString()}; it counts once.`;
    throw new FairwayError('join-token-used', message, { field: 'token', remedy });
  }
  if (row.expires_at.getTime() <= now) {
    const message = `This join token of the cluster ${row.cluster} expired at ${row.expires_at.toISOString()}.`;
    throw new FairwayError('join-token-expired', message, { field: 'token', remedy });
  }
  await transaction
    .updateTable('join_tokens')
    .set({ used_at: new Date(now) })
    .where('hash', '=', hash)
    .execute();
  return row.cluster;
}
