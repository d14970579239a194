import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A new key (PEM, PKCS#8), and a request for a certificate for it (PKCS#10, DER). */
export function createKey(): { readonly key: string; readonly request: Buffer } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key, request: certificateRequest(privateKey) };
}

/**
 * A PKCS#10 certificate request (RFC 2986) in DER, for an EC P-256 key, with an empty subject: the hub takes only the
 * key from it (T4). Written out here because a certificate library costs an agent 21 MB.
 */
export function certificateRequest(privateKey: KeyObject): Buffer {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const version = element(tags.integer, Buffer.from([0]));
  const subject = element(tags.sequence);
  const attributes = element(tags.context0);
  const information = element(tags.sequence, version, subject, publicKey, attributes);
  const algorithm = element(tags.sequence, element(tags.objectIdentifier, ecdsaWithSha256));
  const signature = element(tags.bitString, Buffer.from([0]), sign('sha256', information, privateKey));
  return element(tags.sequence, information, algorithm, signature);
}

const tags = { integer: 0x02, bitString: 0x03, objectIdentifier: 0x06, sequence: 0x30, context0: 0xa0 } as const;

/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);

/** One DER element: tag, length, content. */
function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** Short form below 128; else the number of bytes, then the bytes. */
function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(length.toString(16).padStart(2 * Math.ceil(length.toString(16).length / 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}
