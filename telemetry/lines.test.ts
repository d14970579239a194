import { describe, expect, it } from 'vitest';
import { formatLine } from './lines.ts';

const line = (record: object) =>
  formatLine({ level: 'info', time: '2026-01-01T12:00:00.000Z', service: 'hub', ...record }, (_, text) => text);
const clock = new Date('2026-01-01T12:00:00.000Z').toTimeString().slice(0, 8);

describe('a line for people', () => {
  it('says when, what, and the fields', () => {
    const record = { msg: 'a new head is taken', loop: 'source', source: 'fleet', clusters: 3, gone: null, none: [] };
    expect(line(record)).toBe(`${clock}  a new head is taken  source=fleet clusters=3`);
    expect(line({ msg: 'stopping' })).toBe(`${clock}  stopping`);
  });

  it('names the level where it is worth a word', () => {
    expect(line({ level: 'warn', msg: 'a sweep failed', loop: 'source' })).toBe(
      `${clock}  warn: a sweep failed  loop=source`,
    );
  });

  it('quotes what has spaces, and says of an error its message', () => {
    const err = { type: 'Error', message: 'it broke', stack: 'Error: it broke\n at …' };
    expect(line({ msg: 'x', err, names: ['a', 'b'], field: '' })).toBe(
      `${clock}  x  err="it broke" names=["a","b"] field=""`,
    );
  });
});
