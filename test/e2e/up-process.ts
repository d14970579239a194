import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { until } from '../until.ts';

/** `fairway up` as a process group of its own, and hands in the clusters that it plays. */

const main = resolve(import.meta.dirname, '../../cli/main.ts');
const groups = new Set<number>();
process.once('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
});

export interface UpProcess {
  /** Below the home directory. */
  readonly directory: string;
  /** What it wrote since its start, both streams. */
  output(): string;
  /** Waits for a line. */
  shows(line: RegExp, within?: number): Promise<void>;
  /** Sends a signal to every process of its group, as a terminal does; resolves to the exit code of the first. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** Resolves to the exit code when it ends by itself. */
  readonly ended: Promise<number | null>;
  /** Whether any process of its group is there. */
  isThere(): boolean;
}

/** Starts `fairway up ARGS` for a user with that home directory, and nothing else of this process's environment. */
export function startUp(home: string, ...args: readonly string[]): UpProcess {
  let output = '';
  const child = spawn(process.execPath, [main, 'up', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home },
    detached: true,
  });
  const group = child.pid ?? -1;
  groups.add(group);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const ended = untilEnded(child).finally(() => groups.delete(group));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    directory: join(home, '.local/share/fairway', args.includes('--kubeconfig') ? 'up-real' : 'up'),
    ended,
    output: () => output,
    shows: (line, within = 120_000) =>
      until(
        () => {
          if (!line.test(output) && over) throw new Error(`it ended before it showed ${line}:\n${output}`);
          return line.test(output);
        },
        { what: `it shows ${line}`, within, describe: () => output.slice(-4000) },
      ),
    stop(signal) {
      signalGroup(group, signal);
      return ended;
    },
    isThere: () => signalGroup(group, 0),
  };
}

function untilEnded(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.once('close', (code) => done(code)));
}

/** @returns whether there is anybody to receive it */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** Asks the API of a cluster that a sandbox plays, as its administrator. @returns the answer, parsed */
export async function askSandbox<T>(kubeconfig: string, method: string, path: string, patch?: object): Promise<T> {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { token?: string } }[];
  };
  const [{ cluster }] = clusters as [(typeof clusters)[number]];
  const token = users.find(({ user }) => user.token !== undefined)?.user.token;
  const body = patch === undefined ? undefined : JSON.stringify(patch);
  return new Promise((resolveAnswer, reject) => {
    const asked = request(
      `${cluster.server}${path}`,
      {
        method,
        ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' },
      },
      (response) => {
        text(response).then((answer) => {
          const status = response.statusCode ?? 0;
          if (status >= 300) reject(new Error(`${method} ${path}: ${status} ${answer}`));
          else resolveAnswer(JSON.parse(answer) as T);
        }, reject);
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
}
