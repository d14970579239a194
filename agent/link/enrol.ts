import type { Address } from '../../core/address.ts';
import { decodeJoinToken, joinTokenHash } from '../../core/link/join-token.ts';
import { protocolVersion } from '../../core/link/protocol.ts';
import type { JoinResponse } from '../../proto/gen/fairway/agent/v1/agent.ts';
import { ask } from './ask.ts';
import { createKey } from './certificate-request.ts';
import type { Identity } from './identity.ts';
import { fingerprintOfPem, probeHub } from './probe.ts';

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
  const { key, request } = createKey();
  const asked = { protocol: protocolVersion, token: joinToken.trim(), request, agentVersion };
  const { cluster, certificate, authorities } = await ask<JoinResponse>(
    address,
    [authority],
    null,
    (client, options, answer) => client.join(asked, options, answer),
  );
  // The hub names both authorities, but only those that the token named are believed.
  const trusted = authorities.filter((pem) => token.fingerprints.includes(fingerprintOfPem(pem)));
  return { cluster, key, certificate, authorities: trusted, token: joinTokenHash(token) };
}
