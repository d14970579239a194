import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../cli/program.ts';
import { readClusters } from '../../../hub/link/read.ts';
import { seedFleet } from './fleet.ts';
import { startTestApi, type TestApi } from './harness.ts';

/** A person's word on deleting more than half of an application, and how it reaches the agents. */
describe('approving a prune', () => {
  let api: TestApi;
  const release = `shop@${'a'.repeat(12)}`;
  const path = 'clusters/prod-1/placements/shop/prune-approval';
  const assigned = async (cluster: string, application: string) => {
    const known = await readClusters(api.database.db, [cluster]);
    return known.get(cluster)?.desired.assignments.get(application);
  };
  const ledger = async () => (await api.ask('GET', 'audit?subject=application%2Fshop')).body.items;

  beforeAll(async () => {
    api = await startTestApi();
    await seedFleet(api.database.db);
  });
  afterAll(() => api.stop());

  it('[A6] is refused where nothing waits, where the release has moved on, and where nothing is placed', async () => {
    const cases: [path: string, body: unknown, status: number, code: string, field?: string][] = [
      [path, { release }, 409, 'prune-not-held'],
      [path, { release: 'shop@000000000000' }, 409, 'release-moved', 'release'],
      [path, {}, 400, 'request-invalid', 'release'],
      ['clusters/prod-1/placements/nothing/prune-approval', { release }, 404, 'placement-not-found'],
      ['clusters/nowhere/placements/shop/prune-approval', { release }, 404, 'placement-not-found'],
    ];
    for (const [to, body, status, code, field] of cases) {
      const answer = await api.ask('POST', to, { body });
      expect([answer.status, answer.body.code, answer.body.field], to).toEqual([status, code, field]);
    }
    expect(await api.database.db.selectFrom('prune_approvals').selectAll().execute()).toEqual([]);
    expect(await ledger()).toEqual([]);
  });

  it('[A6, T5] takes the role of an approver, within the environment', async () => {
    const developer = await api.token('developer');
    expect((await api.ask('POST', path, { token: developer, body: { release } })).status).toBe(403);
    const elsewhere = await api.token('approver', { environments: ['dev'] });
    expect((await api.ask('POST', path, { token: elsewhere, body: { release } })).status).toBe(404);
  });

  it('[A6, U1] holds once for the release and the environment, and reaches its clusters’ assignments', async () => {
    await hold(api, 'prod-1');
    expect(await assigned('prod-1', 'shop')).toMatchObject({ pruneApproved: false });
    const token = await api.token('approver', { environments: ['prod'], tenants: ['storefront'] });
    const answer = await api.ask('POST', path, { token, body: { release } });
    expect(answer).toMatchObject({ status: 200, body: { environment: 'prod', application: 'shop', release } });
    expect(answer.body.clusters).toEqual(['prod-1', 'prod-2']);
    for (const cluster of ['prod-1', 'prod-2'])
      expect(await assigned(cluster, 'shop')).toMatchObject({ pruneApproved: true });
    expect(await assigned('prod-1', 'ledger')).toMatchObject({ pruneApproved: false });
    expect(await assigned('dev-1', 'shop')).toMatchObject({ pruneApproved: false });

    expect((await api.ask('POST', path, { body: { release } })).body).toEqual(answer.body);
    expect(await ledger()).toMatchObject([
      { action: 'prune.approve', environment: 'prod', application: 'shop', release, cluster: 'prod-1' },
    ]);
  });

  it('[A6] is given from the command line, which says what will go and where', async () => {
    await hold(api, 'dev-1');
    const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const run = async (...args: string[]) => {
      const lines: string[] = [];
      const write = (text: string) => void lines.push(text);
      const silent = { redraw: write, style: (_: unknown, text: string) => text };
      const nobody = { readPiped: async () => null, askSecret: async () => null };
      const terminal = { print: write, note: write, ...silent, ...nobody };
      const environment = { FAIRWAY_URL: url, FAIRWAY_TOKEN: await api.token('operator') };
      return { code: await runProgram(args, environment, terminal), text: lines.join('\n') };
    };
    expect(await run('approve', 'prune', 'dev-1', 'nothing')).toMatchObject({ code: 4 });
    const { code, text } = await run('approve', 'prune', 'dev-1', 'shop');
    expect([code, text]).toEqual([
      0,
      `${release} may delete what it no longer has, in dev: dev-1.\n  ConfigMap shop/left`,
    ]);
    expect(await assigned('dev-1', 'shop')).toMatchObject({ pruneApproved: true });
  });

  it('[A10, T7] what a cluster may receive stands in each of its assignments, with nothing left out', async () => {
    await api.ask('PUT', 'clusters/prod-2/allow', { body: { namespaces: ['shop'] } });
    expect(await assigned('prod-2', 'shop')).toMatchObject({ allow: { kinds: ['*/*'], namespaces: ['shop'] } });
    await api.ask('DELETE', 'clusters/prod-2/allow');
    expect(await assigned('prod-2', 'shop')).toMatchObject({ allow: null });
  });
});

/** As the agent of a cluster reports a deletion that waits. */
async function hold({ database: { db } }: TestApi, cluster: string): Promise<void> {
  const row = await db
    .selectFrom('placements')
    .select('reported')
    .where('cluster', '=', cluster)
    .where('application', '=', 'shop')
    .executeTakeFirstOrThrow();
  const object = { group: '', kind: 'ConfigMap', namespace: 'shop', name: 'left' };
  const problem = { object, code: 'prune-held', field: null, message: 'it waits', health: null };
  await db
    .updateTable('placements')
    .set({ reported: JSON.stringify({ ...row.reported, problems: [problem] }) })
    .where('cluster', '=', cluster)
    .where('application', '=', 'shop')
    .execute();
}
