import { type Figure, report } from './figure.ts';

/** `npm run bench -- NAME…`; no name: all. Ends with 1 where a goal is missed or a benchmark could not be run. */
const benchmarks: Readonly<Record<string, () => Promise<Figure[]>>> = {
  main: async () => (await import('./main-path.ts')).measureMainPath(),
  agent: async () => (await import('./agent/agent.ts')).measureAgent(),
  fleet: async () => (await import('./fleet/fleet.ts')).measureFleet(),
  bundle: async () => (await import('./agent-bundle.ts')).measureAgentBundle(),
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  process.stderr.write(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}\n`);
  process.exit(2);
}
let allMet = true;
for (const [name, measure] of Object.entries(benchmarks)) {
  if (named.length > 0 && !named.includes(name)) continue;
  try {
    allMet = report(name, await measure()) && allMet;
  } catch (error) {
    process.stderr.write(`${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}\n`);
    allMet = false;
  }
}
process.exit(allMet ? 0 : 1);
