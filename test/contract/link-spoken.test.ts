import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { createLink, type Link } from '../../agent/link/link.ts';
import type { Assignment } from '../../core/link/assignment.ts';
import { desiredState } from '../../core/link/desired-state.ts';
import type { AgentMessage, HubMessage } from '../../core/link/messages.ts';
import { protocolVersion } from '../../core/link/protocol.ts';
import { createMemoryLink } from '../memory/link.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';

/** When an agent knows that what it holds is still to be. */

let link: Link | undefined;
afterEach(() => link?.stop());

const welcome: HubMessage = {
  ...{ type: 'welcome', protocol: protocolVersion, hubVersion: 'test' },
  ...{ eventsStored: 0, checkpointSeconds: 180 },
};
const nothing = desiredState([]);
const whole: HubMessage = {
  ...{ type: 'desired', base: '', digest: nothing.digest },
  ...{ assigned: [], withdrawn: [], last: true },
};

/** Starts a link whose hub answers each greeting with some messages. */
async function start(state: ReturnType<typeof createMemoryState>, ...answers: HubMessage[]) {
  const said: AgentMessage[] = [];
  const dial = async () => {
    const made = createMemoryLink();
    made.hub.receive({
      message: (message: AgentMessage) => {
        said.push(message);
        if (message.type === 'hello') for (const answer of answers) made.hub.send(answer);
      },
      closed: () => undefined,
    });
    return made.agent;
  };
  const options = { version: 'test', kubernetesVersion: async () => '', log: pino({ level: 'silent' }) };
  link = await createLink({ state, dial, ...options, now: Date.now, random: Math.random });
  const heard: (readonly Assignment[])[] = [];
  link.onDesired((assignments) => void heard.push(assignments));
  link.start();
  const { connection } = link;
  await until(() => connection().state === 'connected', { what: 'it is connected', every: 5 });
  return { link, heard, said };
}

it('[L6] a welcome alone says nothing of what is desired', async () => {
  const { link: welcomed } = await start(createMemoryState(), welcome);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(welcomed.hasSpoken()).toBe(false);
});

it('[L2, L6] what is desired, or that it is what is held, has been said once the hub says it', async () => {
  const state = createMemoryState();
  const first = await start(state, welcome, whole);
  await until(() => first.link.hasSpoken(), { what: 'it is told', every: 5 });
  expect(first.heard).toEqual([[]]);
  await first.link.stop();

  const second = await start(state, welcome);
  expect(second.said[0]).toMatchObject({ type: 'hello', desired: nothing.digest });
  expect(second.link.hasSpoken()).toBe(false);
  await second.link.stop();

  const third = await start(state, welcome, { type: 'checkpoint', desired: nothing.digest, status: '' });
  await until(() => third.link.hasSpoken(), { what: 'it is confirmed', every: 5 });
});
