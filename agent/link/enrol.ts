import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { type Address, formatAddress } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { decodeJoinToken, joinTokenHash } from '../../core/join-token.ts';
import { protocolVersion } from '../../core/protocol.ts';
import type { JoinResponse } from '../../proto/gen/fairway/agent/v1/agent.ts';
import { fromServiceError } from '../../proto/refusal.ts';
import { certificateRequest } from './certificate-request.ts';
import { createClient } from './grpc.ts';
import type { Identity } from './identity.ts';
import { fingerprintOf, probeHub } from './probe.ts';

const patience = 15_000;

/**
 * Exchanges a join token for an identity: makes a key, looks whether the token's hub is at the other end, and only
 * then shows it the token (T1, T2).
 * @throws FairwayError `join-token-…` as the hub says it, `hub-untrusted`, `hub-not-fairway`, `hub-unreachable`
 */
export async function enrol(
  address: Address,
  joinToken: string,
  agentVersion: string,
  signal: AbortSignal,
): Promise<Identity> {
  const token = decodeJoinToken(joinToken);
  const authority = await probeHub(address, token.fingerprints, signal);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const request = certificateRequest(createPrivateKey(key));
  const { cluster, certificate, authorities } = await join(address, authority, {
    protocol: protocolVersion,
    token: joinToken.trim(),
    request,
    agentVersion,
  });
  // The hub names both authorities, but only those that the token named are believed.
  const trusted = authorities.filter((pem) => token.fingerprints.includes(fingerprintOf(new X509Certificate(pem))));
  return { cluster, key, certificate, authorities: trusted, token: joinTokenHash(token) };
}

async function join(
  address: Address,
  authority: string,
  request: Parameters<ReturnType<typeof createClient>['join']>[0],
): Promise<JoinResponse> {
  const client = createClient(address, [authority], null);
  try {
    return await new Promise((resolve, reject) => {
      client.join(request, { deadline: Date.now() + patience }, (error, response) =>
        error === null ? resolve(response) : reject(error),
      );
    });
  } catch (error) {
    const refusal = fromServiceError(error as never);
    if (refusal !== null) throw refusal;
    const message = `The hub at ${formatAddress(address)} did not answer the join: ${(error as Error).message}`;
    throw new FairwayError('hub-unreachable', message, { retry: 'again', field: 'hub', cause: error });
  } finally {
    client.close();
  }
}
