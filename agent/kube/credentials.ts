import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';

/** Where an API server is, and how the agent proves itself to it. */
export interface Credentials {
  /** `https://10.0.0.1:443`, with the path that a proxy in front of it adds. */
  readonly server: string;
  /** The namespace that the credentials name; null where they name none. */
  readonly namespace: string | null;
  /**
   * What to prove oneself by now: files are read again as they rotate, plugins run again as their tokens expire.
   * @param renew the server refused the last one (401): read everything anew.
   */
  identity(renew: boolean): Promise<Identity>;
}

export interface Identity {
  /** The same value for as long as nothing in it changed: connections are kept by it. */
  readonly tls: TlsIdentity;
  /** `authorization`, and impersonation that a kubeconfig asks for. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TlsIdentity {
  readonly options: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername' | 'passphrase'>;
  /** An HTTP proxy to go through. */
  readonly proxy: string | null;
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet renews a token at four fifths of its life, which is at least eight minutes. */
const rereadEvery = 60_000;

export interface ServiceAccountOptions {
  /** `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` of the Pod. */
  readonly host: string;
  readonly port: string;
  readonly folder?: string;
  readonly now?: () => number;
}

/**
 * The credentials of the Pod's service account: its token and the cluster's CA, read again once a minute, for both
 * rotate.
 * @throws Error where the folder holds no token or CA.
 */
export async function serviceAccountCredentials(options: ServiceAccountOptions): Promise<Credentials> {
  const folder = options.folder ?? accountFolder;
  const now = options.now ?? Date.now;
  const read = async () => {
    const [token, ca] = await Promise.all(['token', 'ca.crt'].map((leaf) => readFile(join(folder, leaf), 'utf8')));
    return { token: (token ?? '').trim(), ca: ca ?? '' };
  };
  const { token, ca } = await read();
  let readAt = now();
  let authority = ca;
  let identity = identityOf(token, { options: { ca }, proxy: null });
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    server: `https://${host}:${options.port}`,
    namespace: (await readFile(join(folder, 'namespace'), 'utf8').catch(() => '')).trim() || null,
    async identity(renew) {
      if (!renew && now() - readAt < rereadEvery) return identity;
      const fresh = await read();
      readAt = now();
      const tls = fresh.ca === authority ? identity.tls : { options: { ca: fresh.ca }, proxy: null };
      authority = fresh.ca;
      identity = identityOf(fresh.token, tls);
      return identity;
    },
  };
}

function identityOf(token: string, tls: TlsIdentity): Identity {
  return { tls, headers: { authorization: `Bearer ${token}` } };
}
