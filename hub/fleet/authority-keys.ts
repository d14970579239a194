import { webcrypto } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { FairwayError, messageOf } from '../../core/errors.ts';

/** What both authorities sign with. */
export const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const lifetime = 20 * 365 * 24 * 60 * 60_000;
const roles = ['active', 'standby'] as const;
type Role = (typeof roles)[number];

/** One authority: its key, its self-signed certificate, and the SHA-256 of its public key (SPKI), hexadecimal. */
export interface KeyPair {
  readonly privateKey: webcrypto.CryptoKey;
  readonly certificate: x509.X509Certificate;
  readonly fingerprint: string;
}

/**
 * Reads both authorities, or creates them where the folder does not exist yet: whole or not at all, and durable
 * before anything is signed with them.
 * @throws FairwayError `authority-unreadable`
 */
export async function openKeys(folder: string, now: number): Promise<Readonly<Record<Role, KeyPair>>> {
  try {
    if (!(await exists(folder))) await create(folder, now);
    const [active, standby] = await Promise.all(roles.map((role) => read(folder, role)));
    return { active: active as KeyPair, standby: standby as KeyPair };
  } catch (error) {
    throw new FairwayError('authority-unreadable', `The authority in ${folder} cannot be read: ${messageOf(error)}`, {
      remedy: 'Restore that folder from its backup. Without it no agent trusts this hub.',
      cause: error,
    });
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await (await open(folder)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function create(folder: string, now: number): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const draft = await mkdtemp(join(parent, '.authority-'));
  try {
    await chmod(draft, 0o700);
    for (const role of roles) {
      const { key, certificate } = await generate(role, now);
      await writeDurably(join(draft, `${role}.key`), key, 0o600);
      await writeDurably(join(draft, `${role}.crt`), certificate, 0o644);
    }
    await syncFolder(draft);
    await rename(draft, folder);
    await syncFolder(parent);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function generate(role: Role, now: number): Promise<{ key: string; certificate: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const fingerprint = await fingerprintOf(await webcrypto.subtle.exportKey('spki', keys.publicKey));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
      .toString('hex')
      .replace(/^./, '4'),
    // Its own name for each authority: where two share one, TLS drops a stranger's connection instead of refusing it.
    name: [{ CN: [`Fairway authority ${fingerprint.slice(0, 16)} (${role})`] }],
    notBefore: new Date(now - 60 * 60_000),
    notAfter: new Date(now + lifetime),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), certificate: certificate.toString('pem') };
}

async function read(folder: string, role: Role): Promise<KeyPair> {
  const [key, pem] = await Promise.all(
    ['key', 'crt'].map((ending) => readFile(join(folder, `${role}.${ending}`), 'utf8')),
  );
  const certificate = new x509.X509Certificate(pem as string);
  const privateKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(key as string),
    algorithm,
    false,
    ['sign'],
  );
  const fingerprint = await fingerprintOf(certificate.publicKey.rawData);
  return { privateKey, certificate, fingerprint };
}

async function fingerprintOf(publicKey: ArrayBuffer): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', publicKey)).toString('hex');
}

async function writeDurably(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
