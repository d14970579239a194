import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import type { KubeObject } from '../core/objects/object.ts';

/** An age key, as `age-keygen` writes it, and its public half. */
export interface AgeKey {
  readonly file: string;
  readonly recipient: string;
}

export async function createAgeKey(): Promise<AgeKey> {
  const identity = await generateIdentity();
  return { file: `# a key for tests\n${identity}\n`, recipient: await identityToRecipient(identity) };
}

/**
 * An object as the hub hands on what `sops encrypt --encrypted-regex` wrote: the file's text beside its name (A13).
 * Written apart from the code that decrypts; what sops itself writes is tried in `contract/sops.test.ts`.
 */
export async function sealObject(object: KubeObject, recipient: string, fields: RegExp): Promise<KubeObject> {
  const dataKey = randomBytes(32);
  const hash = createHash('sha512');
  const seal = (text: string, bound: string, type: string) => {
    const iv = randomBytes(32);
    const cipher = createCipheriv('aes-256-gcm', dataKey, iv);
    cipher.setAAD(Buffer.from(bound));
    const data = Buffer.concat([cipher.update(text), cipher.final()]).toString('base64');
    return `ENC[AES256_GCM,data:${data},iv:${iv.toString('base64')},tag:${cipher.getAuthTag().toString('base64')},type:${type}]`;
  };
  const walk = (node: unknown, keys: readonly string[]): unknown => {
    if (Array.isArray(node)) return node.map((item) => walk(item, keys));
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value, [...keys, key])]));
    const text = node === true ? 'True' : node === false ? 'False' : String(node);
    hash.update(text);
    if (node === '' || !keys.some((key) => fields.test(key))) return node;
    const type = typeof node === 'number' ? 'int' : typeof node === 'boolean' ? 'bool' : 'str';
    return seal(text, `${keys.join(':')}:`, type);
  };
  const tree = walk(object, []) as Record<string, unknown>;
  const lastmodified = '2026-01-01T00:00:00Z';
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const enc = armor.encode(await encrypter.encrypt(dataKey));
  const mac = seal(hash.digest('hex').toUpperCase(), lastmodified, 'str');
  const sops = { age: [{ recipient, enc }], lastmodified, mac, encrypted_regex: fields.source, version: '3.9.4' };
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata, sops: JSON.stringify({ ...tree, sops }, null, 2) };
}
