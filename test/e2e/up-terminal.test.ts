import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestTerminal } from '../terminal.ts';
import { until } from '../until.ts';
import { askSandbox } from './up-process.ts';

const main = resolve(import.meta.dirname, '../../cli/main.ts');
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

/** What people see who run it in a terminal: a real one, which `script` opens. */
describe.skipIf(!hasScript)('fairway up in a terminal', () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fairway-terminal-'));
  });
  afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

  it('keeps one picture of the fleet below what happens, and ends with Ctrl-C', async () => {
    const terminal = createTestTerminal(120, 40);
    const command = `stty cols 120 rows 40; exec '${process.execPath}' '${main}' up`;
    const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
      env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => terminal.write(chunk));
    const ended = new Promise((done) => child.once('exit', done));
    const shows = (what: RegExp) =>
      until(() => what.test(terminal.text()), { what: `it shows ${what}`, within: 120_000, describe: terminal.text });
    try {
      await shows(/the fleet is healthy: 3 clusters/);
      await shows(/3 of 3 clusters connected · 6 of 6 applications healthy · no drift$/);
      const kubeconfig = join(home, '.local/share/fairway/up/clusters/prod-1/kubeconfig');
      const path = '/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=kubectl';
      await askSandbox(kubeconfig, 'PATCH', path, { spec: { replicas: 9 } });
      await shows(/kubectl changed Deployment shop\/web \/spec\/replicas from 3 to 9; put back/);

      const text = terminal.text();
      expect(text.match(/^CLUSTER /gm)).toHaveLength(1);
      expect(text.slice(text.indexOf('CLUSTER '))).toMatch(
        /^CLUSTER +ENVIRONMENT +AGENT +machines +shop\ndev-1 +dev +connected( +[0-9a-f]{7} healthy){2}\nprod-1 +prod /,
      );
      child.stdin.write('\u0003');
      expect(await ended).toBe(0);
      expect(terminal.text()).toMatch(/no drift\n(\^C)?Stopping …$/);
    } finally {
      child.kill('SIGKILL');
    }
  }, 300_000);
});
