import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberCounts } from '../../proto/rest/rollouts.ts';
import { countsText, drawBar } from './bar.ts';

const plain = { style: (_style: string, text: string) => text };
const none: MemberCounts = {
  ...{ total: 0, pending: 0, due: 0, updating: 0, healthy: 0, ill: 0 },
  ...{ failed: 0, skipped: 0, left: 0, returning: 0, returned: 0 },
};
const counts = (some: Partial<MemberCounts>): MemberCounts => ({
  ...none,
  ...some,
  total: Object.values(some).reduce((sum, count) => sum + count, 0),
});

describe('a bar', () => {
  it('shows how far a wave is', () => {
    expect(drawBar(plain, counts({ healthy: 5, updating: 2, pending: 3 }), 10)).toBe('█████▓▓░░░');
    expect(drawBar(plain, none, 4)).toBe('····');
  });

  it('shows one failed cluster among thousands', () => {
    expect(drawBar(plain, counts({ healthy: 9_999, failed: 1 }), 10)).toBe('██████████');
    const marked = { style: (style: string, text: string) => (style === 'red' ? 'x'.repeat(text.length) : text) };
    expect(drawBar(marked, counts({ healthy: 9_999, failed: 1 }), 10)).toBe('█████████x');
  });

  it('is as wide as it is to be, and shows whatever there is', () => {
    const number = fc.nat({ max: 10_000 });
    const standings = ['healthy', 'updating', 'due', 'failed', 'pending', 'skipped'] as const;
    const some = fc.record(Object.fromEntries(standings.map((standing) => [standing, number])));
    fc.assert(
      fc.property(some, fc.integer({ min: 10, max: 80 }), (of, width) => {
        const drawn: string[] = [];
        const style = (_style: string, text: string) => {
          drawn.push(text);
          return text;
        };
        const terminal = { style };
        expect(drawBar(terminal, counts(of), width)).toHaveLength(width);
        if (Object.values(of).some((count) => count > 0)) {
          expect(drawn).toHaveLength(Object.values(of).filter((count) => count > 0).length);
          expect(drawn.every((part) => part.length > 0)).toBe(true);
        }
      }),
    );
  });

  it('comes with its numbers', () => {
    expect(countsText(counts({ healthy: 2, pending: 1 }))).toBe('2/3 healthy');
    expect(countsText(counts({ healthy: 1, updating: 2, failed: 1 }))).toBe('1/4 healthy: 2 updating, 1 failed');
  });

  it('[R1] says whom a release was handed to where nothing waits for health', () => {
    expect(countsText(counts({ updating: 1 }), false)).toBe('handed to 1');
    expect(countsText(counts({ updating: 2, healthy: 1, due: 1, skipped: 1 }), false)).toBe(
      'handed to 3 of 5: 1 skipped, 1 due',
    );
  });
});
