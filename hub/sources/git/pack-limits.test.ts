import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPack } from './pack-limits.ts';

const person = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' };
const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...person };
const blob = 3;
const referenceDelta = 7;

/** A number as a pack writes it, `bits` of it in the first byte. */
function numberOf(value: number, bits: number, high = 0): Buffer {
  const bytes = [high | (value % 2 ** bits)];
  for (let rest = Math.floor(value / 2 ** bits); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}
const object = (type: number, content: Buffer, size = content.length) =>
  Buffer.concat([
    numberOf(size, 4, type << 4),
    type === referenceDelta ? Buffer.alloc(20, 1) : Buffer.alloc(0),
    deflateSync(content),
  ]);
function pack(...objects: readonly Uint8Array[]): Buffer {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(objects.length, 8);
  return Buffer.concat([header, ...objects, Buffer.alloc(20)]);
}
/** In the side band, in packets of so many bytes. */
function answer(content: Buffer, size = 1_000): Buffer {
  const packets: Buffer[] = [Buffer.from('0008NAK\n'), Buffer.from('000b\x02hello\n')];
  for (let at = 0; at < content.length; at += size) {
    const part = content.subarray(at, at + size);
    packets.push(Buffer.from((part.length + 5).toString(16).padStart(4, '0')), Buffer.of(1), part);
  }
  return Buffer.concat([...packets, Buffer.from('0000')]);
}
const zeros = (size: number) => Buffer.alloc(size);
const refused = expect.objectContaining({ code: 'tree-too-large' });

describe('[L7] a pack', () => {
  it('of objects that are small enough passes', () => {
    expect(() => checkPack(answer(pack(object(blob, zeros(999)), object(blob, zeros(1_000)))), 1_000)).not.toThrow();
  });

  it.each([
    ['is too large', object(blob, zeros(1_001))],
    ['is larger than it says', object(blob, zeros(1_000_000), 10)],
    ['says that it is too large', object(blob, zeros(1), 5_000_000_000)],
    ['is a delta that makes too much', object(referenceDelta, Buffer.concat([numberOf(5, 7), numberOf(1_001, 7)]))],
  ])('is refused where an object %s', (_what, bad) => {
    expect(() => checkPack(answer(pack(object(blob, zeros(5)), bad)), 1_000)).toThrow(refused);
  });

  it('of Git’s own making is read to its end, deltas and all', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairway-pack-'));
    const git = (...commandLine: string[]) => execFileSync('git', commandLine, { cwd: folder, env });
    try {
      git('init', '--quiet');
      for (const version of ['a', 'b', 'c']) {
        writeFileSync(join(folder, 'f'), `${'a line that stays\n'.repeat(2_000)}${version}\n`);
        git('add', '.');
        git('commit', '--quiet', '--message', version);
      }
      git('repack', '-adq');
      const packs = join(folder, '.git', 'objects', 'pack');
      const file = readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '';
      const bytes = readFileSync(join(packs, file));
      expect(() => checkPack(answer(bytes, 300), 36_002)).not.toThrow();
      expect(() => checkPack(answer(bytes, 300), 36_001)).toThrow(refused);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that is none, or a broken one, passes or is refused: whoever reads it says what is wrong', () => {
    const check = (bytes: Buffer) => {
      try {
        checkPack(bytes);
      } catch (thrown) {
        expect(thrown).toEqual(refused);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        check(Buffer.from(bytes));
        check(answer(pack(bytes, bytes)));
      }),
    );
  });
});
