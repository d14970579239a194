import { describe, expect, it } from 'vitest';
import { createWorkQueue } from './queue.ts';
import { systemTimers } from './timers.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function harness(concurrency: number, now = Date.now) {
  const begun: string[] = [];
  const running = new Map<string, () => void>();
  let most = 0;
  const queue = createWorkQueue(
    (key) =>
      new Promise<void>((resolve) => {
        if (running.has(key)) throw new Error(`${key} runs twice`);
        begun.push(key);
        running.set(key, () => {
          running.delete(key);
          resolve();
        });
        most = Math.max(most, running.size);
      }),
    { concurrency, now, timers: systemTimers },
  );
  const end = async (key: string) => {
    running.get(key)?.();
    await turn();
  };
  return { queue, begun, end, most: () => most };
}

describe('the work queue', () => {
  it('[A9] works on so many keys at a time, and on the rest when one is free', async () => {
    const { queue, begun, end, most } = harness(2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect(begun).toEqual(['a', 'b']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(most()).toBe(2);
  });

  it('works on a key once at a time, and once more if it was added meanwhile', async () => {
    const { queue, begun, end } = harness(4);
    for (let times = 0; times < 5; times++) queue.add('a');
    expect(begun).toEqual(['a']);
    await end('a');
    expect(begun).toEqual(['a', 'a']);
    await end('a');
    expect(begun).toEqual(['a', 'a']);
  });

  it('keeps the sooner of two delays, and a wake beats both', async () => {
    const { queue, begun, end } = harness(1);
    queue.addAfter('a', 60_000);
    queue.addAfter('a', 5);
    queue.addAfter('a', 60_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(begun).toEqual(['a']);
    await end('a');
    queue.addAfter('a', 60_000);
    queue.add('a');
    expect(begun).toEqual(['a', 'a']);
    await end('a');
    await queue.stop();
  });

  it('is not held up by a delay from before the clock leapt', async () => {
    let leap = 0;
    const { queue, begun, end } = harness(1, () => Date.now() + leap);
    queue.addAfter('a', 60_000);
    leap = 3_600_000;
    queue.addAfter('a', 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(begun).toEqual(['a']);
    await end('a');
    await queue.stop();
  });

  it('ends after what is under way, and begins nothing more', async () => {
    const { queue, begun, end } = harness(1);
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 1);
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    await turn();
    expect(stopped).toBe(false);
    await end('a');
    await stopping;
    expect(begun).toEqual(['a']);
  });
});
