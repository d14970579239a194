import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, expressionFlaw } from './expression.ts';

const object = {
  metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'shop' } },
  spec: { replicas: 3, ratio: 1.5 },
  status: { phase: 'Ready', readyReplicas: 3, conditions: [{ type: 'Ready', status: 'True' }] },
};
const is = (text: string) => compileExpression(text, 'bool')(object);

describe('expressions', () => {
  it.each([
    "object.status.phase == 'Ready'",
    'object.status.readyReplicas == object.spec.replicas',
    'object.status.readyReplicas + 1 == 4',
    'object.spec.ratio * 2.0 == 3.0',
    "object.status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')",
    "object.metadata.labels['app.kubernetes.io/name'] == 'shop'",
    'has(object.status.phase) && !has(object.status.reason)',
    "object.?status.?reason.orValue('none') == 'none'",
    "object.status.phase.matches('^Rea')",
    'size(object.status.conditions) > 0 ? true : false',
    "object.status.conditions.map(c, c.type).join(', ') == 'Ready'",
  ])('[H1] hold of an object: %s', (text) => expect(is(text)).toBe(true));

  it.each([
    ['object.status.phase ==', 'bool', /EOF.*line 1/i],
    ['objct.status', 'bool', /objct \(line 1, column 1\)/],
    ["object.status.phase == 'a' &&\n  ready(object)", 'bool', /ready.*line 2, column 3/],
    ["'a' + 1", 'bool', /overload/],
    ["'a'", 'bool', /gives a string, not a bool/],
    ['1 == 1', 'string', /gives a bool, not a string/],
    [`${'('.repeat(80)}true${')'.repeat(80)}`, 'bool', /depth/i],
    [Array.from({ length: 600 }, () => 'true').join(' && '), 'bool', /./],
  ] as const)('[X4] say what is wrong with %s', (text, type, flaw) => {
    expect(expressionFlaw(text, type)).toMatch(flaw);
    expect(() => compileExpression(text, type)).toThrow(flaw);
  });

  it('[X4] say what of an object they cannot be evaluated on', () => {
    expect(() => is("object.status.missing == 'a'")).toThrow('No such key: missing');
    expect(() => is('object.status.phase')).toThrow('it gives a string, not a bool');
    expect(() => compileExpression('object.status', 'string')(object)).toThrow('it gives a map, not a string');
  });

  it('[H1] change nothing, and have nothing but the object', () => {
    for (const text of ['constructor', 'globalThis', 'process', 'this', 'now'])
      expect(expressionFlaw(text, 'bool'), text).not.toBeNull();
    expect(() => is("object.constructor == 'a'")).toThrow('No such key');
    expect(() => is("object.__proto__ == 'a'")).toThrow('No such key');
    const before = JSON.stringify(object);
    is('object.status.conditions.all(c, true)');
    expect(JSON.stringify(object)).toBe(before);
  });

  it('[H1] give an answer or a plain error, whatever the object is', () => {
    const ready = compileExpression("object.status.conditions.exists(c, c.type == 'Ready')", 'bool');
    fc.assert(
      fc.property(fc.jsonValue(), (status) => {
        try {
          expect(typeof ready({ status })).toBe('boolean');
        } catch (error) {
          expect(error).toMatchObject({ code: 'expression-failed' });
        }
      }),
    );
  });
});
