import { describe, expect, it } from 'vitest';
import { renderTable } from './table.ts';
import { singleLine, textWidth } from './text-width.ts';

const plain = { style: (_style: string, text: string) => text };
const tagged = { style: (style: string, text: string) => `<${style}>${text}</>` };

describe('tables', () => {
  it('align columns, also of wide characters, and leave no white space behind', () => {
    const table = renderTable(
      plain,
      ['NAME', 'AGE'],
      [
        ['東京', 5],
        ['eu-1', null],
        ['👩‍👩‍👧', 'x'],
      ],
      'none',
    );
    expect(table).toBe('NAME   AGE\n東京   5\neu-1   -\n👩‍👩‍👧     x');
  });

  it('colour after aligning', () => {
    const table = renderTable(
      tagged,
      ['A', 'B'],
      [
        [{ text: 'x', style: 'red' }, 'y'],
        ['long', 'z'],
      ],
      'none',
    );
    expect(table.split('\n')[1]).toBe('<red>x   </>   y');
  });

  it('say so where there is nothing', () => {
    expect(renderTable(plain, ['A'], [], 'Nothing yet.')).toBe('Nothing yet.');
  });

  it('let nothing that other people wrote move the cursor', () => {
    expect(singleLine('a\u001b[31mred\nb\u0007')).toBe('a [31mred b');
    expect(renderTable(plain, ['A'], [['x\u001b[2Jy']], 'none')).toBe('A\nx [2Jy');
  });
});

describe('the width of a text', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한글', 4],
    ['🚀', 2],
    ['👩‍👩‍👧', 2],
    ['a\u200bb', 2],
  ])('%s takes %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});
