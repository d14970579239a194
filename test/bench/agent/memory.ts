import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainedFleet, startContainedFleet } from '../contained-fleet.ts';
import type { Figure } from '../figure.ts';
import { cpuSecondsOf, memoryOf, peakOf } from '../process-usage.ts';

/** Shorter while one works on the agent; then the rows say so. Minutes. */
const idleMinutes = Number(process.env.FAIRWAY_BENCH_IDLE_MINUTES ?? 5);
/** The goals are in megabytes of 10⁶ bytes, what the kernel says in MiB. */
const megabytes = 2 ** 20 / 1e6;

/** Agents as their image runs them, with little and with much to keep, left alone for some minutes. */
export async function measureMemory(): Promise<Figure[]> {
  const fleet = await startContainedFleet();
  try {
    const agents = [await takeUp(fleet, 'small', 1, 80), await takeUp(fleet, 'large', 10, 160)];
    const before = await Promise.all(agents.map(({ pid }) => cpuSecondsOf(pid)));
    await sleep(idleMinutes * 60_000);
    const rows = await Promise.all(agents.map((agent, index) => rowsOf(agent, before[index] ?? Number.NaN)));
    return rows.flat();
  } finally {
    await fleet.stop();
  }
}

interface Keeping {
  readonly pid: number;
  readonly objects: number;
  /** MB that it may have resident when it idles. */
  readonly atMost: number;
  /** Seconds of CPU that taking them up took. */
  readonly cpu: number;
}

/** An agent that has just taken up so many applications of a thousand objects each, one after the other. */
async function takeUp(fleet: ContainedFleet, cluster: string, applications: number, atMost: number): Promise<Keeping> {
  const { pid } = await fleet.join(cluster);
  const before = await cpuSecondsOf(pid);
  for (let index = 0; index < applications; index++) {
    await fleet.declare(cluster, `${cluster}-${index}`, 1000);
    await fleet.applied(cluster, index + 1);
  }
  return { pid, objects: applications * 1000, atMost, cpu: (await cpuSecondsOf(pid)) - before };
}

async function rowsOf({ pid, objects, atMost, cpu }: Keeping, before: number): Promise<Figure[]> {
  const [{ resident, own }, peak, after] = [await memoryOf(pid), await peakOf(pid), await cpuSecondsOf(pid)];
  const what = `${objects} objects`;
  const idle = `after ${idleMinutes} idle minutes`;
  const goal = { atMost };
  return [
    { figure: `${what}: resident memory ${idle}`, value: resident * megabytes, unit: 'MB', goal },
    { figure: `${what}: of it the agent’s own (not Node’s binary)`, value: own * megabytes, unit: 'MB', goal: null },
    { figure: `${what}: most that it ever had resident`, value: peak * megabytes, unit: 'MB', goal: null },
    { figure: `${what}: CPU to take them up`, value: cpu, unit: 's', goal: null },
    { figure: `${what}: CPU over the idle minutes`, value: after - before, unit: 's', goal: null },
  ];
}
