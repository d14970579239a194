import type { Address } from '../../core/address.ts';
import { protocolVersion } from '../../core/link/protocol.ts';
import type { RenewResponse } from '../../proto/gen/fairway/agent/v1/agent.ts';
import { ask } from './ask.ts';
import { createKey } from './certificate-request.ts';
import type { Identity } from './identity.ts';
import { fingerprintOfPem, probeHub } from './probe.ts';

/**
 * Exchanges an identity for the next one, with a key of its own (T2). The hub is known by the authorities that are
 * trusted already; those that it names from then on, a new standby among them, are trusted because it is known.
 * @throws FairwayError `cluster-revoked`, `certificate-…` as the hub says it, `hub-untrusted`, `hub-unreachable`
 */
export async function renewIdentity(
  address: Address,
  identity: Identity,
  agentVersion: string,
  signal: AbortSignal,
): Promise<Identity> {
  await probeHub(address, identity.authorities.map(fingerprintOfPem), signal);
  const { key, request } = createKey();
  const { certificate, authorities } = await ask<RenewResponse>(
    address,
    identity.authorities,
    identity,
    (client, options, answer) => client.renew({ protocol: protocolVersion, request, agentVersion }, options, answer),
  );
  return { ...identity, key, certificate, authorities: authorities.length > 0 ? authorities : identity.authorities };
}
