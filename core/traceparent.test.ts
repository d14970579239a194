import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, isSameTrace, parseTraceparent } from './traceparent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('reads back what it wrote', () => {
    const id = (digits: number) =>
      fc
        .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
        .map((all) => all.join(''))
        .filter((text) => !/^0+$/.test(text));
    fc.assert(
      fc.property(id(32), id(16), fc.integer({ min: 0, max: 255 }), (trace, span, flags) => {
        const name = { traceId: trace, spanId: span, flags };
        expect(parseTraceparent(formatTraceparent(name))).toEqual(name);
      }),
    );
  });

  it.each([
    null,
    '',
    'x',
    `00-${traceId}-${spanId}`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-01\n`,
  ])('takes %j for none', (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });

  it('reads what a later version of the format adds to', () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-01-more`)).toEqual({ traceId, spanId, flags: 1 });
  });

  it('tells whether two spans are of one trace', () => {
    const one = `00-${traceId}-${spanId}-01`;
    expect(isSameTrace(one, `00-${traceId}-1234567890abcdef-00`)).toBe(true);
    expect(isSameTrace(one, `00-${traceId.replace('4', '5')}-${spanId}-01`)).toBe(false);
    expect(isSameTrace(null, null)).toBe(false);
  });
});
