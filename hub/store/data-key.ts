import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { Schema } from './schema.ts';

/**
 * Encrypts what the database holds and nobody who reads a backup may see (G4): AES-256-GCM under this hub's key.
 * The context (`bundle sha256:…`, `credentials storefront`) is bound to it: what is sealed for one does not open for another.
 */
export interface DataKey {
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** @throws FairwayError `data-key-mismatch` for another key, another context, or changed bytes */
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** A digest by which nobody without the key can guess the text, hexadecimal. */
  digest(text: string): string;
}

/** Sealed: format (1 byte), nonce, tag, cipher text. */
const FORMAT = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** @param key 32 bytes */
export function createDataKey(key: Uint8Array): DataKey {
  const digestKey = createHmac('sha256', key).update('digest').digest();
  return {
    digest: (text) => createHmac('sha256', digestKey).update(text).digest('hex'),
    seal: (plain, context) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), text]);
    },
    open: (sealed, context) => {
      if (sealed[0] !== FORMAT || sealed.length < HEADER_BYTES) throw mismatch(context);
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const tag = sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()]);
      } catch (cause) {
        throw mismatch(context, cause);
      }
    },
  };
}

/**
 * Reads `data.key` of the data directory, which is created once. Keep a copy beside the database's backups: without
 * it, what is sealed is lost.
 * @throws FairwayError `data-key-invalid`
 */
export async function loadDataKey(directory: string): Promise<DataKey> {
  const path = join(directory, 'data.key');
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return createKeyFile(path);
  });
  if (key.length !== KEY_BYTES) {
    throw new FairwayError('data-key-invalid', `${path} holds ${key.length} bytes, not a key of ${KEY_BYTES}.`, {
      remedy: 'Put the file back from a backup.',
    });
  }
  return createDataKey(key);
}

/** Whole and on disk before it has its name: a key that something was sealed with is never lost to a crash. */
async function createKeyFile(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const unfinished = `${path}.new`;
  await rm(unfinished, { force: true });
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  const directory = await open(join(path, '..'));
  await directory.sync().finally(() => directory.close());
  return key;
}

const PROBE = 'data-key-probe';

/**
 * Says at start, rather than at the first bundle, that the database was sealed with another key.
 * @throws FairwayError `data-key-mismatch`
 */
export async function checkDataKey(db: Kysely<Schema>, key: DataKey): Promise<void> {
  const sealed = Buffer.from(key.seal(Buffer.from(PROBE), PROBE)).toString('base64');
  await db
    .insertInto('settings')
    .values({ name: PROBE, value: JSON.stringify(sealed) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await db.selectFrom('settings').select('value').where('name', '=', PROBE).executeTakeFirstOrThrow();
  try {
    key.open(Buffer.from(String(value), 'base64'), PROBE);
  } catch (cause) {
    throw new FairwayError('data-key-mismatch', 'This database was sealed with another data.key.', {
      remedy:
        "Put back that database's data.key from its backup; for a further replica, copy data.key and authority/ from the first.",
      cause,
    });
  }
}

function mismatch(context: string, cause?: unknown): FairwayError {
  return new FairwayError('data-key-mismatch', `The hub's data key does not open ${context}.`, {
    remedy: 'Put back the data.key that this database was used with.',
    cause,
  });
}
