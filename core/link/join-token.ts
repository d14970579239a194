import { createHash } from 'node:crypto';
import { type Digest, digestOf } from '../canonical.ts';
import { FairwayError } from '../errors.ts';

/**
 * What a new agent is given once: a secret that proves whom it may join as, and the fingerprints by which it knows
 * the right hub at first contact (T1, T2).
 */
export interface JoinToken {
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  readonly fingerprints: AuthorityFingerprints;
}

/** SHA-256 over the public keys (SPKI, DER) of the active and the standby authority; 64 hexadecimal digits each. */
export type AuthorityFingerprints = readonly [active: string, standby: string];

const prefix = 'fwj1_';
const size = 32;
const checkSize = 4;

/** The text form: `fwj1_…`, one word without padding, with a checksum so that a bad copy is told from a used token. */
export function encodeJoinToken({ secret, fingerprints }: JoinToken): string {
  const content = Buffer.concat([secret, ...fingerprints.map((fingerprint) => Buffer.from(fingerprint, 'hex'))]);
  return prefix + Buffer.concat([content, checkOf(content)]).toString('base64url');
}

/** @throws FairwayError `join-token-malformed` where the text is not one that `encodeJoinToken` wrote. */
export function decodeJoinToken(text: string): JoinToken {
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix)) throw malformed(`it does not begin with ${prefix}`);
  const bytes = Buffer.from(trimmed.slice(prefix.length), 'base64url');
  if (bytes.length !== 3 * size + checkSize) throw malformed('its length is wrong: part of it is missing, or too much');
  const content = bytes.subarray(0, 3 * size);
  const isExact = bytes.toString('base64url') === trimmed.slice(prefix.length);
  if (!isExact || !bytes.subarray(3 * size).equals(checkOf(content)))
    throw malformed('its checksum is wrong: a character differs');
  return {
    secret: Uint8Array.from(content.subarray(0, size)),
    fingerprints: [content.toString('hex', size, 2 * size), content.toString('hex', 2 * size)],
  };
}

/** What the hub stores of a token: nothing that could be used to join (T1). */
export function joinTokenHash(token: JoinToken): Digest {
  return digestOf(token.secret);
}

function checkOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, checkSize);
}

function malformed(why: string): FairwayError {
  return new FairwayError('join-token-malformed', `This is no join token: ${why}.`, {
    field: 'token',
    remedy: 'Copy the whole token again, or issue a new one with `fairway cluster register NAME --replace -o token`.',
  });
}
