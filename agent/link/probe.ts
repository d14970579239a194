import { createHash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { type Address, formatAddress } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { hubIdentity } from '../../core/link/protocol.ts';

/**
 * Looks at what answers at an address, before anything is said to it.
 * @param fingerprints SHA-256 over the public keys (SPKI) of the authorities that are trusted
 * @returns the authority (PEM) that vouches for the hub
 * @throws FairwayError `hub-unreachable`, `hub-not-fairway`, `hub-untrusted`
 */
export async function probeHub(
  address: Address,
  fingerprints: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const socket = await handshake(address, signal);
  try {
    return authorityOf(socket, address, fingerprints);
  } finally {
    socket.destroy();
  }
}

/** SHA-256 over a certificate's public key (SPKI), in hexadecimal. */
function fingerprintOf(certificate: X509Certificate): string {
  return createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** The same of a certificate in PEM. */
export function fingerprintOfPem(pem: string): string {
  return fingerprintOf(new X509Certificate(pem));
}

/** True where a certificate says that it is a hub's. */
export function isHub(subjectAltName: string | undefined): boolean {
  return subjectAltName?.split(', ').includes(`URI:${hubIdentity}`) ?? false;
}

const patience = 10_000;

function handshake(address: Address, signal: AbortSignal): Promise<TLSSocket> {
  const { host, port } = address;
  const where = formatAddress(address);
  return new Promise((resolve, reject) => {
    let connected = false;
    const socket = connect({
      host,
      port,
      ...(isIP(host) > 0 ? {} : { servername: host }),
      // What answers is judged below, by the fingerprints, not by the system's authorities.
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      timeout: patience,
    });
    const fail = (error: FairwayError) => {
      socket.destroy();
      signal.removeEventListener('abort', abort);
      reject(error);
    };
    const abort = () => fail(unreachable(where, 'the attempt was given up'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      connected = true;
    });
    socket.once('timeout', () => fail(connected ? notFairway(where) : unreachable(where, 'it does not answer')));
    socket.once('error', (error) =>
      fail(connected ? notFairway(where, error) : unreachable(where, error.message, error)),
    );
    socket.once('close', () => fail(connected ? notFairway(where) : unreachable(where, 'the connection was closed')));
    socket.once('secureConnect', () => {
      socket.removeAllListeners('close');
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}

function authorityOf(socket: TLSSocket, address: Address, fingerprints: readonly string[]): string {
  const where = formatAddress(address);
  const presented = socket.getPeerCertificate(true);
  if (socket.alpnProtocol !== 'h2' || presented.raw === undefined) throw notFairway(where);
  const certificate = new X509Certificate(presented.raw);
  if (!isHub(certificate.subjectAltName)) throw notFairway(where);
  const authority = presented.issuerCertificate?.raw && new X509Certificate(presented.issuerCertificate.raw);
  if (!authority || !fingerprints.includes(fingerprintOf(authority)) || !certificate.verify(authority.publicKey)) {
    throw new FairwayError('hub-untrusted', `The hub at ${where} is not the one that gave this join token.`, {
      field: 'hub',
      retry: 'again',
      remedy: 'Check the address. If the hub was replaced, join again with a token of the new one.',
    });
  }
  return authority.toString();
}

function unreachable(where: string, why: string, cause?: unknown): FairwayError {
  return new FairwayError('hub-unreachable', `The hub at ${where} cannot be reached: ${why}.`, {
    field: 'hub',
    retry: 'again',
    cause,
  });
}

function notFairway(where: string, cause?: unknown): FairwayError {
  return new FairwayError('hub-not-fairway', `What answers at ${where} is not the port of a Fairway hub for agents.`, {
    field: 'hub',
    retry: 'again',
    remedy: "Give the hub's gRPC address (FAIRWAY_GRPC, port 7443 by default), not the one of its REST API.",
    cause,
  });
}
