import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** What a sandbox and its administrator prove themselves by: PEM texts, and a token. */
export interface Keys {
  readonly ca: string;
  readonly server: CertificateAndKey;
  readonly admin: CertificateAndKey;
  /** Good in place of the administrator's certificate. */
  readonly token: string;
}

interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 86_400_000;
const validity = 3_650 * day;

/** Makes the keys of a sandbox: an authority of its own, a server on loopback, an administrator. */
export async function createKeys(name: string, now: number): Promise<Keys> {
  const dates = { notBefore: new Date(now - day), notAfter: new Date(now + validity) };
  const authority = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    serialNumber: '01',
    name: `CN=${name}-sandbox-ca`,
    signingAlgorithm: algorithm,
    keys: authority,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  const issue = async (
    serialNumber: string,
    subject: string,
    extensions: x509.Extension[],
  ): Promise<CertificateAndKey> => {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...dates,
      serialNumber,
      subject,
      issuer: ca.subject,
      signingKey: authority.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: algorithm,
      extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true), ...extensions],
    });
    const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(exported, 'PRIVATE KEY') };
  };
  return {
    ca: ca.toString('pem'),
    server: await issue('02', 'CN=sandbox', [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'localhost' },
      ]),
    ]),
    admin: await issue('03', 'O=system:masters, CN=admin', [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ]),
    token: randomBytes(24).toString('base64url'),
  };
}

function newKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** A kubeconfig of the administrator, with everything inline: by certificate, and in context `NAME-token` by token. */
export function kubeconfigOf(name: string, server: string, keys: Keys): string {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(keys.ca) } }],
    users: [
      {
        name: `${name}-admin`,
        user: {
          'client-certificate-data': base64(keys.admin.certificate),
          'client-key-data': base64(keys.admin.key),
        },
      },
      { name: `${name}-token`, user: { token: keys.token } },
    ],
    contexts: [
      { name, context: { cluster: name, user: `${name}-admin` } },
      { name: `${name}-token`, context: { cluster: name, user: `${name}-token` } },
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`; // JSON is YAML.
}
