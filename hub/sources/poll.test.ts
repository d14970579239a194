import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FairwayError } from '../../core/errors.ts';
import type { Mirror } from './mirror.ts';
import { createPoller, nextLook, type Poller } from './poll.ts';

const unreachable = () => new FairwayError('git-unreachable', 'away', { retry: 'again' });

/** A remote that a test moves; only its head is asked for. */
function remote(head: string) {
  const state = { head: head as string | Promise<string> | Error, looks: 0 };
  const remoteHead = async () => {
    state.looks++;
    if (state.head instanceof Error) throw state.head;
    return state.head;
  };
  return { state, mirror: { remoteHead } as unknown as Mirror };
}

describe('the poller', () => {
  let poller: Poller | undefined;
  afterEach(async () => {
    await poller?.stop();
    vi.useRealTimers();
  });
  const start = (onNews: (source: string) => Promise<void>) => {
    vi.useFakeTimers();
    poller = createPoller({ onNews, log: pino({ level: 'silent' }), random: () => 0.5 });
    return poller;
  };
  const target = (name: string, mirror: Mirror) => ({ name, mirror, branches: ['main'], interval: 1000 });

  it('says once that a head moved', async () => {
    const news: string[] = [];
    const { state, mirror } = remote('a');
    start(async (source) => void news.push(source)).follow([target('shop', mirror)]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(news).toEqual(['shop']);
    state.head = 'b';
    await vi.advanceTimersByTimeAsync(5000);
    expect(news).toEqual(['shop', 'shop']);
    expect(state.looks).toBeGreaterThan(5);
  });

  it('[G8] says that a remote went away and came back, and asks it less often meanwhile', async () => {
    const news: string[] = [];
    const { state, mirror } = remote('a');
    start(async (source) => void news.push(source)).follow([target('shop', mirror)]);
    await vi.advanceTimersByTimeAsync(1000);
    state.head = unreachable();
    await vi.advanceTimersByTimeAsync(2000);
    expect(news.length).toBe(2);
    const looks = state.looks;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(news.length).toBe(2);
    expect(state.looks - looks).toBeLessThan(8);
    state.head = 'a';
    await vi.advanceTimersByTimeAsync(61_000);
    expect(news.length).toBe(3);
  });

  it('[G8] is not held up by a host that does not answer', async () => {
    const news: string[] = [];
    const [dead, alive] = [remote('a'), remote('a')];
    let answer = (_head: string): void => undefined;
    dead.state.head = new Promise((resolve) => {
      answer = resolve;
    });
    start(async (source) => void news.push(source)).follow([
      target('dead', dead.mirror),
      target('alive', alive.mirror),
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(news).toEqual(['alive']);
    expect(dead.state.looks).toBe(1);
    answer('late');
    await vi.advanceTimersByTimeAsync(0);
    expect(news).toEqual(['alive', 'dead']);
  });

  it('repeats a wake that failed', async () => {
    let calls = 0;
    const { mirror } = remote('a');
    start(async () => {
      calls++;
      if (calls < 3) throw new Error('the queue is away');
    }).follow([target('shop', mirror)]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toBe(3);
  });

  it('looks no more at a source that is left', async () => {
    const { state, mirror } = remote('a');
    const polling = start(async () => undefined);
    polling.follow([target('shop', mirror)]);
    await vi.advanceTimersByTimeAsync(3000);
    polling.follow([]);
    const { looks } = state;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.looks).toBe(looks);
  });
});

it('waits at least nine tenths of the interval and at most a little over a minute', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 60_000 }),
      fc.nat(100),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (interval, failures, random) => {
        const delay = nextLook(interval, failures, random);
        expect(delay).toBeGreaterThanOrEqual(interval * 0.9);
        expect(delay).toBeLessThanOrEqual(66_000);
      },
    ),
  );
});
