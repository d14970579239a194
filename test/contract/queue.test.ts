import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FairwayError } from '../../core/errors.ts';
import { createQueueBackend } from '../../hub/queue/backend.ts';
import { createLoops } from '../../hub/queue/create-loops.ts';
import type { Loop, Loops } from '../../hub/queue/loops.ts';
import { until } from '../until.ts';
import { database, log, places, withRedis } from './queue-places.ts';

for (const [name, place] of places)
  describe.skipIf(name === 'Redis' && !withRedis)(`loops on ${name}`, () => {
    const started: Loops[] = [];

    /** A hub: the loop `source` of it does what it is told. */
    async function startHub(
      reconcile: Loop['reconcile'],
      options: { keys?: () => readonly string[]; concurrency?: number; sweepEvery?: number } = {},
    ): Promise<Loops> {
      const backend = await createQueueBackend({ database: database().address, log, ...place.options() });
      const loops = createLoops({ backend, log, sweepEvery: options.sweepEvery ?? 600_000 });
      loops.define({
        name: 'source',
        concurrency: options.concurrency ?? 4,
        keys: async () => options.keys?.() ?? [],
        reconcile,
      });
      await loops.start();
      started.push(loops);
      return loops;
    }

    afterEach(async () => {
      await Promise.all(started.splice(0).map((loops) => loops.stop(1000)));
      await place.flush();
    });

    it('runs a key that is woken', async () => {
      const runs: string[] = [];
      const loops = await startHub(async (key) => {
        runs.push(key);
        return undefined;
      });
      await loops.wake('source', 'https://git.example/a:b c');
      await until(() => runs.length === 1, { what: 'it ran', every: 10 });
      expect(runs).toEqual(['https://git.example/a:b c']);
    });

    it('makes one run of the wakes that come before it', async () => {
      const runs = new Map<string, number>();
      const gate = Promise.withResolvers<void>();
      const loops = await startHub(
        async (key) => {
          runs.set(key, (runs.get(key) ?? 0) + 1);
          if (key === 'busy') await gate.promise;
          return undefined;
        },
        { concurrency: 1 },
      );
      await loops.wake('source', 'busy');
      await until(() => runs.has('busy'), { what: 'the only worker is busy', every: 10 });
      for (let count = 0; count < 20; count++) await loops.wake('source', 'a');
      gate.resolve();
      await loops.wake('source', 'last');
      await until(() => runs.has('last'), { what: 'all ran', every: 10 });
      expect(runs.get('a')).toBe(1);
    });

    it('[R9] runs a key again that is woken while it runs, once however often', async () => {
      let runs = 0;
      const gate = Promise.withResolvers<void>();
      const loops = await startHub(async () => {
        runs += 1;
        if (runs === 1) await gate.promise;
        return undefined;
      });
      await loops.wake('source', 'a');
      await until(() => runs === 1, { what: 'it runs', every: 10 });
      for (let count = 0; count < 5; count++) await loops.wake('source', 'a');
      expect(runs).toBe(1);
      gate.resolve();
      await until(() => runs === 2, { what: 'it ran again', every: 10 });
      await sleep(300);
      expect(runs).toBe(2);
    });

    it('looks again when a run says so, and when a wake is for later', async () => {
      const at: number[] = [];
      const loops = await startHub(async () => {
        at.push(Date.now());
        return at.length < 4 ? { again: 100 } : undefined;
      });
      await loops.wake('source', 'a');
      await until(() => at.length === 4, { what: 'it ran four times', every: 10 });
      for (const [index, time] of at.entries()) {
        if (index > 0) expect(time - (at[index - 1] ?? 0)).toBeGreaterThanOrEqual(90);
      }
      const asked = Date.now();
      await loops.wake('source', 'a', 300);
      await until(() => at.length === 5, { what: 'the later wake came', every: 10 });
      expect((at[4] ?? 0) - asked).toBeGreaterThanOrEqual(290);
    });

    it('keeps one timer a key, however often it is woken', async () => {
      let runs = 0;
      const loops = await startHub(async () => {
        runs += 1;
        return { again: 2000 };
      });
      for (let count = 1; count <= 10; count++) {
        await loops.wake('source', 'a');
        await until(() => runs >= count, { what: 'it ran', every: 10 });
      }
      await until(() => runs > 10, { what: 'the timer came', every: 10 });
      await sleep(500);
      expect(runs).toBe(11);
    });

    it('runs a wake at once, though the key waits for a retry', async () => {
      let runs = 0;
      let broken = true;
      const loops = await startHub(async () => {
        runs += 1;
        if (broken) throw new Error('not yet');
        return undefined;
      });
      await loops.wake('source', 'a');
      await until(() => runs === 3, { what: 'it failed thrice', every: 10 });
      broken = false;
      const asked = Date.now();
      await loops.wake('source', 'a');
      await until(() => runs === 4, { what: 'it ran', every: 10 });
      expect(Date.now() - asked).toBeLessThan(800);
    });

    it('tries again what fails, and not what only a person can mend, until it is woken', async () => {
      const runs = new Map<string, number>();
      const loops = await startHub(async (key) => {
        const count = (runs.get(key) ?? 0) + 1;
        runs.set(key, count);
        if (key === 'flaky' && count < 3) throw new FairwayError('git-unreachable', 'gone', { retry: 'again' });
        if (key === 'wrong') throw new FairwayError('source-invalid', 'No such branch.');
        return undefined;
      });
      await Promise.all([loops.wake('source', 'flaky'), loops.wake('source', 'wrong')]);
      await until(() => runs.get('flaky') === 3, { what: 'it succeeded', every: 10 });
      expect(runs.get('wrong')).toBe(1);
      await loops.wake('source', 'wrong');
      await until(() => runs.get('wrong') === 2, { what: 'it ran again', every: 10 });
    });

    it('[R9] sweeps at start and from time to time, so that an emptied queue delays and loses nothing', async () => {
      const runs = new Map<string, number>();
      const gate = Promise.withResolvers<void>();
      const keys = ['a', 'b'];
      const loops = await startHub(
        async (key) => {
          if (key === 'busy') await gate.promise;
          runs.set(key, (runs.get(key) ?? 0) + 1);
          return undefined;
        },
        { concurrency: 1, keys: () => keys, sweepEvery: 1500 },
      );
      await until(() => keys.every((key) => runs.has(key)), { what: 'the first sweep ran all keys', every: 10 });
      await loops.wake('source', 'busy');
      runs.clear();
      keys.push('lost');
      await loops.wake('source', 'lost');
      await place.flush();
      gate.resolve();
      await until(() => runs.has('lost'), { what: 'the next sweep found it', every: 10 });
    });

    it('never runs one key twice at once, in two hubs on one queue', async () => {
      let running = 0;
      let most = 0;
      let runs = 0;
      const reconcile = async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(5);
        running -= 1;
        runs += 1;
        return undefined;
      };
      const [one, other] = await Promise.all([startHub(reconcile), startHub(reconcile)]);
      for (let count = 0; count < 50; count++) {
        await Promise.all([one.wake('source', 'a'), other.wake('source', 'a')]);
      }
      await until(() => running === 0 && runs > 1, { what: 'it is quiet', every: 10 });
      expect(most).toBe(1);
    });

    it('shares the keys between two hubs, and each wake is seen by one', async () => {
      const seen = { one: new Set<string>(), other: new Set<string>() };
      const hub = (name: 'one' | 'other') =>
        startHub(
          async (key) => {
            seen[name].add(key);
            await sleep(20);
            return undefined;
          },
          { concurrency: 2 },
        );
      const [one] = await Promise.all([hub('one'), hub('other')]);
      await Promise.all(Array.from({ length: 60 }, (_, index) => one.wake('source', `k${index}`)));
      await until(() => seen.one.size + seen.other.size === 60, { what: 'all ran', every: 10 });
      expect(seen.one.size).toBeGreaterThan(0);
      expect(seen.other.size).toBeGreaterThan(0);
    });

    it('goes on after every connection was broken', async () => {
      let runs = 0;
      const loops = await startHub(async () => {
        runs += 1;
        return undefined;
      });
      await loops.wake('source', 'a');
      await until(() => runs === 1, { what: 'it ran' });
      await place.cut();
      // One that is asked for meanwhile may be lost, and is then the sweep's to find.
      await until(() => loops.wake('source', 'a').then(() => runs > 2), { what: 'it runs again', every: 200 });
    });

    it('[X1] runs a key again whose hub was killed in the middle of it', async () => {
      const script = join(import.meta.dirname, 'loop-process.ts');
      const parameters = [script, database().url, place.options().redisUrl ?? ''];
      const killed = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(killed.stdout, 'data');
      killed.kill('SIGKILL');
      await once(killed, 'exit');

      let runs = 0;
      await startHub(async () => {
        runs += 1;
        return undefined;
      });
      await until(() => runs === 1, { what: 'the other hub ran it' });
    });

    it('lets what runs finish when it stops, and starts nothing more', async () => {
      let finished = 0;
      let begun = 0;
      const loops = await startHub(
        async () => {
          begun += 1;
          await sleep(300);
          finished += 1;
          return undefined;
        },
        { concurrency: 1 },
      );
      await loops.wake('source', 'a');
      await until(() => begun === 1, { what: 'it runs', every: 10 });
      await loops.wake('source', 'b');
      await loops.stop();
      expect({ begun, finished }).toEqual({ begun: 1, finished: 1 });
    });

    it('tells a run to give up that does not finish in time', async () => {
      let aborted = false;
      let begun = false;
      const loops = await startHub(async (_key, { signal }) => {
        begun = true;
        await sleep(60_000, undefined, { signal }).catch(() => {
          aborted = true;
        });
        return undefined;
      });
      await loops.wake('source', 'a');
      await until(() => begun, { what: 'it runs', every: 10 });
      const asked = Date.now();
      await loops.stop(200);
      expect(aborted).toBe(true);
      expect(Date.now() - asked).toBeLessThan(10_000);
    });

    it('runs a thousand keys in good time', async () => {
      let runs = 0;
      const loops = await startHub(
        async () => {
          runs += 1;
          return undefined;
        },
        { concurrency: 16 },
      );
      await Promise.all(Array.from({ length: 1000 }, (_, index) => loops.wake('source', `k${index}`)));
      await until(() => runs === 1000, { what: 'all ran', every: 10 });
    });
  });

it('[X1] does not wait for the locks of a hub that was killed, where there is no other', async () => {
  const script = join(import.meta.dirname, 'loop-process.ts');
  const killed = spawn(process.execPath, [script, database().url, ''], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const backend = await createQueueBackend({ database: database().address, alone: true, log });
  const loops = createLoops({ backend, log });
  const ran = Promise.withResolvers<void>();
  loops.define({
    name: 'source',
    concurrency: 1,
    keys: async () => ['a'],
    reconcile: async () => {
      ran.resolve();
      return undefined;
    },
  });
  const began = Date.now();
  await loops.start();
  await ran.promise;
  await loops.stop();
  expect(Date.now() - began).toBeLessThan(4000);
});
