import { describe, expect, it } from 'vitest';
import { createDiscovery } from './discovery.ts';
import type { Http } from './http.ts';
import { KubeError } from './port.ts';

type Answers = Record<string, object | KubeError>;

const verbs = ['get', 'list', 'watch'];
const widgets = (version: string, extra: object[] = []) => ({
  kind: 'APIResourceList',
  groupVersion: `example.com/${version}`,
  resources: [
    { name: 'widgets', kind: 'Widget', namespaced: true, verbs },
    { name: 'widgets/status', kind: 'Widget', verbs: ['get'] },
    ...extra,
  ],
});
const exampleGroup = {
  name: 'example.com',
  versions: [{ version: 'v1' }, { version: 'v2' }],
  preferredVersion: { version: 'v2' },
};
const unavailable = new KubeError('unavailable', 'the server is currently unable to handle the request', {
  status: 503,
});
const notFound = new KubeError('not-found', '404 page not found', { status: 404 });

const legacy: Answers = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/api/v1': {
    resources: [
      { name: 'pods', kind: 'Pod', namespaced: true, verbs },
      { name: 'bindings', kind: 'Binding', namespaced: true, verbs: ['create'] },
    ],
  },
  '/apis': { kind: 'APIGroupList', groups: [exampleGroup] },
  '/apis/example.com': exampleGroup,
  '/apis/example.com/v1': widgets('v1', [{ name: 'gears', kind: 'Gear', namespaced: false, verbs }]),
  '/apis/example.com/v2': widgets('v2'),
};

function discover(answers: Answers) {
  let now = 0;
  const asked: string[] = [];
  const http: Http = {
    async call({ path }) {
      asked.push(path);
      const body = answers[path] ?? notFound;
      if (body instanceof KubeError) throw body;
      return { status: 200, contentType: 'application/json', body };
    },
    stream: () => Promise.reject(new Error('not used')),
    close: async () => undefined,
  };
  const time = { now: () => now, sleep: async () => undefined, random: () => 0 };
  return {
    ...createDiscovery(http, time),
    asked,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('discovery', () => {
  it('finds a kind in the version asked for, else in the preferred one that has it', async () => {
    const { resourceOf } = discover(legacy);
    expect(await resourceOf('example.com', 'Widget', 'v1')).toMatchObject({
      version: 'v1',
      plural: 'widgets',
      namespaced: true,
    });
    expect(await resourceOf('example.com', 'Widget')).toMatchObject({ version: 'v2' });
    expect(await resourceOf('example.com', 'Widget', 'v9')).toMatchObject({ version: 'v2' });
    expect(await resourceOf('example.com', 'Gear')).toMatchObject({ version: 'v1', namespaced: false });
    expect(await resourceOf('', 'Pod')).toEqual({
      group: '',
      version: 'v1',
      kind: 'Pod',
      plural: 'pods',
      namespaced: true,
    });
  });

  it('reads a group once, however many ask', async () => {
    const { resourceOf, asked } = discover(legacy);
    await Promise.all([1, 2, 3].map(() => resourceOf('example.com', 'Widget')));
    await resourceOf('example.com', 'Widget', 'v1');
    expect(asked).toEqual(['/apis/example.com', '/apis/example.com/v2', '/apis/example.com/v1']);
  });

  it('looks a miss up anew, at most once a second', async () => {
    const answers = { ...legacy };
    delete answers['/apis/example.com'];
    const { resourceOf, asked, pass } = discover(answers);
    for (let n = 0; n < 5; n += 1) expect(await resourceOf('example.com', 'Widget')).toBeNull();
    expect(asked).toHaveLength(1);
    answers['/apis/example.com'] = exampleGroup;
    expect(await resourceOf('example.com', 'Widget')).toBeNull();
    pass(1_000);
    expect(await resourceOf('example.com', 'Widget')).not.toBeNull();
  });

  it('does not take an API server that is down for a kind that is not served', async () => {
    const answers = { ...legacy, '/apis/example.com/v2': unavailable };
    const { resourceOf } = discover(answers);
    expect(await resourceOf('example.com', 'Widget')).toMatchObject({ version: 'v1' });
    await expect(resourceOf('example.com', 'Cog')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(resourceOf('example.com', 'Widget', 'v2')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await resourceOf('example.com', 'Widget', 'v1')).toMatchObject({ version: 'v1' });
  });

  it('goes on without a group whose API server is down, and keeps what it knew of it', async () => {
    const answers: Answers = { ...legacy };
    const { resources, pass } = discover(answers);
    const kinds = async () => (await resources()).map(({ kind, version }) => `${kind} ${version}`).sort();
    expect(await kinds()).toEqual(['Gear v1', 'Pod v1', 'Widget v2']);
    answers['/apis/example.com/v1'] = unavailable;
    answers['/apis/example.com/v2'] = unavailable;
    pass(60_000);
    expect(await kinds()).toEqual(['Gear v1', 'Pod v1', 'Widget v2']);
    const fresh = discover(answers);
    expect((await fresh.resources()).map(({ kind }) => kind)).toEqual(['Pod']);
  });

  it('drops a group that is no longer served', async () => {
    const answers: Answers = { ...legacy };
    const { resources, pass } = discover(answers);
    await resources();
    answers['/apis'] = { kind: 'APIGroupList', groups: [] };
    pass(60_000);
    expect((await resources()).map(({ kind }) => kind)).toEqual(['Pod']);
  });

  it('reads aggregated discovery in one request a root', async () => {
    const item = (name: string, versions: object[]) => ({ metadata: { name }, versions });
    const resource = (plural: string, kind: string, scope: string) => ({
      resource: plural,
      responseKind: { kind },
      scope,
      verbs,
      subresources: [{ subresource: 'status' }],
    });
    const { resources, resourceOf, asked } = discover({
      '/api': {
        kind: 'APIGroupDiscoveryList',
        items: [item('', [{ version: 'v1', resources: [resource('pods', 'Pod', 'Namespaced')] }])],
      },
      '/apis': {
        kind: 'APIGroupDiscoveryList',
        items: [
          item('example.com', [
            { version: 'v2', freshness: 'Current', resources: [resource('widgets', 'Widget', 'Cluster')] },
          ]),
          item('broken.example.com', [{ version: 'v1', freshness: 'Stale' }]),
        ],
      },
    });
    expect(await resources()).toEqual([
      { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
      { group: 'example.com', version: 'v2', kind: 'Widget', plural: 'widgets', namespaced: false },
    ]);
    expect(await resourceOf('example.com', 'Widget')).not.toBeNull();
    await expect(resourceOf('broken.example.com', 'Thing')).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toEqual(['/api', '/apis']);
  });

  it('reads a group anew once it was told to forget it', async () => {
    const { resourceOf, forget, asked } = discover(legacy);
    await resourceOf('', 'Pod');
    forget('');
    await resourceOf('', 'Pod');
    expect(asked.filter((path) => path === '/api')).toHaveLength(2);
  });
});
