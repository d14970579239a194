import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis } from '../redis.ts';
import { until } from '../until.ts';
import { type ClusteredFleet, startClusteredFleet } from './clustered-fleet.ts';

/** Three replicas as processes, on a PostgreSQL and a Redis; twelve agents over gRPC and mutual TLS. */
describe.skipIf(!hasRedis())('several replicas', () => {
  let fleet: ClusteredFleet;
  const agents = 12;

  beforeAll(async () => {
    fleet = await startClusteredFleet({ replicas: 3, agents });
  }, 240_000);
  afterAll(() => fleet?.stop(), 60_000);

  const sum = (counts: readonly (number | null)[]) => counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  const untilAllAreConnected = () =>
    until(async () => sum(await fleet.connected()) === agents, {
      what: 'every agent is connected once',
      within: 60_000,
      describe: async () => JSON.stringify(await fleet.connected()),
    });

  /** What R11 and L3 say of any history, whatever was killed in it. */
  async function expectOneHistory(): Promise<void> {
    const assigned = await fleet.query<{ cluster: string; release: string; times: string }>(
      `select cluster, release, count(*) as times from ledger where action = 'placement.assign' group by 1, 2 having count(*) > 1`,
    );
    expect(assigned).toEqual([]);
    const generations = await fleet.query<{ cluster: string }>(
      `select p.cluster from placements p where p.generation <>
         (select count(*) from ledger l where l.action = 'placement.assign' and l.cluster = p.cluster)`,
    );
    expect(generations).toEqual([]);
    const holes = await fleet.query<{ cluster: string }>(
      `select cluster from events where epoch is not null group by cluster, epoch
       having count(*) <> max(sequence) or min(sequence) <> 1`,
    );
    expect(holes).toEqual([]);
    const dropped = await fleet.query(`select name from clusters where events_dropped > 0`);
    expect(dropped).toEqual([]);
  }

  it('share the agents, and each commit reaches those of all', async () => {
    await untilAllAreConnected();
    for (const count of await fleet.connected()) expect(count).toBeGreaterThan(0);
    await fleet.untilRuns(await fleet.push('to all'), 'to all');
    await expectOneHistory();
  });

  it.each([0, 1, 2])(
    '[X1, R11] replica %i, killed while a commit comes, leaves its agents and its work to the others',
    async (index) => {
      const hub = fleet.hubs[index];
      const commit = await fleet.push(`without ${index}`);
      await hub?.stop('SIGKILL');
      await fleet.untilRuns(commit, `without ${index}`);
      await untilAllAreConnected();
      expect((await fleet.connected())[index]).toBeNull();
      await hub?.start();
      await expectOneHistory();
    },
  );

  it('[R11] restarted one after the other under a stream of commits, lose nothing', async () => {
    let going = true;
    let last = { commit: '', greeting: '' };
    const commits = (async () => {
      for (let number = 1; going; number++) {
        const greeting = `commit ${number}`;
        last = { commit: await fleet.push(greeting), greeting };
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    })();
    for (const hub of fleet.hubs) {
      expect(await hub.stop('SIGTERM')).toBe(0);
      await untilAllAreConnected();
      await hub.start();
    }
    going = false;
    await commits;
    await fleet.untilRuns(last.commit, last.greeting);
    await untilAllAreConnected();
    await expectOneHistory();
  });

  it('[R9, X1] go on when PostgreSQL fails and Redis comes back empty while a commit comes', async () => {
    const commit = await fleet.push('after both');
    await Promise.all([fleet.postgres.restart(), fleet.redis.restart()]);
    await fleet.untilRuns(commit, 'after both');
    await untilAllAreConnected();
    await expectOneHistory();
  });

  it('[T3] end the streams of a revoked cluster on whichever replica they are', async () => {
    const [cluster = ''] = fleet.clusters;
    const rows = await fleet.query<{ replica: string }>(`select replica from clusters where name = $1`, [cluster]);
    const other = fleet.hubs.find(({ grpc }) => !rows[0]?.replica.endsWith(grpc.split(':')[1] ?? ''));
    const authorization = `Bearer ${await (fleet.hubs[0] as { token(): Promise<string> }).token()}`;
    const response = await fetch(`${other?.url}/api/v1/clusters/${cluster}/revoke`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBeLessThan(300);
    await until(async () => sum(await fleet.connected()) === agents - 1, {
      what: 'its stream is closed',
      within: 10_000,
    });
  });
});
