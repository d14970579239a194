import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { FairwayError } from '../../core/errors.ts';
import { protocolMismatch, protocolVersion, speaks } from '../../core/link/protocol.ts';
import { cutText } from '../../core/text.ts';
import { clean } from '../../proto/convert-text.ts';
import type { JoinRequest, JoinResponse, RenewRequest, RenewResponse } from '../../proto/gen/fairway/agent/v1/agent.ts';
import type { Authority } from '../fleet/authority.ts';
import { join } from '../fleet/join.ts';
import { renew } from '../fleet/renew.ts';
import type { Schema } from '../store/schema.ts';
import { createBuckets } from './bucket.ts';
import { provenSerial } from './identify.ts';
import type { LinkLimits } from './limits.ts';
import type { Listener } from './listener.ts';

/** The two calls that are answered without a certificate that holds: they give one (T2). Each throws a FairwayError. */
export interface Enrolment {
  join(call: ServerUnaryCall<JoinRequest, JoinResponse>): Promise<JoinResponse>;
  renew(call: ServerUnaryCall<RenewRequest, RenewResponse>): Promise<RenewResponse>;
}

export interface EnrolmentOptions {
  readonly db: Kysely<Schema>;
  readonly authority: Authority;
  readonly listener: Pick<Listener, 'connection'>;
  readonly limits: LinkLimits;
  readonly log: Logger;
  readonly now: () => number;
}

export function createEnrolment({ db, authority, listener, limits, log, now }: EnrolmentOptions): Enrolment {
  const mayEnrol = createBuckets(limits.joinBurst, limits.joinEvery);

  /** @returns where the caller is, once it may ask */
  const admit = (call: { getPeer(): string }, protocol: number): string => {
    const remote = listener.connection(call.getPeer())?.remote ?? 'unknown';
    const wait = mayEnrol(remote, performance.now());
    if (wait > 0) {
      throw new FairwayError('too-many-joins', `Too many agents join from ${remote}.`, {
        retry: 'again',
        remedy: `Try again in ${Math.ceil(wait / 1_000)} s.`,
      });
    }
    if (speaks(protocol)) return remote;
    throw new FairwayError('protocol-unsupported', protocolMismatch(protocol, protocolVersion));
  };

  return {
    async join(call) {
      const { protocol, token, request, agentVersion } = call.request;
      const remote = admit(call, protocol);
      const command = { token, request, agentVersion: cutText(clean(agentVersion), 128) };
      const { cluster, certificate, authorities } = await join({ db, authority, now }, command);
      log.info({ cluster, remote }, 'a cluster joined');
      return { cluster, certificate, authorities: [...authorities] };
    },
    async renew(call) {
      const { protocol, request, agentVersion } = call.request;
      const remote = admit(call, protocol);
      const serial = provenSerial(listener.connection(call.getPeer())?.socket, authority.authorities);
      const command = { serial, request, agentVersion: cutText(clean(agentVersion), 128) };
      const { cluster, certificate, authorities } = await renew({ db, authority, now }, command);
      log.info({ cluster, remote }, 'a cluster renewed its certificate');
      return { certificate, authorities: [...authorities] };
    },
  };
}
