import { expect, it } from 'vitest';
import { parseDeclarations } from './parse.ts';

const problemsOf = (rule: string) => {
  const text = `apiVersion: fairway.dev/v1\nkind: Policy\nmetadata: {name: p}\nspec:\n  rules:\n    - ${rule}\n`;
  return parseDeclarations(new Map([['policies/p.yaml', new TextEncoder().encode(text)]])).problems;
};

it.each([
  '{name: a, deny: "object.spec.replicas > 3"}',
  '{name: a, warn: "has(object.spec.paused) && object.spec.paused"}',
  '{name: a, requireApproval: "role:security"}',
  '{name: a, requireApproval: "role:security", when: "object.kind == \'Secret\'"}',
])('[X4] a policy may say %s', (rule) => {
  expect(problemsOf(rule)).toEqual([]);
});

it.each([
  ['{name: a, deny: "object.spec.replicas >"}', 'deny', 'a CEL expression that is true or false'],
  ['{name: a, deny: "spec.replicas > 3"}', 'deny', 'Unknown variable: spec'],
  ['{name: a, warn: "\'text\'"}', 'warn', 'it gives a string, not a bool'],
  ['{name: a, requireApproval: "role:security", when: "1 + 1"}', 'when', 'it gives a int, not a bool'],
])('[X4] an expression of a policy is checked where it is written: %s', (rule, field, message) => {
  const problems = problemsOf(rule);
  expect(problems).toMatchObject([{ code: 'field-invalid', line: 6, field: `spec.rules[0].${field}` }]);
  expect(problems[0]?.message).toContain(message);
  expect(problems[0]?.remedy).toContain('its one variable is object');
});

it('[X4] a rule that says nothing, or two things, is told what one may say', () => {
  for (const rule of ['{name: a}', '{name: a, deny: "true", warn: "true"}'])
    expect(problemsOf(rule)).toMatchObject([{ code: 'field-invalid', field: 'spec.rules[0]' }]);
});
