import { createHash, randomBytes } from 'node:crypto';

const prefix = 'fwt_';
const form = /^fwt_[A-Za-z0-9_-]{43}$/;

/** A new token's secret: 256 bits, with a prefix by which scanners of leaked secrets know it (T6). */
export function newTokenSecret(): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

/** True for a text that could be a token's secret; nothing else is looked up. */
export function isTokenSecret(text: string): boolean {
  return form.test(text);
}

/**
 * What is stored of a secret, in hexadecimal. A secret of 256 random bits needs no salt and no slow hash, and
 * because the hash is what is looked up, the time of a look-up says nothing about the secret.
 */
export function hashTokenSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
