import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { AuthorityFingerprints } from '../../core/link/join-token.ts';
import { hubIdentity } from '../../core/link/protocol.ts';
import { algorithm, type KeyPair, openKeys } from './authority-keys.ts';

const day = 24 * 60 * 60_000;
/** How long an agent's certificate holds where nobody says otherwise, in milliseconds. */
export const clientLifetime = 30 * day;
const serverLifetime = 397 * day;
/** A peer's clock may be this much behind. */
const clockSkew = 5 * 60_000;

/** The hub as a certificate authority. The standby's key signs nothing until the active one is given up (T2). */
export interface Authority {
  readonly fingerprints: AuthorityFingerprints;
  /** PEM: the active and the standby authority. */
  readonly authorities: readonly [active: string, standby: string];
  /** A key and a certificate chain (PEM) for the port that agents dial, under these names and addresses. */
  serverCredentials(hosts: readonly string[]): Promise<ServerCredentials>;
  /**
   * Signs a certificate for a cluster. Of the request only the public key is used (T4).
   * @param request PKCS#10, DER
   * @throws FairwayError `certificate-request-invalid`
   */
  sign(request: Uint8Array, cluster: string): Promise<ClientCertificate>;
}

interface ServerCredentials {
  readonly key: string;
  /** The server's certificate, then the authority's own. */
  readonly chain: string;
  readonly expiresAt: Date;
}

interface ClientCertificate {
  /** PEM. */
  readonly certificate: string;
  /** Lower-case hexadecimal, as in the `certificates` table. */
  readonly serial: string;
  readonly expiresAt: Date;
}

/**
 * Opens the authority in `dataDir/authority`, creating it at the very first start.
 * @param now milliseconds since the epoch
 * @param lifetime of the certificates that it gives to agents, in milliseconds
 */
export async function openAuthority(
  dataDir: string,
  now: () => number = Date.now,
  lifetime: number = clientLifetime,
): Promise<Authority> {
  const { active, standby } = await openKeys(join(dataDir, 'authority'), now());
  const issue = (publicKey: webcrypto.CryptoKey | x509.PublicKey, subject: Subject, lifetime: number) =>
    issueCertificate(active, publicKey, subject, now(), lifetime);
  return {
    fingerprints: [active.fingerprint, standby.fingerprint],
    authorities: [active.certificate.toString('pem'), standby.certificate.toString('pem')],
    async serverCredentials(hosts) {
      const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const names: x509.JsonGeneralNames = hosts.map((host) => ({ type: isIP(host) > 0 ? 'ip' : 'dns', value: host }));
      const certificate = await issue(
        keys.publicKey,
        {
          name: 'Fairway hub',
          usage: x509.ExtendedKeyUsage.serverAuth,
          names: [{ type: 'url', value: hubIdentity }, ...names],
        },
        serverLifetime,
      );
      const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
      return {
        key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
        chain: `${certificate.toString('pem')}\n${active.certificate.toString('pem')}\n`,
        expiresAt: certificate.notAfter,
      };
    },
    async sign(request, cluster) {
      const certificate = await issue(
        await publicKeyOf(request),
        {
          name: cluster,
          usage: x509.ExtendedKeyUsage.clientAuth,
          names: [{ type: 'url', value: `fairway://cluster/${cluster}` }],
        },
        lifetime,
      );
      return {
        certificate: `${certificate.toString('pem')}\n`,
        serial: certificate.serialNumber.toLowerCase(),
        expiresAt: certificate.notAfter,
      };
    },
  };
}

interface Subject {
  readonly name: string;
  readonly usage: x509.ExtendedKeyUsage;
  readonly names: x509.JsonGeneralNames;
}

function issueCertificate(
  issuer: KeyPair,
  publicKey: webcrypto.CryptoKey | x509.PublicKey,
  { name, usage, names }: Subject,
  now: number,
  lifetime: number,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [name] }],
    issuer: issuer.certificate.subjectName,
    // Little of a short life, for an agent counts from there.
    notBefore: new Date(now - Math.min(clockSkew, lifetime / 20)),
    notAfter: new Date(Math.min(now + lifetime, issuer.certificate.notAfter.getTime())),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: issuer.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      new x509.SubjectAlternativeNameExtension(names),
    ],
  });
}

async function publicKeyOf(request: Uint8Array): Promise<x509.PublicKey> {
  const invalid = (why: string, cause?: unknown) =>
    new FairwayError('certificate-request-invalid', `The certificate request is not usable: ${why}.`, {
      field: 'request',
      remedy: 'Send a PKCS#10 request, DER, for an EC P-256 or Ed25519 key, signed by that key.',
      cause,
    });
  let parsed: x509.Pkcs10CertificateRequest;
  let signed: boolean;
  try {
    parsed = new x509.Pkcs10CertificateRequest(Uint8Array.from(request));
    signed = await parsed.verify();
  } catch (error) {
    throw invalid(messageOf(error), error);
  }
  const { name, namedCurve } = parsed.publicKey.algorithm as { name: string; namedCurve?: string };
  if (name !== 'Ed25519' && !(name === 'ECDSA' && namedCurve === 'P-256')) throw invalid(`its key is ${name}`);
  if (!signed) throw invalid('its signature does not fit its key');
  return parsed.publicKey;
}

/** 127 random bits, positive, never with a leading zero. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString('hex');
}
