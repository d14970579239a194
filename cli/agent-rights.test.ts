import { describe, expect, it } from 'vitest';
import { rightsFor } from './agent-rights.ts';

describe('[T7] the agent’s own rights', () => {
  it('without bounds are those of an administrator', () => {
    expect(rightsFor(null)).toBeNull();
    expect(rightsFor({})).toBeNull();
  });

  it('write only the allowed kinds, only in the named namespaces', () => {
    const rights = rightsFor({ kinds: ['apps/Deployment', 'v1/ConfigMap'], namespaces: ['shop'] });
    const writes = (rules: readonly { verbs: readonly string[]; resources: readonly string[] }[]) =>
      rules.filter(({ verbs }) => verbs.includes('delete')).flatMap(({ resources }) => resources);
    expect(writes(rights?.cluster ?? [])).toEqual([]);
    expect(rights?.namespaced?.namespaces).toEqual(['shop']);
    expect(writes(rights?.namespaced?.rules ?? [])).toEqual(['deployments', 'configmaps']);
  });

  it('write cluster-scoped kinds everywhere, where they are allowed by name', () => {
    const rights = rightsFor({ kinds: ['v1/Namespace', 'v1/Secret'], namespaces: ['shop'] });
    expect(rights?.cluster.filter(({ verbs }) => verbs.includes('delete'))).toMatchObject([
      { resources: ['namespaces'] },
    ]);
  });

  it('hold everywhere where the namespaces are patterns', () => {
    const rights = rightsFor({ kinds: ['apps/*'], namespaces: ['shop-*'] });
    expect(rights?.namespaced).toBeNull();
    expect(rights?.cluster.at(-1)).toMatchObject({ apiGroups: ['apps'], resources: ['*'] });
  });

  it.each([
    ['batch/Job', true],
    ['batch/*', true],
    ['apps/*', false],
  ])('[A2] with %s read the logs of hooks: %s', (kind, logs) => {
    const rights = rightsFor({ kinds: [kind], namespaces: ['shop'] });
    expect(rights?.cluster.some(({ resources }) => resources.includes('pods/log'))).toBe(logs);
  });

  it.each([
    ['networking.k8s.io/NetworkPolicy', 'networkpolicies'],
    ['networking.k8s.io/Ingress', 'ingresses'],
    ['v1/Endpoints', 'endpoints'],
    ['gateway.networking.k8s.io/Gateway', 'gateways'],
    ['apps/*', '*'],
    ['*', '*'],
  ])('%s is the resource %s', (kind, resource) => {
    const rights = rightsFor({ kinds: [kind], namespaces: ['*'] });
    expect(rights?.cluster.at(-1)?.resources).toEqual([resource]);
  });
});
