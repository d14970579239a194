import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dial } from '../../../agent/link/port.ts';
import type { State } from '../../../agent/state/port.ts';
import { FairwayError } from '../../../core/errors.ts';
import type { Duplex } from '../../../core/link/duplex.ts';
import type { AgentMessage, HubMessage } from '../../../core/link/messages.ts';
import { type Authority, openAuthority } from '../../../hub/fleet/authority.ts';
import { registerCluster } from '../../../hub/fleet/clusters.ts';
import type { FleetContext } from '../../../hub/fleet/context.ts';
import type { LinkLimits } from '../../../hub/link/limits.ts';
import { createLinkServer } from '../../../hub/link/server.ts';
import { createStreams } from '../../../hub/link/streams.ts';
import { noTelemetry, type Telemetry } from '../../../telemetry/telemetry.ts';
import { dialHub } from '../../dial.ts';
import { createMemoryLink, type MemoryLink } from '../../memory/link.ts';
import { startWire, type Wire } from './wire.ts';
import { testLimits, type World } from './world.ts';

/** A hub's link over one transport. The suite knows nothing else of either. */
export interface Transport {
  readonly fleet: FleetContext;
  /** Makes a cluster known, with what its agent needs to dial. */
  register(cluster: string): Promise<(state: State) => Dial>;
  connected(): readonly string[];
  /** Every stream is lost. */
  cut(): void;
  /** A hub that stops, and a new one on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly limits?: Partial<LinkLimits>;
  readonly loses?: (message: AgentMessage | HubMessage) => boolean;
  readonly telemetry?: Telemetry;
  /** Of agents' certificates, milliseconds. */
  readonly lifetime?: number;
}

export type OpenTransport = (world: World, options?: TransportOptions) => Promise<Transport>;

async function openFleet(
  world: World,
  lifetime?: number,
): Promise<{ fleet: FleetContext & { authority: Authority }; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-hub-'));
  const authority = await openAuthority(directory, Date.now, lifetime);
  return { fleet: { db: world.db, authority, loops: { wake: async () => undefined }, now: Date.now }, directory };
}

function hubOptions(world: World, { limits, telemetry = noTelemetry }: TransportOptions) {
  const { db, news, bundle, log } = world;
  return {
    db,
    news,
    bundle,
    log,
    now: Date.now,
    replica: 'replica-1',
    version: '0.0.0-test',
    telemetry,
    limits: { ...testLimits, ...limits },
  };
}

/** Both ends in this process, every message encoded and decoded. */
export const openMemory: OpenTransport = async (world, options = {}) => {
  const { loses } = options;
  const { fleet, directory } = await openFleet(world);
  const links = new Set<MemoryLink>();
  let streams = await createStreams(hubOptions(world, options));
  return {
    fleet,
    async register(cluster) {
      await registerCluster(fleet, { name: cluster, actor: 'test' });
      const serial = `memory-${cluster}`;
      const expiresAt = Date.now() + 60 * 60_000;
      await world.db.updateTable('clusters').set({ state: 'joined' }).where('name', '=', cluster).execute();
      await world.db
        .insertInto('certificates')
        .values({ serial, cluster, expires_at: new Date(expiresAt) })
        .execute();
      return () => async (): Promise<Duplex<AgentMessage, HubMessage>> => {
        const row = await world.db
          .selectFrom('certificates')
          .select('revoked_at')
          .where('serial', '=', serial)
          .executeTakeFirst();
        if (row?.revoked_at != null) throw new FairwayError('cluster-revoked', 'revoked', { retry: 'again' });
        const link = createMemoryLink(loses === undefined ? {} : { loses });
        links.add(link);
        streams.accept(link.hub, { cluster, serial, expiresAt });
        return link.agent;
      };
    },
    connected: () => streams.connected(),
    cut() {
      for (const link of links) link.cut();
      links.clear();
    },
    async restart() {
      await streams.close();
      streams = await createStreams(hubOptions(world, options));
    },
    async close() {
      await streams.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

export interface GrpcTransport extends Transport {
  readonly authority: Authority;
  /** Of the hub's data. */
  readonly directory: string;
  /** Where the hub itself listens. */
  port(): number;
  readonly wire: Wire;
}

/** Real sockets, TLS and gRPC, over a wire that can be cut; agents join with real tokens. */
export const openGrpc = async (world: World, options: Omit<TransportOptions, 'loses'> = {}): Promise<GrpcTransport> => {
  const { fleet, directory } = await openFleet(world, options.lifetime);
  const open = (port: number) =>
    createLinkServer({
      ...hubOptions(world, options),
      authority: fleet.authority,
      listen: { host: '127.0.0.1', port },
    });
  let server = await open(0);
  const target = { port: server.address.port };
  const wire = await startWire(target);
  return {
    fleet,
    authority: fleet.authority,
    directory,
    wire,
    port: () => server.address.port,
    async register(cluster) {
      const { token } = await registerCluster(fleet, { name: cluster, actor: 'test' });
      return (state) =>
        dialHub({ state, hub: `127.0.0.1:${wire.port}`, joinToken: token, version: '0.0.0-test', log: world.log });
    },
    connected: () => server.connected(),
    cut: () => wire.cut(),
    async restart() {
      await server.close();
      server = await open(target.port);
    },
    async close() {
      await wire.close();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** What every suite of the link runs over. */
export const transports: readonly (readonly [name: string, OpenTransport])[] = [
  ['memory', openMemory],
  ['gRPC with mutual TLS', openGrpc],
];
