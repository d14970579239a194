import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls until a condition holds; a throw of the condition ends the wait.
 * @param options.within milliseconds; generous, for it is no assertion about speed
 */
export async function until(
  condition: () => Promise<boolean> | boolean,
  options: { what: string; within?: number; every?: number; describe?: () => string | Promise<string> },
): Promise<void> {
  const { what, within = 30_000, every = 50, describe } = options;
  const deadline = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      const detail = describe === undefined ? '' : `\n${await describe()}`;
      throw new Error(`after ${within / 1000} s it is still not so that ${what}${detail}`);
    }
    await sleep(every);
  }
}
