import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { serviceAccountCredentials } from './credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairway-account-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (leaf: string, content: string) => writeFileSync(join(folder, leaf), content);

describe("a Pod's service account", () => {
  it('reads its token again once a minute, and at once when it is refused', async () => {
    let now = 0;
    write('token', 'one\n');
    write('ca.crt', 'the CA');
    const credentials = await serviceAccountCredentials({ host: '10.0.0.1', port: '443', folder, now: () => now });
    expect(credentials).toMatchObject({ server: 'https://10.0.0.1:443', namespace: null });
    const token = async (renew = false) => (await credentials.identity(renew)).headers.authorization;
    write('token', 'two');
    expect(await token()).toBe('Bearer one');
    expect(await token(true)).toBe('Bearer two');
    write('token', 'three');
    now += 60_000;
    expect(await token()).toBe('Bearer three');
  });

  it('keeps its connections while the CA stays, and trusts the next one when it rotates', async () => {
    write('namespace', 'fairway-system\n');
    const credentials = await serviceAccountCredentials({ host: 'fd00::1', port: '443', folder });
    expect(credentials).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'fairway-system' });
    const { tls } = await credentials.identity(false);
    expect((await credentials.identity(true)).tls).toBe(tls);
    write('ca.crt', 'another CA');
    expect((await credentials.identity(true)).tls).toEqual({ options: { ca: 'another CA' }, proxy: null });
  });

  it('fails where there is none', async () => {
    const options = { host: '10.0.0.1', port: '443', folder: join(folder, 'none') };
    await expect(serviceAccountCredentials(options)).rejects.toThrow('ENOENT');
  });
});
