import { expect, it } from 'vitest';
import { branchRef } from './branch.ts';

it.each(['main', 'fairway/pins', 'release-1.2', 'feature/ä', 'a'])('takes %j', (branch) => {
  expect(branchRef(branch)).toBe(`refs/heads/${branch}`);
});

it.each([
  '',
  '-x',
  '/x',
  'x/',
  '.x',
  'a/.b',
  'a..b',
  'a//b',
  'a b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'x.lock',
  'x.lock/y',
  'a@{1}',
  'a\nb',
  'x.',
])('refuses %j', (branch) => {
  expect(() => branchRef(branch)).toThrow(expect.objectContaining({ code: 'branch-invalid' }));
});
