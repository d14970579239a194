import type { Figure } from '../figure.ts';
import { type Built, buildProgram } from './build.ts';
import { measurePlacements } from './placements.ts';
import { measureScale } from './scale.ts';
import { measureStages } from './stages.ts';

/** The sizes that the goals are for. Each can be made smaller, or left out with 0, by its variable. */
const sizes = {
  stages: process.env.FAIRWAY_BENCH_STAGES ?? '100',
  agents: process.env.FAIRWAY_BENCH_AGENTS ?? '1000,10000',
  placements: process.env.FAIRWAY_BENCH_PLACEMENTS ?? '500x100',
};

interface Scenario {
  readonly name: string;
  /** Of clusters; 0: it is left out. */
  readonly size: number;
  measure(built: Built): Promise<Figure[]>;
}

function scenarios(): Scenario[] {
  const stages = Number(sizes.stages);
  const [clusters = 0, applications = 0] = sizes.placements.split('x').map(Number);
  return [
    { name: `${stages} clusters in three stages`, size: stages, measure: (built) => measureStages(built, stages) },
    ...sizes.agents.split(',').map((size) => ({
      name: `${size} agents`,
      size: Number(size),
      measure: (built: Built) => measureScale(built, Number(size)),
    })),
    {
      name: `${clusters} clusters × ${applications} applications`,
      size: clusters * applications,
      measure: (built) => measurePlacements(built, clusters, applications),
    },
  ];
}

/** What a fleet takes of a hub. */
export async function measureFleet(): Promise<Figure[]> {
  const built = await buildProgram();
  try {
    const figures: Figure[] = [];
    for (const { name, size, measure } of scenarios()) {
      if (size === 0) continue;
      process.stderr.write(`fleet: ${name} …\n`);
      figures.push(...(await measure(built)));
    }
    return figures;
  } finally {
    await built.remove();
  }
}
