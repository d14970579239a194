import { describe, expect, it } from 'vitest';
import { validateFleet } from './validate.ts';

const document = (kind: string, metadata: string, spec: string) =>
  `apiVersion: fairway.dev/v1\nkind: ${kind}\nmetadata: {${metadata}}\nspec: ${spec}\n`;

const fleet: Record<string, string> = {
  'environments/dev.yaml': document('Environment', 'name: dev', '{clusters: {matchLabels: {env: dev}}}'),
  'clusters/dev-1.yaml': document('Cluster', 'name: dev-1, labels: {env: dev, region: eu}', '{}'),
  'apps/shop/app.yaml': document('Application', 'name: shop', '{environments: [dev], variables: {level: info}}'),
  'apps/shop/c.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  level: ${{ level }}\n  region: ${{ cluster.labels.region }}\n',
  'README.md': 'not YAML: [',
  '.github/app.yaml': 'not ours: [',
};

const validate = (changes: Record<string, string | null> = {}) => {
  const files = Object.entries({ ...fleet, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return validateFleet(new Map(files.map(([path, text]) => [path, new TextEncoder().encode(text)])));
};

describe('a fleet repository, without a hub', () => {
  it('is well', () => {
    expect(validate()).toEqual([]);
    expect(validateFleet(new Map())).toEqual([]);
  });

  it('says of an application that stands where no hub looks', () => {
    const stray = { 'agents/app.yaml': document('Application', 'name: agents', '{environments: [dev]}') };
    const said = { code: 'application-elsewhere', severity: 'warning', file: 'agents/app.yaml' };
    expect(validate(stray)).toContainEqual(expect.objectContaining(said));
    const source = new Map(Object.entries(stray).map(([path, text]) => [path, new TextEncoder().encode(text)]));
    expect(validateFleet(source).map(({ code }) => code)).not.toContain(said.code);
  });

  it('[X4] every mistake with its place, in the order of the files', () => {
    const problems = validate({
      'environments/dev.yaml': document('Environment', 'name: dev', '{clusters: {matchLabels: {env: dve}}}'),
      'environments/x.yaml': 'kind: Enviroment',
      'apps/shop/c.yaml': fleet['apps/shop/c.yaml']?.replace('${{ level }}', '${{ levle }}') ?? '',
      'apps/copy/app.yaml': document('Application', 'name: shop', '{environments: [prod]}'),
      'apps/copy/d.yaml': 'kind: X\nmetadata: {name: d}\n',
      'pins/dev/shop.yaml': document('Pin', 'environment: dev, application: shop', '{source: fleet, revision: main}'),
    });
    expect(problems.map(({ code, severity, file, line, field }) => [code, severity, `${file}:${line}`, field])).toEqual(
      [
        ['application-duplicate', 'error', 'apps/copy/app.yaml:3', 'metadata.name'],
        ['reference-missing', 'error', 'apps/copy/app.yaml:4', 'spec.environments[0]'],
        ['manifest-invalid', 'error', 'apps/copy/d.yaml:1', 'apiVersion'],
        ['application-duplicate', 'error', 'apps/shop/app.yaml:3', 'metadata.name'],
        ['variable-unknown', 'error', 'apps/shop/c.yaml:5', null],
        ['selector-matches-nothing', 'warning', 'environments/dev.yaml:4', 'spec.clusters'],
        ['kind-unknown', 'error', 'environments/x.yaml:1', 'kind'],
        ['field-invalid', 'error', 'pins/dev/shop.yaml:4', 'spec.revision'],
      ],
    );
  });

  it('[G3] a label that a declared cluster lacks', () => {
    const problems = validate({
      'clusters/dev-2.yaml': document('Cluster', 'name: dev-2, labels: {env: dev}', '{}'),
    });
    expect(problems).toMatchObject([
      { code: 'variable-unknown', file: 'apps/shop/c.yaml', line: 6, message: 'cluster dev-2 has no label region' },
    ]);
  });

  it('a cluster in two environments of one application', () => {
    const problems = validate({
      'environments/all.yaml': document('Environment', 'name: all', '{clusters: {}}'),
      'apps/shop/app.yaml': document('Application', 'name: shop', '{environments: [dev, all], variables: {level: x}}'),
    });
    expect(problems).toMatchObject([
      { code: 'cluster-in-two-environments', file: 'apps/shop/app.yaml', line: 4, field: 'spec.environments' },
    ]);
  });
});
