import { configMap, devEnvironment } from '../../e2e/shop.ts';
import type { Figure } from '../figure.ts';
import type { Built } from './build.ts';
import { startGround, untilReported } from './ground.ts';

/** Many applications on many clusters, all of them changed by one commit. */
export async function measurePlacements(built: Built, clusters: number, applications: number): Promise<Figure[]> {
  const ground = await startGround(built, clusters, { 'environments/dev.yaml': devEnvironment });
  const placements = clusters * applications;
  try {
    ground.agents.connect(ground.hub.grpc);
    await ground.agents.untilConnected(10 * 60_000);
    const first = await untilReported(ground, await ground.push(all(applications, 1)), placements);
    const cpuBefore = await ground.cpuSeconds();
    const next = await untilReported(ground, await ground.push(all(applications, 2)), placements);
    const cpu = (await ground.cpuSeconds()) - cpuBefore;
    const { peak } = await ground.memory();
    const row = (figure: string, value: number, unit: string, atMost?: number): Figure => ({
      ...{ figure: `${clusters} clusters × ${applications} applications: ${figure}`, value, unit },
      goal: atMost === undefined || placements !== 50_000 ? null : { atMost },
    });
    return [
      row('new in one commit → assigned', first.assigned / 1_000, 's'),
      row('new in one commit → reported', first.reported / 1_000, 's', 60),
      row('changed by one commit → assigned', next.assigned / 1_000, 's'),
      row('changed by one commit → reported', next.reported / 1_000, 's', 60),
      row("hub's CPU for it", cpu, 's'),
      row("hub's resident memory, most", peak, 'MiB'),
    ];
  } finally {
    await ground.stop();
  }
}

function all(applications: number, round: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let index = 0; index < applications; index++) {
    const name = `app-${index}`;
    files[`apps/${name}/app.yaml`] = [
      'apiVersion: fairway.dev/v1',
      'kind: Application',
      `metadata: {name: ${name}}`,
      `spec: {environments: [dev], namespace: ${name}}`,
      '',
    ].join('\n');
    for (const part of ['settings', 'limits']) {
      files[`apps/${name}/${part}.yaml`] = configMap(`${name}-${part}`, { round: String(round) });
    }
  }
  return files;
}
