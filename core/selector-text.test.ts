import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairwayError } from './errors.ts';
import { type LabelSelector, matches } from './selector.ts';
import { formatSelector, parseSelector } from './selector-text.ts';

describe('the text of a selector', () => {
  it.each<[text: string, requirements: LabelSelector]>([
    ['', {}],
    ['env=prod', { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] }],
    ['env==prod', { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] }],
    ['env = prod', { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] }],
    ['env=', { matchExpressions: [{ key: 'env', operator: 'In', values: [''] }] }],
    ['tier!=db', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }] }],
    ['app', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }],
    ['!legacy', { matchExpressions: [{ key: 'legacy', operator: 'DoesNotExist' }] }],
    ['region in (eu, us)', { matchExpressions: [{ key: 'region', operator: 'In', values: ['eu', 'us'] }] }],
    ['region notin (eu)', { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['eu'] }] }],
    ['example.com/in=a', { matchExpressions: [{ key: 'example.com/in', operator: 'In', values: ['a'] }] }],
  ])('%j', (text, selector) => {
    expect(parseSelector(text)).toEqual(selector);
  });

  it('requirements hold together', () => {
    const selector = parseSelector('env=prod,region in (eu,us),!legacy');
    expect(matches(selector, { env: 'prod', region: 'us' })).toBe(true);
    expect(matches(selector, { env: 'prod', region: 'us', legacy: '' })).toBe(false);
    expect(matches(selector, { env: 'prod', region: 'ap' })).toBe(false);
  });

  it.each([
    ['env=prod,', 10, 'an empty requirement'],
    ['env=prod,,a=b', 10, 'an empty requirement'],
    ['region in (eu', 14, 'a closing parenthesis is missing'],
    ['region in eu)', 13, 'a parenthesis that does not belong there'],
    ['a=b, x y', 6, '"x y"'],
    ['a=-', 1, '"-" is not a label value'],
    ['A/b=c', 1, '"A/b" is not a label key'],
    ['a>5', 1, '"a>5" is not a label key'],
    ['!', 1, '"" is not a label key'],
  ])('[X4] %j is refused, at character %i', (text, position, reason) => {
    try {
      parseSelector(text, 'labelSelector');
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
      expect(error).toMatchObject({ code: 'selector-invalid', field: 'labelSelector' });
      expect(error.message).toContain(`at character ${position}: `);
      expect(error.message).toContain(reason);
    }
  });

  it('is read back as what was written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const requirement = fc.oneof(
      fc.record({
        key: name,
        operator: fc.constantFrom('In' as const, 'NotIn' as const),
        values: fc.array(name, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ key: name, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
    );
    fc.assert(
      fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), (matchExpressions) => {
        expect(parseSelector(formatSelector({ matchExpressions }))).toEqual({ matchExpressions });
      }),
    );
  });

  it('never fails but with its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseSelector(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FairwayError);
        }
      }),
    );
  });
});
