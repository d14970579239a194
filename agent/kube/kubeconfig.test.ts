import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kubeconfigCredentials } from './kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairway-kubeconfig-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Writes a kubeconfig of one context. */
function write(leaf: string, cluster: object, user: object, name = 'main'): string {
  const path = join(folder, leaf);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: 'https://api.example.com:6443/k8s/', ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'shop' } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe('a kubeconfig', () => {
  it('gives the server, the namespace and a client certificate', async () => {
    const path = write(
      'certificate',
      { 'certificate-authority-data': base64('the CA'), 'tls-server-name': 'inner.example.com' },
      { 'client-certificate-data': base64('a certificate'), 'client-key-data': base64('a key') },
    );
    const credentials = await kubeconfigCredentials(path);
    expect(credentials).toMatchObject({ server: 'https://api.example.com:6443/k8s', namespace: 'shop' });
    const { tls, headers } = await credentials.identity(false);
    expect(headers).toEqual({});
    expect(tls).toMatchObject({ proxy: null, options: { servername: 'inner.example.com' } });
    expect([tls.options.ca, tls.options.cert, tls.options.key].map(String)).toEqual([
      'the CA',
      'a certificate',
      'a key',
    ]);
    expect(tls.options.rejectUnauthorized).not.toBe(false);
  });

  it('gives a token, basic auth, impersonation, and no verification where it says so', async () => {
    const token = await kubeconfigCredentials(
      write('token', { 'insecure-skip-tls-verify': true }, { token: 't', as: 'someone' }),
    );
    const identity = await token.identity(false);
    expect(identity.headers).toEqual({ authorization: 'Bearer t', 'impersonate-user': 'someone' });
    expect(identity.tls.options.rejectUnauthorized).toBe(false);
    const basic = await kubeconfigCredentials(write('basic', {}, { username: 'u', password: 'p' }));
    expect((await basic.identity(false)).headers).toEqual({ authorization: `Basic ${base64('u:p')}` });
  });

  it('asks a plugin, keeps its token, and asks anew when that is refused', async () => {
    const plugin = join(folder, 'plugin');
    const asked = join(folder, 'asked');
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'TOKEN' },
    };
    writeFileSync(
      plugin,
      `#!/bin/sh\necho x >> ${asked}\necho '${JSON.stringify(credential)}' | sed "s/TOKEN/token-$(wc -l < ${asked} | tr -d ' ')/"\n`,
    );
    chmodSync(plugin, 0o700);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
    const { identity } = await kubeconfigCredentials(write('exec', {}, { exec }));
    const token = async (renew: boolean) => (await identity(renew)).headers.authorization;
    expect([await token(false), await token(false)]).toEqual(['Bearer token-1', 'Bearer token-1']);
    expect(await token(true)).toBe('Bearer token-2');
    expect(readFileSync(asked, 'utf8')).toBe('x\nx\n');
  });

  it('keeps its connections while a certificate on disk stays, and notices when it rotates', async () => {
    let now = 0;
    const file = join(folder, 'rotating.crt');
    writeFileSync(file, 'one');
    const path = write('files', {}, { 'client-certificate': file, 'client-key-data': base64('a key') });
    const { identity } = await kubeconfigCredentials(path, undefined, () => now);
    const first = await identity(false);
    now += 60_000;
    expect((await identity(false)).tls).toBe(first.tls);
    writeFileSync(file, 'two');
    now += 60_000;
    expect(String((await identity(false)).tls.options.cert)).toBe('two');
  });

  it('joins several files, and takes the context that is asked for', async () => {
    const both = [write('first', {}, { token: '1' }), write('second', {}, { token: '2' }, 'other')].join(delimiter);
    expect((await (await kubeconfigCredentials(both)).identity(false)).headers.authorization).toBe('Bearer 1');
    expect((await (await kubeconfigCredentials(both, 'other')).identity(false)).headers.authorization).toBe('Bearer 2');
  });

  it('[X4] says what is wrong with it', async () => {
    const refused = (path: string, context?: string) => expect(kubeconfigCredentials(path, context)).rejects;
    await refused(join(folder, 'none')).toMatchObject({
      code: 'kubeconfig-invalid',
      message: expect.stringContaining('none'),
    });
    const good = write('good', {}, { token: 't' });
    await refused(good, 'nowhere').toMatchObject({ message: expect.stringContaining('no context nowhere') });
    writeFileSync(join(folder, 'text'), ': not { YAML');
    await refused(join(folder, 'text')).toMatchObject({ code: 'kubeconfig-invalid' });
    writeFileSync(join(folder, 'empty'), '{}');
    await refused(join(folder, 'empty')).toMatchObject({ code: 'kubeconfig-invalid' });
    await refused(write('socks', { 'proxy-url': 'socks5://localhost:1' }, {})).toMatchObject({
      message: expect.stringContaining('proxy-url'),
    });
  });

  it('[X4] says that a plugin failed', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: join(folder, 'no-such-program') };
    const { identity } = await kubeconfigCredentials(write('failing', {}, { exec }));
    await expect(identity(false)).rejects.toMatchObject({
      code: 'kubeconfig-invalid',
      message: expect.stringContaining('no-such-program'),
    });
  });
});
