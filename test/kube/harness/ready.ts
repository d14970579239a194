import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import type { Child } from './child.ts';

const patience = 90_000;

/**
 * Waits until a URL answers 200.
 * @param children what has to run meanwhile
 * @throws Error with the last lines of the program that ended, or of the last when it took too long
 */
export async function untilReady(url: string, children: readonly Child[], dispatcher: Dispatcher): Promise<void> {
  const deadline = Date.now() + patience;
  let last = 'no answer';
  while (Date.now() < deadline) {
    for (const child of children) {
      const ended = child.ended();
      if (ended !== null) throw new Error(`${child.name} ended (${ended}):\n${child.log()}`);
    }
    try {
      const response = await request(url, { dispatcher });
      last = `${response.statusCode} ${await response.body.text()}`;
      if (response.statusCode === 200) return;
    } catch (error) {
      last = String(error);
    }
    await sleep(100);
  }
  throw new Error(`${url} is not ready after ${patience / 1000} s: ${last}\n${children.at(-1)?.log()}`);
}
