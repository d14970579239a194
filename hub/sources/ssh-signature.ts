import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/**
 * Signatures as OpenSSH writes them (PROTOCOL.sshsig), for Ed25519: what `git` makes with `gpg.format=ssh`, and
 * `ssh-keygen -Y verify` checks.
 */

const magic = Buffer.from('SSHSIG');
const keyType = 'ssh-ed25519';
const hash = 'sha512';
/** What Git signs in: a signature that was made for anything else does not count. */
const namespace = 'git';
/** The bytes before the 32 of an Ed25519 key, in the forms that Node reads. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const spki = Buffer.from('302a300506032b6570032100', 'hex');

export interface SshKey {
  readonly privateKey: KeyObject;
  /** `ssh-ed25519 AAAA…`, as in an `allowed_signers` file. */
  readonly publicKey: string;
}

/** @param seed 32 bytes */
export function sshKey(seed: Uint8Array): SshKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spki.length);
  return { privateKey, publicKey: `${keyType} ${publicBlob(raw).toString('base64')}` };
}

/** The armoured signature of a content, in Git's namespace. */
export function signSsh({ privateKey, publicKey }: SshKey, content: Uint8Array): string {
  const signature = sign(null, signedData(content), privateKey);
  const blob = Buffer.concat([
    magic,
    uint32(1),
    ...[blobOf(publicKey), Buffer.from(namespace), Buffer.alloc(0), Buffer.from(hash)].map(text),
    text(Buffer.concat([text(Buffer.from(keyType)), text(signature)])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
}

/** True where a key made a signature of a content, in Git's namespace. Whatever is malformed is none. */
export function verifySsh(publicKey: string, content: Uint8Array, armoured: string): boolean {
  const inner = /-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----/.exec(armoured)?.[1];
  const blob = Buffer.from(inner ?? '', 'base64');
  const start = magic.length + 4;
  if (!blob.subarray(0, start).equals(Buffer.concat([magic, uint32(1)]))) return false;
  const [key, space, reserved, algorithm, signature] = texts(blob.subarray(start));
  const [type, bytes] = texts(signature ?? Buffer.alloc(0));
  if (key === undefined || bytes === undefined || !key.equals(blobOf(publicKey))) return false;
  const isOurs = space?.toString() === namespace && reserved?.length === 0 && algorithm?.toString() === hash;
  if (!isOurs || type?.toString() !== keyType || bytes.length !== 64) return false;
  const [, raw] = texts(key);
  if (raw?.length !== 32) return false;
  const verifying = createPublicKey({ key: Buffer.concat([spki, raw]), format: 'der', type: 'spki' });
  return verify(null, signedData(content), verifying, bytes);
}

function signedData(content: Uint8Array): Buffer {
  const digest = createHash(hash).update(content).digest();
  return Buffer.concat([magic, ...[Buffer.from(namespace), Buffer.alloc(0), Buffer.from(hash), digest].map(text)]);
}

function publicBlob(raw: Buffer): Buffer {
  return Buffer.concat([text(Buffer.from(keyType)), text(raw)]);
}

function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}

/** A length, and so many bytes. */
function text(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** All texts that follow each other; those before the first that is cut. */
function texts(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}
