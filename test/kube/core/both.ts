import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe } from 'vitest';
import { createKube, type KubeClient } from '../../../agent/kube/client.ts';
import { kubeconfigCredentials } from '../../../agent/kube/kubeconfig.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { until } from '../../until.ts';
import { findAssets } from '../harness/assets.ts';
import { startKubeCluster } from '../harness/cluster.ts';
import { describeKube } from '../harness/describe.ts';
import { tlsOf } from '../harness/kubeconfig-tls.ts';

/** An API server under test: the real one or the sandbox. Suites must not ask which. */
export interface Server {
  readonly url: string;
  readonly kube: KubeClient;
  /** A call as administrator. The body goes as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** As `call`, by somebody without a certificate. */
  callUnknown(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Ends the server and starts it again on the same port and state. */
  restart(): Promise<void>;
  /** The lines of a watch as they come, until the server ends it. */
  watch(path: string, onEvent?: (event: WatchLine) => void): Promise<WatchLine[]>;
  /** Standard output and, after it, standard error; rejects with both where kubectl fails. */
  kubectl(args: readonly string[], stdin?: string, environment?: Record<string, string>): Promise<string>;
  /** A namespace of its own for a test. */
  namespace(): Promise<string>;
}

interface CallOptions {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Record<string, string>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: suites look into answers of every shape
  readonly body: any;
}

export interface WatchLine {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly object: any;
}

export interface Needs {
  /** Deletions that take others with them, namespaces, Deployments that become ready. */
  readonly controllers?: boolean;
}

interface Started {
  readonly url: string;
  readonly kubeconfig: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * One suite on both the real API server and the sandbox: what holds of the one must hold of the other.
 * @param suite gets the server, which is there once its tests run
 */
export function describeOnBoth(name: string, needs: Needs, suite: (server: Server) => void): void {
  describeKube(`${name}: the real API server`, () =>
    run(suite, () => startKubeCluster({ name: 'core', controllerManager: needs.controllers === true })),
  );
  describe(`${name}: the sandbox`, () => run(suite, startRestartable));
}

/** A sandbox that comes back from its directory. */
async function startRestartable(folder: string): Promise<Started> {
  const options = { name: 'core', directory: join(folder, 'sandbox'), readyAfter: 200 };
  let sandbox = await startSandbox(options);
  const { url, kubeconfig } = sandbox;
  return {
    url,
    kubeconfig,
    async restart() {
      await sandbox.stop();
      sandbox = await startSandbox({ ...options, port: Number(new URL(url).port) });
    },
    stop: () => sandbox.stop(),
  };
}

function run(suite: (server: Server) => void, start: (folder: string) => Promise<Started>): void {
  const folder = mkdtempSync(join(tmpdir(), 'fairway-core-'));
  const server: { current: (Server & { stop(): Promise<void> }) | null } = { current: null };
  const now = (): Server => {
    if (server.current === null) throw new Error('the server has not started');
    return server.current;
  };
  beforeAll(async () => {
    server.current = await connect(await start(folder), folder);
  }, 120_000);
  afterAll(async () => {
    await server.current?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  suite({
    get url() {
      return now().url;
    },
    get kube() {
      return now().kube;
    },
    call: (...args) => now().call(...args),
    callUnknown: (...args) => now().callUnknown(...args),
    restart: () => now().restart(),
    watch: (...args) => now().watch(...args),
    kubectl: (...args) => now().kubectl(...args),
    namespace: () => now().namespace(),
  });
}

async function connect(started: Started, folder: string): Promise<Server & { stop(): Promise<void> }> {
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, started.kubeconfig, { mode: 0o600 });
  const kube = createKube(await kubeconfigCredentials(path));
  const dispatcher = new Agent({ connect: tlsOf(started.kubeconfig) });
  let namespaces = 0;

  const call: Server['call'] = (...args) => send(started.url, dispatcher, ...args);
  return {
    url: started.url,
    kube,
    call,
    async callUnknown(...args) {
      const unknown = new Agent({ connect: { ca: tlsOf(started.kubeconfig).ca } });
      try {
        return await send(started.url, unknown, ...args);
      } finally {
        await unknown.destroy();
      }
    },
    async restart() {
      await started.restart();
      // Connections of before are found broken one by one.
      await until(
        () =>
          call('GET', '/readyz').then(
            ({ status }) => status === 200,
            () => false,
          ),
        {
          what: 'the server answers again',
        },
      );
    },
    async watch(target, onEvent) {
      const response = await request(`${started.url}${target}`, {
        dispatcher,
        headers: { accept: 'application/json' },
      });
      const lines: WatchLine[] = [];
      let rest = '';
      for await (const chunk of response.body) {
        const parts = (rest + String(chunk)).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) {
          const line = JSON.parse(part) as WatchLine;
          lines.push(line);
          onEvent?.(line);
        }
      }
      return lines;
    },
    kubectl(args, stdin = '', environment = {}) {
      const options = ['--kubeconfig', path, '--cache-dir', join(folder, 'cache'), ...args];
      return runProgram(kubectlProgram(), options, stdin, environment);
    },
    async namespace() {
      namespaces += 1;
      const name = `core-${namespaces}`;
      await call('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
      return name;
    },
    async stop() {
      await kube.close();
      await dispatcher.destroy();
      await started.stop();
    },
  };
}

async function send(
  url: string,
  dispatcher: Agent,
  method: string,
  target: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { body, type = 'application/json', accept = 'application/json', headers = {} } = options;
  const response = await request(`${url}${target}`, {
    method: method as 'GET',
    dispatcher,
    headers: {
      accept,
      'user-agent': 'core-suite',
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.body.text();
  const contentType = String(response.headers['content-type']);
  return {
    status: response.statusCode,
    type: contentType,
    body: contentType.startsWith('application/json') ? JSON.parse(text) : text,
  };
}

function kubectlProgram(): string {
  const assets = findAssets();
  return 'path' in assets ? join(assets.path, 'kubectl') : 'kubectl';
}

/** The authority, certificate and key of a kubeconfig that holds them inline. */

function runProgram(
  program: string,
  args: readonly string[],
  stdin: string,
  environment: Record<string, string>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    const child = execFile(program, [...args], { env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(stdout + stderr || error.message));
    });
    child.stdin?.end(stdin);
  });
}
