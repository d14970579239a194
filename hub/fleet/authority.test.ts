import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubIdentity } from '../../core/link/protocol.ts';
import { clientLifetime, openAuthority } from './authority.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'fairway-authority-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function requestFor(
  name: string,
  algorithm: Parameters<typeof crypto.subtle.generateKey>[0],
): Promise<Uint8Array> {
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPairLike;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys: keys as never,
    signingAlgorithm: algorithm as never,
  });
  return new Uint8Array(request.rawData);
}
type CryptoKeyPairLike = { readonly publicKey: unknown; readonly privateKey: unknown };

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

describe('authority', () => {
  it('[T2] is created once, with private keys that only its owner reads, and read again afterwards', async () => {
    const first = await openAuthority(dataDir);
    const second = await openAuthority(dataDir);
    expect(second.fingerprints).toEqual(first.fingerprints);
    expect(second.authorities).toEqual(first.authorities);
    expect(first.fingerprints[0]).not.toBe(first.fingerprints[1]);
    expect(await readdir(dataDir)).toEqual(['authority']);
    for (const role of ['active', 'standby']) {
      expect((await stat(join(dataDir, 'authority', `${role}.key`))).mode & 0o777).toBe(0o600);
    }
  });

  it('names the folder to restore where a key was cut', async () => {
    await openAuthority(dataDir);
    await truncate(join(dataDir, 'authority', 'active.key'), 20);
    await expect(openAuthority(dataDir)).rejects.toMatchObject({ code: 'authority-unreadable' });
  });

  it('[T2] [T4] signs the key of a request, and takes its name from the hub', async () => {
    const now = Date.now();
    const authority = await openAuthority(dataDir, () => now);
    const signed = await authority.sign(await requestFor('somebody-else', p256), 'eu-1');
    const certificate = new X509Certificate(signed.certificate);
    expect(certificate.subject).toBe('CN=eu-1');
    expect(certificate.subjectAltName).toBe('URI:fairway://cluster/eu-1');
    expect(certificate.serialNumber.toLowerCase()).toBe(signed.serial);
    expect(Math.abs(signed.expiresAt.getTime() - now - clientLifetime)).toBeLessThan(1_000);
    expect(certificate.checkIssued(new X509Certificate(authority.authorities[0]))).toBe(true);
    expect(certificate.verify(new X509Certificate(authority.authorities[0]).publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(authority.authorities[1]).publicKey)).toBe(false);
  });

  it('[X4] refuses a request that is none, or whose key is weak', async () => {
    const authority = await openAuthority(dataDir);
    const refused = { code: 'certificate-request-invalid', field: 'request' };
    await expect(authority.sign(new Uint8Array([1, 2, 3]), 'eu-1')).rejects.toMatchObject(refused);
    const weak = {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    };
    await expect(authority.sign(await requestFor('eu-1', weak), 'eu-1')).rejects.toMatchObject(refused);
    const request = await requestFor('eu-1', p256);
    request[request.length - 4] = (request.at(-4) ?? 0) ^ 1;
    await expect(authority.sign(request, 'eu-1')).rejects.toMatchObject(refused);
  });

  it('gives its port a certificate that names the hub and its hosts', async () => {
    const authority = await openAuthority(dataDir);
    const { chain } = await authority.serverCredentials(['hub.example', '127.0.0.1']);
    const leaf = new X509Certificate(chain);
    expect(leaf.subjectAltName).toBe(`URI:${hubIdentity}, DNS:hub.example, IP Address:127.0.0.1`);
    expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });
});
