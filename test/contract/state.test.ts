import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../agent/kube/client.ts';
import { openDiskState } from '../../agent/state/disk.ts';
import { type State, StateCorrupt } from '../../agent/state/port.ts';
import { openSecretState } from '../../agent/state/secrets.ts';
import { type KubeCluster, startKubeCluster } from '../kube/harness/cluster.ts';
import { describeKube } from '../kube/harness/describe.ts';
import { kubeFor } from '../kube/harness/kube.ts';
import { createMemoryState } from '../memory/state.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (content: Uint8Array | null) => (content === null ? null : Buffer.from(content).toString());
const secrets = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

/** What every place that keeps state does. `open` gives the same place each time, as after a restart. */
function keepsState(open: () => Promise<State>, runs: number): void {
  it('has nothing until it is written', async () => {
    const state = await open();
    expect(await state.read('nothing')).toBeNull();
    await state.remove('nothing');
  });

  it('[X1] gives back what was written, after a restart too', async () => {
    await (await open()).write('a', bytes('first'));
    const state = await open();
    expect(text(await state.read('a'))).toBe('first');
    await state.write('a', bytes('second'));
    expect(text(await (await open()).read('a'))).toBe('second');
    await state.remove('a');
    expect(await (await open()).read('a')).toBeNull();
  });

  it('lists names by prefix, sorted', async () => {
    const state = await open();
    for (const name of ['list/b', 'list/a', 'list', 'other/list/c', 'list/a/b']) await state.write(name, bytes(name));
    expect(await state.list('list/')).toEqual(['list/a', 'list/a/b', 'list/b']);
    await state.remove('list/a');
    expect(await state.list('list/')).toEqual(['list/a/b', 'list/b']);
    expect(await state.list('none')).toEqual([]);
  });

  it('keeps records of no bytes, of any bytes, and large ones', async () => {
    const state = await open();
    for (const content of [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, n) => n), randomBytes(2_500_000)]) {
      await state.write('content', content);
      const found = await (await open()).read('content');
      expect(found !== null && Buffer.compare(found, content)).toBe(0);
    }
    await state.write('content', bytes('small again'));
    expect(text(await state.read('content'))).toBe('small again');
  });

  it('takes any text as a name, and never takes one for another', async () => {
    const state = await open();
    const awkward = [
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'a:b',
      'A/B',
      'a%2fb',
      'ž',
      '🐎',
      'a\nb',
      'a\\b',
      'con',
      '"',
      'a\u2028b',
      '\u2029',
    ];
    const name = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'grapheme', maxLength: 12 }));
    const model = new Map<string, string>();
    await fc.assert(
      fc.asyncProperty(name, fc.string(), async (key, value) => {
        model.set(key, value);
        await state.write(key, bytes(value));
        for (const [known, content] of [...model].slice(-3)) expect(text(await state.read(known))).toBe(content);
      }),
      { numRuns: runs },
    );
    const all = await state.list('');
    for (const known of model.keys()) expect(all).toContain(known);
    for (const known of model.keys()) await state.remove(known);
  });

  it('lets the last of several writes at once stand', async () => {
    const state = await open();
    await Promise.all(['1', '2', '3', '4', '5'].map((value) => state.write('race', bytes(value.repeat(1000)))));
    expect(text(await state.read('race'))).toBe('5'.repeat(1000));
  });
}

describe('state in memory', () => {
  const records = new Map<string, Uint8Array>();
  keepsState(async () => createMemoryState(records), 100);
});

describe('state on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairway-state-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  keepsState(() => openDiskState(join(folder, 'a', 'b')), 100);

  it('is for the eyes of its user alone', async () => {
    const own = join(folder, 'modes');
    await (await openDiskState(own)).write('a', bytes('x'));
    expect(statSync(own).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(own)) expect(statSync(join(own, file)).mode & 0o777).toBe(0o600);
  });

  it('sees when a record was cut, changed, or put in the place of another', async () => {
    const own = join(folder, 'corrupt');
    const state = await openDiskState(own);
    await state.write('a', bytes('the content'));
    const [file = ''] = readdirSync(own);
    const whole = readFileSync(join(own, file));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, cut) => {
          const broken = Buffer.from(cut ? whole.subarray(0, at) : whole);
          if (!cut) broken[at] = (whole[at] ?? 0) ^ flip;
          writeFileSync(join(own, file), broken);
          await expect(state.read('a')).rejects.toThrow(StateCorrupt);
        },
      ),
    );
    writeFileSync(join(own, file), whole);
    expect(text(await state.read('a'))).toBe('the content');
    writeFileSync(join(own, file.replace(/^a/, 'b')), whole);
    await expect(state.read('b')).rejects.toThrow(StateCorrupt);
    expect(await state.list('')).toEqual(['a', 'b']);
    await state.write('b', bytes('mended'));
    expect(text(await state.read('b'))).toBe('mended');
  });

  it('clears away what a crash left, and never shows it', async () => {
    const own = join(folder, 'leftovers');
    await (await openDiskState(own)).write('a', bytes('old'));
    const [file = ''] = readdirSync(own);
    writeFileSync(join(own, `${file}.tmp`), 'fairway-state 1 100');
    const state = await openDiskState(own);
    expect(readdirSync(own)).toEqual([file]);
    expect(text(await state.read('a'))).toBe('old');
  });

  it('refuses a name that no file can have, and changes nothing', async () => {
    const state = await openDiskState(join(folder, 'names'));
    await expect(state.write('x'.repeat(300), bytes('y'))).rejects.toMatchObject({ code: 'state-name-invalid' });
    await expect(state.write('\ud800', bytes('y'))).rejects.toMatchObject({ code: 'state-name-invalid' });
    expect(await state.list('')).toEqual([]);
  });

  it('[X1] killed at any moment it holds the last acknowledged record, or the one after it, whole', async () => {
    const own = join(folder, 'killed');
    let acknowledged = 0;
    for (let round = 0; round < 5; round += 1) {
      const writer = spawn(process.execPath, [fileURLToPath(new URL('./state-writer.ts', import.meta.url)), own]);
      let output = '';
      writer.stdout.on('data', (chunk) => (output += chunk));
      await once(writer.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60));
      writer.kill('SIGKILL');
      await once(writer, 'close');
      acknowledged = Number(output.trim().split('\n').at(-1));
      const found = Buffer.from((await (await openDiskState(own)).read('the record')) ?? []);
      const number = found.readUInt32BE(0);
      expect([acknowledged, acknowledged + 1]).toContain(number);
      expect(found.length).toBe(50_000 + (number % 7) * 10_000);
    }
    expect(acknowledged).toBeGreaterThan(0);
  });
});

describeKube('state in Secrets', () => {
  let cluster: KubeCluster;
  let kube: KubeClient;
  const namespace = 'default';
  const stored = async () =>
    (await kube.list(secrets, { namespace, labelSelector: 'fairway.dev/state' })).items.map(
      ({ metadata }) => metadata.name,
    );

  beforeAll(async () => {
    cluster = await startKubeCluster({ name: 'state' });
    kube = await kubeFor(cluster);
  });
  afterAll(async () => {
    await kube?.close();
    await cluster?.stop();
  });
  keepsState(() => openSecretState({ kube, namespace }), 10);

  it('[L4] cuts what is large into parts, and removes the old ones', async () => {
    const state = await openSecretState({ kube, namespace });
    for (const name of await state.list('')) await state.remove(name);
    expect(await stored()).toEqual([]);
    await state.write('large', randomBytes(2_000_000));
    expect(await stored()).toHaveLength(4);
    await state.write('large', bytes('small'));
    expect(await stored()).toHaveLength(2);
    await state.remove('large');
    expect(await stored()).toEqual([]);
  });

  it('sees when a part was changed or is gone', async () => {
    const state = await openSecretState({ kube, namespace });
    await state.write('broken', bytes('the content'));
    const part = (await stored()).find((name) => name.length > 60) ?? '';
    const metadata = { name: part, namespace };
    const rest = { type: 'fairway.dev/state', data: { content: bytes('nonsense').toString('base64') } };
    await kube.apply(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, ...rest }, { force: true });
    await expect(state.read('broken')).rejects.toThrow(StateCorrupt);
    await kube.delete(secrets, { namespace, name: part });
    await expect(state.read('broken')).rejects.toThrow(StateCorrupt);
    await state.write('broken', bytes('mended'));
    expect(text(await state.read('broken'))).toBe('mended');
    await state.remove('broken');
  });

  it('[X1] stopped at any call it holds the old record or the new one, whole, and clears the rest away', async () => {
    const old = randomBytes(1_500_000);
    const fresh = randomBytes(1_500_000);
    for (let calls = 0; ; calls += 1) {
      await (await openSecretState({ kube, namespace })).write('cut', old);
      let left = Number.POSITIVE_INFINITY;
      const cutOff =
        <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
        async (...given: Given): Promise<Result> => {
          left -= 1;
          if (left < 0) throw new Error('cut off');
          return call(...given);
        };
      const breaking = { ...kube, apply: cutOff(kube.apply), delete: cutOff(kube.delete), list: cutOff(kube.list) };
      const doomed = await openSecretState({ kube: breaking, namespace });
      left = calls;
      const finished = await doomed.write('cut', fresh).then(
        () => true,
        () => false,
      );
      const found = await (await openSecretState({ kube, namespace })).read('cut');
      expect([Buffer.compare(found ?? bytes(''), old), Buffer.compare(found ?? bytes(''), fresh)]).toContain(0);
      expect(await stored()).toHaveLength(3);
      if (finished) break;
    }
  });
});
