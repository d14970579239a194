import { setTimeout as sleep } from 'node:timers/promises';
import { startContainedFleet } from './contained-fleet.ts';
import { type Figure, quantile } from './figure.ts';
import { cpuSecondsOf, type Memory, memoryOf } from './process-usage.ts';

const objects = 1000;
/** V8 gives memory back some seconds after the work is done. Milliseconds. */
const calm = 30_000;

/**
 * What the agent's image takes: the image as a folder, its own command, a service account's token, its state in
 * Secrets; a real hub, a real API server. Resident memory is what Linux says, the pages of Node's binary included;
 * the rest is the agent's own.
 */
export async function measureAgentBundle(): Promise<Figure[]> {
  const fleet = await startContainedFleet();
  try {
    const { pid, bytes, joining } = await fleet.join('eu');
    const idle = await restingMemory(pid);
    const before = await cpuSecondsOf(pid);
    await fleet.declare('eu', 'shop', objects);
    await fleet.applied('eu', 1);
    const cpu = (await cpuSecondsOf(pid)) - before;
    const busy = await restingMemory(pid);
    return [
      { figure: 'size of the one file', value: bytes / 2 ** 20, unit: 'MiB', goal: null },
      { figure: 'start → connected, joining included', value: joining / 1000, unit: 's', goal: null },
      { figure: 'resident memory, connected and idle', value: idle.resident, unit: 'MiB', goal: { atMost: 64 } },
      { figure: 'of it the agent’s own (not Node’s binary)', value: idle.own, unit: 'MiB', goal: null },
      { figure: `CPU to take up ${objects} objects`, value: cpu, unit: 's', goal: null },
      { figure: `resident memory, ${objects} objects kept`, value: busy.resident, unit: 'MiB', goal: null },
      { figure: 'of it the agent’s own (not Node’s binary)', value: busy.own, unit: 'MiB', goal: null },
    ];
  } finally {
    await fleet.stop();
  }
}

/** The medians of ten seconds, once the process has come to rest. */
async function restingMemory(pid: number): Promise<Memory> {
  await sleep(calm);
  const samples: Memory[] = [];
  for (let index = 0; index < 10; index++) {
    await sleep(1000);
    samples.push(await memoryOf(pid));
  }
  const median = (of: (memory: Memory) => number) => quantile(samples.map(of), 0.5);
  return { resident: median(({ resident }) => resident), own: median(({ own }) => own) };
}
