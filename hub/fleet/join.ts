import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Authority } from './authority.ts';
import { redeemToken } from './join-tokens.ts';

export interface JoinContext {
  readonly db: Kysely<Schema>;
  readonly authority: Pick<Authority, 'sign' | 'authorities'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface JoinCommand {
  readonly token: string;
  /** PKCS#10, DER. */
  readonly request: Uint8Array;
  readonly agentVersion: string;
}

export interface Joined {
  readonly cluster: string;
  /** PEM. */
  readonly certificate: string;
  readonly authorities: readonly string[];
}

/**
 * Exchanges a join token and a certificate request for a certificate (T1, T2). Where anything is wrong the token
 * stays unused.
 * @throws FairwayError `join-token-…`, `certificate-request-invalid`, `cluster-revoked`
 */
export function join(
  { db, authority, now }: JoinContext,
  { token, request, agentVersion }: JoinCommand,
): Promise<Joined> {
  return inTransaction(db, async (transaction) => {
    const cluster = await redeemToken(transaction, token, now());
    const { certificate, serial, expiresAt } = await authority.sign(request, cluster);
    const joinedAt = new Date(now());
    await transaction
      .insertInto('certificates')
      .values({ serial, cluster, issued_at: joinedAt, expires_at: expiresAt })
      .execute();
    const { numUpdatedRows } = await transaction
      .updateTable('clusters')
      .set({ state: 'joined', joined_at: joinedAt, agent_version: agentVersion })
      .where('name', '=', cluster)
      .where('state', '=', 'registered')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) {
      throw new FairwayError('cluster-revoked', `The cluster ${cluster} does not wait for an agent.`, {
        remedy: `Register it again: \`fairway cluster register ${cluster} --replace\`.`,
      });
    }
    await record(transaction, [
      {
        actor: `cluster:${cluster}`,
        action: 'cluster.join',
        subject: `cluster/${cluster}`,
        cluster,
        detail: { serial, certificateExpiresAt: expiresAt.toISOString(), agentVersion },
      },
    ]);
    return { cluster, certificate, authorities: authority.authorities };
  });
}
