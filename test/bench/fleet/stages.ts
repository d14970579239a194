import { until } from '../../until.ts';
import type { Figure } from '../figure.ts';
import type { Built } from './build.ts';
import { startGround } from './ground.ts';
import { shop } from './shop.ts';

const rounds = 3;

/** Three waves, each of which waits for the health of the one before: from a push to a settled release. */
export async function measureStages(built: Built, clusters: number): Promise<Figure[]> {
  const ground = await startGround(built, clusters, { 'environments/dev.yaml': environment });
  try {
    ground.agents.connect(ground.hub.grpc);
    await ground.agents.untilConnected(10 * 60_000);
    const took: number[] = [];
    for (let round = 0; round <= rounds; round++) took.push(await untilSettled(ground, await ground.push(shop(round))));
    // The first one brings the application there, and the hub's code to speed.
    const [first = Number.NaN, ...others] = took;
    const figure = `${clusters} clusters in three stages`;
    const goal = clusters === 100 ? { atMost: 10 } : null;
    return [
      { figure: `${figure}: first commit → settled`, value: first / 1_000, unit: 's', goal: null },
      {
        figure: `${figure}: commit → settled, the slowest of ${rounds}`,
        value: Math.max(...others) / 1_000,
        unit: 's',
        goal,
      },
    ];
  } finally {
    await ground.stop();
  }
}

/** @returns milliseconds from the push to the end of its rollout */
async function untilSettled(
  { query, hub }: Awaited<ReturnType<typeof startGround>>,
  { commit, at }: { readonly commit: string; readonly at: number },
): Promise<number> {
  const look = () =>
    query<{ state: string; ended_at: Date | null; wait: unknown }>(
      `select state, ended_at, wait from rollouts where split_part(release, '@', 2) = $1 order by id desc limit 1`,
      [commit.slice(0, 12)],
    );
  let endedAt: Date | null = null;
  await until(
    async () => {
      const [rollout] = await look();
      if (rollout?.state === 'completed') endedAt = rollout.ended_at;
      return endedAt !== null;
    },
    {
      what: `${commit.slice(0, 12)} is settled`,
      within: 300_000,
      every: 100,
      describe: async () => JSON.stringify(await look()) + hub.output().slice(-2_000),
    },
  );
  return (endedAt as unknown as Date).getTime() - at;
}

const environment = `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: dev}
spec:
  clusters: {matchLabels: {env: dev}}
  rollout:
    waves: [{name: canary, percent: 1}, {name: quarter, percent: 25}, {name: rest}]
    maxUnavailable: 100%
`;
