import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeOnBoth } from './both.ts';
import { configMap, deployment, deploymentPath } from './objects.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairway-kubectl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An editor that replaces a text. */
function editor(from: string, to: string): string {
  const path = join(folder, `edit-${Math.random().toString(36).slice(2)}.sh`);
  writeFileSync(path, `#!/bin/sh\nsed -i 's|${from}|${to}|' "$1"\n`, { mode: 0o700 });
  return path;
}

describeOnBoth('kubectl', { controllers: true }, (server) => {
  it('creates what it makes itself, and shows it in tables', async () => {
    const namespace = await server.namespace();
    const run = (...args: string[]) => server.kubectl(['-n', namespace, ...args]);
    expect(await run('create', 'deployment', 'web', '--image=example/app:1', '--replicas=0')).toContain(
      'deployment.apps/web created',
    );
    expect(await run('create', 'configmap', 'settings', '--from-literal=a=b')).toContain('configmap/settings created');
    expect(await run('create', 'secret', 'generic', 'keys', '--from-literal=a=b')).toContain('secret/keys created');
    expect(await run('create', 'serviceaccount', 'deployer')).toContain('created');
    expect(await run('create', 'role', 'reader', '--verb=get', '--resource=configmaps')).toContain('created');
    expect(
      await run('create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${namespace}:deployer`),
    ).toContain('created');
    expect(await run('create', 'service', 'clusterip', 'web', '--tcp=80:8080')).toContain('service/web created');
    expect(await run('get', 'deployments')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/0 +0 +0 +\d+s\n$/,
    );
    expect(await run('get', 'configmap', 'settings')).toMatch(/^NAME +DATA +AGE\nsettings +1 +\d+s\n$/);
    expect(await run('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].targetPort}')).toBe('8080');
    expect(await run('get', 'secret', 'keys', '-o', 'jsonpath={.data.a} {.type}')).toBe('Yg== Opaque');
    expect(await run('get', 'rolebinding', 'reader', '-o', 'name')).toBe(
      'rolebinding.rbac.authorization.k8s.io/reader\n',
    );
  });

  it('applies from its own side, and takes away what it no longer applies', async () => {
    const namespace = await server.namespace();
    const run = (args: string[], stdin = '') => server.kubectl(['-n', namespace, ...args], stdin);
    const yaml = (object: object) => JSON.stringify(object);
    expect(await run(['apply', '-f', '-'], yaml(configMap(namespace, 'a', { a: '1', b: '2' })))).toContain(
      'configmap/a created',
    );
    expect(await run(['apply', '-f', '-'], yaml(configMap(namespace, 'a', { a: '1', b: '2' })))).toContain(
      'configmap/a unchanged',
    );
    expect(await run(['apply', '-f', '-'], yaml(configMap(namespace, 'a', { a: '1' })))).toContain(
      'configmap/a configured',
    );
    expect(await run(['get', 'configmap', 'a', '-o', 'jsonpath={.data}'])).toBe('{"a":"1"}');
    const web = deployment(namespace, 'web', { replicas: 0 });
    expect(await run(['apply', '--validate=true', '-f', '-'], yaml(web))).toContain('created');
    const more = structuredClone(web) as never as { spec: { template: { spec: { containers: object[] } } } };
    more.spec.template.spec.containers.push({ name: 'side', image: 'example/side:1' });
    expect(await run(['apply', '-f', '-'], yaml(more))).toContain('configured');
    expect(await run(['apply', '-f', '-'], yaml(web))).toContain('configured');
    expect(await run(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[*].name}'])).toBe(
      'main',
    );
    expect(await run(['apply', '--dry-run=server', '-f', '-'], yaml(more))).toContain('(server dry run)');
    expect(await run(['diff', '-f', '-'], yaml(web))).toBe('');
  });

  it("applies on the server's side, also what was applied from its own before", async () => {
    const namespace = await server.namespace();
    const run = (args: string[], stdin = '') => server.kubectl(['-n', namespace, ...args], stdin);
    const object = JSON.stringify(configMap(namespace, 'a', { a: '1' }));
    await run(['apply', '-f', '-'], object);
    expect(await run(['apply', '--server-side', '-f', '-'], object)).toContain('serverside-applied');
    const other = JSON.stringify(configMap(namespace, 'a', { a: '2' }));
    await expect(run(['apply', '--server-side', '--field-manager=other', '-f', '-'], other)).rejects.toThrow(
      /conflict.*\.data\.a/s,
    );
    expect(
      await run(['apply', '--server-side', '--force-conflicts', '--field-manager=other', '-f', '-'], other),
    ).toContain('applied');
  });

  it('edits, patches, scales, labels, annotates, replaces', async () => {
    const namespace = await server.namespace();
    const run = (args: string[], stdin = '', environment = {}) =>
      server.kubectl(['-n', namespace, ...args], stdin, environment);
    const read = (path: string) => run(['get', 'deployment', 'web', '-o', `jsonpath={${path}}`]);
    await run(['create', '-f', '-'], JSON.stringify(deployment(namespace, 'web', { replicas: 0 })));
    expect(
      await run(['edit', 'deployment', 'web'], '', { KUBE_EDITOR: editor('example/app:1', 'example/app:2') }),
    ).toContain('edited');
    expect(await read('.spec.template.spec.containers[0].image')).toBe('example/app:2');
    await run([
      'patch',
      'deployment',
      'web',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"example/app:3"}]}}}}',
    ]);
    expect(await read('.spec.template.spec.containers[0].image')).toBe('example/app:3');
    await run([
      'patch',
      'deployment',
      'web',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/paused","value":true}]',
    ]).catch(() => run(['patch', 'deployment', 'web', '--type=merge', '-p', '{"spec":{"paused":true}}']));
    expect(await read('.spec.paused')).toBe('true');
    await run(['scale', 'deployment', 'web', '--replicas=3']);
    expect(await read('.spec.replicas')).toBe('3');
    await run(['label', 'deployment', 'web', 'tier=front']);
    await run(['label', 'deployment', 'web', 'tier=back', '--overwrite']);
    await run(['annotate', 'deployment', 'web', 'note=x']);
    expect(await read('.metadata.labels.tier')).toBe('back');
    await run(['annotate', 'deployment', 'web', 'note-']);
    await run(['set', 'image', 'deployment/web', 'main=example/app:4']);
    expect(await read('.spec.template.spec.containers[0].image')).toBe('example/app:4');
    const { body } = await server.call('GET', deploymentPath(namespace, 'web'));
    const { resourceVersion: _, ...metadata } = body.metadata;
    await run(['replace', '-f', '-'], JSON.stringify({ ...body, metadata, spec: { ...body.spec, replicas: 1 } }));
    expect(await read('.spec.replicas')).toBe('1');
    await run(['scale', 'deployment', 'web', '--replicas=0']);
    await run(['patch', 'deployment', 'web', '-p', '{"spec":{"paused":false}}']);
    expect(await run(['rollout', 'status', 'deployment/web', '--timeout=60s'])).toContain('successfully rolled out');
    expect(await run(['delete', 'deployment', 'web'])).toContain('deleted');
    await expect(run(['get', 'deployment', 'web'])).rejects.toThrow('deployments.apps "web" not found');
  });

  it('waits for what it deletes', async () => {
    const namespace = await server.namespace();
    await server.kubectl(['-n', namespace, 'create', 'configmap', 'a', '--from-literal=a=b']);
    expect(await server.kubectl(['delete', 'namespace', namespace, '--timeout=60s'])).toContain('deleted');
    await expect(server.kubectl(['get', 'namespace', namespace])).rejects.toThrow('not found');
  });

  it('says what is wrong in the words of the server', async () => {
    const namespace = await server.namespace();
    const bad = JSON.stringify(deployment(namespace, 'web', { replicas: -1 }));
    await expect(server.kubectl(['create', '-f', '-'], bad)).rejects.toThrow(
      'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
    const misspelt = JSON.stringify({ ...deployment(namespace, 'web'), spce: {} });
    await expect(server.kubectl(['create', '-f', '-'], misspelt)).rejects.toThrow(/unknown field "(\S+\.)?spce"/);
  });
});
