import { FairwayError } from './errors.ts';

/** Where a server listens, or a peer is dialled. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `[::1]:port` or `:port` (all interfaces).
 * @throws FairwayError `address-invalid`, naming `field`
 */
export function parseAddress(text: string, field: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new FairwayError('address-invalid', `${field}: "${text}" is not host:port`, {
      field,
      remedy: 'write it as 127.0.0.1:7070, hub.example:7443 or [::1]:7070',
    });
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}

/** True where an address leads whoever dials it to their own machine: loopback, or all interfaces. */
export function isLocal({ host }: Address): boolean {
  return /^(localhost|127\..*|0\.0\.0\.0|::1?)$/.test(host);
}

/** The inverse of `parseAddress`. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
