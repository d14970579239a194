import { parentPort } from 'node:worker_threads';
import { FairwayError, messageOf } from '../../../core/errors.ts';
import { deepen, fetchCommit, firstCommittedAt, initialise, markHead, remoteHead } from './fetch.ts';
import { authorsOf, lastChanges } from './history.ts';
import type { Failure, Job, JobResults, WorkerRequest, WorkerResponse } from './jobs.ts';
import { forgetPacks, readRawCommit } from './objects.ts';
import { pushCommit } from './push.ts';
import { descends, describeCommit, files, hasCommit, list, read, treeId } from './read.ts';
import { writeCommit, writeTree } from './write.ts';

/** Runs jobs beside the hub's main thread, which Git's packs would block for seconds. */

parentPort?.on('message', async ({ id, job }: WorkerRequest) => {
  try {
    const result = await run(job);
    answer({ id, type: 'done', result }, buffersOf(result));
  } catch (thrown) {
    answer({ id, type: 'failed', failure: failureOf(thrown) }, []);
  }
});

async function run(job: Job): Promise<JobResults[Job['type']]> {
  switch (job.type) {
    case 'remote-head':
      return remoteHead(job.remote, job.branch);
    case 'fetch':
      await fetchCommit(job.directory, job.remote, job.commit, job.branch);
      return undefined;
    case 'deepen':
      await deepen(job.directory, job.remote, job.branch);
      return undefined;
    case 'initialise':
      await initialise(job.directory);
      return undefined;
    case 'mark':
      await markHead(job.directory, job.commit, job.branch);
      return undefined;
    case 'first':
      return firstCommittedAt(job.directory, job.branch);
    case 'refresh':
      forgetPacks(job.directory);
      return undefined;
    case 'has':
      return hasCommit(job.directory, job.commit);
    case 'commit':
      return describeCommit(job.directory, job.commit);
    case 'descends':
      return descends(job.directory, job.commit, job.ancestor);
    case 'tree-id':
      return treeId(job.directory, job.commit, job.path);
    case 'list':
      return list(job.directory, job.commit, job.path);
    case 'read':
      return read(job.directory, job.commit, job.path);
    case 'files':
      return files(job.directory, job.commit, job.path, job.wanted);
    case 'raw-commit':
      return readRawCommit(job.directory, job.commit);
    case 'last-changes':
      return lastChanges(job.directory, job.commit, job.path);
    case 'authors':
      return authorsOf(job.directory, job.commit, job.path, job.since);
    case 'write-tree':
      return writeTree(job.directory, job.base, job.files);
    case 'write-commit':
      return writeCommit(job.directory, job.content);
    case 'push':
      return pushCommit(job.directory, job.remote, job.commit, job.branch, job.force);
  }
}

function answer(response: WorkerResponse, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(response, transfer);
}

/** Contents are handed over, not copied. */
function buffersOf(result: JobResults[Job['type']]): ArrayBuffer[] {
  const contents = result instanceof Uint8Array ? [result] : result instanceof Map ? [...result.values()] : [];
  return contents.map(({ buffer }) => buffer as ArrayBuffer);
}

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof FairwayError)) return { code: null, message: messageOf(thrown), retry: 'again' };
  const { code, message, remedy, retry } = thrown;
  return { code, message, remedy, retry };
}
