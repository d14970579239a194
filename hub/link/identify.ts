import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { certificateUnknown, clusterRevoked } from '../fleet/refusals.ts';
import type { Schema } from '../store/schema.ts';
import { createLoader } from './loader.ts';
import type { Peer } from './stream.ts';

interface Certificate {
  readonly cluster: string;
  readonly expiresAt: number;
  readonly revoked: boolean;
  /** Null: the cluster was removed. */
  readonly state: string | null;
}

/**
 * Says which cluster is at the other end of a connection. A resumed TLS session may carry a certificate that has
 * expired or was revoked since, so every call asks again (T2, T3).
 * @returns the peer. Throws FairwayError `certificate-missing`, `certificate-expired`, `certificate-unknown`,
 * `cluster-revoked`.
 */
export function createIdentify(db: Kysely<Schema>, now: () => number): (socket: TLSSocket) => Promise<Peer> {
  const load = createLoader((serials) => readCertificates(db, serials), 5);
  return async (socket) => {
    const presented = socket.authorized ? socket.getPeerX509Certificate() : undefined;
    if (presented === undefined) throw missing(socket);
    const serial = presented.serialNumber.toLowerCase();
    const certificate = await load(serial);
    if (certificate === null) throw certificateUnknown();
    const { cluster, expiresAt, revoked, state } = certificate;
    if (revoked || state !== 'joined') throw clusterRevoked(cluster);
    if (expiresAt <= now()) throw expired(`The certificate of the cluster ${cluster}`, expiresAt);
    return { cluster, serial, expiresAt };
  };
}

/**
 * The serial of the certificate that a connection has proved to have the key of, be it expired: whether it still
 * counts for something is the caller's to find out (T2).
 * @param authorities PEM: one of them signed it
 * @throws FairwayError `certificate-missing`, `certificate-untrusted`
 */
export function provenSerial(socket: TLSSocket | undefined, authorities: readonly string[]): string {
  const presented = socket?.getPeerX509Certificate();
  if (presented === undefined) throw certificateMissing();
  // Of several faults TLS names one alone, so that an expired certificate may be a forged one too.
  const isOurs = authorities.some((pem) => presented.verify(new X509Certificate(pem).publicKey));
  if (!isOurs) throw certificateUntrusted();
  return presented.serialNumber.toLowerCase();
}

async function readCertificates(
  db: Kysely<Schema>,
  serials: readonly string[],
): Promise<ReadonlyMap<string, Certificate>> {
  const rows = await db
    .selectFrom('certificates')
    .leftJoin('clusters', 'clusters.name', 'certificates.cluster')
    .select(['certificates.serial', 'certificates.cluster', 'certificates.expires_at', 'certificates.revoked_at'])
    .select('clusters.state')
    .where('serial', 'in', serials)
    .execute();
  return new Map(
    rows.map(({ serial, cluster, expires_at, revoked_at, state }) => [
      serial,
      { cluster, expiresAt: expires_at.getTime(), revoked: revoked_at !== null, state },
    ]),
  );
}

function missing(socket: TLSSocket): FairwayError {
  const presented = socket.getPeerX509Certificate();
  if (presented === undefined) return certificateMissing();
  const expiresAt = Date.parse(presented.validTo);
  if (String(socket.authorizationError).includes('EXPIRED')) return expired('The certificate', expiresAt);
  return certificateUntrusted();
}

function certificateMissing(): FairwayError {
  return new FairwayError('certificate-missing', 'A link needs the certificate that joining gives.', {
    remedy: 'Join first, with a token from `fairway cluster register`.',
  });
}

function certificateUntrusted(): FairwayError {
  return new FairwayError('certificate-untrusted', 'The certificate is not one that this hub gave.', {
    remedy: 'Check that the agent dials the hub that it joined.',
  });
}

function expired(what: string, expiresAt: number): FairwayError {
  return new FairwayError('certificate-expired', `${what} expired at ${new Date(expiresAt).toISOString()}.`, {
    remedy:
      'An agent renews it by itself, up to 90 days later; else join again: `fairway cluster register NAME --replace`.',
  });
}
