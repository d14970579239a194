import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { Address } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { decodeJoinToken, joinTokenHash } from '../../core/link/join-token.ts';
import type { Validity } from '../../core/link/renewal.ts';
import type { State } from '../state/port.ts';
import { enrol } from './enrol.ts';
import { type Identity, readIdentity, writeIdentity } from './identity.ts';
import { renewIdentity } from './renew.ts';

/** What this agent proves itself with: had by joining, kept young by renewing (T2). */
export interface Identities {
  /** The one to dial with: joins where there is none, renews where it has run out. */
  current(signal: AbortSignal): Promise<Identity>;
  /** Exchanges the one that is held for the next; returns once that is durable. */
  renew(signal: AbortSignal): Promise<void>;
  /** The hub says that it has run out, whatever this clock says: it is renewed before it is used again. */
  doubt(): void;
  /** When the certificate holds; null where none is held yet. */
  validity(): Validity | null;
}

export interface IdentityOptions {
  readonly state: State;
  /** Of the hub. */
  readonly address: Address;
  /** Needed once; a token that was not used yet makes the agent join anew. */
  readonly joinToken: string | null;
  readonly version: string;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createIdentities(options: IdentityOptions): Identities {
  const { state, address, joinToken, version, log, now } = options;
  let known: Identity | null = null;
  let doubted = false;
  /** The hub has said what it will say of this token. */
  let refused = false;
  let renewing: Promise<void> | null = null;

  const keep = async (identity: Identity) => {
    await writeIdentity(state, identity);
    known = identity;
    doubted = false;
  };

  const renew = (signal: AbortSignal): Promise<void> => {
    const renewOnce = async () => {
      if (known === null) return;
      await keep(await renewIdentity(address, known, version, signal));
      log.info({ cluster: known.cluster, expiresAt: new Date(validityOf(known).to) }, 'the certificate was renewed');
    };
    renewing ??= renewOnce().finally(() => {
      renewing = null;
    });
    return renewing;
  };

  const joinOr = async (held: Identity | null, token: string, signal: AbortSignal): Promise<void> => {
    try {
      if (held?.token === joinTokenHash(decodeJoinToken(token))) return;
      const joined = await enrol(address, token, version, signal);
      await keep(joined);
      log.info({ cluster: joined.cluster, hub: address }, 'joined');
    } catch (error) {
      if (held === null || !(error instanceof FairwayError)) throw error;
      const { code, message } = error;
      refused = error.retry === 'terminal';
      log.warn({ code, reason: message, cluster: held.cluster }, 'cannot join anew: going on as before');
    }
  };

  return {
    async current(signal) {
      known ??= await readIdentity(state, log);
      const token = joinToken?.trim() || null;
      if (token !== null && !(refused && known !== null)) await joinOr(known, token, signal);
      if (known === null) throw missing();
      if (doubted || now() >= validityOf(known).to) await renew(signal);
      return known;
    },
    renew,
    doubt() {
      doubted = true;
    },
    validity: () => (known === null ? null : validityOf(known)),
  };
}

function validityOf({ certificate }: Identity): Validity {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

function missing(): FairwayError {
  return new FairwayError('join-token-missing', 'This agent has not joined a hub yet, and has no join token.', {
    field: 'join-token',
    remedy: 'Give it one: `fairway cluster register NAME -o token`.',
  });
}
