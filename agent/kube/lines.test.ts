import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineSplitter } from './lines.ts';

it('gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((line) => line.trim() !== '' && !line.includes('\n')),
      ),
      fc.array(fc.nat(40)),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const splitter = createLineSplitter(1_000_000);
        const found: string[] = [];
        let start = 0;
        for (const cut of cuts) {
          found.push(...splitter.push(bytes.subarray(start, start + cut)));
          start += cut;
        }
        found.push(...splitter.push(bytes.subarray(start)));
        expect(found).toEqual(lines);
      },
    ),
  );
});

it('keeps back a line that is not whole, and bounds it', () => {
  const splitter = createLineSplitter(10);
  expect(splitter.push(Buffer.from('{"a"'))).toEqual([]);
  expect(splitter.push(Buffer.from(':1}\n\n'))).toEqual(['{"a":1}']);
  expect(() => splitter.push(Buffer.from('12345678901'))).toThrow(RangeError);
});
