import { describe, expect, it } from 'vitest';
import { annotationFlaws, unknownAnnotations } from './annotations.ts';

const annotated = (annotations: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', annotations },
});

describe('annotations', () => {
  it.each([
    ['fairway.dev/wave', '-3'],
    ['fairway.dev/hook', 'pre'],
    ['fairway.dev/hook-delete', 'on-success'],
    ['fairway.dev/replace', 'allowed'],
    ['fairway.dev/conflicts', 'force'],
    ['fairway.dev/prune', 'never'],
    ['fairway.dev/moved-from', 'anything'],
    ['example.com/hook', 'whatever'],
  ])('take %s: %s', (annotation, value) => {
    expect(annotationFlaws(annotated({ [annotation]: value }))).toEqual([]);
  });

  it.each([
    ['fairway.dev/wave', '1.5', 'must be a whole number'],
    ['fairway.dev/hook', 'before', 'must be pre or post'],
    ['fairway.dev/hook-delete', 'always', 'must be before-next, on-success or never'],
    ['fairway.dev/replace', 'true', 'must be allowed'],
    ['fairway.dev/conflicts', 'Force', 'must be yield or force'],
    ['fairway.dev/prune', 'no', 'must be never'],
    ['fairway.dev/moved-from', '', 'must be the name of an application'],
    ['fairway.dev/moved-from', 'shop/settings', 'must be the name of an application'],
  ])('[X4] refuse %s: %s', (annotation, value, message) => {
    expect(annotationFlaws(annotated({ [annotation]: value }))).toEqual([{ annotation, message }]);
  });

  it('[X4] are known by name', () => {
    const object = annotated({ 'fairway.dev/prunes': 'never', 'fairway.dev/wave': '1', 'example.com/wave': '1' });
    expect(unknownAnnotations(object)).toEqual(['fairway.dev/prunes']);
    expect(unknownAnnotations(annotated({ 'fairway.dev/sandbox-fail': 'true' }))).toEqual([]);
  });
});
