import type { Figure } from '../figure.ts';
import { measureApplyRate } from './apply-rate.ts';
import { measureDrifts } from './drifts.ts';
import { measureFaults } from './faults.ts';
import { measureMemory } from './memory.ts';

/** What the agent takes and how fast it is, against a real API server, one measurement after the other. */
export async function measureAgent(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const measure of [measureApplyRate, measureDrifts, measureMemory, measureFaults])
    figures.push(...(await measure()));
  return figures;
}
