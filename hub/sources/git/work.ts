import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { FairwayError } from '../../../core/errors.ts';
import type { Failure, Job, ResultOf, WorkerRequest, WorkerResponse } from './jobs.ts';

/** The main thread's end of the worker. */
export interface GitWorker {
  /** Jobs run side by side. Rejects with the FairwayError that the job ended in. */
  run<J extends Job>(job: J): Promise<ResultOf<J>>;
  close(): Promise<void>;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The thread starts with the first job, and anew after it has died: its jobs then fail, and are safe to repeat. */
export function startGitWorker(log: Logger): GitWorker {
  let worker: Worker | null = null;
  let closed = false;
  let lastId = 0;
  const pending = new Map<number, Pending>();

  const abandon = (error: Error) => {
    worker = null;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const start = () => {
    // After a build the file beside this one ends in .js; `new URL` is not rewritten as imports are.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const started = new Worker(new URL(`./worker.${extension}`, import.meta.url), { name: 'git', execArgv: [] });
    started.on('message', (response: WorkerResponse) => {
      const job = pending.get(response.id);
      pending.delete(response.id);
      if (pending.size === 0) started.unref();
      if (response.type === 'done') job?.resolve(response.result);
      else job?.reject(errorOf(response.failure));
    });
    started.on('error', (error) => {
      log.error({ error: error.message }, 'the git worker died');
      abandon(new Error(`the git worker died: ${error.message}`, { cause: error }));
    });
    started.on('exit', () => {
      if (worker === started) abandon(new Error('the git worker ended'));
    });
    return started;
  };

  return {
    run<J extends Job>(job: J) {
      if (closed) return Promise.reject(new Error('the mirrors are closed'));
      worker ??= start();
      const target = worker;
      const request: WorkerRequest = { id: ++lastId, job };
      return new Promise<ResultOf<J>>((resolve, reject) => {
        pending.set(request.id, { resolve: resolve as Pending['resolve'], reject });
        target.ref();
        target.postMessage(request);
      });
    },
    async close() {
      closed = true;
      const ending = worker;
      abandon(new Error('the mirrors are closed'));
      await ending?.terminate();
    },
  };
}

function errorOf({ code, message, remedy, retry }: Failure): Error {
  if (code === null) return new Error(message);
  return new FairwayError(code, message, { retry, ...(remedy === undefined ? {} : { remedy }) });
}
