import { afterEach, describe, expect, it } from 'vitest';
import { createQueueBackend } from '../../hub/queue/backend.ts';
import { createFanOut, type FanOut, type FanOutOptions } from '../../hub/queue/fan-out.ts';
import { until } from '../until.ts';
import { database, log, places, withRedis } from './queue-places.ts';

for (const [name, place] of places)
  describe.skipIf(name === 'Redis' && !withRedis)(`a fan-out on ${name}`, () => {
    const started: (() => Promise<void>)[] = [];

    /** A hub that fans out. */
    async function startHub(
      parts: Partial<Pick<FanOutOptions, 'item' | 'done' | 'rate'>>,
      options: { readonly idle?: boolean } = {},
    ): Promise<FanOut> {
      const backend = await createQueueBackend({ database: database().address, log, ...place.options() });
      const nothing = async () => undefined;
      const fanOut = createFanOut({
        backend,
        name: 'parts',
        rate: 10_000,
        item: nothing,
        done: nothing,
        log,
        ...parts,
      });
      if (options.idle !== true) await fanOut.run();
      started.push(async () => {
        await fanOut.close();
        await backend.close();
      });
      return fanOut;
    }

    afterEach(async () => {
      await Promise.all(started.splice(0).map((stop) => stop()));
      await place.flush();
    });

    const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);

    it('runs each item once, and then what comes after all of them', async () => {
      const ran: string[] = [];
      const done: string[] = [];
      const fanOut = await startHub({
        item: async (key, item) => void ran.push(`${key} ${item}`),
        done: async (key) => void done.push(`${key} after ${ran.length}`),
      });
      await fanOut.start('7 3', names(30));
      await until(() => done.length === 1, { what: 'it is done' });
      expect(ran.toSorted()).toEqual(
        names(30)
          .map((item) => `7 3 ${item}`)
          .toSorted(),
      );
      expect(done).toEqual(['7 3 after 30']);
    });

    it('asks once for what is under way already, and again for what is not', async () => {
      const ran: string[] = [];
      const gate = Promise.withResolvers<void>();
      let done = 0;
      const fanOut = await startHub({
        item: async (_key, item) => {
          await gate.promise;
          ran.push(item);
        },
        done: async () => void done++,
      });
      await fanOut.start('1 1', names(3));
      await fanOut.start('1 1', names(3));
      gate.resolve();
      await until(() => done === 1, { what: 'it is done' });
      expect(ran.toSorted()).toEqual(names(3));
      await until(() => fanOut.start('1 1', names(3)).then(() => ran.length > 3), { what: 'it runs again' });
    });

    it('tries an item again that fails, and ends though one never succeeds', async () => {
      const tries = new Map<string, number>();
      let done = 0;
      const fanOut = await startHub({
        item: async (_key, item) => {
          const count = (tries.get(item) ?? 0) + 1;
          tries.set(item, count);
          if (item === 'c0' || (item === 'c1' && count < 3)) throw new Error('not now');
        },
        done: async () => void done++,
      });
      await fanOut.start('1 1', names(3));
      await until(() => done === 1, { what: 'it is done', within: 60_000 });
      expect(Object.fromEntries(tries)).toEqual({ c0: 5, c1: 3, c2: 1 });
    });

    it('keeps to its rate over all hubs', async () => {
      const at: number[] = [];
      let done = 0;
      const parts = { rate: 10, item: async () => void at.push(Date.now()), done: async () => void done++ };
      const [fanOut] = [await startHub(parts), await startHub(parts)];
      await fanOut.start('1 1', names(40));
      await until(() => done === 1, { what: 'it is done', within: 60_000 });
      const [first = 0, last = 0] = [Math.min(...at), Math.max(...at)];
      expect(last - first).toBeGreaterThan(2_500);
    });

    it('[R9] forgets what a queue loses, and can be asked again', async () => {
      const ran = new Set<string>();
      const idle = await startHub({}, { idle: true });
      await idle.start('1 1', names(5));
      await place.flush();
      const fanOut = await startHub({ item: async (_key, item) => void ran.add(item) });
      await fanOut.start('1 1', names(5));
      await until(() => ran.size === 5, { what: 'all ran' });
    });

    it('fans out to more than are added at once', async () => {
      const ran = new Set<string>();
      const fanOut = await startHub({ item: async (_key, item) => void ran.add(item) });
      await fanOut.start('1 1', names(1_200));
      await until(() => ran.size === 1_200, { what: 'all ran' });
    });
  });
