import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJoinToken, encodeJoinToken, joinTokenHash } from './join-token.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const fingerprint = bytes.map((value) => Buffer.from(value).toString('hex'));
const tokens = fc.record({ secret: bytes, fingerprints: fc.tuple(fingerprint, fingerprint) });

describe('join token', () => {
  it('[T1] is one word that carries the secret and both fingerprints', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        const text = encodeJoinToken(token);
        expect(text).toMatch(/^fwj1_[\w-]+$/);
        expect(decodeJoinToken(` ${text}\n`)).toEqual(token);
      }),
    );
  });

  it('[X4] says that a copy is bad, whatever is wrong with it', () => {
    const text = encodeJoinToken({ secret: randomBytes(32), fingerprints: ['a'.repeat(64), 'b'.repeat(64)] });
    const bad = [
      '',
      'hello',
      text.slice(1),
      text.slice(0, -1),
      `${text}A`,
      text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      text.slice(0, 20) + (text[20] === 'x' ? 'y' : 'x') + text.slice(21),
    ];
    for (const copy of bad) {
      expect(() => decodeJoinToken(copy), copy).toThrow(
        expect.objectContaining({ code: 'join-token-malformed', field: 'token' }),
      );
    }
  });

  it('[T1] is stored as a hash that differs for every secret', () => {
    fc.assert(
      fc.property(tokens, tokens, (one, other) => {
        fc.pre(Buffer.compare(one.secret, other.secret) !== 0);
        expect(joinTokenHash(one)).not.toBe(joinTokenHash(other));
      }),
    );
  });
});
