import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBundle } from '../bundle.ts';
import type { Problem } from '../errors.ts';
import { parseApplication } from '../kinds/parse.ts';
import type { Labels } from '../selector.ts';
import { examine } from './examine.ts';
import { type Prepared, prepare } from './prepare.ts';
import { render, renderKey } from './render.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const app = (spec = '{}') => `apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: shop}\nspec: ${spec}\n`;
const configMap = (name: string, more = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${more}`;

type Texts = Readonly<Record<string, string>>;

function read(texts: Texts): { prepared: Prepared | null; problems: Problem[] } {
  const files = new Map(Object.entries(texts).map(([path, text]) => [`apps/shop/${path}`, bytes(text)]));
  const { application, problems } = parseApplication(
    'apps/shop/app.yaml',
    files.get('apps/shop/app.yaml') ?? bytes(app()),
  );
  if (application === null) return { prepared: null, problems };
  const result = prepare(application, files);
  return result.prepared === null
    ? result
    : { prepared: result.prepared, problems: [...result.problems, ...examine(result.prepared)] };
}

function good(texts: Texts): Prepared {
  const { prepared, problems } = read(texts);
  expect(problems).toEqual([]);
  if (prepared === null) throw new Error('not prepared');
  return prepared;
}

const target = (name: string, labels: Labels = {}, environment = 'dev') => ({ cluster: { name, labels }, environment });

function objects(texts: Texts, labels: Labels = {}) {
  const { bundle, problems } = render(good(texts), target('eu-1', labels));
  expect(problems).toEqual([]);
  return bundle?.objects;
}

const found = (texts: Texts) => {
  const { problems } = read(texts);
  return problems.map(({ code, file, line, field }) => [code, `${file}:${line}`, field]);
};

describe('the manifests of a folder', () => {
  it('are its YAML and JSON files in the order of their paths, without what is not a manifest', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l2}}\n`;
    expect(
      objects({
        'app.yaml': app(
          '{namespace: shop, conflicts: force, overrides: [{clusters: {matchLabels: {x: y}}, patches: [{path: patch.yaml}]}]}',
        ),
        'b.yml': `---\n# nothing\n---\n${configMap('b1')}---\n${configMap('b2')}`,
        'a.yaml': list,
        'c/d.json': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}}',
        'patch.yaml': configMap('b1', 'data: {a: b}'),
        '.hidden/x.yaml': 'a: [',
        'c/.y.yaml': 'a: [',
        'README.md': 'a: [',
        'other/app.yaml': app(),
        'other/deploy.yaml': configMap('another-application'),
      })?.map(({ metadata }) => metadata.name),
    ).toEqual(['l1', 'l2', 'b1', 'b2', 'json']);
  });

  it('stand below spec.path where there is one', () => {
    const texts = { 'app.yaml': app('{path: base}'), 'x.yaml': configMap('x'), 'base/y.yaml': configMap('y') };
    expect(objects(texts)?.map(({ metadata }) => metadata.name)).toEqual(['y']);
  });

  it('lose what only the API server writes, with a word', () => {
    const text = configMap('a').replace(
      'name: a',
      'name: a, uid: u, resourceVersion: "5", creationTimestamp: null, managedFields: [], labels: {a: b}',
    );
    const { prepared, problems } = read({ 'a.yaml': `${text}status: {phase: x}\n` });
    expect(problems.map(({ severity, code, field }) => [severity, code, field])).toEqual([
      ['warning', 'field-dropped', 'status'],
      ['warning', 'field-dropped', 'metadata.uid'],
      ['warning', 'field-dropped', 'metadata.resourceVersion'],
      ['warning', 'field-dropped', 'metadata.managedFields'],
    ]);
    const { bundle } = render(prepared ?? good({}), target('a'));
    expect(bundle?.objects).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { a: 'b' } } },
    ]);
  });

  it('[A2, X4] name annotations that no agent would understand, and hooks that delete themselves', () => {
    const wave = configMap('a').replace('name: a', 'name: a, annotations: {fairway.dev/wave: first}');
    const job =
      'apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, annotations: {fairway.dev/hook: pre}}\nspec: {ttlSecondsAfterFinished: 5}\n';
    expect(found({ 'a.yaml': wave, 'b.yaml': job })).toEqual([
      ['annotation-invalid', 'apps/shop/a.yaml:1', 'metadata.annotations["fairway.dev/wave"]'],
      ['hook-invalid', 'apps/shop/b.yaml:1', 'spec.ttlSecondsAfterFinished'],
    ]);
    const kept = job.replace('fairway.dev/hook: pre', 'fairway.dev/hook: pre, fairway.dev/prune: never');
    expect(found({ 'a.yaml': configMap('a'), 'b.yaml': kept })).toEqual([
      ['hook-invalid', 'apps/shop/b.yaml:1', 'metadata.annotations["fairway.dev/prune"]'],
    ]);
    const misspelt = configMap('a').replace('name: a', 'name: a, annotations: {fairway.dev/prunes: never}');
    expect(read({ 'a.yaml': misspelt }).problems).toMatchObject([
      { severity: 'warning', code: 'annotation-unknown', remedy: 'did you mean "fairway.dev/prune"?' },
    ]);
  });

  it('[D4, H1] are what rules are for: one for none of them is told', () => {
    const rules = (name: string) =>
      app(`
  ignore: [{kind: ConfigMap, fields: [/data]}, {kind: Deploiment, fields: [/spec]}, {name: ${name}, fields: [/data]}]
  health: [{kind: ConfigMap, group: example.com, healthy: "true"}]
`);
    const { problems } = read({ 'app.yaml': rules('b*'), 'a.yaml': configMap('a') });
    expect(problems.map(({ severity, code, field }) => [severity, code, field])).toEqual([
      ['warning', 'rule-unmatched', 'spec.ignore[1]'],
      ['warning', 'rule-unmatched', 'spec.ignore[2]'],
      ['warning', 'rule-unmatched', 'spec.health[0]'],
    ]);
    expect(problems[0]?.message).toContain('none is of kind "Deploiment"');
    // A name that depends on the cluster may well be the rule's.
    const named = read({ 'app.yaml': rules('map-eu-1'), 'a.yaml': configMap('map-${{ cluster.name }}') });
    expect(named.problems.map(({ field }) => field)).toEqual(['spec.ignore[1]', 'spec.health[0]']);
  });

  it('[A13] pass verbatim where SOPS encrypted them', () => {
    const encrypted = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n    z: ENC[AES256_GCM,data:\${{ not }},type:str]\n    a: ENC[x]\nsops:\n    mac: ENC[y]\n`;
    expect(objects({ 's.yaml': encrypted })).toEqual([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, sops: encrypted },
    ]);
    expect(found({ 's.yaml': `${encrypted}---\n${configMap('a')}` })).toEqual([
      ['sops-several', 'apps/shop/s.yaml:10', null],
    ]);
    expect(found({ 's.yaml': encrypted.replace('name: s', 'name: "ENC[AES256_GCM,data:x]"') })).toEqual([
      ['sops-name-encrypted', 'apps/shop/s.yaml:1', 'metadata.name'],
    ]);
  });

  it('[A13] take no patch that SOPS encrypted, and none for what it encrypted', () => {
    const encrypted = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {z: "ENC[x]"}\nsops: {mac: "ENC[y]"}\n`;
    const overrides = app('\n  overrides: [{clusters: {}, patches: [{path: patch.yaml}]}]\n');
    expect(found({ 'app.yaml': overrides, 'a.yaml': configMap('a'), 'patch.yaml': encrypted })).toEqual([
      ['patch-encrypted', 'apps/shop/patch.yaml:1', null],
    ]);
    expect(found({ 'app.yaml': overrides, 'a.yaml': encrypted, 'patch.yaml': configMap('a') })).toEqual([
      ['patch-encrypted', 'apps/shop/patch.yaml:1', null],
    ]);
  });
});

describe('[L6] the agent itself', () => {
  const upgrade = (parameters: string) =>
    app(`{render: template, template: fairway-agent, parameters: ${parameters}, variables: {tag: "1.2"}}`);

  it('is a template that comes with Fairway: its Deployment with another image', () => {
    expect(
      objects({ 'app.yaml': upgrade('{image: "registry.example/agent:${{ tag }}"}'), 'other.yaml': 'a: b' }),
    ).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: {
          name: 'fairway-agent',
          namespace: 'fairway-system',
          labels: { 'app.kubernetes.io/name': 'fairway-agent', 'app.kubernetes.io/part-of': 'fairway' },
          annotations: { 'fairway.dev/prune': 'never' },
        },
        spec: { template: { spec: { containers: [{ name: 'agent', image: 'registry.example/agent:1.2' }] } } },
      },
    ]);
    const [named] = objects({ 'app.yaml': upgrade('{image: x, name: own, namespace: here}') }) ?? [];
    expect(named?.metadata).toMatchObject({ name: 'own', namespace: 'here' });
  });

  it('[X4] takes no parameter that it does not know, and needs an image', () => {
    expect(found({ 'app.yaml': upgrade('{imgae: x}') })).toEqual([
      ['parameter-invalid', 'apps/shop/app.yaml:4', 'spec.parameters.imgae'],
      ['parameter-invalid', 'apps/shop/app.yaml:4', 'spec.parameters.image'],
    ]);
    expect(found({ 'app.yaml': upgrade('{image: 1}') }).map(([code]) => code)).toEqual(['parameter-invalid']);
    const own = app('{render: template, template: web}');
    expect(found({ 'app.yaml': own }).map(([code]) => code)).toEqual(['render-not-supported']);
  });
});

describe('[G3] variables and overrides', () => {
  const texts = {
    'app.yaml': app(`
  variables: {logLevel: info, unused: 1}
  overrides:
    - {clusters: {matchLabels: {region: eu}}, variables: {logLevel: warn}, patches: [{path: eu.yaml}]}
    - {clusters: {matchLabels: {tier: gold}}, variables: {logLevel: debug, unused: 2}}
`),
    'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - {name: web, image: web:1, env: [{name: LEVEL, value: "\${{ logLevel }}"}, {name: A, value: a}], args: [x, y]}
        - {name: side, image: side:1}
`,
    'eu.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {region: "\${{ cluster.labels.region }}"}}
spec:
  replicas: null
  template:
    spec:
      containers:
        - {name: web, env: [{name: A, value: b}, {name: R, value: r}], args: [z]}
        - {name: side, $patch: delete}
        - {name: third, image: third:1}
`,
  };

  it('a later override wins, and patches merge lists by their keys', () => {
    const prepared = good(texts);
    const objectOf = (labels: Labels) => render(prepared, target('a', labels)).bundle?.objects[0];
    expect(objectOf({})).toMatchObject({
      spec: { replicas: 2, template: { spec: { containers: [{ env: [{ value: 'info' }, { value: 'a' }] }, {}] } } },
    });
    expect(objectOf({ region: 'eu', tier: 'gold' })).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { region: 'eu' } },
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'web',
                image: 'web:1',
                env: [
                  { name: 'LEVEL', value: 'debug' },
                  { name: 'A', value: 'b' },
                  { name: 'R', value: 'r' },
                ],
                args: ['z'],
              },
              { name: 'third', image: 'third:1' },
            ],
          },
        },
      },
    });
  });

  it('the key is of the values that are referenced, and of the patches', () => {
    const prepared = good(texts);
    const keyOf = (name: string, labels: Labels, environment?: string) =>
      renderKey(prepared, target(name, labels, environment));
    expect(keyOf('a', { zone: '1' })).toBe(keyOf('b', { zone: '2' }, 'prod'));
    expect(keyOf('a', { tier: 'gold' })).not.toBe(keyOf('a', {}));
    expect(keyOf('a', { region: 'eu', tier: 'gold' })).not.toBe(keyOf('a', { tier: 'gold' }));
    expect(keyOf('a', { region: 'us', tier: 'gold' })).toBe(keyOf('a', { tier: 'gold' }));
  });

  it('a label that a cluster does not have is an error of that cluster', () => {
    const prepared = good({ 'a.yaml': configMap('a', 'data:\n  r: ${{ cluster.labels.region }}\n') });
    expect(render(prepared, target('a', { region: 'eu' })).problems).toEqual([]);
    expect(render(prepared, target('b', { regoin: 'eu' }))).toMatchObject({
      bundle: null,
      problems: [
        {
          ...{ code: 'variable-unknown', file: 'apps/shop/a.yaml', line: 5 },
          ...{ message: 'cluster b has no label region', remedy: 'did you mean "cluster.labels.regoin"?' },
        },
      ],
    });
  });
});

describe('[G3] the same input gives the same bytes', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const entries = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), value), {
    selector: ([key]) => key,
    maxLength: 6,
  });
  const digestOfFiles = (texts: [string, string][]) =>
    encodeBundle(render(good(Object.fromEntries(texts)), target('a')).bundle ?? { ...bundleless }).digest;
  const bundleless = {
    application: '',
    namespace: null,
    conflicts: 'yield',
    ignore: [],
    health: [],
    objects: [],
  } as const;

  it('whatever the order of files and of keys', () => {
    fc.assert(
      fc.property(fc.array(entries, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()), (files, random) => {
        const shuffle = <T>(items: readonly T[]) =>
          items
            .map((item) => ({ item, at: random.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        const text = (members: [string, unknown][], name: string) =>
          JSON.stringify(
            Object.fromEntries(
              shuffle(
                Object.entries({ apiVersion: 'v1', kind: 'X', metadata: { name }, spec: Object.fromEntries(members) }),
              ),
            ),
          );
        const plain = files.map((members, index): [string, string] => [`${index}.yaml`, text(members, `n${index}`)]);
        const other = files.map((members, index): [string, string] => [
          `${index}.yaml`,
          text(shuffle(members), `n${index}`),
        ]);
        expect(digestOfFiles(shuffle(other))).toBe(digestOfFiles(plain));
      }),
      { numRuns: 50 },
    );
  });
});

describe('[X4] what is refused, with file, line and field', () => {
  it.each<[string, Texts, unknown[]]>([
    [
      'helm, for now',
      { 'app.yaml': app('\n  render: helm') },
      ['render-not-supported', 'apps/shop/app.yaml:5', 'spec.render'],
    ],
    ['a folder without manifests', { 'app.yaml': app() }, ['manifests-missing', 'apps/shop/app.yaml:4', 'spec.path']],
    ['broken YAML', { 'a.yaml': 'a: 1\n b: 2' }, ['yaml-syntax', 'apps/shop/a.yaml:2', null]],
    ['no map', { 'a.yaml': '- 1' }, ['manifest-invalid', 'apps/shop/a.yaml:1', null]],
    [
      'no kind',
      { 'a.yaml': '\napiVersion: v1\nmetadata: {name: a}' },
      ['manifest-invalid', 'apps/shop/a.yaml:2', 'kind'],
    ],
    [
      'no name',
      { 'a.yaml': `${configMap('a')}---\n${configMap('')}` },
      ['manifest-invalid', 'apps/shop/a.yaml:5', 'metadata.name'],
    ],
    ['a number as a name', { 'a.yaml': configMap('5') }, ['manifest-invalid', 'apps/shop/a.yaml:1', 'metadata.name']],
    [
      'a name that is a path',
      { 'a.yaml': configMap('"../x"') },
      ['manifest-invalid', 'apps/shop/a.yaml:1', 'metadata.name'],
    ],
    [
      'a generated name',
      { 'a.yaml': configMap('a').replace('name:', 'generateName:') },
      ['manifest-invalid', 'apps/shop/a.yaml:1', 'metadata.generateName'],
    ],
    [
      'a label that is no text',
      { 'a.yaml': configMap('a, labels: {x.y/z: yes}') },
      ['manifest-invalid', 'apps/shop/a.yaml:1', 'metadata.labels["x.y/z"]'],
    ],
    [
      'an unknown variable',
      { 'a.yaml': configMap('a', 'data:\n  x: ${{ nope }}\n') },
      ['variable-unknown', 'apps/shop/a.yaml:5', null],
    ],
    [
      'no reference',
      { 'a.yaml': configMap('a', 'data:\n  x: ${{ a b }}\n') },
      ['variable-syntax', 'apps/shop/a.yaml:5', null],
    ],
    [
      'a map in a text',
      { 'app.yaml': app('{variables: {m: {}}}'), 'a.yaml': configMap('a-${{ m }}') },
      ['variable-not-text', 'apps/shop/a.yaml:3', null],
    ],
    [
      'a reserved name',
      { 'app.yaml': app('\n  variables:\n    cluster: x') },
      ['variable-reserved', 'apps/shop/app.yaml:6', 'spec.variables.cluster'],
    ],
    [
      'a variable of variables',
      { 'app.yaml': app('{variables: {a: "x-${{ cluster.name }}"}}') },
      ['variable-nested', 'apps/shop/app.yaml:4', 'spec.variables.a'],
    ],
    [
      'the same object twice',
      { 'a.yaml': configMap('a'), 'b.yaml': `${configMap('b')}---\n${configMap('a, namespace: default')}` },
      ['object-twice', 'apps/shop/b.yaml:5', 'metadata.name'],
    ],
    [
      'a patch that is not there',
      { 'a.yaml': configMap('a'), 'app.yaml': app('{overrides: [{clusters: {}, patches: [{path: no.yaml}]}]}') },
      ['patch-missing', 'apps/shop/app.yaml:4', 'spec.overrides[0].patches[0].path'],
    ],
    [
      'a patch for nothing',
      {
        'a.yaml': configMap('a'),
        'p.yaml': configMap('b'),
        'app.yaml': app('{overrides: [{clusters: {}, patches: [{path: ./p.yaml}]}]}'),
      },
      ['patch-unmatched', 'apps/shop/p.yaml:1', 'metadata.name'],
    ],
  ])('%s', (_, texts, expected) => {
    expect(found(texts)).toEqual([expected]);
  });

  it('names what was meant, and both files of an object that stands twice', () => {
    const { problems } = read({
      'app.yaml': app('{variables: {logLevel: info}}'),
      'a.yaml': configMap('a', 'data: {x: "${{ loglevel }}"}\n'),
    });
    expect(problems).toMatchObject([{ message: 'there is no variable loglevel', remedy: 'did you mean "logLevel"?' }]);
    expect(read({ 'a.yaml': configMap('a'), 'b.yaml': configMap('a') }).problems[0]?.message).toBe(
      'ConfigMap a is in apps/shop/a.yaml (line 1) too',
    );
  });
});

it('[A11] repeats no value of a Secret in what is wrong with it', () => {
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, annotations: {pin: 83461}}\nstringData: {a: b}\n';
  const { problems } = read({ 'a.yaml': secret });
  expect(problems).toMatchObject([{ code: 'manifest-invalid', field: 'metadata.annotations.pin' }]);
  expect(JSON.stringify(problems)).not.toContain('83461');
});

describe('[L7] what a few lines can cost', () => {
  it.each([
    ['whole values', '${{ big }}'],
    ['values in texts', 'a ${{ big }}'],
  ])('variables that come to gigabytes are refused: %s', (_what, value) => {
    const spec = `{variables: {big: "${'x'.repeat(1_000_000)}"}}`;
    const data = Array.from({ length: 2_000 }, (_, index) => `  k${index}: ${value}\n`).join('');
    expect(found({ 'app.yaml': app(spec), 'a.yaml': configMap('a', `data:\n${data}`) })).toEqual([
      ['bundle-too-large', 'apps/shop/app.yaml:null', 'spec.variables'],
    ]);
  });

  it('of many objects and overrides, no more are looked at than is affordable', () => {
    const overrides = Array.from({ length: 99 }, (_, index) => `{clusters: {}, variables: {v: "${index}"}}`);
    const manifests = Array.from({ length: 50 }, (_, index) => configMap(`m${index}`, 'data: {v: "${{ v }}"}\n'));
    const texts = {
      'app.yaml': app(`{variables: {v: a}, overrides: [${overrides}]}`),
      'a.yaml': manifests.join('---\n'),
    };
    const prepared = good(texts);
    let evaluated = 0;
    const counted = prepared.manifests.map((manifest) => {
      const { evaluate } = manifest.template;
      const counting = (lookUp: Parameters<NonNullable<typeof evaluate>>[0]) => {
        evaluated += 1;
        return evaluate?.(lookUp);
      };
      return { ...manifest, template: { ...manifest.template, evaluate: counting } };
    });
    expect(examine({ ...prepared, manifests: counted }, 1_000)).toEqual([]);
    expect(evaluated).toBe(1_000);
  });

  it('as many patches as objects each find their own', () => {
    const each = (data: string) =>
      Array.from({ length: 2_000 }, (_, index) => configMap(`m${index}`, data)).join('---\n');
    const overrides = '[{clusters: {matchLabels: {a: b}}, variables: {v: b}, patches: [{path: p.yaml}]}]';
    const prepared = good({
      'app.yaml': app(`{variables: {v: a}, overrides: ${overrides}}`),
      'a.yaml': each('data: {v: "${{ v }}"}\n'),
      'p.yaml': each('data: {w: x}\n'),
    });
    const { bundle } = render(prepared, target('eu-1', { a: 'b' }));
    expect(bundle?.objects).toHaveLength(2_000);
    expect(new Set(bundle?.objects.map(({ data }) => JSON.stringify(data)))).toEqual(new Set(['{"v":"b","w":"x"}']));
  });
});
