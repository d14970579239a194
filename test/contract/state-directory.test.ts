import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openAgentDirectory } from '../../agent/state/directory.ts';
import { openDiskState } from '../../agent/state/disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairway-directory-'));
const holders: ChildProcess[] = [];
afterAll(() => {
  for (const holder of holders) holder.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function holdElsewhere(directory: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./agent-directory-process.ts', import.meta.url));
  const holder = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, directory]);
  holders.push(holder);
  await once(holder.stdout, 'data');
  return holder;
}

describe("an agent's directory", () => {
  it('[X4] takes one agent: a second one hears which process has it', async () => {
    const own = join(folder, 'shared');
    const holder = await holdElsewhere(own);
    await expect(openAgentDirectory(own)).rejects.toMatchObject({
      code: 'data-directory-in-use',
      field: 'FAIRWAY_DATA_DIR',
      message: expect.stringContaining(`process ${holder.pid}`),
      remedy: expect.stringContaining('--data-dir'),
    });
  });

  it('[X1] is free as soon as the agent that had it is killed', async () => {
    const own = join(folder, 'killed');
    const holder = await holdElsewhere(own);
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
    const directory = await openAgentDirectory(own);
    await expect(openAgentDirectory(own)).rejects.toMatchObject({ code: 'data-directory-in-use' });
    directory.release();
    (await openAgentDirectory(own)).release();
  });

  it('holds no record but those of the state', async () => {
    const own = join(folder, 'names');
    const directory = await openAgentDirectory(own);
    const state = await openDiskState(directory.path);
    await state.write('a', Buffer.from('x'));
    expect(await state.list('')).toEqual(['a']);
    expect(readdirSync(own).sort()).toEqual(['a.state', 'agent.lock', 'agent.pid']);
    directory.release();
  });

  it('[X4] says what is wrong where it cannot be one', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')])
      await expect(openAgentDirectory(path)).rejects.toMatchObject({
        code: 'data-directory-unusable',
        field: 'FAIRWAY_DATA_DIR',
        message: expect.stringContaining(path),
      });
  });

  it('[X1] [X4] that cannot be written any more says so, and keeps what it has', async () => {
    const own = join(folder, 'full');
    const state = await openDiskState(own);
    await state.write('a', Buffer.from('old'));
    mkdirSync(join(own, 'a.state.tmp')); // Stands for a full disk, which no test can count on having.
    await expect(state.write('a', Buffer.from('new'))).rejects.toMatchObject({
      code: 'state-unwritable',
      retry: 'again',
      field: 'FAIRWAY_DATA_DIR',
      message: expect.stringContaining(own),
    });
    expect(String(await state.read('a'))).toBe('old');
    rmSync(join(own, 'a.state.tmp'), { recursive: true });
    await state.write('a', Buffer.from('new'));
    expect(String(await state.read('a'))).toBe('new');
  });
});
