import { createKeys, type Keys, kubeconfigOf } from './http/keys.ts';
import { type ApiServer, startApiServer } from './http/server.ts';
import { keepSnapshot, readKept, readSnapshot, writeKept, writeKubeconfig } from './persist.ts';
import { createStore, type Store } from './store.ts';

export interface SandboxOptions {
  /** Names the cluster, its context in the kubeconfig and its authority. */
  readonly name: string;
  /** Where its state outlives the process; without one it is gone with it. */
  readonly directory?: string;
  /** The port asked for; without one that of the last time, or any free one. */
  readonly port?: number;
  /** Milliseconds until what a controller makes is ready; 1,000 where it is not given. */
  readonly readyAfter?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface Sandbox {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** Of the administrator, with everything inline. */
  readonly kubeconfig: string;
  /** The file that holds it; only where there is a directory. */
  readonly kubeconfigPath?: string;
  readonly store: Store;
  stop(): Promise<void>;
}

/**
 * A Kubernetes cluster that is none: the API in memory, over HTTPS on loopback, with its controllers played. With a
 * directory it comes back as it was, on the same port where that is free, under the same keys.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { name, directory, now = Date.now } = options;
  const kept = directory === undefined ? null : readKept(directory);
  const snapshot = directory === undefined ? null : readSnapshot(directory);
  const keys = kept?.keys ?? (await createKeys(name, now()));
  const { readyAfter, random } = options;
  const store = createStore({
    now,
    ...(readyAfter === undefined ? {} : { readyAfter }),
    ...(random === undefined ? {} : { random }),
    ...(snapshot === null ? {} : { snapshot }),
  });
  const server = await listen(store, keys, options.port ?? kept?.port ?? 0, options.port === undefined, now);
  const url = `https://127.0.0.1:${server.port}`;
  const kubeconfig = kubeconfigOf(name, url, keys);
  const endKeeping = directory === undefined ? null : keepSnapshot(store, directory);
  if (directory !== undefined) writeKept(directory, { keys, port: server.port });
  return {
    url,
    kubeconfig,
    ...(directory === undefined ? {} : { kubeconfigPath: writeKubeconfig(directory, kubeconfig) }),
    store,
    async stop() {
      await server.stop();
      store.stop();
      endKeeping?.();
    },
  };
}

/** Listens on a port; where that was only a wish and is taken, on another. */
async function listen(
  store: Store,
  keys: Keys,
  port: number,
  elsewhere: boolean,
  now: () => number,
): Promise<ApiServer> {
  try {
    return await startApiServer(store, keys, port, now);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (!taken || !elsewhere) throw error;
    return startApiServer(store, keys, 0, now);
  }
}
