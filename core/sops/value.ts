import { createDecipheriv } from 'node:crypto';
import { FairwayError } from '../errors.ts';

/** A value of an encrypted file. The bytes are what SOPS signs of it. */
export interface SopsValue {
  readonly value: string | number | boolean;
  readonly bytes: Uint8Array;
}

const encrypted = /^ENC\[AES256_GCM,data:([^,\]]*),iv:([^,\]]+),tag:([^,\]]+),type:([a-z]+)\]$/;

/** True for what SOPS encrypted. It leaves the empty text, null and what its rules name as they are. */
export function isEncrypted(node: unknown): node is string {
  return typeof node === 'string' && encrypted.test(node);
}

/**
 * Decrypts one value.
 * @param path the keys of the maps on the way to it: SOPS binds a value to its place
 * @throws FairwayError `sops-value-corrupt`, which names the place and never the value (A11)
 */
export function decryptValue(text: string, dataKey: Uint8Array, path: readonly string[]): SopsValue {
  return decryptText(text, dataKey, path.map((key) => `${key}:`).join(''), path.join('.'));
}

/**
 * Decrypts a text in SOPS's form.
 * @param bound what it is bound to
 * @param place for the message
 * @throws FairwayError `sops-value-corrupt`
 */
export function decryptText(text: string, dataKey: Uint8Array, bound: string, place: string): SopsValue {
  const [, data = '', iv = '', tag = '', type = ''] = encrypted.exec(text) ?? [];
  const authTag = Buffer.from(tag, 'base64');
  const nonce = Buffer.from(iv, 'base64');
  if (authTag.length !== 16 || nonce.length === 0) throw corrupt(place);
  const cipher = createDecipheriv('aes-256-gcm', dataKey, nonce, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(bound));
  cipher.setAuthTag(authTag);
  try {
    return typed(Buffer.concat([cipher.update(Buffer.from(data, 'base64')), cipher.final()]), type, place);
  } catch {
    // Node's own error says no more than that.
    throw corrupt(place);
  }
}

/** What SOPS signs of a value that stands in clear. */
export function signedBytes(value: string | number | boolean): Uint8Array {
  switch (typeof value) {
    case 'string':
      return Buffer.from(value);
    case 'number':
      return Buffer.from(decimal(value));
    case 'boolean':
      return Buffer.from(value ? 'True' : 'False');
  }
}

function typed(bytes: Uint8Array, type: string, place: string): SopsValue {
  const text = Buffer.from(bytes).toString();
  switch (type) {
    case 'str':
    case 'bytes':
    case 'time':
      return { value: text, bytes };
    case 'int':
    case 'float': {
      const value = Number(text);
      if (!Number.isFinite(value)) throw corrupt(place);
      return { value, bytes: signedBytes(value) };
    }
    case 'bool': {
      const value = text.toLowerCase() === 'true';
      return { value, bytes: signedBytes(value) };
    }
    default:
      throw corrupt(place);
  }
}

/** As Go writes a number without an exponent. */
function decimal(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [digits = '', exponent] = String(value).split('e-');
  if (exponent === undefined) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${digits.replace(/[-.]/g, '')}`;
}

function corrupt(place: string): FairwayError {
  return new FairwayError(
    'sops-value-corrupt',
    `${place} cannot be decrypted: it was changed after SOPS encrypted it.`,
    {
      field: place,
      remedy: 'Change encrypted files with `sops edit` alone, then commit them again.',
    },
  );
}
