import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { EventReport } from '../../core/link/messages.ts';
import type { State } from '../state/port.ts';
import { type Outbox, openOutbox } from './outbox.ts';

const log = pino({ level: 'silent' });
const limit = 600;
/** What one record holds: so much more than the limit may be kept. */
const chunk = 200;

/** A disk that outlives the processes which write to it, each until it is killed. */
function createDisk() {
  const records = new Map<string, Uint8Array>();
  return function mount(): { state: State; kill(): void } {
    let alive = true;
    const whileAlive = (act: () => void) => {
      if (!alive) throw new Error('this process is dead');
      act();
    };
    return {
      state: {
        read: async (name) => records.get(name) ?? null,
        write: async (name, content) => whileAlive(() => records.set(name, content)),
        remove: async (name) => whileAlive(() => records.delete(name)),
        list: async (prefix) => [...records.keys()].filter((name) => name.startsWith(prefix)).sort(),
      },
      kill() {
        alive = false;
      },
    };
  };
}

/** What a hub keeps of an agent: every event once, by its number in the epoch. */
function createHub() {
  const stored: number[] = [];
  let epoch = '';
  let through = 0;
  return {
    stored,
    through: (of: string) => (of === epoch ? through : 0),
    take(of: string, { events, after, through: last }: EventReport) {
      if (of !== epoch) through = 0;
      epoch = of;
      if (after > through) return;
      for (const { sequence, at } of events) if (sequence > through) stored.push(at);
      through = Math.max(through, last);
    },
  };
}

type Step =
  | { readonly type: 'see'; readonly count: number }
  | { readonly type: 'flush' }
  | { readonly type: 'send'; readonly fate: 'arrives' | 'is lost' | 'arrives unacknowledged' }
  | { readonly type: 'reconnect' }
  | { readonly type: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('see' as const), count: fc.integer({ min: 1, max: 250 }) }),
  fc.record({ type: fc.constant('flush' as const) }),
  fc.record({
    type: fc.constant('send' as const),
    fate: fc.constantFrom('arrives' as const, 'is lost' as const, 'arrives unacknowledged' as const),
  }),
  fc.record({ type: fc.constant('reconnect' as const) }),
  fc.record({ type: fc.constant('crash' as const) }),
);

describe('an outbox, whatever happens to it', () => {
  it('[L4] [X1] brings every durable event once and in order, or counts it as dropped, in bounded room', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const mount = createDisk();
        const hub = createHub();
        const durable = new Set<number>();
        let unsaved: number[] = [];
        let seen = 0;
        let disk = mount();
        const open = (): Promise<Outbox> =>
          openOutbox({ state: disk.state, log, newEpoch: () => 'epoch', ready: () => undefined, limit, delay: 0 });
        let outbox = await open();

        const flush = async () => {
          await outbox.flush();
          for (const at of unsaved) durable.add(at);
          unsaved = [];
        };
        const reconnect = () => {
          outbox.restart();
          outbox.acknowledge(hub.through(outbox.epoch));
        };
        const send = (fate: 'arrives' | 'is lost' | 'arrives unacknowledged') => {
          const report = outbox.next();
          if (report === null) return false;
          if (fate !== 'is lost') hub.take(outbox.epoch, report);
          if (fate === 'arrives') outbox.acknowledge(hub.through(outbox.epoch));
          return true;
        };
        for (const now of steps) {
          switch (now.type) {
            case 'see':
              for (let turn = 0; turn < now.count; turn++) {
                seen += 1;
                unsaved.push(seen);
                outbox.add({
                  at: seen,
                  application: 'shop',
                  release: 'shop@1',
                  traceparent: null,
                  detail: { type: 'pruned', objects: [] },
                });
              }
              break;
            case 'flush':
              await flush();
              break;
            case 'send':
              send(now.fate);
              break;
            case 'reconnect':
              reconnect();
              break;
            case 'crash':
              disk.kill();
              unsaved = [];
              disk = mount();
              outbox = await open();
              reconnect();
              break;
          }
          expect(outbox.size()).toBeLessThanOrEqual(limit + chunk);
        }
        await flush();
        reconnect();
        while (send('arrives'));
        const { stored } = hub;
        expect(stored).toEqual([...new Set(stored)].sort((a, b) => a - b));
        const missing = [...durable].filter((at) => !stored.includes(at));
        expect(missing.length).toBeLessThanOrEqual(outbox.dropped());
        expect(outbox.size()).toBe(0);
        await outbox.close();
      }),
      { numRuns: 150 },
    );
  });
});
