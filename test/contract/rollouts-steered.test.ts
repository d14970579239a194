import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FairwayError } from '../../core/errors.ts';
import { writePruneApproval } from '../../hub/fleet/approve-prune.ts';
import { readClusters } from '../../hub/link/read.ts';
import { overrideGate } from '../../hub/promotions/commands.ts';
import {
  abortRollout,
  approveWave,
  pauseRollout,
  resumeRollout,
  retryRollout,
  rollBackRollout,
  skipCluster,
} from '../../hub/rollouts/commands.ts';
import { startRollout } from '../../hub/rollouts/start.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { configMap } from '../e2e/shop.ts';
import { startHubCore } from '../sim/hub-core.ts';
import {
  applicationYaml,
  neverReady,
  prodEnvironment,
  type RolloutScene,
  type RolloutState,
  startRolloutScene,
} from '../sim/rollout-scene.ts';
import { until } from '../until.ts';

const actor = 'user:lead@example.com';
const reason = null;
const approved = '{waves: [{name: canary, count: 1}, {name: rest, approval: true}], progressDeadline: 2s}';

/** Rollouts as people and circumstances steer them. */
describe('a rollout that is steered', () => {
  let scene: RolloutScene;
  let server: TestDatabase;

  // Keeps the server that the scenes' databases are in.
  beforeAll(async () => {
    server = await startTestDatabase();
  });
  afterAll(() => server?.stop());
  afterEach(() => scene?.stop());

  const start = (rollout: string, options: Parameters<typeof startRolloutScene>[2] = {}, extra = '') =>
    startRolloutScene(prodEnvironment(rollout, extra), ['c1', 'c2', 'c3'], options);
  const context = () => scene.hub().rollouts;
  /** The first release, through its gate. */
  const begin = async (): Promise<string> => {
    const { id, release } = await waiting('approval');
    await approveWave(context(), { rollout: id, actor, reason, wave: null });
    await ended(release, 'completed');
    return release;
  };
  const waiting = (on: string) =>
    scene.untilRollout(`it waits for ${on}`, ({ wait, state }) => state === 'running' && wait?.on === on);
  const ended = (release: string, state: string): Promise<RolloutState> =>
    scene.untilRollout(`${release} is ${state}`, (rollout) => rollout.release === release && rollout.state === state);
  /** What is never ready by itself is so there, once it is there. */
  const getWell = async (...names: readonly string[]) => {
    const web = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
    const ready = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    for (const name of names) {
      const cluster = scene.agents.get(name)?.cluster;
      const isThere = () => cluster?.objects().some(({ kind }) => kind === web.kind) === true;
      await until(isThere, { what: `${name} has it` });
      await cluster?.setStatus(web, () => ready);
    }
  };
  const ledger = async (id: number) => {
    const rows = await scene.database.db
      .selectFrom('ledger')
      .select(['action', 'actor'])
      .where('subject', '=', `rollout/${id}`)
      .orderBy('id')
      .execute();
    return rows.map((row) => `${row.action} ${row.actor}`);
  };

  /** The releases of shop whose deletions a person has approved. */
  const words = async () => {
    const rows = await scene.database.db.selectFrom('prune_approvals').select('release').orderBy('release').execute();
    return rows.map(({ release }) => release);
  };
  const say = (release: string) =>
    scene.database.db.transaction().execute((transaction) => {
      const word = { environment: 'prod', application: 'shop', release, actor, promotion: null };
      return writePruneApproval(transaction, word, null);
    });
  /** Whether the agents are told that a release of shop may delete. */
  const mayDelete = async (release: string) => {
    const known = await readClusters(scene.database.db, ['c1', 'c2', 'c3']);
    const assigned = [...known.values()].map(({ desired }) => desired.assignments.get('shop'));
    return assigned.map((one) => one?.release === release && one.pruneApproved);
  };

  it('[R4, R7, U1] waits for a person at a gate, is paused and goes on; each word once, with its ledger row', async () => {
    scene = await start(approved);
    await begin();
    const second = await scene.release();
    const { id, clusters } = await waiting('approval');
    expect(clusters).toEqual({ c1: 'healthy', c2: 'pending', c3: 'pending' });
    for (const _ of [1, 2]) await pauseRollout(context(), { rollout: id, actor, reason: 'lunch' });
    expect((await scene.rollout()).reason).toBe(`paused by ${actor}: lunch`);
    for (const _ of [1, 2]) await approveWave(context(), { rollout: id, actor, reason, wave: 'rest' });
    await context().loops.wake('rollout', String(id));
    for (const _ of [1, 2]) await resumeRollout(context(), { rollout: id, actor, reason });
    await ended(second, 'completed');
    expect(await ledger(id)).toEqual([
      'rollout.start hub',
      `rollout.pause ${actor}`,
      `rollout.approve ${actor}`,
      `rollout.resume ${actor}`,
      'rollout.complete hub',
    ]);
    await expect(pauseRollout(context(), { rollout: id, actor, reason })).rejects.toThrow('has ended');
    await expect(pauseRollout(context(), { rollout: 999, actor, reason })).rejects.toThrow(FairwayError);
  });

  it('[R7] hands nothing more out once it is paused, and goes on where it was resumed', async () => {
    scene = await start('{waves: [{name: all}], maxUnavailable: 3, progressDeadline: 1h}', { rolloutRate: 1 });
    await scene.untilRollout('the first release is settled', ({ state }) => state === 'completed');
    const second = await scene.release();
    const given = async () => {
      const rows = await scene.database.db
        .selectFrom('rollout_clusters')
        .innerJoin('rollouts', 'rollouts.id', 'rollout_clusters.rollout')
        .select('cluster')
        .where('release', '=', second)
        .where('handed_out_at', 'is not', null)
        .execute();
      return rows.map(({ cluster }) => cluster).toSorted();
    };
    await until(async () => (await given()).length > 0, { what: 'the first of them is handed out' });
    const { id } = await scene.rollout();
    await pauseRollout(context(), { rollout: id, actor, reason: 'errors in checkout' });
    const before = await given();
    expect(before.length).toBeLessThan(3);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await given()).toEqual(before);
    const { clusters } = await scene.rollout();
    for (const name of ['c1', 'c2', 'c3']) expect(clusters[name] === 'due').toBe(!before.includes(name));
    await resumeRollout(context(), { rollout: id, actor, reason });
    await ended(second, 'completed');
    expect(await given()).toEqual(['c1', 'c2', 'c3']);
  });

  it('[R7] is aborted where it is: no cluster moves, in either direction', async () => {
    scene = await start(approved);
    const first = await begin();
    const second = await scene.release();
    const { id } = await waiting('approval');
    for (const _ of [1, 2]) await abortRollout(context(), { rollout: id, actor, reason: 'enough' });
    expect((await scene.rollout()).state).toBe('aborted');
    const [said] = await scene.database.db
      .selectFrom('ledger')
      .select('detail')
      .where('action', '=', 'rollout.abort')
      .execute();
    expect(said?.detail).toMatchObject({ runs: { [first]: ['c2', 'c3'], [second]: ['c1'] } });
    await context().loops.wake('placement', 'shop');
    await scene.addCluster('c4');
    await until(async () => (await scene.placed()).c4 === first, { what: 'a cluster that joins gets what is settled' });
    expect(await scene.placed()).toEqual({ c1: second, c2: first, c3: first, c4: first });
  });

  it('[R2, R6] gives way to another without moving anything back, and that one returns all to what is settled', async () => {
    scene = await start(approved);
    const first = await begin();
    const second = await scene.release();
    await waiting('approval');
    const { db } = scene.database;
    const asked = { environment: 'prod', application: 'shop', kind: 'release', release: second } as const;
    const begun = { startedBy: actor, traceparent: null };
    const beside = db
      .transaction()
      .execute((transaction) => startRollout(transaction, { ...asked, ...begun, promotion: null, supersede: false }));
    await expect(beside).rejects.toThrow('under way');
    const id = await db.transaction().execute(async (transaction) => {
      const ended = { state: 'superseded', ended_at: new Date() } as const;
      await transaction.updateTable('promotions').set(ended).where('state', '=', 'rolling-out').execute();
      const promotion = await transaction
        .insertInto('promotions')
        .values({ ...asked, origin: 'request', state: 'rolling-out', requested_by: actor })
        .returning('id')
        .executeTakeFirstOrThrow();
      const request = { ...asked, ...begun, promotion: promotion.id, supersede: true };
      const rollout = await startRollout(transaction, request);
      await transaction.updateTable('promotions').set({ rollout }).where('id', '=', promotion.id).execute();
      return rollout;
    });
    await context().loops.wake('rollout', String(id));
    const { clusters } = await waiting('approval');
    expect(clusters).toEqual({ c1: 'healthy', c2: 'pending', c3: 'pending' });
    expect(await scene.placed()).toEqual({ c1: second, c2: first, c3: first });
    const states = await db.selectFrom('rollouts').select('state').orderBy('id').execute();
    expect(states.map(({ state }) => state)).toEqual(['completed', 'superseded', 'running']);
    await rollBackRollout(context(), { rollout: id, actor, reason });
    await ended(second, 'rolled-back');
    expect(await scene.placed()).toEqual({ c1: first, c2: first, c3: first });
  });

  it('[R3] takes the place of another without making more clusters unavailable than both of them may', async () => {
    scene = await start('{waves: [{name: all}], maxUnavailable: 1, progressDeadline: 1h}');
    await scene.untilRollout('the first release is settled', ({ state }) => state === 'completed');
    const second = await scene.release({ 'apps/shop/web.yaml': neverReady });
    await getWell('c1');
    await scene.untilRollout(
      'c1 is healthy, and c2 on its way',
      ({ release, clusters }) => release === second && clusters.c1 === 'healthy' && clusters.c2 === 'updating',
    );
    await until(async () => (await scene.placed()).c2 === second, { what: 'c2 is handed it' });
    const third = await scene.release();
    const { db } = scene.database;
    const known = db.selectFrom('releases').select('id').where('id', '=', third);
    await until(async () => (await known.executeTakeFirst()) !== undefined, { what: 'the next release is there' });
    const request = { environment: 'prod', application: 'shop', promotion: null, kind: 'release' } as const;
    const id = await db
      .transaction()
      .execute((transaction) =>
        startRollout(transaction, { ...request, release: third, startedBy: actor, traceparent: null, supersede: true }),
      );
    await context().loops.wake('rollout', String(id));
    const { clusters } = await scene.untilRollout(
      'the next one has given its turns',
      ({ release, wait }) => release === third && wait?.on === 'progress',
    );
    expect(clusters).toEqual({ c1: 'due', c2: 'updating', c3: 'due' });
    const { rows } = await sql<{ cluster: string }>`
      select cluster from rollout_clusters where ill_before`.execute(db);
    expect(rows).toEqual([]);
    await getWell('c2', 'c3');
    await ended(third, 'completed');
  });

  it('tries a failed cluster again, and goes on without one that is skipped', async () => {
    scene = await start('{waves: [{name: all}], maxUnavailable: 3, progressDeadline: 2s, failureThreshold: 2}');
    const first = await scene.untilRollout('the first release is settled', ({ state }) => state === 'completed');
    const second = await scene.release({ 'apps/shop/web.yaml': neverReady });
    const { id } = await scene.untilRollout(
      'it is paused',
      ({ state, release }) => state === 'paused' && release === second,
    );
    expect(first.release).not.toBe(second);
    await getWell('c1', 'c2');
    await retryRollout(context(), { rollout: id, actor, reason, clusters: null });
    await skipCluster(context(), { rollout: id, actor, reason: 'on fire', cluster: 'c3' });
    const { clusters } = await ended(second, 'completed');
    expect(clusters).toEqual({ c1: 'healthy', c2: 'healthy', c3: 'skipped' });
    expect(await ledger(id)).toContain(`rollout.skip ${actor}`);
  });

  it('[R1] takes in who joins, last, and drops who leaves; a cordoned cluster catches up', async () => {
    scene = await start(approved);
    const first = await begin();
    const { db } = scene.database;
    await db.updateTable('clusters').set({ cordoned_at: new Date() }).where('name', '=', 'c2').execute();
    const second = await scene.release();
    const { id } = await waiting('approval');
    await scene.addCluster('c0');
    await db.updateTable('clusters').set({ labels: '{}' }).where('name', '=', 'c3').execute();
    await context().loops.wake('placement', 'shop');
    await context().loops.wake('rollout', String(id));
    await scene.untilRollout('it has seen both', ({ clusters }) => clusters.c0 === 'pending' && clusters.c3 === 'left');
    await approveWave(context(), { rollout: id, actor, reason, wave: null });
    const { clusters } = await ended(second, 'completed');
    expect(clusters).toEqual({ c0: 'healthy', c1: 'healthy', c2: 'skipped', c3: 'left' });
    expect(await scene.placed()).toEqual({ c0: second, c1: second, c2: first, c3: first });
    await db.updateTable('clusters').set({ cordoned_at: null }).where('name', '=', 'c2').execute();
    await context().loops.wake('placement', 'shop');
    await until(async () => (await scene.placed()).c2 === second, { what: 'the cordoned one has caught up' });
  });

  it('[R6, G1] gives who left what is settled when it comes back after its rollout was taken back', async () => {
    scene = await start('{waves: [{name: canaries, count: 2}, {name: rest, approval: true}], progressDeadline: 1h}');
    const first = await begin();
    const second = await scene.release();
    const { id } = await waiting('approval');
    const { db } = scene.database;
    const relabel = async (env: string, ...names: string[]) => {
      const labels = JSON.stringify({ env });
      await db.updateTable('clusters').set({ labels }).where('name', 'in', names).execute();
      await context().loops.wake('placement', 'shop');
      await context().loops.wake('rollout', String(id));
    };
    await relabel('elsewhere', 'c1', 'c2');
    await scene.untilRollout('they left', ({ clusters }) => clusters.c1 === 'left' && clusters.c2 === 'left');
    expect(await scene.placed()).toEqual({ c1: second, c2: second, c3: first });
    await rollBackRollout(context(), { rollout: id, actor, reason: 'it is broken' });
    await ended(second, 'rolled-back');
    await relabel('prod', 'c1', 'c2');
    await until(async () => Object.values(await scene.placed()).every((release) => release === first), {
      what: 'both run what is settled',
    });
  });

  it('[R12] gives a cluster a new bundle only once what it depends on is healthy there', async () => {
    const database = (edit: string) => ({
      'apps/database/app.yaml': applicationYaml('database'),
      'apps/database/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: database}\n',
      'apps/database/settings.yaml': configMap('settings', { edit }),
    });
    const web = neverReady.replace('web:2', 'db:2');
    scene = await start('{waves: [{name: all}], progressDeadline: 1h, maxUnavailable: 3}', {
      files: {
        ...database('first'),
        'apps/database/web.yaml': web,
        'apps/shop/app.yaml': applicationYaml('shop', '  dependsOn: [database]\n'),
      },
    });
    await scene.untilRollout(
      'it waits for the database',
      ({ wait }) => wait?.on === 'dependency' && wait.reason.includes('database is not healthy there'),
    );
    expect(await scene.placed()).toEqual({});
    const ref = { group: 'apps', kind: 'Deployment', namespace: 'database', name: 'web' };
    const ready = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    await scene.agents.get('c2')?.cluster.setStatus(ref, () => ready);
    await until(async () => Object.keys(await scene.placed()).join() === 'c2', { what: 'c2 has got it' });
    for (const name of ['c1', 'c3']) await scene.agents.get(name)?.cluster.setStatus(ref, () => ready);
    await scene.untilRollout('it is complete', ({ state }) => state === 'completed');
  });

  it('[P4] begins no wave while a window is closed, says when it opens, and goes on where a person opens it', async () => {
    const window = (type: string) =>
      `apiVersion: fairway.dev/v1\nkind: Window\nmetadata: {name: never}\nspec: {type: ${type}, schedule: "0 0 1 1 *", duration: 1s, override: ["role:operator"]}\n`;
    scene = await start(
      approved,
      { files: { 'windows/never.yaml': window('freeze') } },
      '  promotion: {windows: [never]}\n',
    );
    const { id } = await waiting('approval');
    await scene.release({
      'windows/never.yaml': window('allow'),
      'apps/shop/settings.yaml': configMap('settings', { edit: 'first' }),
    });
    await until(
      async () => {
        const rows = await scene.database.db
          .selectFrom('declarations')
          .select('spec')
          .where('kind', '=', 'Window')
          .execute();
        return JSON.stringify(rows).includes('allow');
      },
      { what: 'the window is declared' },
    );
    await approveWave(context(), { rollout: id, actor, reason, wave: null });
    const shut = await waiting('window');
    expect(shut.wait?.reason).toContain('window never is closed and opens');
    expect(shut.wait?.deadline).toBeGreaterThan(Date.now());
    expect(Object.keys(await scene.placed())).toEqual(['c1']);

    const { promotion } = await scene.database.db
      .selectFrom('rollouts')
      .select('promotion')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const open = (role: string) =>
      overrideGate(context(), { promotion: promotion ?? 0, actor, role, reason: 'the fair', gate: 'window' });
    await expect(open('approver')).rejects.toMatchObject({ code: 'override-forbidden' });
    await open('operator');
    await ended(shut.release, 'completed');
  });

  it('lets no rollout pass while drift stands in an environment that holds for it', async () => {
    scene = await start('{waves: [{name: all}], maxUnavailable: 3}', {}, '  drift: hold\n');
    await scene.untilRollout('the first release is settled', ({ state }) => state === 'completed');
    const settings = { group: '', kind: 'ConfigMap', namespace: 'shop', name: 'settings' };
    await scene.agents
      .get('c2')
      ?.cluster.edit(settings, 'kubectl-edit', (object) => Object.assign(object, { data: { edit: 'by hand' } }));
    await until(
      async () =>
        (await scene.database.db.selectFrom('drifts').select('id').where('state', '=', 'open').execute()).length > 0,
      { what: 'the drift is reported' },
    );
    const second = await scene.release();
    const held = await waiting('drift');
    expect(held).toMatchObject({ release: second, wait: { reason: expect.stringContaining('c2'), deadline: null } });
    await scene.agents
      .get('c2')
      ?.cluster.edit(settings, 'kubectl-edit', (object) => Object.assign(object, { data: { edit: '0' } }));
    const found = await scene.database.db.selectFrom('drifts').select('wanted').executeTakeFirst();
    await scene.agents
      .get('c2')
      ?.cluster.edit(settings, 'kubectl-edit', (object) =>
        Object.assign(object, { data: { edit: JSON.parse(found?.wanted ?? '""') } }),
      );
    await ended(second, 'completed');
  });

  it('[G9] takes an application away in waves, and forgets each placement once it is gone there', async () => {
    scene = await start('{waves: [{name: canary, count: 1}, {name: rest}]}');
    const { release } = await scene.untilRollout('the first release is settled', ({ state }) => state === 'completed');
    // One that is no member any more still has it, and is to lose it too.
    await scene.database.db.updateTable('clusters').set({ labels: '{}' }).where('name', '=', 'c2').execute();
    await scene.repository.commit({ 'apps/shop': null }, 'Drop shop');
    await scene.repository.push();
    const { db } = scene.database;
    await until(
      async () =>
        (await db.selectFrom('placements').select('state').execute()).every(({ state }) => state === 'leaving'),
      { what: 'all are leaving' },
    );
    const request = {
      environment: 'prod',
      application: 'shop',
      promotion: null,
      kind: 'removal',
      startedBy: actor,
      traceparent: null,
    } as const;
    const id = await db
      .transaction()
      .execute((transaction) => startRollout(transaction, { ...request, release, supersede: true }));
    await context().loops.wake('rollout', String(id));
    await scene.untilRollout('it is complete', (rollout) => rollout.id === id && rollout.state === 'completed');
    await until(async () => Object.keys(await scene.placed()).length === 0, { what: 'no placement is left' });
    for (const agent of scene.agents.values()) {
      const left = agent.cluster
        .objects()
        .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.namespace === 'shop');
      expect(left).toEqual([]);
    }
    expect((await db.selectFrom('settlements').selectAll().where('superseded_at', 'is', null).execute()).length).toBe(
      0,
    );
  });

  it('[A6, G9] forgets the word that lets a removal delete everything when that is given up', async () => {
    scene = await start(approved.replace('2s', '1h'));
    const release = await begin();
    const { db } = scene.database;
    const request = { environment: 'prod', application: 'shop', promotion: null, kind: 'removal', release } as const;
    const id = await db
      .transaction()
      .execute((transaction) =>
        startRollout(transaction, { ...request, startedBy: actor, traceparent: null, supersede: true }),
      );
    expect(await mayDelete(release)).toEqual([true, true, true]);
    await context().loops.wake('rollout', String(id));
    await waiting('approval');
    await rollBackRollout(context(), { rollout: id, actor, reason: 'we need it' });
    await scene.untilRollout('it is back', ({ state }) => state === 'rolled-back');
    expect(await words()).toEqual([]);
    expect(await mayDelete(release)).toEqual([false, false, false]);
  });

  it('[A6] lets a release delete by the word of a person until it is given up, or another is settled', async () => {
    scene = await start(approved.replace('2s', '1h'));
    const first = await begin();
    await say(first);
    const second = await scene.release();
    const { id } = await waiting('approval');
    await say(second);
    expect(await words()).toEqual([first, second].toSorted());
    await approveWave(context(), { rollout: id, actor, reason, wave: null });
    await ended(second, 'completed');
    expect(await words()).toEqual([second]);
    const third = await scene.release();
    const next = await scene.untilRollout('it waits', (seen) => seen.release === third && seen.wait?.on === 'approval');
    await say(third);
    await abortRollout(context(), { rollout: next.id, actor, reason: 'enough' });
    expect(await words()).toEqual([second]);
  });

  it('[R9, R11] is decided once by two hubs, though everything that is queued is lost on the way', async () => {
    scene = await start('{waves: [{name: one, count: 1}, {name: two, count: 1}, {name: rest}]}', { replica: 'one' });
    await scene.untilRollout('the first release is settled', ({ state }) => state === 'completed');
    const other = await startHubCore(scene.database, scene.repository.path, { replica: 'other' });
    try {
      const second = await scene.release();
      for (let count = 0; count < 10; count++) {
        const { id } = await scene.rollout();
        await Promise.all([context(), other.rollouts].map(({ loops }) => loops.wake('rollout', String(id))));
        await sql`truncate bullmq.job cascade`.execute(scene.database.db);
      }
      await ended(second, 'completed');
      const turns = await scene.database.db
        .selectFrom('rollout_history')
        .select(['rollout', 'cluster'])
        .where('event', '=', 'cluster.updating')
        .execute();
      expect(turns.map(({ rollout, cluster }) => `${rollout} ${cluster}`).toSorted()).toEqual(
        [1, 2].flatMap((rollout) => ['c1', 'c2', 'c3'].map((cluster) => `${rollout} ${cluster}`)),
      );
    } finally {
      await other.stop();
    }
  });
});
