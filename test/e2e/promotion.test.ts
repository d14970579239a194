import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { Promotion, PromotionDetail } from '../../proto/rest/promotions.ts';
import type { Rollout, RolloutDetail, RolloutStep } from '../../proto/rest/rollouts.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { type KubeCluster, startKubeCluster } from '../kube/harness/cluster.ts';
import { describeKube } from '../kube/harness/describe.ts';
import { until } from '../until.ts';
import { environments, shop, web } from './journey.ts';
import { type FairwayProcess, type HubProcess, runFairway, startAgent, startHub } from './processes.ts';

/**
 * A revision's journey with nothing played: dev → staging → prod, over sandboxes, and a real API server as the canary.
 * That one has no kubelet, so a Deployment never becomes ready there: what breaks production breaks the canary first.
 */
describeKube('a journey across environments', () => {
  let directory: string;
  let git: GitServer;
  let fleet: TestRepository;
  let hub: HubProcess;
  let canary: KubeCluster;
  const sandboxes = new Map<string, Sandbox>();
  const agents: FairwayProcess[] = [];
  const approvers = new Map<string, string>();

  const others = ['prod-a', 'prod-b', 'prod-c', 'prod-d'] as const;
  const push = async (files: Record<string, string | null>, message: string) => {
    const commit = await fleet.commit(files, message);
    await fleet.push();
    return `shop@${commit.slice(0, 12)}`;
  };
  const promotions = async (query: string) =>
    (await hub.get<Page<Promotion>>(`/api/v1/promotions?application=shop&${query}`)).items;
  const promotion = (id: number) => hub.get<PromotionDetail>(`/api/v1/promotions/${id}`);
  const rollout = (id: number | null) => hub.get<RolloutDetail>(`/api/v1/rollouts/${id}`);
  const running = async (environment: string) =>
    (await hub.get<Page<Placement>>(`/api/v1/placements?environment=${environment}`)).items.map(
      ({ cluster, runningRelease, settled }) => ({ cluster, runningRelease, settled }),
    );
  const describeAll = async () =>
    JSON.stringify(
      {
        promotions: await promotions('limit=20'),
        rollouts: (await hub.get<Page<Rollout>>('/api/v1/rollouts?active=true')).items,
        placements: (await hub.get<Page<Placement>>('/api/v1/placements')).items,
      },
      null,
      1,
    ) + hub.output().slice(-3000);
  const wait = (what: string, condition: () => Promise<boolean>) =>
    until(condition, { what, within: 90_000, every: 200, describe: describeAll });
  const runs = (environment: string, release: string) =>
    wait(`${environment} runs ${release}`, async () => {
      const all = await running(environment);
      return all.length > 0 && all.every((one) => one.runningRelease === release && one.settled);
    });
  const pins = (...args: string[]) => fleet.git('--git-dir', fleet.path, ...args);

  /** Asks for a promotion to prod as the administrator does; resolves to its id once its plan can be approved. */
  const ask = async (release: string) => {
    await runs('staging', release);
    const { code, stderr } = await hub.fairway('promote', 'shop', '--to', 'prod', '--reason', 'The journey goes on');
    expect(code, stderr).toBe(3);
    const [asked] = await promotions('environment=prod&active=true');
    expect(asked).toMatchObject({ release, state: 'waiting' });
    return asked?.id ?? 0;
  };
  const approve = async (id: number, who: string) => {
    const command = await runFairway(['approve', String(id), '--reason', 'I have read the plan'], {
      FAIRWAY_URL: hub.url,
      FAIRWAY_TOKEN: approvers.get(who) ?? '',
    });
    return command;
  };
  const approveTwice = async (id: number) => {
    for (const who of approvers.keys()) {
      const { code, stderr } = await approve(id, who);
      expect(code, stderr).toBe(0);
    }
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-journey-'));
    git = await startGitServer();
    fleet = await git.createRepository('fleet');
    await push({ ...environments('pause'), ...shop('hello') }, 'The fleet begins');
    canary = await startKubeCluster({ name: 'canary' });
    hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '500ms' } });
    const enrol = async (name: string, labels: Record<string, string>, kubeconfig: string) => {
      const joinToken = await hub.register(name, labels);
      agents.push(startAgent({ hub, directory, name, kubeconfig, joinToken }));
    };
    for (const name of ['dev-1', 'staging-1', ...others]) {
      const sandbox = await startSandbox({ name, directory: join(directory, name), readyAfter: 200 });
      sandboxes.set(name, sandbox);
      await enrol(name, { env: name.split('-')[0] ?? '' }, sandbox.kubeconfigPath ?? '');
    }
    await enrol('prod-canary', { env: 'prod', ring: 'canary' }, canary.kubeconfigPath);
    for (const name of ['ann', 'ben']) {
      const response = await hub.fetch('/api/v1/tokens', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, role: 'approver' }),
      });
      approvers.set(name, ((await response.json()) as { token: string }).token);
    }
  }, 240_000);

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await hub?.stop();
    await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.stop()));
    await canary?.stop();
    await git?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  let first: string;

  it('[P1, P5] brings a commit to dev by itself, and on to staging once it has soaked there', async () => {
    first = `shop@${(await fleet.head()).slice(0, 12)}`;
    await runs('dev', first);
    await runs('staging', first);
    expect(await running('prod')).toEqual([]);
    expect(await promotions('environment=staging')).toEqual([
      expect.objectContaining({ origin: 'auto', release: first, state: 'settled' }),
    ]);
  }, 240_000);

  it('[P2, P3, R4] waits in prod for two approvals, and goes canary → quarter → rest', async () => {
    const id = await ask(first);
    await wait('only the approvals are missing', async () =>
      (await promotion(id)).waits.every(({ gate }) => gate === 'approval'),
    );
    const [approval] = (await promotion(id)).waits;
    expect(approval).toMatchObject({ gate: 'approval', since: expect.any(String) });
    expect(approval?.reason).not.toBe('');
    expect((await approve(id, 'ann')).code).toBe(0);
    await wait('one approval is missing', async () => (await promotion(id)).approvals.given === 1);
    expect((await promotion(id)).state).toBe('waiting');
    expect((await approve(id, 'ben')).code).toBe(0);
    await wait('it is settled', async () => (await promotion(id)).state === 'settled');
    await runs('prod', first);

    const done = await rollout((await promotion(id)).rollout);
    expect(done.waves.map(({ name, clusters }) => [name, clusters.total])).toEqual([
      ['canary', 1],
      ['quarter', 2],
      ['rest', 2],
    ]);
    const steps = (await hub.get<Page<RolloutStep>>(`/api/v1/rollouts/${done.id}/history?limit=500`)).items;
    const order = steps
      .toSorted((a, b) => a.id - b.id)
      .flatMap(({ event, wave }) => (event === 'cluster.updating' ? [wave] : []));
    expect(order).toEqual(order.toSorted());
    expect(order).toHaveLength(5);
  }, 240_000);

  it('[G10] says in Git what prod is to run, who asked, who approved, and of which plan', async () => {
    const [settled] = await promotions('environment=prod&state=settled');
    const { pinCommit, planDigest, id } = settled as Promotion;
    const message = await pins('log', '-1', '--format=%B', String(pinCommit));
    expect(message).toContain(`Fairway-Promotion: ${id}`);
    expect(message).toMatch(/Promoted-by: /);
    expect(message).toMatch(/Approved-by: .*ann/);
    expect(message).toMatch(/Approved-by: .*ben/);
    expect(message).toContain(`Plan-digest: ${planDigest}`);
    expect(await pins('cat-file', 'commit', String(pinCommit))).toContain('-----BEGIN SSH SIGNATURE-----');
    expect(await pins('show', 'fairway/pins:pins/prod/shop.yaml')).toContain(settled?.revision ?? 'no revision');
  });

  it('[R3, R5, R6] stops at the canary where a Deployment never gets ready, with the budget kept', async () => {
    const release = await push({ 'apps/shop/web.yaml': web('1.0') }, 'Serve the web');
    const id = await ask(release);
    await approveTwice(id);
    await wait('the rollout has stopped', async () => {
      const { rollout: of } = await promotion(id);
      return of !== null && (await rollout(of)).state === 'paused';
    });
    const stopped = await rollout((await promotion(id)).rollout);
    expect(stopped).toMatchObject({ pausedBy: 'hub', failures: { count: 1, threshold: 1 } });
    expect(stopped.wait).toMatchObject({ on: 'pause', reason: expect.any(String), since: expect.any(String) });
    expect(stopped.budget.used).toBeLessThanOrEqual(stopped.budget.maximum ?? 0);
    expect(stopped.troubled).toContainEqual(expect.objectContaining({ cluster: 'prod-canary', state: 'failed' }));
    for (const { cluster, runningRelease } of await running('prod'))
      expect([cluster, runningRelease]).toEqual([cluster, cluster === 'prod-canary' ? release : first]);
    expect(await canary.kubectl(['-n', 'shop', 'get', 'deployment', 'web', '-o', 'name'])).toContain('web');

    const aborted = await hub.fairway('rollout', 'abort', String(stopped.id), '--reason', 'It is broken');
    expect(aborted.code, aborted.stderr).toBe(0);
    await wait('the promotion has ended', async () => (await promotion(id)).endedAt !== null);
  }, 240_000);

  it('[R6, P5] rolls back: the clusters return first, then Git shows the pin restored, with a hold', async () => {
    const release = await push({ ...environments('rollback'), 'apps/shop/web.yaml': web('1.1') }, 'Serve it better');
    const id = await ask(release);
    await approveTwice(id);
    await wait('it is rolled back', async () => (await promotion(id)).state === 'rolled-back');
    await runs('prod', first);
    const [restoring] = await promotions('environment=prod&limit=1');
    expect(restoring).toMatchObject({ kind: 'rollback', origin: 'rollback', release: first });
    await wait('the pin is restored', async () => (await promotion(restoring?.id ?? 0)).state === 'settled');

    const { pinCommit } = await promotion(restoring?.id ?? 0);
    const pin = await pins('show', 'fairway/pins:pins/prod/shop.yaml');
    expect(pin).toContain(restoring?.revision ?? 'no revision');
    expect(pin).toContain('hold:');
    expect(await pins('log', '-1', '--format=%B', String(pinCommit))).toContain(`Fairway-Promotion: ${restoring?.id}`);
    await wait('the canary has lost what it should not have', async () => {
      const found = await canary.kubectl(['-n', 'shop', 'get', 'deployment', '-o', 'name']);
      return found.trim() === '';
    });
    const { code, stdout } = await hub.fairway('hold', 'list', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ environment: 'prod', application: 'shop' }]);
  }, 240_000);
});
