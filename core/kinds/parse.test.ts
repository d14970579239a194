import { describe, expect, it } from 'vitest';
import { parseApplication, parseDeclarations, parsePins } from './parse.ts';

const files = (entries: Record<string, string>) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, new TextEncoder().encode(text)]));

const prod = `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: prod}
spec:
  clusters: {matchLabels: {env: prod}}
  promotion:
    from: [staging]
    mode: manual
    soak: 30m
    approvals: {required: 2, from: ["role:approver"], allowAuthor: false}
    checks: [load-test]
    windows: [weekday-mornings]
    removal: approve
  rollout:
    waves:
      - {name: canary, clusters: {matchLabels: {ring: canary}}, soak: 10m}
      - {name: quarter, percent: 25, maxConcurrent: 10}
      - {name: rest, maxConcurrent: 50, approval: true}
    maxUnavailable: 10%
    failureThreshold: 1
    progressDeadline: 10m
    onFailure: pause
    unreachable: skip
  drift: correct
  grants: {maximum: 2h, approval: true, reconcileWithin: 24h, blockPromotion: true}
  experimental: false
`;
const others = `apiVersion: fairway.dev/v1
kind: Source
metadata: {name: storefront}
spec: {url: "https://git.example/storefront.git", branch: main, paths: [apps], tenants: [storefront], credentials: storefront-git, signatures: required}
---
apiVersion: fairway.dev/v1
kind: Tenant
metadata: {name: storefront}
spec:
  namespaces: ["shop", "shop-*"]
  kinds: {allow: ["apps/*", "v1/ConfigMap", "v1/Service"], deny: ["v1/Secret"]}
  environments: [dev, staging, prod]
  serviceAccount: shop/deployer
---
apiVersion: fairway.dev/v1
kind: RoleBinding
metadata: {name: storefront-developers}
spec: {role: developer, subjects: ["group:storefront", "user:lead@example.com"], tenants: [storefront], environments: ["*"]}
---
apiVersion: fairway.dev/v1
kind: Window
metadata: {name: weekday-mornings}
spec: {type: allow, schedule: "0 8 * * 1-5", duration: 4h, timeZone: Europe/Berlin, override: ["role:operator"]}
---
apiVersion: fairway.dev/v1
kind: Policy
metadata: {name: no-latest}
spec:
  match: {kinds: ["apps/Deployment"], environments: [prod]}
  rules: [{name: tag, deny: "object.spec.template.spec.containers.exists(c, c.image.endsWith(':latest'))", message: "pin the image"}]
---
apiVersion: fairway.dev/v1
kind: Template
metadata: {name: web-service}
spec: {parameters: {type: object, required: [image], properties: {image: {type: string}}}, manifests: [{kind: Deployment}]}
---
apiVersion: fairway.dev/v1
kind: Cluster
metadata: {name: eu-1, labels: {env: prod, region: eu}}
spec: {allow: {kinds: ["v1/Namespace"], namespaces: ["*"]}}
`;
const shop = `apiVersion: fairway.dev/v1
kind: Application
metadata: {name: shop, tenant: storefront}
spec:
  render: kustomize
  path: .
  environments: [dev, staging, prod]
  namespace: shop
  variables: {logLevel: info}
  overrides:
    - {clusters: {matchLabels: {region: eu}}, variables: {logLevel: warn}, patches: [{path: eu.yaml}]}
  dependsOn: [database]
  ignore: [{kind: Deployment, fields: [/spec/replicas]}]
  conflicts: yield
  health: [{kind: Widget, healthy: "object.status.phase == 'Ready'"}]
`;
const revision = '3f2c9a0d4b5e6f708192a3b4c5d6e7f809a1b2c3';
const pin = `apiVersion: fairway.dev/v1
kind: Pin
metadata: {environment: prod, application: shop}
spec: {source: storefront, revision: ${revision}, promotion: "42", hold: {reason: "rolled back", by: "user:lead@example.com"}}
`;

describe('what the contract shows', () => {
  it('is read whole, every kind', () => {
    const { declarations, problems } = parseDeclarations(
      files({ 'environments/prod.yaml': prod, 'sources/all.yaml': others, 'README.md': ': : no yaml' }),
    );
    expect(problems).toEqual([]);
    expect(declarations.map(({ kind, name, line }) => [kind, name, line])).toEqual([
      ['Environment', 'prod', 1],
      ['Source', 'storefront', 1],
      ['Tenant', 'storefront', 6],
      ['RoleBinding', 'storefront-developers', 15],
      ['Window', 'weekday-mornings', 20],
      ['Policy', 'no-latest', 25],
      ['Template', 'web-service', 32],
      ['Cluster', 'eu-1', 37],
    ]);
    expect(declarations[7]?.labels).toEqual({ env: 'prod', region: 'eu' });
    expect(parseApplication('apps/shop/app.yaml', new TextEncoder().encode(shop))).toMatchObject({
      application: { name: 'shop', tenant: 'storefront', spec: { namespace: 'shop', variables: { logLevel: 'info' } } },
      problems: [],
    });
    expect(parsePins(files({ 'pins/prod/shop.yaml': pin }))).toMatchObject({
      pins: [{ environment: 'prod', application: 'shop', spec: { source: 'storefront', revision, promotion: '42' } }],
      problems: [],
    });
  });

  it('needs no more than what has no default', () => {
    const text =
      'apiVersion: fairway.dev/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {clusters: {}, promotion: }\n';
    const { declarations } = parseDeclarations(files({ 'environments/dev.yaml': text }));
    expect(declarations[0]?.spec).toEqual({
      clusters: {},
      promotion: {
        from: [],
        mode: 'manual',
        soak: '0s',
        approvals: { required: 0, from: ['role:approver'], allowAuthor: false },
        checks: [],
        windows: [],
        removal: 'approve',
      },
      rollout: {
        maxUnavailable: '25%',
        failureThreshold: 1,
        progressDeadline: '10m',
        onFailure: 'pause',
        unreachable: 'skip',
      },
      drift: 'correct',
      grants: { maximum: '2h', approval: true, reconcileWithin: '24h', blockPromotion: true },
      experimental: false,
    });
    const cluster = 'apiVersion: fairway.dev/v1\nkind: Cluster\nmetadata: {name: a}\n';
    expect(parseDeclarations(files({ 'clusters/a.yaml': cluster })).problems).toEqual([]);
  });
});

describe('[X4] what is wrong is named by file, line, field and remedy', () => {
  const wrong = (from: string, to: string) =>
    parseDeclarations(files({ 'environments/prod.yaml': prod.replace(from, to) })).problems.map(
      ({ code, line, field, message, remedy }) => [code, line, field, message, remedy],
    );

  it.each<[string, string, unknown[]]>([
    [
      'kind: Environment',
      'kind: Enviroment',
      ['kind-unknown', 2, 'kind', 'there is no kind "Enviroment"', 'did you mean "Environment"?'],
    ],
    [
      'kind: Environment',
      'kind: Application',
      [
        'kind-misplaced',
        2,
        'kind',
        'no Application can stand in this file',
        "its place is app.yaml in the application's own folder",
      ],
    ],
    [
      'fairway.dev/v1',
      'fairway.dev/v2',
      [
        'field-invalid',
        1,
        'apiVersion',
        'expected one of fairway.dev/v1; found "fairway.dev/v2"',
        'did you mean "fairway.dev/v1"?',
      ],
    ],
    [
      '    windows:',
      '    window:',
      ['field-unknown', 12, 'spec.promotion.window', 'there is no field window here', 'did you mean "windows"?'],
    ],
    [
      'soak: 30m',
      'soak: 30 minutes',
      [
        'field-invalid',
        9,
        'spec.promotion.soak',
        'expected a duration such as "90s", "30m", "1h30m" or "2d"; found "30 minutes"',
        null,
      ],
    ],
    [
      'mode: manual',
      'mode: automatic',
      [
        'field-invalid',
        8,
        'spec.promotion.mode',
        'expected one of auto, manual; found "automatic"',
        'there are: auto, manual',
      ],
    ],
    [
      'percent: 25',
      'percent: 125',
      [
        'field-invalid',
        17,
        'spec.rollout.waves[1].percent',
        'expected a number, above 0, at most 100; found 125',
        null,
      ],
    ],
    [
      'maxUnavailable: 10%',
      'maxUnavailable: 10 %',
      [
        'field-invalid',
        19,
        'spec.rollout.maxUnavailable',
        'expected a whole number, or a share such as "10%"; found "10 %"',
        null,
      ],
    ],
    [
      'env: prod',
      'env: yes',
      [
        'field-invalid',
        5,
        'spec.clusters.matchLabels.env',
        'expected a label value: at most 63 letters, digits, ".", "_" and "-" (quote "true" and numbers); found true',
        null,
      ],
    ],
    [
      'matchLabels: {env: prod}',
      'matchLabels: {"a b": prod}',
      [
        'field-invalid',
        5,
        'spec.clusters.matchLabels["a b"]',
        'expected a label key, such as "region" or "topology.kubernetes.io/region"; found "a b"',
        null,
      ],
    ],
    [
      'matchLabels: {env: prod}',
      'matchExpressions: [{key: env, operator: In}]',
      [
        'field-invalid',
        5,
        'spec.clusters.matchExpressions[0]',
        'expected {key, operator: In | NotIn, values} or {key, operator: Exists | DoesNotExist}; found {"key":"env","operator":"In"}',
        null,
      ],
    ],
    [
      'name: prod',
      'name: Prod',
      [
        'field-invalid',
        3,
        'metadata.name',
        'expected a name of at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends; found "Prod"',
        null,
      ],
    ],
    [
      '  clusters: {matchLabels: {env: prod}}\n',
      '',
      ['field-missing', 4, 'spec.clusters', 'clusters is missing', null],
    ],
    [
      'checks: [load-test]',
      'checks: load-test',
      ['field-invalid', 11, 'spec.promotion.checks', 'expected a list; found "load-test"', null],
    ],
  ])('%s → %s', (from, to, expected) => {
    expect(wrong(from, to)).toEqual([expected]);
  });

  it('names every wrong field of a document, not only the first', () => {
    const broken = prod.replace('mode: manual', 'mode: x').replace('soak: 30m', 'soak: x').replace('drift:', 'dirft:');
    const { declarations, problems } = parseDeclarations(files({ 'environments/prod.yaml': broken }));
    expect(declarations).toEqual([]);
    expect(problems.map(({ field }) => field)).toEqual(['spec.dirft', 'spec.promotion.mode', 'spec.promotion.soak']);
  });

  it('[G6] a broken document harms none of its neighbours', () => {
    const broken = others.replace('Europe/Berlin', 'Europe/Berlim').replace('"0 8 * * 1-5"', '"0 25 * * 1-5"');
    const { declarations, problems } = parseDeclarations(
      files({ 'sources/all.yaml': broken, 'environments/x.yaml': 'a: [', 'environments/prod.yaml': prod }),
    );
    expect(declarations.map(({ kind }) => kind)).not.toContain('Window');
    expect(declarations).toHaveLength(7);
    expect(problems.map(({ file, line, field }) => [file, line, field])).toEqual([
      ['environments/x.yaml', 1, null],
      ['sources/all.yaml', 23, 'spec.schedule'],
      ['sources/all.yaml', 23, 'spec.timeZone'],
    ]);
  });

  it('what is declared twice counts as not declared, and each names the other', () => {
    const { declarations, problems } = parseDeclarations(
      files({ 'environments/a.yaml': prod, 'environments/b.yaml': `# second\n${prod}` }),
    );
    expect(declarations).toEqual([]);
    expect(problems).toMatchObject([
      {
        code: 'declared-twice',
        file: 'environments/a.yaml',
        line: 3,
        message: expect.stringContaining('environments/b.yaml'),
      },
      {
        code: 'declared-twice',
        file: 'environments/b.yaml',
        line: 4,
        message: expect.stringContaining('environments/a.yaml'),
      },
    ]);
    const pins = parsePins(files({ 'pins/prod/shop.yaml': pin, 'pins/prod/b.yaml': pin }));
    expect(pins.pins).toEqual([]);
    expect(pins.problems.map(({ code }) => code)).toEqual(['pinned-twice', 'pinned-twice']);
  });

  it('[A11] a password in a URL is refused and not repeated', () => {
    const url = others.replace('https://git.example', 'https://me:hunter2@git.example');
    const { problems } = parseDeclarations(files({ 'sources/all.yaml': url }));
    expect(problems).toMatchObject([{ field: 'spec.url', line: 4 }]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('an app.yaml is one application', () => {
    const parse = (text: string) => parseApplication('apps/x/app.yaml', new TextEncoder().encode(text)).problems;
    expect(parse('')).toMatchObject([{ code: 'application-count', file: 'apps/x/app.yaml' }]);
    expect(parse(`${shop}---\n${shop}`)).toMatchObject([{ code: 'application-count', line: 17 }]);
    expect(parse('- a\n')).toMatchObject([{ code: 'document-invalid', line: 1 }]);
    expect(parse(shop.replace('path: .', 'path: ../other'))).toMatchObject([{ field: 'spec.path', line: 6 }]);
    expect(parse(shop.replace('/spec/replicas', 'spec.replicas'))).toMatchObject([
      { field: 'spec.ignore[0].fields[0]' },
    ]);
    expect(parsePins(files({ 'pins/a.yaml': pin.replace(revision, 'main') })).problems).toMatchObject([
      { field: 'spec.revision', line: 4 },
    ]);
  });
});

it('[L7] tells a hundred of the mistakes in one file, and takes what is good in it', () => {
  const bad = Array.from({ length: 5_000 }, (_, index) => `kind: Nope${index}\n---\n`).join('');
  const { declarations, problems } = parseDeclarations(files({ 'environments/a.yaml': bad + prod }));
  expect(problems).toHaveLength(100);
  expect(declarations.map(({ name }) => name)).toEqual(['prod']);
});
