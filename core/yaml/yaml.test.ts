import { describe, expect, it } from 'vitest';
import { parseYaml } from './yaml.ts';

const read = (text: string) => {
  const { documents, problems } = parseYaml(text, { file: 'a.yaml' });
  expect(problems).toEqual([]);
  return documents.map(({ value }) => value);
};
const refused = (content: string | Uint8Array) => {
  const { documents, problems } = parseYaml(content, { file: 'a.yaml' });
  expect(documents).toEqual([]);
  expect(problems).toHaveLength(1);
  return problems[0];
};

describe('reading as kubectl does', () => {
  it.each([
    ['yes', true],
    ['Off', false],
    ['y', 'y'],
    ['N', 'N'],
    ['0644', 420],
    ['0o17', 15],
    ['08', 8],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['+5', 5],
    ['-0', 0],
    ['12:30', '12:30'],
    ['2026-01-01', '2026-01-01'],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1.', 1],
    ['1e999', '1e999'],
    ['~', null],
    ['"yes"', 'yes'],
    ['!!str 5', '5'],
    ['<<', '<<'],
    ['1.2.3', '1.2.3'],
    ['9007199254740991', 9007199254740991],
    ['1__0', 10],
    ['0_7', 7],
    ['-0x1F', -31],
    ['00', 0],
    ['-.5', -0.5],
    ['0o8', '0o8'],
    ['1.e3', 1000],
    ['Null', null],
    ['"NULL"', 'NULL'],
    ['=', '='],
    ['_1', '_1'],
    ['0x', '0x'],
    ['0b2', '0b2'],
    ['True', true],
    ['tRue', 'tRue'],
    ['1_0.5', 10.5],
    ['190:20:30', '190:20:30'],
    ['!!int "5"', 5],
    ['!!bool yes', true],
    ['!!timestamp 2020-01-01', '2020-01-01'],
    ['!!binary aGVsbG8=', 'hello'],
  ])('%s', (text, value) => {
    expect(read(`[${text}]`)).toEqual([[value]]);
  });

  it('makes texts of keys', () => {
    expect(read('{y: 1, on: 2, 010: 3, 1.5: 4}')).toEqual([{ y: 1, true: 2, '8': 3, '1.5': 4 }]);
  });

  it('merges << keys, own ones first', () => {
    expect(read('a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n')[0]).toEqual({ a: { x: 1, y: 2 }, b: { x: 1, y: 3 } });
  });

  it('keeps __proto__ an ordinary key', () => {
    const [value] = read('__proto__: {polluted: true}\na: 1') as Record<string, unknown>[];
    expect(Object.keys(value ?? {})).toEqual(['__proto__', 'a']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('skips empty documents, and reads JSON with tabs and comments', () => {
    expect(read('---\n# nothing\n---\na: 1\n---\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
    expect(read('{\n\t"a": {\n\t\t"b": [1, "\\u00e9\\/"]\n\t}\n}\n')).toEqual([{ a: { b: [1, 'é/'] } }]);
    expect(read('\ufeffa: 1')).toEqual([{ a: 1 }]);
    expect(read('a: "\\ud83d\\ude00 \\\\0 \\x41"')).toEqual([{ a: '😀 \\0 A' }]);
    expect(parseYaml(new TextEncoder().encode('\ufeffa: 1'), { file: 'a' }).documents[0]?.value).toEqual({ a: 1 });
  });
});

describe('where things stand', () => {
  const text = `# a comment
---
a:
  b:
    - x: 1
      y: "two
        lines"
    - {x: 2, z: 3}
  "c.d/e": 5
---

second: &s
  inner: 1
third: *s
`;
  it('[L7] gives the lines of twenty thousand documents', () => {
    const { documents } = parseYaml('a: 1\nb: {c: 2}\n---\n'.repeat(20_000), { file: 'a' });
    expect(documents.map(({ lineOf }) => lineOf(['b', 'c'])).at(-1)).toBe(3 * 20_000 - 1);
  });

  it('gives the line of every field, and of the nearest parent of what is missing', () => {
    const [first, second] = parseYaml(text, { file: 'a' }).documents;
    expect(first?.line).toBe(3);
    expect(first?.lineOf(['a', 'b', 0, 'y'])).toBe(6);
    expect(first?.lineOf(['a', 'b', 1])).toBe(8);
    expect(first?.lineOf(['a', 'b', 1, 'z'])).toBe(8);
    expect(first?.lineOf(['a', 'c.d/e'])).toBe(9);
    expect(first?.lineOf(['a', 'nothing', 'here'])).toBe(3);
    expect(second?.line).toBe(12);
    expect(second?.lineOf(['third'])).toBe(14);
    expect(second?.lineOf(['third', 'inner'])).toBe(13);
  });
});

describe('[X4] what is refused', () => {
  it('an alias bomb', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let level = 1; level < 12; level++) {
      text += `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]\n`;
    }
    expect(refused(text)).toMatchObject({ code: 'yaml-alias-bomb', line: 6, file: 'a.yaml' });
  });

  it('[A11] a number too large, without repeating it: it may be a Secret’s', () => {
    expect(refused('stringData: {card: 4111111111111111111}\n')?.message).not.toContain('4111');
  });

  it('a large text that is repeated by aliases', () => {
    const text = `a: &a ${'x'.repeat(100_000)}\nb: [${Array(100).fill('*a').join(', ')}]\n`;
    expect(refused(text)).toMatchObject({ code: 'yaml-alias-bomb', line: 2 });
  });

  it('an alias inside its own anchor', () => {
    expect(refused('a: &a\n  b: *a\n')).toMatchObject({ code: 'yaml-alias-cycle', line: 2 });
  });

  it.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 'yaml-duplicate-key', 3],
    ['a broken line', 'a: 1\n b: 2\n', 'yaml-syntax', 2],
    ['a tab as indentation', 'a:\n\tb: 1\n', 'yaml-syntax', 2],
    ['a foreign tag', 'a: !Ref x\n', 'yaml-tag', 1],
    ['a number too large', 'a: 1\nb: 12345678901234567890\n', 'yaml-number', 2],
    ['no number', 'a: .inf\n', 'yaml-number', 1],
    ['an escaped NUL', 'a: 1\nb: "x\\0"\n', 'yaml-text', 2],
    ['half of a surrogate pair', 'a: "\\ud83d"\n', 'yaml-text', 1],
    ['an unknown alias', 'a: *nope\n', 'yaml-syntax', 1],
    ['a control character', 'a: \u0001\n', 'yaml-syntax', 1],
  ])('%s', (_, text, code, line) => {
    expect(refused(text)).toMatchObject({ code, line });
  });

  it('deep nesting', () => {
    expect(refused('['.repeat(100_000))).toMatchObject({ code: 'yaml-too-deep' });
    expect(refused(`${Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')}`)).toMatchObject({
      code: 'yaml-too-deep',
    });
  });

  it('what is not UTF-8, and what is too large', () => {
    expect(refused(new Uint8Array([0x61, 0x3a, 0x20, 0xff]))).toMatchObject({ code: 'yaml-not-utf8' });
    expect(refused(new Uint8Array(9 * 1024 * 1024))).toMatchObject({ code: 'yaml-too-large' });
  });
});

it('reads 2 MB, and knows the line of its last item', () => {
  const item = (index: number) => `- {name: item-${index}, labels: {app: web, tier: "front"}, ports: [80, 443]}\n`;
  const text = Array.from({ length: 28_000 }, (_, index) => item(index)).join('');
  expect(text.length).toBeGreaterThan(2_000_000);
  const { documents } = parseYaml(text, { file: 'a.yaml' });
  expect(documents[0]?.lineOf([27_999])).toBe(28_000);
});
