import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { serveByGit } from './backend.ts';
import { createRepository, type TestRepository } from './repository.ts';

/** A Git host on a free loopback port. */
export interface GitServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly root: string;
  /** `METHOD path` of each request so far. */
  readonly requests: string[];
  createRepository(name: string): Promise<TestRepository>;
  /** The host is gone: connections are cut and new ones refused. */
  goAway(): Promise<void>;
  /** The host is back on the same port. */
  comeBack(): Promise<void>;
  /** Accepts requests and answers none, until it is called with false. */
  stall(stalled: boolean): void;
  /** Answers every request with a redirect to that origin, until it is called with null. */
  redirect(origin: string | null): void;
  stop(): Promise<void>;
}

/** Starts a Git host; with `basic`, every request needs that name and password. */
export async function startGitServer(
  options: { basic?: { username: string; password: string } } = {},
): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'fairway-git-'));
  const wanted =
    options.basic && `Basic ${Buffer.from(`${options.basic.username}:${options.basic.password}`).toString('base64')}`;
  const requests: string[] = [];
  let stalled = false;
  let elsewhere: string | null = null;

  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (stalled) return;
    if (elsewhere !== null) return void response.writeHead(302, { location: `${elsewhere}${request.url}` }).end();
    if (wanted !== undefined && request.headers.authorization !== wanted) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?');
    }
    serveByGit(root, request, response);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const close = () =>
    new Promise<void>((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    root,
    requests,
    createRepository: (name) => createRepository(root, name, (path) => `${url}/${basename(path)}`),
    goAway: close,
    comeBack: () => listen(port),
    stall: (value) => {
      stalled = value;
    },
    redirect: (origin) => {
      elsewhere = origin;
    },
    async stop() {
      await close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
