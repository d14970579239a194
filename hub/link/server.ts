import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { messageLimit } from '../../core/link/protocol.ts';
import { agentCodec, hubCodec, service } from '../../proto/codec.ts';
import type { JoinRequest, JoinResponse, RenewRequest, RenewResponse } from '../../proto/gen/fairway/agent/v1/agent.ts';
import { grpcDuplex } from '../../proto/grpc-duplex.ts';
import { toServiceError } from '../../proto/refusal.ts';
import { listening } from '../../telemetry/listening.ts';
import type { Authority } from '../fleet/authority.ts';
import { createEnrolment } from './enrolment.ts';
import { createIdentify } from './identify.ts';
import { defaultLinkLimits } from './limits.ts';
import { type Listener, listen } from './listener.ts';
import { createStreams, type Streams, type StreamsOptions } from './streams.ts';

export interface LinkServerOptions extends StreamsOptions {
  readonly authority: Authority;
  /** Where agents dial; port 0: any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Other names and addresses under which agents reach it. */
  readonly hosts?: readonly string[];
}

export interface LinkServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Clusters whose agents are welcomed here. */
  connected(): readonly string[];
  close(): Promise<void>;
}

/** How often the port's own certificate is made anew, in milliseconds: long before it expires. */
const renewEvery = 24 * 60 * 60_000;

/**
 * Opens the port that agents dial, for joining, renewing and links (T2).
 * @throws FairwayError `address-in-use`, `address-unusable`
 */
export async function createLinkServer(options: LinkServerOptions): Promise<LinkServer> {
  const streams = await createStreams(options);
  try {
    return await serve(options, streams);
  } catch (error) {
    await streams.close();
    throw error;
  }
}

async function serve(options: LinkServerOptions, streams: Streams): Promise<LinkServer> {
  const { db, authority, log, now } = options;
  const limits = { ...defaultLinkLimits(), ...options.limits };
  const identify = createIdentify(db, now);
  const hosts = [...new Set([options.listen.host, ...(options.hosts ?? [])])];
  const credentials = async () => {
    const { key, chain } = await authority.serverCredentials(hosts);
    return { key, cert: chain };
  };

  const server = new Server({
    'grpc.max_receive_message_length': messageLimit,
    'grpc.max_concurrent_streams': 4,
    'grpc.keepalive_time_ms': 15_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  server.addService(service, {
    join: (call: ServerUnaryCall<JoinRequest, JoinResponse>, answer: sendUnaryData<JoinResponse>) =>
      reply(call, enrolment.join(call), answer),
    renew: (call: ServerUnaryCall<RenewRequest, RenewResponse>, answer: sendUnaryData<RenewResponse>) =>
      reply(call, enrolment.renew(call), answer),
    link: (call: ServerDuplexStream<Buffer, Buffer>) => {
      const finished = begin(call);
      call.once('close', finished);
      call.on('cancelled', finished);
      acceptLink(call).catch((error: unknown) => {
        call.emit('error', toServiceError(refusalOf(error)));
        finished();
      });
    },
  });
  // TLS ends in the listener, which owns the sockets; gRPC gets them decrypted, with their certificates.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const opened = { credentials: await credentials(), authorities: authority.authorities, limits, log };
  const listener: Listener = await listening('FAIRWAY_GRPC', options.listen, () =>
    listen({ ...options.listen, ...opened, accept: (socket) => injector.injectConnection(socket) }),
  );
  const enrolment = createEnrolment({ db, authority, listener, limits, log, now });
  const renewal = setInterval(() => {
    credentials()
      .then((fresh) => listener.renew(fresh))
      .catch((error: unknown) => log.error({ error: messageOf(error) }, "cannot renew the port's certificate"));
  }, renewEvery);
  renewal.unref();

  function begin(call: { getPeer(): string }): () => void {
    return listener.connection(call.getPeer())?.begin() ?? (() => undefined);
  }

  function reply<T>(call: { getPeer(): string }, work: Promise<T>, answer: sendUnaryData<T>): void {
    const finished = begin(call);
    work
      .then((response) => answer(null, response))
      .catch((error: unknown) => answer(toServiceError(refusalOf(error))))
      .finally(finished);
  }

  async function acceptLink(call: ServerDuplexStream<Buffer, Buffer>): Promise<void> {
    const connection = listener.connection(call.getPeer());
    if (connection === null) return;
    call.pause();
    const peer = await identify(connection.socket);
    if (call.cancelled) return;
    const duplex = grpcDuplex(call, hubCodec, agentCodec, () => connection.socket.destroy());
    streams.accept(duplex, peer);
    call.resume();
  }

  function refusalOf(error: unknown): FairwayError {
    if (error instanceof FairwayError) return error;
    log.error({ error: messageOf(error) }, 'a call of an agent failed');
    return new FairwayError('hub-unavailable', 'The hub has trouble of its own.', { retry: 'again', cause: error });
  }

  return {
    address: listener.address,
    connected: streams.connected,
    async close() {
      clearInterval(renewal);
      await streams.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      server.forceShutdown();
      injector.destroy();
      await listener.close();
    },
  };
}
