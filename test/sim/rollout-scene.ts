import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { configMap } from '../e2e/shop.ts';
import { createRepository, type TestRepository } from '../git/repository.ts';
import { until } from '../until.ts';
import { type HubCore, type HubCoreOptions, startHubCore } from './hub-core.ts';
import { createRandom } from './random.ts';
import { createSimulatedAgent, type SimulatedAgent } from './simulated-agent.ts';

/** A hub core with an environment that rolls out in waves, and a few agents, for suites about rollouts. */
export interface RolloutScene {
  readonly database: TestDatabase;
  readonly repository: TestRepository;
  readonly hub: () => HubCore;
  readonly agents: ReadonlyMap<string, SimulatedAgent>;
  /** Commits a release of shop. @returns its id */
  release(files?: Record<string, string | null>): Promise<string>;
  /** Registers a cluster, and starts its agent unless it is to be silent. */
  addCluster(
    name: string,
    options?: { readonly labels?: Record<string, string>; readonly silent?: boolean },
  ): Promise<void>;
  /** The newest rollout of an application in prod. */
  rollout(application?: string): Promise<RolloutState>;
  /** Waits until a condition on the newest rollout holds. */
  untilRollout(what: string, holds: (state: RolloutState) => boolean, application?: string): Promise<RolloutState>;
  /** By cluster: the release that it is to run. */
  placed(application?: string): Promise<Record<string, string>>;
  history(): Promise<
    readonly { readonly event: string; readonly cluster: string | null; readonly wave: number | null }[]
  >;
  stop(): Promise<void>;
}

export interface RolloutState {
  readonly id: number;
  readonly release: string;
  readonly state: string;
  readonly reason: string | null;
  readonly wait: { readonly on: string; readonly reason: string; readonly deadline: number | null } | null;
  readonly wave: number;
  readonly clusters: Readonly<Record<string, string>>;
}

/** @param rollout of the environment prod, as YAML in flow style */
export function prodEnvironment(rollout: string, extra = ''): string {
  return `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: prod}
spec:
  clusters: {matchLabels: {env: prod}}
  rollout: ${rollout}
${extra}`;
}

export function applicationYaml(name: string, extra = ''): string {
  return `apiVersion: fairway.dev/v1
kind: Application
metadata: {name: ${name}}
spec:
  environments: [prod]
  namespace: ${name}
${extra}`;
}

/** What never gets ready, where nobody plays its controller. */
export const neverReady = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:2"}]}
`;

export async function startRolloutScene(
  environment: string,
  clusters: readonly string[],
  options: HubCoreOptions & { readonly files?: Record<string, string>; readonly canary?: string } = {},
): Promise<RolloutScene> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-rollouts-'));
  const database = await startTestDatabase();
  const { db } = database;
  const repository = await createRepository(directory, 'fleet');
  const agents = new Map<string, SimulatedAgent>();
  const random = createRandom(1);
  let edits = 0;
  let hub: HubCore | null = null;

  const commit = async (files: Record<string, string | null>) => {
    const id = await repository.commit(files, `Edit ${++edits}`);
    await repository.push();
    return `shop@${id.slice(0, 12)}`;
  };
  const addCluster: RolloutScene['addCluster'] = async (name, { labels = {}, silent = false } = {}) => {
    const ring = name === options.canary ? { ring: 'canary' } : {};
    await db
      .insertInto('clusters')
      .values({ name, labels: JSON.stringify({ env: 'prod', ...ring, ...labels }), state: 'joined' })
      .execute();
    const agent = createSimulatedAgent({
      ...{ name, random, hub: () => hub?.streams ?? null },
      chaos: () => ({ delay: 0, loss: 0 }),
    });
    agents.set(name, agent);
    if (silent) return;
    await agent.start();
    const seen = db.selectFrom('clusters').select('connected').where('name', '=', name);
    await until(async () => (await seen.executeTakeFirstOrThrow()).connected, { what: `${name} is connected` });
  };
  const rollout: RolloutScene['rollout'] = async (application = 'shop') => {
    const row = await db
      .selectFrom('rollouts')
      .selectAll()
      .where('application', '=', application)
      .orderBy('id', 'desc')
      .executeTakeFirst();
    const none = { id: 0, release: '', state: 'none', reason: null, wait: null, wave: 0, clusters: {} };
    if (row === undefined) return none;
    const members = await db
      .selectFrom('rollout_clusters')
      .select(['cluster', 'state'])
      .where('rollout', '=', row.id)
      .orderBy('cluster')
      .execute();
    return {
      ...{
        id: row.id,
        release: row.release,
        state: row.state,
        reason: row.state_reason,
        wait: row.wait,
        wave: row.wave,
      },
      clusters: Object.fromEntries(members.map(({ cluster, state }) => [cluster, state])),
    };
  };

  await commit({
    'environments/prod.yaml': environment,
    'apps/shop/app.yaml': applicationYaml('shop'),
    'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
    'apps/shop/settings.yaml': configMap('settings', { edit: 'first' }),
    ...options.files,
  });
  hub = await startHubCore(database, repository.path, options);
  await Promise.all(clusters.map((name) => addCluster(name)));

  return {
    database,
    repository,
    agents,
    addCluster,
    rollout,
    hub: () => hub as HubCore,
    release: (files = {}) =>
      commit({ 'apps/shop/settings.yaml': configMap('settings', { edit: String(edits) }), ...files }),
    async untilRollout(what, holds, application = 'shop') {
      let state = await rollout(application);
      await until(
        async () => {
          state = await rollout(application);
          return holds(state);
        },
        { what, describe: async () => JSON.stringify([state, await placedOf(database, application)], null, 1) },
      );
      return state;
    },
    placed: (application = 'shop') => placedOf(database, application),
    history: () => db.selectFrom('rollout_history').select(['event', 'cluster', 'wave']).orderBy('id').execute(),
    async stop() {
      await Promise.all([...agents.values()].map((agent) => agent.stop()));
      await hub?.stop();
      await database.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function placedOf({ db }: TestDatabase, application: string): Promise<Record<string, string>> {
  const rows = await db
    .selectFrom('placements')
    .select(['cluster', 'release'])
    .where('application', '=', application)
    .orderBy('cluster')
    .execute();
  return Object.fromEntries(rows.map(({ cluster, release }) => [cluster, release]));
}
