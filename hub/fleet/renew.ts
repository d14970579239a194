import type { Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { isRenewable } from '../../core/link/renewal.ts';
import { record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { JoinContext, Joined } from './join.ts';
import { certificateUnknown, clusterRevoked } from './refusals.ts';

export interface RenewCommand {
  /** Of the certificate that the agent holds, and has proved to have the key of. */
  readonly serial: string;
  /** PKCS#10, DER. */
  readonly request: Uint8Array;
  readonly agentVersion: string;
}

/**
 * Gives a cluster its next certificate for the one that it holds, or that ran out of late (T2). The one before holds
 * until it runs out, for the answer may be lost.
 * @throws FairwayError `certificate-unknown`, `cluster-revoked`, `certificate-expired`, `certificate-request-invalid`
 */
export function renew(
  { db, authority, now }: JoinContext,
  { serial, request, agentVersion }: RenewCommand,
): Promise<Joined> {
  return inTransaction(db, async (transaction) => {
    const cluster = await holderOf(transaction, serial, now());
    const signed = await authority.sign(request, cluster);
    const expires_at = signed.expiresAt;
    await transaction
      .insertInto('certificates')
      .values({ serial: signed.serial, cluster, issued_at: new Date(now()), expires_at })
      .execute();
    await record(transaction, [
      {
        actor: `cluster:${cluster}`,
        action: 'cluster.renew',
        subject: `cluster/${cluster}`,
        cluster,
        detail: {
          serial: signed.serial,
          before: serial,
          certificateExpiresAt: expires_at.toISOString(),
          agentVersion,
        },
      },
    ]);
    return { cluster, certificate: signed.certificate, authorities: authority.authorities };
  });
}

/** The cluster's row is locked, so that a revocation comes wholly before or wholly after (T3). */
async function holderOf(transaction: Transaction<Schema>, serial: string, now: number): Promise<string> {
  const row = await transaction
    .selectFrom('certificates')
    .innerJoin('clusters', 'clusters.name', 'certificates.cluster')
    .select(['clusters.name', 'clusters.state'])
    .where('certificates.serial', '=', serial)
    .forShare('clusters')
    .executeTakeFirst();
  if (row === undefined) throw certificateUnknown();
  // Read under the lock: what a revocation wrote before it was had is seen.
  const { revoked_at, expires_at } = await transaction
    .selectFrom('certificates')
    .select(['revoked_at', 'expires_at'])
    .where('serial', '=', serial)
    .executeTakeFirstOrThrow();
  if (revoked_at !== null || row.state !== 'joined') throw clusterRevoked(row.name);
  if (isRenewable(expires_at.getTime(), now)) return row.name;
  throw new FairwayError(
    'certificate-expired',
    `The certificate of the cluster ${row.name} expired at ${expires_at.toISOString()}, too long ago to be renewed.`,
    { remedy: `Join again: \`fairway cluster register ${row.name} --replace\`.` },
  );
}
