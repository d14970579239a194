import { describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../proto/rest/events.ts';
import { formatLine, lineOf, shortRelease } from './line.ts';

const plain = { style: (_style: string, text: string) => text };
const event = (fields: Partial<FleetEvent>): FleetEvent => ({
  id: 1,
  at: '2030-01-01T12:00:00.000Z',
  type: 'applied',
  severity: 'info',
  message: 'a message',
  cluster: 'prod-1',
  application: 'shop',
  environment: 'prod',
  release: 'shop@1ca3c1141945',
  data: null,
  ...fields,
});
const drift = (outcome: string, fields: object = {}) =>
  lineOf(
    event({
      type: 'drift',
      data: {
        outcome,
        drift: {
          object: { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' },
          field: '/spec/replicas',
          wanted: '3',
          found: '9',
          manager: 'kubectl',
          ...fields,
        },
      },
    }),
  )?.text;

describe('a line about an event', () => {
  it('says of a release what it is called and who made it of what', () => {
    const message = 'release shop@1ca3c1141945: Say hello';
    expect(lineOf(event({ type: 'release', cluster: null, message }))?.text).toBe('shop@1ca3c11 is new: Say hello');
  });

  it('says of anything else what the hub says, with releases as git abbreviates them', () => {
    const message = 'the rollout of shop@1ca3c1141945 in prod has begun';
    expect(lineOf(event({ type: 'rollout', message }))?.text).toBe('the rollout of shop@1ca3c11 in prod has begun');
  });

  it('says of an apply what changed, and nothing where nothing did', () => {
    const data = { created: 1, changed: 2, unchanged: 3, pruned: 0 };
    expect(lineOf(event({ data }))?.text).toBe('shop@1ca3c11 applied: 1 created, 2 changed');
    expect(lineOf(event({ data: { created: 0, changed: 0, unchanged: 3, pruned: 0 } }))).toBeNull();
  });

  it('[D3] says of drift who changed what, from what to what, and what came of it', () => {
    const what = 'drift in shop: kubectl changed Deployment shop/web /spec/replicas from 3 to 9';
    expect(drift('corrected')).toBe(`${what}; put back`);
    expect(drift('found')).toBe(`${what}; it stays`);
    expect(drift('gone')).toBe(`${what}; it is as it should be again`);
    expect(drift('fought')).toBe(`${what}, over and over`);
    expect(drift('corrected', { field: '', manager: 'unknown' })).toBe(
      'drift in shop: somebody deleted Deployment shop/web; put back',
    );
    expect(drift('corrected', { found: null })).toContain('from 3 to nothing');
  });

  it('falls back to the message where an event says less', () => {
    expect(lineOf(event({ type: 'drift', data: null }))?.text).toBe('shop: a message');
    expect(lineOf(event({ type: 'connected' }))?.text).toBe('a message');
  });

  it('stands in columns, and is one line whatever was written into it', () => {
    const line = formatLine(plain, { at: '2030-01-01T12:00:00.000Z', cluster: null, text: 'a\u001b[2J\nb' }, 9);
    expect(line).toMatch(/^\d\d:\d\d:00 {2}fleet {6}a \[2J b$/);
  });
});

it('releases are shortened as git does', () => {
  expect(shortRelease('shop@1ca3c1141945')).toBe('shop@1ca3c11');
  expect(shortRelease(null)).toBe('-');
});
