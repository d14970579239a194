import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/object.ts';
import { patchObject } from './patch.ts';

const deployment = (spec: unknown): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', finalizers: ['a'] },
  spec,
});
const pod = (containers: unknown) => ({ template: { spec: { containers } } });

describe('a patch', () => {
  it('merges maps, takes away by null, and leaves its arguments as they are', () => {
    const base = deployment({ replicas: 2, strategy: { type: 'Recreate', x: { y: 1 } } });
    const patch = deployment({ replicas: null, strategy: { x: { z: 2 } }, paused: true });
    const before = structuredClone([base, patch]);
    expect(patchObject(base, patch).spec).toEqual({ strategy: { type: 'Recreate', x: { y: 1, z: 2 } }, paused: true });
    expect([base, patch]).toEqual(before);
  });

  it('merges keyed lists by their keys, sets by value, and replaces others', () => {
    const ports = [
      { containerPort: 80, name: 'http' },
      { containerPort: 80, protocol: 'UDP' },
    ];
    const base = deployment(pod([{ name: 'web', args: ['a'], ports }]));
    const patch = deployment(
      pod([
        { name: 'web', args: ['b'], ports: [{ containerPort: 80, protocol: 'TCP', hostPort: 8080 }] },
        { name: 'new', image: null },
      ]),
    );
    patch.metadata.finalizers = ['b', 'a'];
    const merged = patchObject(base, patch);
    expect(merged.metadata.finalizers).toEqual(['a', 'b']);
    expect(merged.spec).toEqual(
      pod([
        {
          name: 'web',
          args: ['b'],
          ports: [{ containerPort: 80, name: 'http', protocol: 'TCP', hostPort: 8080 }, ports[1]],
        },
        { name: 'new' },
      ]),
    );
  });

  it('takes items away and replaces maps where it says so', () => {
    const base = deployment({ ...pod([{ name: 'web' }, { name: 'side' }]), strategy: { type: 'Recreate' } });
    const patch = deployment({
      ...pod([
        { name: 'side', $patch: 'delete' },
        { name: 'absent', $patch: 'delete' },
      ]),
      strategy: { $patch: 'replace', rollingUpdate: {} },
    });
    expect(patchObject(base, patch).spec).toEqual({ ...pod([{ name: 'web' }]), strategy: { rollingUpdate: {} } });
  });

  it('replaces the lists of kinds whose keys nobody knows', () => {
    const widget = (list: unknown): KubeObject => ({ ...deployment({ list }), apiVersion: 'e.x/v1', kind: 'Widget' });
    expect(patchObject(widget([{ name: 'a' }]), widget([{ name: 'b' }])).spec).toEqual({ list: [{ name: 'b' }] });
  });
});
