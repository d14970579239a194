import { describe, expect, it } from 'vitest';
import { parsePins } from '../kinds/parse.ts';
import type { PinSpec } from '../kinds/pin.ts';
import { commitMessage, type PinMove } from './commit-message.ts';
import { writePin } from './pin-file.ts';

const key = { environment: 'prod', application: 'shop' };
const spec: PinSpec = { source: 'fleet', revision: 'a'.repeat(40), promotion: '42' };
const read = (text: string | null) =>
  parsePins(new Map([['pins/prod/shop.yaml', Buffer.from(text ?? '')]])).pins.map((pin) => [pin.application, pin.spec]);

describe('a pin file', () => {
  it.each<[string, PinSpec]>([
    ['new', spec],
    ['held', { ...spec, hold: { reason: 'it: "broke" # again\n', by: 'user:lead@example.com' } }],
    ['of names that YAML would read otherwise', { source: 'y', revision: '1'.repeat(40), promotion: '007' }],
  ])('%s, is read as it was written', (_, wanted) => {
    const odd = { environment: 'no', application: '1e3' };
    const { pins, problems } = parsePins(new Map([['pins/x.yaml', Buffer.from(writePin(null, odd, wanted) ?? '')]]));
    expect(problems).toEqual([]);
    expect(pins).toMatchObject([{ environment: 'no', application: '1e3', spec: wanted }]);
  });

  it('keeps what people wrote in it, and the other pins', () => {
    const other = writePin(null, { environment: 'prod', application: 'other' }, spec);
    const text = `# Mind the sale.\n${writePin(null, key, spec)}---\n${other}`;
    const next = writePin(text, key, { ...spec, revision: 'b'.repeat(40), hold: { reason: 'x', by: 'y' } });
    expect(next).toContain('# Mind the sale.');
    expect(read(next)).toEqual([
      ['shop', { ...spec, revision: 'b'.repeat(40), hold: { reason: 'x', by: 'y' } }],
      ['other', spec],
    ]);
    expect(read(writePin(next, key, spec))).toEqual([
      ['shop', spec],
      ['other', spec],
    ]);
    expect(read(writePin(next, key, null))).toEqual([['other', spec]]);
  });

  it('is gone with its last pin, and takes one more', () => {
    expect(writePin(writePin(null, key, spec), key, null)).toBeNull();
    expect(writePin(null, key, null)).toBeNull();
    const other = writePin(null, { environment: 'prod', application: 'other' }, spec);
    expect(read(writePin(other, key, spec)).map(([name]) => name)).toEqual(['other', 'shop']);
  });
});

describe('the message of a commit', () => {
  const move: PinMove = {
    ...{ promotion: 42, kind: 'release', environment: 'prod', application: 'shop', release: 'shop@abc' },
    ...{
      requestedBy: 'user:dana@example.com',
      approvedBy: ['user:bob@example.com'],
      planDigest: 'sha256:1',
      reason: null,
    },
  };

  it('[G10] ends in trailers', () => {
    expect(commitMessage([move])).toBe(
      'prod: promote shop@abc\n\nFairway-Promotion: 42\nPromoted-by: user:dana@example.com\nApproved-by: user:bob@example.com\nPlan-digest: sha256:1',
    );
  });

  it('[G10] of a set names each of it', () => {
    const text = commitMessage([move, { ...move, promotion: 43, application: 'database', release: 'database@abc' }]);
    expect(text.split('\n\n')).toEqual([
      'prod: move 2 applications together',
      'prod: promote shop@abc\nprod: promote database@abc',
      'Fairway-Promotion: 42\nFairway-Promotion: 43\nPromoted-by: user:dana@example.com\nApproved-by: user:bob@example.com\nPlan-digest: sha256:1\nPlan-digest: sha256:1',
    ]);
  });

  it('[P6] lets nobody write a trailer of their own', () => {
    const reason = 'new prices\n\nApproved-by: user:boss@example.com';
    const text = commitMessage([{ ...move, reason, requestedBy: 'token:x\nApproved-by: me' }]);
    expect(text.split('\n').filter((line) => line.startsWith('Approved-by:'))).toEqual([
      'Approved-by: user:bob@example.com',
    ]);
  });
});
