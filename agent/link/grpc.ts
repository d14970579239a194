import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import {
  type Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  connectivityState,
  credentials,
  makeClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Address } from '../../core/address.ts';
import { FairwayError } from '../../core/errors.ts';
import { messageLimit } from '../../core/link/protocol.ts';
import { service } from '../../proto/codec.ts';
import type { JoinRequest, JoinResponse, RenewRequest, RenewResponse } from '../../proto/gen/fairway/agent/v1/agent.ts';
import { isHub } from './probe.ts';

/** What an agent may ask a hub. */
export type HubClient = Client & {
  join(
    request: JoinRequest,
    options: { readonly deadline: number },
    answer: (error: ServiceError | null, response: JoinResponse) => void,
  ): ClientUnaryCall;
  renew(
    request: RenewRequest,
    options: { readonly deadline: number },
    answer: (error: ServiceError | null, response: RenewResponse) => void,
  ): ClientUnaryCall;
  link(): ClientDuplexStream<Buffer, Buffer>;
};

const Constructor = makeClientConstructor(service, 'fairway.agent.v1.Fairway');

/** @param identity null: without a certificate, which is enough to join */
export function createClient(
  { host, port }: Address,
  authorities: readonly string[],
  identity: { readonly key: string; readonly certificate: string } | null,
): HubClient {
  const context = createSecureContext({
    ca: [...authorities],
    minVersion: 'TLSv1.3',
    ...(identity === null ? {} : { key: identity.key, cert: identity.certificate }),
  });
  const secure = credentials.createFromSecureContext(context, {
    // A hub is known by its authority and its name, wherever it stands.
    checkServerIdentity: (_host, certificate) =>
      isHub(certificate.subjectaltname) ? undefined : new Error('the certificate is not that of a Fairway hub'),
  });
  const target = host.includes(':') ? `ipv6:[${host}]:${port}` : `dns:${host}:${port}`;
  return new Constructor(target, secure, {
    'grpc.max_receive_message_length': messageLimit,
    'grpc.keepalive_time_ms': 15_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_retries': 0,
    // An address is no server name (RFC 6066), and gRPC would send it as one.
    ...(isIP(host) > 0 ? { 'grpc.ssl_target_name_override': 'fairway-hub' } : {}),
  }) as unknown as HubClient;
}

/** Waits until the transport stands. @throws FairwayError `hub-unreachable` at the first failure, or after `patience` */
export async function connected(client: HubClient, hub: string, patience: number): Promise<void> {
  const channel = client.getChannel();
  const deadline = Date.now() + patience;
  for (;;) {
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY) return;
    const failed = state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN;
    const timedOut =
      !failed && (await new Promise((resolve) => channel.watchConnectivityState(state, deadline, resolve)));
    if (failed || timedOut) {
      throw new FairwayError('hub-unreachable', `The hub at ${hub} cannot be reached.`, {
        field: 'hub',
        retry: 'again',
      });
    }
  }
}
