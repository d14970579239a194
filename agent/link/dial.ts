import type { ServiceError } from '@grpc/grpc-js';
import { type Address, formatAddress } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { agentCodec, hubCodec } from '../../proto/codec.ts';
import { grpcDuplex } from '../../proto/grpc-duplex.ts';
import { fromServiceError } from '../../proto/refusal.ts';
import { connected, createClient } from './grpc.ts';
import type { Identities } from './identities.ts';
import type { Dial } from './port.ts';
import { fingerprintOfPem, probeHub } from './probe.ts';

export interface DialOptions {
  /** Of the hub. */
  readonly address: Address;
  readonly identities: Pick<Identities, 'current' | 'doubt'>;
}

/** A hub that many come back to lets them in one after another, and says itself when one has waited too long (L5). */
const patience = 60_000;
/** Milliseconds after which a hub that failed was busy: whoever is not let in for what they are learns that at once. */
const busy = 5_000;

/** Dials a hub over gRPC and mutual TLS (L1), with the identity that joining gave (T2). */
export function createDial({ address, identities }: DialOptions): Dial {
  const hub = formatAddress(address);
  return async (signal) => {
    const { authorities, key, certificate } = await identities.current(signal);
    const client = createClient(address, authorities, { key, certificate });
    const abort = () => client.close();
    signal.addEventListener('abort', abort, { once: true });
    const startedAt = performance.now();
    try {
      await connected(client, hub, patience);
    } catch (error) {
      client.close();
      signal.removeEventListener('abort', abort);
      if (performance.now() - startedAt > busy) {
        throw new FairwayError('hub-busy', `The hub at ${hub} has others to let in first.`, { retry: 'again' });
      }
      // The transport does not say what was wrong: look again, and say it in words that help.
      await probeHub(address, authorities.map(fingerprintOfPem), signal);
      throw error;
    }
    const stream = client.link();
    const close = () => {
      signal.removeEventListener('abort', abort);
      client.close();
    };
    const failed = (error: ServiceError) => {
      if (fromServiceError(error)?.code === 'certificate-expired') identities.doubt();
      close();
    };
    stream.once('close', close).once('error', failed).once('end', close);
    return grpcDuplex(stream, agentCodec, hubCodec, () => {
      stream.cancel();
      close();
    });
  };
}
