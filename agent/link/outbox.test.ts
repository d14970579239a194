import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../core/link/status.ts';
import type { State } from '../state/port.ts';
import { openOutbox } from './outbox.ts';

const log = pino({ level: 'silent' });
const event: Omit<AgentEvent, 'sequence'> = {
  at: 1,
  application: 'shop',
  release: 'shop@1',
  traceparent: null,
  detail: { type: 'pruned', objects: [] },
};

/** What a disk holds: a crash loses everything but this. */
function createDisk() {
  const records = new Map<string, Uint8Array>();
  const disk = { records, broken: false };
  const state: State = {
    read: async (name) => records.get(name) ?? null,
    async write(name, content) {
      if (disk.broken) throw new Error('no space left on device');
      records.set(name, content);
    },
    async remove(name) {
      records.delete(name);
    },
    list: async (prefix) => [...records.keys()].filter((name) => name.startsWith(prefix)).sort(),
  };
  return { disk, state };
}

let epochs = 0;
const open = (state: State, limit = 10_000) =>
  openOutbox({ state, log, newEpoch: () => `epoch-${++epochs}`, ready: () => undefined, limit, delay: 0 });

describe('outbox', () => {
  it('[L4] gives no event away before it is durable, and none twice in one stream', async () => {
    const { state } = createDisk();
    const outbox = await open(state);
    outbox.add(event);
    outbox.add(event);
    expect(outbox.next()).toBeNull();
    await outbox.flush();
    expect(outbox.next()).toMatchObject({ events: [{ sequence: 1 }, { sequence: 2 }], through: 2 });
    expect(outbox.next()).toBeNull();
    outbox.restart();
    expect(outbox.next()).toMatchObject({ through: 2 });
  });

  it('[L4] [X1] goes on after a crash with the same numbering, and uses no number again', async () => {
    const { state, disk } = createDisk();
    const outbox = await open(state);
    for (let turn = 0; turn < 450; turn++) outbox.add(event);
    await outbox.flush();
    outbox.acknowledge(250);
    await outbox.flush();
    outbox.add(event);
    const after = await open(state);
    expect(after.epoch).toBe(outbox.epoch);
    const report = after.next();
    expect(report?.events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 200 }, (_, index) => 251 + index),
    );
    expect(after.next()).toBeNull();
    after.acknowledge(450);
    await after.flush();
    expect([...disk.records.keys()]).toEqual(['outbox/head']);
    const empty = await open(state);
    empty.add(event);
    await empty.flush();
    expect(empty.next()).toMatchObject({ events: [{ sequence: 451 }] });
  });

  it('[L4] is bounded: the oldest fall out, and are counted', async () => {
    const { state } = createDisk();
    const outbox = await open(state, 1_000);
    for (let turn = 0; turn < 2_500; turn++) outbox.add(event);
    await outbox.flush();
    expect(outbox.dropped()).toBe(1_600);
    expect(outbox.next()?.events[0]?.sequence).toBe(1_601);
    expect((await open(state, 1_000)).dropped()).toBe(1_600);
  });

  it('begins a new numbering where the old one is lost', async () => {
    const { state, disk } = createDisk();
    const outbox = await open(state);
    outbox.add(event);
    await outbox.flush();
    disk.records.set('outbox/head', new TextEncoder().encode('{'));
    const after = await open(state);
    expect(after.epoch).not.toBe(outbox.epoch);
    after.add(event);
    await after.flush();
    expect(after.next()).toMatchObject({ events: [{ sequence: 1 }] });
  });

  it('holds events back while the disk takes nothing, and sends them once it does', async () => {
    const { state, disk } = createDisk();
    const outbox = await open(state);
    disk.broken = true;
    outbox.add(event);
    await outbox.flush();
    expect(outbox.next()).toBeNull();
    disk.broken = false;
    await outbox.flush();
    expect(outbox.next()).toMatchObject({ through: 1 });
  });

  it('[L4] ends where nothing can be written, and writes nothing after its end', async () => {
    const { state, disk } = createDisk();
    const outbox = await open(state);
    outbox.add(event);
    disk.broken = true;
    await outbox.close();
    disk.broken = false;
    outbox.add(event);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const after = await open(state);
    expect(after.next()).toBeNull();
  });
});
