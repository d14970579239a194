import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataKey, loadDataKey } from './data-key.ts';

const bytes = fc.uint8Array({ maxLength: 500 });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('sealing with the data key', () => {
  it('[G4] opens to what was sealed, and shows nothing of it', () => {
    fc.assert(
      fc.property(key, bytes, fc.string(), (secret, plain, context) => {
        const dataKey = createDataKey(secret);
        const sealed = dataKey.seal(plain, context);
        expect(Buffer.from(dataKey.open(sealed, context)).equals(plain)).toBe(true);
        if (plain.length >= 8) expect(Buffer.from(sealed).includes(Buffer.from(plain))).toBe(false);
        expect(Buffer.from(dataKey.seal(plain, context)).equals(sealed)).toBe(false);
      }),
    );
  });

  it('[G4] opens with no other key, in no other context, and not when a bit has changed', () => {
    fc.assert(
      fc.property(key, bytes, fc.string(), fc.nat(), (secret, plain, context, position) => {
        const sealed = createDataKey(secret).seal(plain, context);
        const code = expect.objectContaining({ code: 'data-key-mismatch' });
        const other = secret.map((byte) => byte ^ 1);
        expect(() => createDataKey(other).open(sealed, context)).toThrow(code);
        expect(() => createDataKey(secret).open(sealed, `${context}.`)).toThrow(code);
        const changed = sealed.slice();
        changed[position % changed.length] = (changed[position % changed.length] ?? 0) ^ 1;
        expect(() => createDataKey(secret).open(changed, context)).toThrow(code);
      }),
    );
  });
});

describe('data.key', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-key-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('is created once, for its owner alone', async () => {
    const first = await loadDataKey(directory);
    const second = await loadDataKey(directory);
    expect(Buffer.from(second.open(first.seal(Buffer.from('a'), 'b'), 'b')).toString()).toBe('a');
    expect((await stat(join(directory, 'data.key'))).mode & 0o777).toBe(0o600);
  });

  it('is refused when it was cut short', async () => {
    await writeFile(join(directory, 'data.key'), 'short');
    await expect(loadDataKey(directory)).rejects.toMatchObject({ code: 'data-key-invalid' });
  });
});
