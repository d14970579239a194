import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import { parseAddress } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { decodeJoinToken, joinTokenHash } from '../../core/join-token.ts';
import { agentCodec, hubCodec } from '../../proto/codec.ts';
import { grpcDuplex } from '../../proto/grpc-duplex.ts';
import type { State } from '../state/port.ts';
import { enrol } from './enrol.ts';
import { connected, createClient } from './grpc.ts';
import { type Identity, readIdentity, writeIdentity } from './identity.ts';
import type { Dial } from './port.ts';
import { fingerprintOf, probeHub } from './probe.ts';

export interface DialOptions {
  readonly state: State;
  /** `HOST:PORT`. */
  readonly hub: string;
  /** Needed once; a token that was not used yet makes the agent join anew. */
  readonly joinToken: string | null;
  readonly version: string;
  readonly log: Logger;
}

/** A hub that many come back to lets them in one after another (L5): who leaves the queue begins again at its end. */
const patience = 60_000;

/**
 * Dials a hub over gRPC and mutual TLS (L1), joining first where the agent has no identity (T2).
 * @throws FairwayError `address-invalid`
 */
export function createDial({ state, hub, joinToken, version, log }: DialOptions): Dial {
  const address = parseAddress(hub, 'FAIRWAY_HUB');
  let known: Identity | null = null;
  /** The hub has said what it will say of this token. */
  let refused = false;

  const identify = async (signal: AbortSignal): Promise<Identity> => {
    known ??= await readIdentity(state, log);
    const held = known;
    if (refused && held !== null) return held;
    if (joinToken === null || joinToken.trim() === '') {
      if (held !== null) return held;
      throw new FairwayError('join-token-missing', 'This agent has not joined a hub yet, and has no join token.', {
        field: 'join-token',
        remedy: 'Give it one: `fairway cluster register NAME -o token`.',
      });
    }
    try {
      if (held?.token === joinTokenHash(decodeJoinToken(joinToken))) return held;
      const joined = await enrol(address, joinToken, version, signal);
      await writeIdentity(state, joined);
      known = joined;
      log.info({ cluster: joined.cluster, hub }, 'joined');
      return joined;
    } catch (error) {
      if (held === null || !(error instanceof FairwayError)) throw error;
      const { code, message } = error;
      refused = error.retry === 'terminal';
      log.warn({ code, reason: message, cluster: held.cluster }, 'cannot join anew: going on as before');
      return held;
    }
  };

  return async (signal) => {
    const { authorities, key, certificate } = await identify(signal);
    const client = createClient(address, authorities, { key, certificate });
    const abort = () => client.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await connected(client, hub, patience);
    } catch (error) {
      client.close();
      signal.removeEventListener('abort', abort);
      // The transport does not say what was wrong: look again, and say it in words that help.
      await probeHub(address, authorities.map(fingerprint), signal);
      throw error;
    }
    const stream = client.link();
    const close = () => {
      signal.removeEventListener('abort', abort);
      client.close();
    };
    stream.once('close', close).once('error', close).once('end', close);
    return grpcDuplex(stream, agentCodec, hubCodec, () => {
      stream.cancel();
      close();
    });
  };
}

function fingerprint(pem: string): string {
  return fingerprintOf(new X509Certificate(pem));
}
