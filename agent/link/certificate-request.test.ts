import { generateKeyPairSync } from 'node:crypto';
import 'reflect-metadata';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { certificateRequest } from './certificate-request.ts';

describe('certificate request', () => {
  it('[T2] is a PKCS#10 request that others read, for the key that signed it', async () => {
    for (let turn = 0; turn < 20; turn++) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const request = new Pkcs10CertificateRequest(certificateRequest(privateKey));
      expect(await request.verify()).toBe(true);
      expect(request.subject).toBe('');
      expect(Buffer.from(request.publicKey.rawData)).toEqual(publicKey.export({ type: 'spki', format: 'der' }));
    }
  });
});
