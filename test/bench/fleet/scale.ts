import { setTimeout as sleep } from 'node:timers/promises';
import { devEnvironment } from '../../e2e/shop.ts';
import type { Figure } from '../figure.ts';
import type { Built } from './build.ts';
import { startGround, untilReported } from './ground.ts';
import { shop } from './shop.ts';

const goals: Readonly<Record<number, { commit?: number; resync?: number; memory: number }>> = {
  1000: { commit: 10, resync: 15, memory: 500 },
  10000: { memory: 1_500 },
};
const minute = 60_000;

/**
 * So many agents, one application: all come at once, get a commit and report it; the hub is killed and started, and
 * all come back and get another. Nothing is lost where every agent has reported both.
 */
export async function measureScale(built: Built, agents: number): Promise<Figure[]> {
  const ground = await startGround(built, agents, { 'environments/dev.yaml': devEnvironment });
  const goal = goals[agents];
  const row = (figure: string, value: number, unit: string, atMost?: number): Figure => ({
    ...{ figure: `${agents} agents: ${figure}`, value, unit },
    goal: atMost === undefined ? null : { atMost },
  });
  try {
    const bare = await ground.agents.shakeHands(ground.hub.dataDir);
    const cpuAtFirst = await ground.cpuSeconds();
    const connectedIn = await timeOf(() => ground.agents.connect(ground.hub.grpc), ground);
    const cpuConnected = await ground.cpuSeconds();

    const first = await untilReported(ground, await ground.push(shop(1)), agents);
    const second = await untilReported(ground, await ground.push(shop(2)), agents);
    const cpuReported = await ground.cpuSeconds();
    const busy = await ground.memory();
    await sleep(10_000);
    const calm = await ground.memory();

    await ground.hub.stop('SIGKILL');
    const killedAt = performance.now();
    await ground.hub.start();
    const ready = (performance.now() - killedAt) / 1_000;
    // They notice one after another that the hub was gone: all are back once the hub counts all.
    await untilHeld(ground, agents);
    const resynced = (performance.now() - killedAt) / 1_000;
    const again = await untilReported(ground, await ground.push(shop(3)), agents);

    return [
      row('bare handshakes, all at once', bare, 's'),
      row('connect, all at once', connectedIn, 's'),
      row("hub's CPU to connect 1,000", ((cpuConnected - cpuAtFirst) / agents) * 1_000, 's'),
      row('first commit → assigned on all', first.assigned / 1_000, 's'),
      row('first commit → reported on all', first.reported / 1_000, 's', goal?.commit),
      row('next commit → assigned on all', second.assigned / 1_000, 's'),
      row('next commit → reported on all', second.reported / 1_000, 's', goal?.commit),
      row("hub's CPU for a commit on 1,000", ((cpuReported - cpuConnected) / 2 / agents) * 1_000, 's'),
      row("hub's resident memory, most", busy.peak, 'MiB', goal?.memory),
      row("hub's resident memory, at rest", calm.now, 'MiB'),
      row('hub killed → ready again', ready, 's'),
      row('hub killed → all resynced', resynced, 's', goal?.resync),
      row('after that, commit → reported on all', again.reported / 1_000, 's'),
      row('agents that lost anything', agents - (await untouched(ground)), '', 0),
    ];
  } finally {
    await ground.stop();
  }
}

type Ground = Awaited<ReturnType<typeof startGround>>;

async function timeOf(begin: () => void, { agents }: Ground): Promise<number> {
  const startedAt = performance.now();
  begin();
  return ((await agents.untilConnected(30 * minute)) - startedAt) / 1_000;
}

/** Waits until the hub holds a stream of every agent. */
async function untilHeld({ hub, agents, clusters }: Ground, count: number): Promise<void> {
  for (;;) {
    const response = await fetch(`${hub.url}/metrics`).catch(() => null);
    const held = Number(/^fairway_hub_connected_agents(?:{[^}]*})? (\d+)/m.exec((await response?.text()) ?? '')?.[1]);
    if (held === count && agents.connected() === clusters.length) return;
    await sleep(100);
  }
}

/** Agents whose every event of three commits is stored, in order and without a hole. */
async function untouched({ query }: Ground): Promise<number> {
  const rows = await query<{ count: string }>(
    `select count(*) as count from (
       select cluster from events where epoch is not null group by cluster
       having count(*) = 3 and max(sequence) = 3 and count(distinct epoch) = 1) whole
     join clusters c on c.name = whole.cluster where c.events_dropped = 0`,
  );
  return Number(rows[0]?.count);
}
