import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from '../../../cli/program.ts';
import type { ApiContext } from '../../../hub/api/context.ts';
import { startTestApi, type TestApi } from '../rest/harness.ts';

const main = resolve(import.meta.dirname, '../../../cli/main.ts');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestCli {
  readonly api: TestApi;
  readonly url: string;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  /** `fairway ARGS` as an administrator, to its end. */
  fairway(...args: readonly string[]): Promise<Ran>;
  stop(): Promise<void>;
}

/** The command line as people start it, and a hub's API that listens. */
export async function startTestCli(change: Partial<ApiContext> = {}): Promise<TestCli> {
  const api = await startTestApi(change);
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const home = await mkdtemp(join(tmpdir(), 'fairway-cli-'));
  const token = await api.token('admin');
  const environment = { PATH: process.env.PATH, HOME: home, FAIRWAY_URL: url, FAIRWAY_TOKEN: token };
  return {
    api,
    url,
    home,
    environment,
    fairway: (...args) => run(args, environment),
    async stop() {
      await api.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The same in this process, which is quicker: for what neither draws nor waits for a signal. */
export async function call(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const write = (lines: string[]) => (text: string) => void lines.push(`${text}\n`);
  const code = await runProgram(args, env, {
    print: write(out),
    note: write(err),
    redraw: write(out),
    style: (_style, text) => text,
    readPiped: async () => null,
    askSecret: async () => null,
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

/** Runs `fairway ARGS` with these variables alone. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<Ran> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
