import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Credentials, Identity, TlsIdentity } from './credentials.ts';

/** The files that a kubeconfig names are read so often, and its plugins asked, who keep their own tokens. Milliseconds. */
const rereadEvery = 10_000;

/**
 * The credentials of a kubeconfig's context: client certificates, tokens, basic auth, exec plugins, and what it says
 * of TLS. The library that reads it is loaded only here, for an agent in a cluster does not need its 9 MB.
 * @param path of one file, or several as `KUBECONFIG` lists them
 * @param context its current one where none is named
 * @throws FairwayError `kubeconfig-invalid`
 */
export async function kubeconfigCredentials(
  path: string,
  context?: string,
  now: () => number = Date.now,
): Promise<Credentials> {
  let config = await load(path, context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw invalid(path, 'its current context names no cluster');
  const proxy = cluster.proxyUrl ?? null;
  if (proxy !== null && !/^https?:/.test(proxy)) {
    throw invalid(path, `proxy-url ${proxy} is not supported: only http and https proxies are`);
  }
  let known: { readonly key: string; readonly identity: Identity; readonly readAt: number } | null = null;

  const identity = async (renew: boolean): Promise<Identity> => {
    if (!renew && known !== null && now() - known.readAt < rereadEvery) return known.identity;
    if (renew) config = await load(path, context);
    const options: RequestOptions = { headers: {} };
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw invalid(path, messageOf(error), error);
    }
    const tlsOptions = tlsOf(options);
    const key = JSON.stringify(tlsOptions);
    const tls: TlsIdentity = known?.key === key ? known.identity.tls : { options: tlsOptions, proxy };
    known = { key, identity: { tls, headers: headersOf(options) }, readAt: now() };
    return known.identity;
  };
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? null,
    identity,
  };
}

async function load(path: string, context: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  try {
    const [first, ...others] = path.split(delimiter).filter((part) => part !== '');
    config.loadFromFile(first ?? path);
    for (const other of others) {
      const more = new KubeConfig();
      more.loadFromFile(other);
      config.mergeConfig(more, true);
    }
  } catch (error) {
    throw invalid(path, messageOf(error), error);
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) throw invalid(path, `it has no context ${context}`);
    config.setCurrentContext(context);
  }
  return config;
}

function tlsOf(options: RequestOptions): TlsIdentity['options'] {
  const { ca, cert, key, rejectUnauthorized, servername, passphrase } = options;
  const all = { ca, cert, key, rejectUnauthorized, servername, passphrase };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  if (typeof options.auth === 'string') {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

function invalid(path: string, why: string, cause?: unknown): FairwayError {
  return new FairwayError('kubeconfig-invalid', `kubeconfig ${path}: ${why}`, {
    remedy: 'Give --kubeconfig a file that kubectl can use.',
    cause,
  });
}
