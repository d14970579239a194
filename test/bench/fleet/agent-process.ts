/**
 * Many agents in one process: each has the real link, over gRPC and mutual TLS of its own, and its own certificate.
 * In place of the engine it fetches each bundle that it is assigned and says that it runs, healthy. Told by IPC.
 */
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { createKey } from '../../../agent/link/certificate-request.ts';
import { createDial } from '../../../agent/link/dial.ts';
import type { Identity } from '../../../agent/link/identity.ts';
import { createLink, type Link } from '../../../agent/link/link.ts';
import { parseAddress } from '../../../core/address.ts';
import { messageOf } from '../../../core/errors.ts';
import type { Assignment } from '../../../core/link/assignment.ts';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import { openAuthority } from '../../../hub/fleet/authority.ts';
import { createMemoryState } from '../../memory/state.ts';
import type { Issued, Order, Word } from './order.ts';

const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'silent' });
const tellEvery = 50;
const identities: Identity[] = [];
const links: Link[] = [];
let sockets: TLSSocket[] = [];

const say = (word: Word) => void process.send?.(word);

async function prepare(dataDir: string, clusters: readonly string[]): Promise<void> {
  const authority = await openAuthority(dataDir);
  const { key, request } = createKey();
  const issued: Issued[] = [];
  for (const cluster of clusters) {
    const { certificate, serial, expiresAt } = await authority.sign(request, cluster);
    identities.push({ cluster, key, certificate, authorities: authority.authorities, token: '' });
    issued.push({ cluster, serial, expiresAt: expiresAt.getTime() });
  }
  say({ type: 'prepared', certificates: issued });
}

async function shake(port: number): Promise<void> {
  sockets = await Promise.all(identities.map((identity) => shakeHands(identity, port)));
  say({ type: 'shaken' });
}

/** As an agent does: one that the port gave up on, since this process was busy with the others, comes again. */
async function shakeHands(identity: Identity, port: number): Promise<TLSSocket> {
  for (;;) {
    const socket = await shakeOnce(identity, port).catch(() => null);
    if (socket !== null) return socket;
  }
}

function shakeOnce({ key, certificate, authorities }: Identity, port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host: '127.0.0.1', port, key, cert: certificate, ca: [...authorities] },
      ...{ ALPNProtocols: ['h2'], minVersion: 'TLSv1.3', checkServerIdentity: () => undefined },
    });
    socket.once('error', reject).once('close', () => reject(new Error('closed')));
    // With TLS 1.3 the client is done before the server has looked at its certificate: its ticket says that it has.
    socket.once('session', () => resolve(socket));
    socket.resume();
  });
}

async function startAgents(hub: string): Promise<void> {
  const address = parseAddress(hub, 'hub');
  for (const identity of identities) {
    const identities = { current: async () => identity, doubt: () => undefined };
    const link = await createLink({
      state: createMemoryState(),
      dial: createDial({ address, identities }),
      version: 'bench',
      kubernetesVersion: async () => 'v1.30.0',
      log,
      now: Date.now,
      random: Math.random,
    });
    const told = new Map<string, number>();
    link.onDesired((assignments) => {
      for (const assignment of assignments) {
        if (told.get(assignment.application) === assignment.generation) continue;
        told.set(assignment.application, assignment.generation);
        run(link, assignment).catch(fail);
      }
    });
    links.push(link);
  }
  for (const link of links) link.start();
  let before = -1;
  setInterval(() => {
    const connected = links.filter((link) => link.connection().state === 'connected').length;
    if (connected !== before) say({ type: 'state', connected });
    before = connected;
  }, tellEvery);
}

/** Fetches what is assigned, and reports as an agent does that has applied it. */
async function run(link: Link, assignment: Assignment): Promise<void> {
  const { application, release, bundle, generation, traceparent } = assignment;
  const { objects } = await link.bundles.get(bundle, new AbortController().signal);
  const total = objects.length;
  const outcome = { created: 0, changed: total, unchanged: 0, pruned: 0, milliseconds: 0 };
  const detail = { type: 'applied', bundle, ...outcome } as const;
  const now = Date.now();
  link.reporter.event({ at: now, application, release, traceparent, detail });
  link.reporter.status({
    ...{ application, release, bundle, generation, traceparent },
    ...{ phase: 'applied', health: 'healthy', message: 'all objects are healthy' },
    counts: { objects: total, healthy: total, progressing: 0, degraded: 0, suspended: 0, unknown: 0, drifted: 0 },
    ...{ problems: [], drifts: [], running: { release, bundle }, appliedAt: now, wait: null },
  } satisfies ApplicationStatus);
}

function fail(error: unknown): void {
  say({ type: 'error', message: messageOf(error) });
}

async function follow(order: Order): Promise<void> {
  switch (order.type) {
    case 'prepare':
      return prepare(order.dataDir, order.clusters);
    case 'shake':
      return shake(order.port);
    case 'let-go':
      for (const socket of sockets) socket.destroy();
      sockets = [];
      return;
    case 'connect':
      return startAgents(order.hub);
  }
}

process.on('message', (order) => void follow(order as Order).catch(fail));
process.once('disconnect', () => process.exit(0));
