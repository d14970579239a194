import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePorts } from '../kube/harness/ports.ts';
import { until } from '../until.ts';

/** Fairway's own processes as people start them: `node cli/main.ts …`. */

const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'cli', 'main.ts');

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface FairwayProcess {
  readonly pid: number;
  /** Sends a signal and waits for the end; resolves to the exit code (null where a signal ended it). */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** What it wrote so far, both streams. */
  output(): string;
  /** Resolves to the exit code when it ends by itself. */
  readonly ended: Promise<number | null>;
}

/** Another Fairway than the one of this checkout: a build of it. */
export interface Program {
  /** What is put before the arguments: `['node', 'dist/cli/main.js']`. */
  readonly command: readonly [string, ...string[]];
  /** The user and group to run as. */
  readonly user?: number | undefined;
}

const checkout: Program = { command: [process.execPath, main] };

/** Starts `fairway ARGS` with no variables of this process but PATH and HOME. */
export function startFairway(
  args: readonly string[],
  options: { logFile: string; env?: NodeJS.ProcessEnv; program?: Program | undefined },
): FairwayProcess {
  const { command, user } = options.program ?? checkout;
  const [executable, ...first] = command;
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(executable, [...first, ...args], {
    ...(user === undefined ? {} : { uid: user, gid: user }),
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
  });
  closeSync(log);
  running.add(child);
  const ended = new Promise<number | null>((done) => {
    child.once('exit', (code) => {
      running.delete(child);
      done(code);
    });
  });
  return {
    pid: child.pid ?? -1,
    ended,
    output: () => readFileSync(options.logFile, 'utf8'),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

export interface Command {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `fairway ARGS` to its end. */
export function runFairway(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Command> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [main, ...args],
      { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

export interface HubProcess {
  readonly url: string;
  readonly grpc: string;
  readonly dataDir: string;
  token(): Promise<string>;
  /** The answer to a GET, parsed. */
  get<T>(path: string): Promise<T>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** `fairway ARGS` as its administrator. */
  fairway(...args: string[]): Promise<Command>;
  /** Registers a cluster; resolves to its join token. */
  register(name: string, labels: Record<string, string>): Promise<string>;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  readonly pid: number;
  output(): string;
}

/** A hub on free loopback ports, started. It can be killed and started again on the same ports and data. */
export async function startHub(options: {
  directory: string;
  fleetRepo: string;
  env?: NodeJS.ProcessEnv;
  program?: Program;
}): Promise<HubProcess> {
  const [http, grpc] = (await freePorts(2)) as [number, number];
  const dataDir = join(options.directory, 'hub');
  const url = `http://127.0.0.1:${http}`;
  let current: FairwayProcess;

  const hub: HubProcess = {
    url,
    grpc: `127.0.0.1:${grpc}`,
    dataDir,
    get pid() {
      return current.pid;
    },
    output: () => current.output(),
    token: async () => (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim(),
    fetch: async (path, init = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${await hub.token()}`, ...init.headers } }),
    async get<T>(path: string) {
      const response = await hub.fetch(path);
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    fairway: async (...args) => runFairway(args, { FAIRWAY_URL: url, FAIRWAY_TOKEN: await hub.token() }),
    async register(name, labels) {
      const flags = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
      const { code, stdout, stderr } = await hub.fairway('cluster', 'register', name, ...flags, '-o', 'token');
      if (code !== 0) throw new Error(`register ${name}: ${stderr}`);
      return stdout.trim();
    },
    async start() {
      current = startFairway(['hub'], {
        logFile: join(options.directory, 'hub.log'),
        program: options.program,
        env: {
          FAIRWAY_HTTP: `127.0.0.1:${http}`,
          FAIRWAY_GRPC: hub.grpc,
          FAIRWAY_DATA_DIR: dataDir,
          FAIRWAY_FLEET_REPO: options.fleetRepo,
          ...options.env,
        },
      });
      let exit: number | null | undefined;
      void current.ended.then((code) => {
        exit = code;
      });
      await until(
        async () => {
          if (exit !== undefined) throw new Error(`the hub ended with ${exit}:\n${current.output().slice(-4000)}`);
          const response = await fetch(`${url}/readyz`).catch(() => null);
          return response?.ok === true;
        },
        { what: 'the hub is ready', within: 60_000, describe: () => current.output().slice(-4000) },
      );
    },
    stop: (signal) => current.stop(signal),
  };
  await hub.start();
  return hub;
}

/** An agent outside of its cluster, as `fairway cluster register -o command` says. */
export function startAgent(options: {
  hub: HubProcess;
  directory: string;
  name: string;
  kubeconfig: string;
  joinToken?: string;
  env?: NodeJS.ProcessEnv;
}): FairwayProcess {
  const { hub, directory, name, kubeconfig, joinToken, env = {} } = options;
  const token = joinToken === undefined ? [] : ['--join-token', joinToken];
  return startFairway(
    ['agent', '--hub', hub.grpc, ...token, '--kubeconfig', kubeconfig, '--data-dir', join(directory, `agent-${name}`)],
    { logFile: join(directory, `agent-${name}.log`), env },
  );
}
