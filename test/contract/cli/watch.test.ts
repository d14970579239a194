import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCuttableProxy } from '../../kube/harness/proxy.ts';
import { until } from '../../until.ts';
import { addEvent, seedFleet } from '../rest/fleet.ts';
import { startTestCli, type TestCli } from './harness.ts';

let cli: TestCli;
const children: ChildProcess[] = [];

beforeAll(async () => {
  cli = await startTestCli();
  await seedFleet(cli.api.database.db);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await cli.stop();
});

function start(...args: string[]): { child: ChildProcess; output: () => string } {
  const main = resolve(import.meta.dirname, '../../../cli/main.ts');
  const child = spawn(process.execPath, [main, ...args], { env: cli.environment, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

async function interrupt(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const [code] = await ended;
  return code;
}

describe('--watch', () => {
  it('shows the fleet again when something happened, and ends well on Ctrl-C', async () => {
    const { child, output } = start('cluster', 'list', '--watch');
    await until(() => output().includes('dev-1'), { what: 'the first table' });
    expect(output()).not.toContain('newcomer');
    await cli.api.ask('POST', 'clusters', { body: { name: 'newcomer' } });
    cli.api.tell({ type: 'event', event: await addEvent(cli.api.database.db, { message: 'registered' }) });
    await until(() => output().includes('newcomer'), { what: 'the table with the newcomer', describe: output });
    expect(await interrupt(child)).toBe(0);
  });

  it('waits for a hub that goes away, and goes on when it is back', async () => {
    const proxy = await startCuttableProxy(Number(new URL(cli.url).port));
    const { child, output } = start('--url', `http://127.0.0.1:${proxy.port}`, 'cluster', 'list', '--watch');
    await until(() => output().includes('dev-1'), { what: 'the first table' });
    const away = setInterval(() => proxy.cut(), 10);
    await until(() => output().includes('trying again'), { what: 'that the hub is away', describe: output });
    clearInterval(away);
    await cli.api.ask('POST', 'clusters', { body: { name: 'latecomer' } });
    await until(() => output().includes('latecomer'), { what: 'the table with the latecomer', describe: output });
    expect(await interrupt(child)).toBe(0);
    await proxy.stop();
  });

  it('prints events as they happen, a line each', async () => {
    const { child, output } = start('events', '--watch', '--cluster', 'dev-1', '-o', 'json');
    let count = 0;
    // The stream begins with what happens after it was opened, so say it until it is heard.
    await until(
      async () => {
        const event = await addEvent(cli.api.database.db, { cluster: 'dev-1', message: `happened ${++count}` });
        cli.api.tell({ type: 'event', event });
        return output().includes('happened');
      },
      { what: 'an event', every: 200, describe: output },
    );
    const [line = ''] = output().split('\n');
    expect(JSON.parse(line)).toMatchObject({ cluster: 'dev-1' });
    expect(await interrupt(child)).toBe(0);
  });
});
