import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvePromotion } from '../../hub/promotions/commands.ts';
import { reportCheck } from '../../hub/promotions/report-check.ts';
import { requestPromotion } from '../../hub/promotions/request.ts';
import { setCredentials } from '../../hub/sources/credentials.ts';
import type { Mirror } from '../../hub/sources/mirror.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { createRepository, type TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { canServeSsh, type SshServer, startSshServer } from '../git/ssh-server.ts';
import {
  addClusters,
  applicationFile,
  environmentFile,
  type PromotionsWorld,
  pinFile,
  releaseOf,
  settings,
  signingKey,
  startPromotionsWorld,
} from './promotions-world.ts';

const execute = promisify(execFile);
const servesSsh = await canServeSsh();

const begin = (world: PromotionsWorld) =>
  world.commit({
    'environments/dev.yaml': environmentFile('dev'),
    'environments/staging.yaml': environmentFile('staging', { promotion: '{from: [dev]}' }),
    'apps/shop/app.yaml': applicationFile('shop', '[dev, staging]'),
    'apps/shop/settings.yaml': settings('first'),
  });
const request = (world: PromotionsWorld) =>
  requestPromotion(world.context, {
    ...{ environment: 'staging', applications: ['shop'], remove: false },
    ...{ actor: 'user:dana@example.com', role: 'developer', reason: null },
  });
const toStaging = async (world: PromotionsWorld) => {
  await begin(world);
  const commit = await world.toDev('second');
  await request(world);
  await world.run();
  return commit;
};

/** Pins in Git: how they come there whatever stands in the way. */
describe('pins in Git', () => {
  let server: GitServer;
  let database: TestDatabase;
  let fleet: TestRepository;
  let folder: string;
  let worlds = 0;
  const started: PromotionsWorld[] = [];

  beforeAll(async () => {
    server = await startGitServer();
    folder = await mkdtemp(join(tmpdir(), 'fairway-pins-'));
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    database = await startTestDatabase();
    await addClusters(database, 'dev', 'staging');
    fleet = await server.createRepository(`fleet-${++worlds}`);
  });
  afterEach(async () => {
    for (const world of started.splice(0)) await world.stop();
    await database?.stop();
  });

  const start = async (repository = fleet, options: Parameters<typeof startPromotionsWorld>[2] = {}) => {
    const world = await startPromotionsWorld(database, repository, options);
    started.push(world);
    return world;
  };
  const log = (format: string, branch = 'fairway/pins', repository = fleet) =>
    repository.git('--git-dir', repository.path, 'log', `--format=${format}`, branch);
  /** A hook of the host, which is asked about each ref: `$1` is its name. */
  const refuse = async (condition: string, hook = 'update') => {
    const file = join(fleet.path, 'hooks', hook);
    await writeFile(file, `#!/bin/sh\nif ${condition}; then echo 'protected branch' >&2; exit 1; fi\n`);
    await chmod(file, 0o755);
    return () => rm(file);
  };

  it('[G10] are signed, as Git itself and ssh-keygen verify', async () => {
    const world = await start();
    await toStaging(world);
    const signers = join(folder, 'allowed_signers');
    await writeFile(signers, `pins@fairway.dev namespaces="git" ${signingKey.publicKey}\n`);
    const verify = ['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', '-v', 'fairway/pins'];
    const { stderr } = await execute('git', ['--git-dir', fleet.path, ...verify]);
    expect(stderr).toContain('Good "git" signature for pins@fairway.dev');
    // The whole repository is sound.
    await execute('git', ['--git-dir', fleet.path, 'fsck', '--strict']);
  });

  it('[G10] stand on a branch that has nothing to do with the sources’, and keep what people wrote in them', async () => {
    const world = await start();
    const commit = await toStaging(world);
    expect(await fleet.git('--git-dir', fleet.path, 'ls-tree', '-r', '--name-only', 'fairway/pins')).toBe(
      'pins/staging/shop.yaml',
    );
    await world.endRollout('staging', 'completed');
    await world.report('staging', 'healthy');
    const { spec } = (await world.pin('staging')) ?? { spec: null };
    await world.commitPins({
      'README.md': 'Pins of the fleet\n',
      'pins/staging/shop.yaml': `# Ask the shop's team first.\napiVersion: fairway.dev/v1\nkind: Pin\nmetadata: {environment: staging, application: shop}\nspec:\n  source: fleet # ours\n  revision: ${commit}\n  promotion: "${spec?.promotion}"\n`,
    });
    const next = await world.toDev('third');
    await request(world);
    await world.run();
    const promotion = await world.latest('staging');
    expect(promotion).toMatchObject({ state: 'rolling-out', release: releaseOf(next) });
    expect((await world.pin('staging'))?.text).toBe(
      `# Ask the shop's team first.\napiVersion: fairway.dev/v1\nkind: Pin\nmetadata: { environment: staging, application: shop }\nspec:\n  source: fleet # ours\n  revision: ${next}\n  promotion: "${promotion.id}"`,
    );
    expect(await fleet.show('fairway/pins', 'README.md')).toBe('Pins of the fleet');
  });

  it('[G10] are made again when the branch has moved, as long as the pin is still what was decided on', async () => {
    let moved = 0;
    const other = (mirror: Mirror): Mirror => ({
      ...mirror,
      async push(commit, branch, force) {
        if (moved++ === 0) {
          // Between the hub's look and its push, somebody else is faster.
          await fleet.commit(
            { 'pins/dev/other.yaml': pinFile('dev', 'a'.repeat(40), '', 'other') },
            'Mine',
            'fairway/pins',
          );
          await fleet.push('fairway/pins');
        }
        return mirror.push(commit, branch, force);
      },
    });
    const world = await start(fleet, { mirror: other });
    const commit = await toStaging(world);
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out', release: releaseOf(commit) });
    expect((await log('%s')).split('\n')).toEqual([`staging: promote ${releaseOf(commit)}`, 'Mine']);
    expect(await world.ledger('promotion.commit')).toHaveLength(2);
  });

  it('[G10] give way to a pin that a person moved meanwhile', async () => {
    let moved = 0;
    let first = '';
    const other = (mirror: Mirror): Mirror => ({
      ...mirror,
      async push(commit, branch, force) {
        if (moved++ === 0) {
          await fleet.commit({ 'pins/staging/shop.yaml': pinFile('staging', first) }, 'Mine', 'fairway/pins');
          await fleet.push('fairway/pins');
        }
        return mirror.push(commit, branch, force);
      },
    });
    const world = await start(fleet, { mirror: other });
    first = await begin(world);
    await world.endRollout('dev', 'completed');
    await world.report('dev', 'healthy');
    await world.toDev('second');
    await request(world);
    await world.run();
    const [pin, asked] = (await world.promotions()).filter(({ environment }) => environment === 'staging');
    expect(asked).toMatchObject({ origin: 'request', state: 'superseded' });
    // The person's pin goes through the gates, which are open for it.
    expect(pin).toMatchObject({ origin: 'pin', release: releaseOf(first) });
    expect((await world.pin('staging'))?.spec.revision).toBe(first);
  });

  it('[X1, G10] are found and finished after a crash before the push, and after it', async () => {
    for (const when of ['before', 'after'] as const) {
      let crashes = 1;
      const fragile = (mirror: Mirror): Mirror => ({
        ...mirror,
        async push(commit, branch, force) {
          if (crashes > 0 && when === 'before') {
            crashes--;
            throw new Error('killed');
          }
          const answer = await mirror.push(commit, branch, force);
          if (crashes > 0) {
            crashes--;
            throw new Error('killed');
          }
          return answer;
        },
      });
      const world = await start(fleet, { mirror: fragile });
      if (when === 'before') await begin(world);
      const commit = await world.toDev(`crash ${when}`);
      await request(world);
      await expect(world.run()).rejects.toThrow('killed');
      const { pin_commit: intended, state } = await world.latest('staging');
      expect(state).toBe('pinning');
      expect(intended).not.toBeNull();
      // The hub comes back, its mirror lost.
      const again = await start();
      await again.run('shop');
      expect(await again.latest('staging')).toMatchObject({
        state: 'rolling-out',
        release: releaseOf(commit),
        pin_commit: intended,
      });
      expect((await log('%H')).split('\n')[0]).toBe(intended);
      await again.endRollout('staging', 'completed');
    }
    expect((await log('%s')).split('\n')).toHaveLength(2);
  });

  it('[R11, G10] of two hubs that push at once are one commit', async () => {
    const world = await start();
    await begin(world);
    const commit = await world.toDev('second');
    await request(world);
    const second = await start();
    await second.see();
    await Promise.all([world.run('shop'), second.run('shop')]);
    await Promise.all([world.run('shop'), second.run('shop')]);
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
    expect((await log('%s')).split('\n')).toEqual([`staging: promote ${releaseOf(commit)}`]);
    expect(
      await database.db.selectFrom('rollouts').select('id').where('environment', '=', 'staging').execute(),
    ).toHaveLength(1);
  });

  it('[G10] that the branch refuses get a branch beside it, and say what to merge', async () => {
    const world = await start();
    await begin(world);
    const commit = await world.toDev('second');
    await refuse('[ "$1" = refs/heads/fairway/pins ]');
    await request(world);
    await world.run();
    const promotion = await world.latest('staging');
    const beside = `fairway/promotion-${promotion.id}`;
    expect(promotion).toMatchObject({ state: 'pinning', waits: [{ gate: 'push', name: beside, deadline: null }] });
    expect(promotion.waits[0]?.reason).toContain(`merge ${beside} into it`);
    expect(await fleet.head(beside)).toBe(promotion.pin_commit);
    expect(await database.db.selectFrom('rollouts').selectAll().where('environment', '=', 'staging').execute()).toEqual(
      [],
    );
    // Nothing is pushed over and over.
    const requests = server.requests.length;
    await world.run('shop');
    expect(server.requests.slice(requests).filter((line) => line.includes('git-receive-pack'))).toEqual([]);
    // A person merges, and Git says so.
    await fleet.git('--git-dir', fleet.path, 'update-ref', 'refs/heads/fairway/pins', `refs/heads/${beside}`);
    await world.see();
    expect(await world.latest('staging')).toMatchObject({
      state: 'rolling-out',
      release: releaseOf(commit),
      waits: [],
    });
  });

  it('[P2, P4] that wait for a merge wait at the gates as they are by then, and roll out nothing before', async () => {
    const world = await start();
    const rules = (approvals: string) =>
      environmentFile('staging', { promotion: `{from: [dev], checks: [load], approvals: ${approvals}}` });
    await begin(world);
    await world.commit({ 'environments/staging.yaml': rules('{required: 1}') });
    const commit = await world.toDev('second');
    await refuse('[ "$1" = refs/heads/fairway/pins ]');
    await request(world);
    await world.run();
    const { id: promotion } = await world.latest('staging');
    const report = async (verdict: 'pass' | 'inconclusive') => {
      const check = { release: releaseOf(commit), environment: null, name: 'load', detail: null, url: null };
      await reportCheck(world.context, { ...check, verdict, actor: 'token:ci' });
      await world.run();
    };
    const approve = async (name: string) => {
      const who = { actor: `user:${name}@example.com`, role: 'approver' };
      await approvePromotion(world.context, { promotion, ...who, reason: null, plan: null });
      await world.run();
    };
    await report('pass');
    await approve('bob');
    const beside = { state: 'pinning', waits: [{ gate: 'push', name: `fairway/promotion-${promotion}` }] };
    expect(await world.latest('staging')).toMatchObject(beside);
    // A check changes its mind, twice.
    await report('inconclusive');
    expect(await world.latest('staging')).toMatchObject({ state: 'waiting', waits: [{ gate: 'check' }] });
    await report('pass');
    expect(await world.latest('staging')).toMatchObject(beside);
    // What was approved are other rules than those that hold when a person merges.
    await world.commit({ 'environments/staging.yaml': rules('{required: 2}') });
    const asks = { id: promotion, state: 'waiting', waits: [{ reason: '0 of 2 approvals by approver' }] };
    expect(await world.latest('staging')).toMatchObject(asks);
    await fleet.git(
      '--git-dir',
      fleet.path,
      'update-ref',
      'refs/heads/fairway/pins',
      `refs/heads/${beside.waits[0]?.name}`,
    );
    await world.see();
    expect((await world.pin('staging'))?.spec.revision).toBe(commit);
    expect(await world.latest('staging')).toMatchObject({ ...asks, rollout: null });
    await approve('bob');
    await approve('erin');
    expect(await world.latest('staging')).toMatchObject({ id: promotion, state: 'rolling-out' });
    expect(await world.ledger('promotion.recall')).toHaveLength(2);
  });

  it('[G8] wait while the host cannot be reached, and go on when it is back', async () => {
    const world = await start();
    await begin(world);
    await world.toDev('second');
    await server.goAway();
    await request(world);
    await expect(world.run()).rejects.toMatchObject({ code: 'git-unreachable' });
    expect(await world.latest('staging')).toMatchObject({ state: 'pinning', waits: [{ gate: 'push', name: null }] });
    await server.comeBack();
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
  });

  it('[P6, X3] are known again by their signature on a hub that lost its database; a person’s is not', async () => {
    const world = await start();
    const commit = await toStaging(world);
    await world.endRollout('staging', 'completed');
    await world.report('staging', 'healthy');
    await world.commitPins({ 'README.md': 'later\n' });
    const lost = database;
    database = await startTestDatabase();
    await addClusters(database, 'dev', 'staging');
    const rebuilt = await start();
    await rebuilt.see();
    expect(await rebuilt.latest('staging')).toMatchObject({
      origin: 'pin',
      state: 'rolling-out',
      release: releaseOf(commit),
    });
    await rebuilt.endRollout('staging', 'completed');
    // Brought back by a person, an old pin of the hub's is a person's pin.
    const next = await rebuilt.toDev('third');
    await request(rebuilt);
    await rebuilt.run();
    expect(await rebuilt.latest('staging')).toMatchObject({ release: releaseOf(next), state: 'rolling-out' });
    await rebuilt.endRollout('staging', 'completed');
    await fleet.catchUp('fairway/pins');
    await fleet.git('revert', '--no-edit', 'HEAD');
    await fleet.push('fairway/pins');
    await rebuilt.see();
    expect(await rebuilt.latest('staging')).toMatchObject({ origin: 'pin', requested_by: 'user:ada@example.com' });
    await lost.stop();
  });

  it('go to a repository on this machine by the git program', async () => {
    const local = await createRepository(folder, 'local');
    const world = await start(local);
    const commit = await toStaging(world);
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
    expect(await log('%s', 'fairway/pins', local)).toBe(`staging: promote ${releaseOf(commit)}`);
  });

  it('may stand on the branch of the fleet itself', async () => {
    const world = await start(fleet, { pinsBranch: 'main' });
    const commit = await toStaging(world);
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out', release: releaseOf(commit) });
    expect((await log('%s', 'main')).split('\n')[0]).toBe(`staging: promote ${releaseOf(commit)}`);
    expect(await fleet.show('main', 'apps/shop/settings.yaml')).toContain('second');
  });

  it.skipIf(!servesSsh)('go over SSH by the git program', async () => {
    let ssh: SshServer | null = null;
    try {
      ssh = await startSshServer();
      const remote = await ssh.createRepository('fleet');
      const { privateKey, knownHosts } = ssh;
      const world = await start(remote);
      await setCredentials(database.db, world.context.dataKey, 'user:root', 'fleet', {
        type: 'ssh',
        privateKey,
        knownHosts,
      });
      await toStaging(world);
      expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
    } finally {
      for (const world of started.splice(0)) await world.stop();
      await ssh?.stop();
    }
  });
});
