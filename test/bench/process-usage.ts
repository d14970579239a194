import { readFile } from 'node:fs/promises';

/** What Linux says of the memory of a process, in MiB. */
export interface Memory {
  /** Pages in memory, those of Node's binary included. */
  readonly resident: number;
  /** Of these what no file stands behind: the process's own. */
  readonly own: number;
}

/** The memory of a process now. */
export async function memoryOf(pid: number): Promise<Memory> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return { resident: mebibytes(rollup, 'Rss'), own: mebibytes(rollup, 'Anonymous') };
}

/** The most that a process has had resident since it began, in MiB. */
export async function peakOf(pid: number): Promise<number> {
  return mebibytes(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmHWM');
}

/** Seconds of CPU that a process has used. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function mebibytes(text: string, kind: string): number {
  return Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
}
