import { describe, expect, it } from 'vitest';
import type { Labels } from '../selector.ts';
import { parseApplication, parseDeclarations } from './parse.ts';
import { checkReferences } from './references.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const document = (kind: string, name: string, spec: string) =>
  `apiVersion: fairway.dev/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n---\n`;

function check(declared: string, applications: readonly string[], clusters: Record<string, Labels> | null = null) {
  const { declarations, problems } = parseDeclarations(new Map([['environments/all.yaml', bytes(declared)]]));
  expect(problems).toEqual([]);
  const parsed = applications.map((text, index) => {
    const result = parseApplication(`apps/${index}/app.yaml`, bytes(text));
    expect(result.problems).toEqual([]);
    return result.application;
  });
  return checkReferences(
    declarations,
    parsed.filter((application) => application !== null),
    clusters === null ? null : new Map(Object.entries(clusters)),
  );
}

describe('[X4] what is named and does not exist', () => {
  it('an environment that another comes from, with what was meant', () => {
    const declared = `${document('Environment', 'staging', 'clusters: {}')}${document(
      'Environment',
      'prod',
      'clusters: {}\n  promotion:\n    from: [staging, stagin]\n    windows: [mornings]',
    )}`;
    const file = 'environments/all.yaml';
    expect(check(declared, [])).toEqual([
      {
        ...{ code: 'reference-missing', severity: 'error', file, line: 13, field: 'spec.promotion.from[1]' },
        ...{ message: 'there is no environment "stagin"', remedy: 'did you mean "staging"?' },
      },
      {
        ...{ code: 'reference-missing', severity: 'error', file, line: 14, field: 'spec.promotion.windows[0]' },
        ...{ message: 'there is no window "mornings"', remedy: 'declare it, or take the name out' },
      },
    ]);
  });

  it('what an application names', () => {
    const text = document('Application', 'shop', 'environments: [dev]\n  dependsOn: [database]').replace(
      'name: shop',
      'name: shop, tenant: storefront',
    );
    expect(check('', [text.replace('---\n', '')])).toMatchObject([
      { code: 'reference-missing', file: 'apps/0/app.yaml', line: 3, field: 'metadata.tenant' },
      { code: 'reference-missing', file: 'apps/0/app.yaml', line: 5, field: 'spec.environments[0]' },
      { code: 'reference-missing', line: 6, field: 'spec.dependsOn[0]', message: 'there is no application "database"' },
    ]);
  });

  it('globs name what they like', () => {
    expect(check(document('Tenant', 't', 'namespaces: ["*"]\n  environments: ["*"]'), [])).toEqual([]);
  });
});

it('a selector that matches no cluster is a warning, where clusters are known', () => {
  const declared = document('Environment', 'prod', 'clusters: {matchLabels: {env: prod}}');
  expect(check(declared, [])).toEqual([]);
  expect(check(declared, [], { a: { env: 'prod' } })).toEqual([]);
  expect(check(declared, [], { a: { env: 'dev', region: 'eu' } })).toMatchObject([
    {
      ...{ code: 'selector-matches-nothing', severity: 'warning', line: 5, field: 'spec.clusters' },
      ...{ remedy: 'the labels that clusters have are env, region' },
    },
  ]);
});

it('promotions and dependencies in a circle', () => {
  const environment = (name: string, from: string) =>
    document('Environment', name, `clusters: {}\n  promotion: {from: [${from}]}`);
  expect(check(environment('a', 'b') + environment('b', 'a') + environment('c', 'a'), [])).toMatchObject([
    { code: 'promotion-circle', line: 6, field: 'spec.promotion.from', message: 'a → b → a goes in a circle' },
    { code: 'promotion-circle', line: 13, field: 'spec.promotion.from', message: 'b → a → b goes in a circle' },
  ]);
  const itself = document('Application', 'shop', 'dependsOn: [shop]').replace('---\n', '');
  expect(check('', [itself])).toMatchObject([{ code: 'dependency-circle', line: 5, field: 'spec.dependsOn' }]);
});
