import { bounded } from '../../../agent/reconcile/bounded.ts';
import { runSeed } from '../../kube/faults/run-seed.ts';
import { openGround } from '../../kube/ground.ts';
import type { Figure } from '../figure.ts';

const seeds = 100;
const atATime = 6;

/** The fault harness with many seeds. One that does not end equal is named, to be looked at again by itself. */
export async function measureFaults(): Promise<Figure[]> {
  const { ground, cluster, close } = await openGround('bench-faults');
  try {
    const all = Array.from({ length: seeds }, (_, index) => index + 1);
    const results = await bounded(all, atATime, (seed) => runSeed(cluster, ground, seed));
    for (const { seed, wrong } of results)
      if (wrong.length > 0) process.stderr.write(`FAIRWAY_FAULT_SEED=${seed}: ${wrong.join('; ')}\n`);
    const equal = results.filter(({ wrong }) => wrong.length === 0).length;
    const faults = results.flatMap((result) => [...result.faults.values()]).reduce((sum, count) => sum + count, 0);
    return [
      { figure: `fault harness: of ${seeds} seeds, end equal`, value: equal, unit: '', goal: { atLeast: seeds } },
      { figure: 'fault harness: faults in all', value: faults, unit: '', goal: null },
    ];
  } finally {
    await close();
  }
}
