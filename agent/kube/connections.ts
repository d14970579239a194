import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { TlsIdentity } from './credentials.ts';

/** Requests share a few connections; each watch holds one of its own for minutes, so those are kept apart. */
export interface Connections {
  readonly tls: TlsIdentity;
  readonly calls: Dispatcher;
  readonly watches: Dispatcher;
}

export interface ConnectionsOptions {
  /** Connections for calls. More gain nothing: 16 saturate an API server from one client. */
  readonly connections: number;
  /** Milliseconds that an answer, or the next part of it, may take. */
  readonly timeout: number;
  /** Milliseconds for which a watch may say nothing. */
  readonly watchSilence: number;
}

/** A peer whose machine is gone is noticed after this and ten probes of a second. */
const keepAliveInitialDelay = 15_000;

/** @param origin `https://host:port` */
export function openConnections(origin: string, tls: TlsIdentity, options: ConnectionsOptions): Connections {
  const open = (connections: number | null, bodyTimeout: number): Dispatcher => {
    const shared = {
      connections,
      pipelining: 1,
      allowH2: false, // On one HTTP/2 connection nothing is faster, and each request costs more CPU.
      headersTimeout: options.timeout,
      bodyTimeout,
    };
    if (tls.proxy !== null) return new ProxyAgent({ ...shared, uri: tls.proxy, requestTls: { ...tls.options } });
    return new Pool(origin, {
      ...shared,
      connect: { ...tls.options, keepAlive: true, keepAliveInitialDelay, timeout: Math.min(10_000, options.timeout) },
    });
  };
  return { tls, calls: open(options.connections, options.timeout), watches: open(null, options.watchSilence) };
}

/** Lets what is under way end, and opens nothing new. */
export async function closeConnections(connections: Connections): Promise<void> {
  await Promise.all([connections.calls.close(), connections.watches.close()]);
}

/** Ends everything at once. */
export async function destroyConnections(connections: Connections): Promise<void> {
  await Promise.all([connections.calls.destroy(), connections.watches.destroy()]);
}
