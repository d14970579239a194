import type { Figure } from '../figure.ts';
import { buildProgram } from './build.ts';
import { measurePlacements } from './placements.ts';
import { measureScale } from './scale.ts';
import { measureStages } from './stages.ts';

/** The sizes that the goals are for. Each can be made smaller, or left out with 0, by its variable. */
const sizes = {
  stages: process.env.FAIRWAY_BENCH_STAGES ?? '100',
  agents: process.env.FAIRWAY_BENCH_AGENTS ?? '1000,10000',
  placements: process.env.FAIRWAY_BENCH_PLACEMENTS ?? '500x100',
};

/** What a fleet takes of a hub. */
export async function measureFleet(): Promise<Figure[]> {
  const built = await buildProgram();
  try {
    const figures: Figure[] = [];
    const stages = Number(sizes.stages);
    if (stages > 0) figures.push(...(await measureStages(built, stages)));
    for (const agents of sizes.agents.split(',').map(Number)) {
      if (agents > 0) figures.push(...(await measureScale(built, agents)));
    }
    const [clusters = 0, applications = 0] = sizes.placements.split('x').map(Number);
    if (clusters * applications > 0) figures.push(...(await measurePlacements(built, clusters, applications)));
    return figures;
  } finally {
    await built.remove();
  }
}
