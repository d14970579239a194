import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Selectable } from 'kysely';
import { pino } from 'pino';
import { parsePins } from '../../core/kinds/parse.ts';
import type { PinSpec } from '../../core/kinds/pin.ts';
import { createSigner } from '../../hub/fleet/signing-key.ts';
import type { PromotionContext } from '../../hub/promotions/context.ts';
import { promotionLoop } from '../../hub/promotions/loop.ts';
import type { PromotionRow } from '../../hub/promotions/records.ts';
import type { Loop, LoopName, Loops } from '../../hub/queue/loops.ts';
import { ensureBundles } from '../../hub/releases/bundles.ts';
import { releaseLoop } from '../../hub/releases/loop.ts';
import type { Mirror, Mirrors } from '../../hub/sources/mirror.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createSources } from '../../hub/sources/service.ts';
import { sshKey } from '../../hub/sources/ssh-signature.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import type { Schema } from '../../hub/store/schema.ts';
import { noSpans } from '../../telemetry/spans.ts';
import type { TestDatabase } from '../database.ts';
import type { TestRepository } from '../git/repository.ts';

const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'fatal' });
export const minute = 60_000;

export interface EnvironmentRules {
  readonly promotion?: string;
  readonly rollout?: string;
}

/**
 * The hub's rooms from Git to pins on a real database and a real repository, run by hand, with a clock that stands.
 * Rollouts are only begun: the test says how each ends.
 */
export interface PromotionsWorld {
  readonly context: PromotionContext;
  readonly database: TestDatabase;
  readonly fleet: TestRepository;
  /** Moves the clock on. @param duration milliseconds */
  pass(duration: number): void;
  now(): number;
  /** Commits to main, as somebody, and resolves once the hub has seen it and made what releases it holds. */
  commit(files: Record<string, string | null>, author?: string): Promise<string>;
  /** Commits to the pins' branch, as somebody, and resolves once the hub has seen it. */
  commitPins(files: Record<string, string | null>, author?: string): Promise<string>;
  /** Looks at Git once. */
  see(): Promise<void>;
  /** Runs the loops until nobody wakes another one. */
  run(...applications: string[]): Promise<void>;
  /** Ends the rollout that is under way, and lets the promotion go on. */
  endRollout(
    environment: string,
    outcome: 'completed' | 'rolled-back' | 'aborted',
    application?: string,
    /** Of one that is taken back without anybody's word in the database. */
    back?: { readonly by: string; readonly reason: string },
  ): Promise<void>;
  /** What is settled runs on the environment's clusters, and is as healthy as said. */
  report(environment: string, health: 'healthy' | 'degraded', application?: string): Promise<void>;
  /** A commit to main, all the way to being settled and healthy in dev. */
  toDev(text: string): Promise<string>;
  /** The newest promotion. */
  latest(environment: string, application?: string): Promise<PromotionRow>;
  /** The newest first. */
  promotions(): Promise<PromotionRow[]>;
  /** What the pins' branch of the remote says; null: nothing. */
  pin(environment: string, application?: string): Promise<{ spec: PinSpec; text: string } | null>;
  ledger(action: string): Promise<Selectable<Schema['ledger']>[]>;
  stop(): Promise<void>;
}

export const releaseOf = (commit: string, application = 'shop') => `${application}@${commit.slice(0, 12)}`;

export const environmentFile = (name: string, { promotion = '{}', rollout }: EnvironmentRules = {}) =>
  `apiVersion: fairway.dev/v1\nkind: Environment\nmetadata: {name: ${name}}\nspec:\n  clusters: {matchLabels: {env: ${name}}}\n  promotion: ${promotion}\n${rollout === undefined ? '' : `  rollout: ${rollout}\n`}`;
export const applicationFile = (name: string, environments = '[dev, staging, prod]', more = '') =>
  `apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: ${name}}\nspec: {environments: ${environments}${more}}\n`;
export const settings = (text: string, name = 'settings') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {text: ${JSON.stringify(text)}}\n`;
export const pinFile = (environment: string, revision: string, more = '', application = 'shop') =>
  `apiVersion: fairway.dev/v1\nkind: Pin\nmetadata: {environment: ${environment}, application: ${application}}\nspec: {source: fleet, revision: ${revision}${more}}\n`;

export const signingKey = sshKey(new Uint8Array(32).fill(9));

export interface WorldOptions {
  readonly pinsBranch?: string;
  /** Stands before every mirror. */
  readonly mirror?: (mirror: Mirror) => Mirror;
  /** Shared with others; its own where left out. */
  readonly mirrors?: Mirrors;
}

/** A remote whose pins' branch takes no commit of the hub's while that is so. */
export function protects(isProtected: () => boolean): (mirror: Mirror) => Mirror {
  return (mirror) => ({
    ...mirror,
    push: async (commit, branch, force) =>
      isProtected() && branch === 'fairway/pins' ? { refusal: 'protected branch' } : mirror.push(commit, branch, force),
  });
}

/** Mirrors in a folder of their own. */
export async function startMirrors(): Promise<Mirrors> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-promotions-'));
  const mirrors = createMirrors({ directory, log });
  return {
    of: (source) => mirrors.of(source),
    async close() {
      await mirrors.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function startPromotionsWorld(
  database: TestDatabase,
  fleet: TestRepository,
  options: WorldOptions = {},
): Promise<PromotionsWorld> {
  const { db } = database;
  const { pinsBranch = 'fairway/pins', mirror: wrap = (mirror: Mirror) => mirror } = options;
  const mirrors = options.mirrors ?? (await startMirrors());
  const dataKey = createDataKey(new Uint8Array(32).fill(7));
  let clock = Date.parse('2026-03-02T09:00:00Z');
  const now = () => clock;
  const woken = new Set<string>();
  const loops: Loops = {
    define: () => undefined,
    wake: async (loop: LoopName, key: string) => void woken.add(`${loop} ${key}`),
    start: async () => undefined,
    answers: async () => undefined,
    stop: async () => undefined,
  };
  const settingsOfSources = { url: fleet.url, branch: 'main', pinsBranch };
  const sources = createSources({
    db,
    dataKey,
    mirrors,
    loops,
    log,
    fleet: settingsOfSources,
    pollInterval: 3_600_000,
    now,
  });
  const renders = { db, dataKey, mirrorOf: async (name: string) => wrap(await sources.mirrorOf(name)) };
  const signer = createSigner(signingKey);
  const context: PromotionContext = { ...renders, loops, signer, pinsBranch, now };
  const defined = new Map<string, Loop>([
    ['source', sources.loop],
    ['release', releaseLoop({ ...renders, loops })],
    ['promotion', promotionLoop(context)],
  ]);
  await sources.start();

  const runLoop = (name: string, key: string) =>
    defined.get(name)?.reconcile(key, { signal: new AbortController().signal, log, span: noSpans.open });
  const run = async (...applications: string[]) => {
    for (const application of applications) woken.add(`promotion ${application}`);
    for (let runs = 0; woken.size > 0; runs++) {
      if (runs > 200) throw new Error(`the loops wake each other for ever: ${[...woken].join(', ')}`);
      const [next = ''] = woken;
      woken.delete(next);
      const [name = '', key = ''] = next.split(' ');
      await runLoop(name, key);
    }
  };
  const commitTo = async (branch: string, files: Record<string, string | null>, author?: string) => {
    const remote = await fleet.head(branch).catch(() => null);
    if (remote !== null) await fleet.catchUp(branch);
    await fleet.commit(files, 'A change', branch);
    if (author !== undefined) {
      await fleet.git('commit', '--amend', '--quiet', '--no-edit', '--allow-empty', `--author=Somebody <${author}>`);
    }
    await fleet.push(branch);
    return fleet.git('rev-parse', 'HEAD');
  };
  const world: PromotionsWorld = {
    context,
    database,
    fleet,
    now,
    pass(duration) {
      clock += duration;
    },
    async commit(files, author) {
      const commit = await commitTo('main', files, author);
      await world.see();
      return commit;
    },
    async commitPins(files, author) {
      const commit = await commitTo(pinsBranch, files, author);
      await world.see();
      return commit;
    },
    async see() {
      woken.add('source fleet');
      await run();
    },
    run,
    async endRollout(environment, outcome, application = 'shop', back) {
      const rollout = await db
        .selectFrom('rollouts')
        .selectAll()
        .where('environment', '=', environment)
        .where('application', '=', application)
        .where('ended_at', 'is', null)
        .executeTakeFirstOrThrow();
      const at = new Date(clock);
      await db
        .updateTable('rollouts')
        .set({
          ...{ state: outcome, ended_at: at, state_since: at },
          ...(back === undefined ? {} : { rolled_back_by: back.by, state_reason: back.reason }),
        })
        .where('id', '=', rollout.id)
        .execute();
      if (outcome === 'completed') {
        await db
          .updateTable('settlements')
          .set({ superseded_at: at })
          .where('environment', '=', environment)
          .where('application', '=', application)
          .where('superseded_at', 'is', null)
          .execute();
        if (rollout.kind !== 'removal') {
          const settlement = {
            environment,
            application,
            release: rollout.release,
            rollout: rollout.id,
            settled_at: at,
          };
          await db.insertInto('settlements').values(settlement).execute();
        }
      }
      await run(application);
    },
    async report(environment, health, application = 'shop') {
      const { release } = await db
        .selectFrom('settlements')
        .select('release')
        .where('environment', '=', environment)
        .where('application', '=', application)
        .where('superseded_at', 'is', null)
        .executeTakeFirstOrThrow();
      const row = await db.selectFrom('releases').selectAll().where('id', '=', release).executeTakeFirstOrThrow();
      const clusters = await db.selectFrom('clusters').selectAll().where('name', 'like', `${environment}-%`).execute();
      const targets = clusters.map(({ name: cluster, labels }) => ({ cluster, labels, environment }));
      for (const [cluster, outcome] of await ensureBundles(renders, row, targets)) {
        if ('problem' in outcome) throw new Error(outcome.problem.message);
        const { bundle } = outcome;
        const runs = {
          release,
          bundle,
          running_release: release,
          running_bundle: bundle,
          health,
          phase: 'applied',
        } as const;
        await db
          .insertInto('placements')
          .values({
            ...{ cluster, application, environment, state: 'active', generation: 1, drift_mode: 'correct' },
            ...runs,
          })
          .onConflict((conflict) => conflict.columns(['cluster', 'application']).doUpdateSet(runs))
          .execute();
      }
      await run(application);
    },
    async toDev(text) {
      const commit = await world.commit({ 'apps/shop/settings.yaml': settings(text) });
      await world.endRollout('dev', 'completed');
      await world.report('dev', 'healthy');
      return commit;
    },
    async latest(environment, application = 'shop') {
      const found = (await world.promotions()).find(
        (row) => row.environment === environment && row.application === application,
      );
      if (found === undefined) throw new Error(`there is no promotion of ${application} into ${environment}`);
      return found;
    },
    promotions: () => db.selectFrom('promotions').selectAll().orderBy('id', 'desc').execute(),
    async pin(environment, application = 'shop') {
      const text = await fleet.show(pinsBranch, `pins/${environment}/${application}.yaml`);
      if (text === null) return null;
      const { pins, problems } = parsePins(new Map([[`pins/${environment}/${application}.yaml`, Buffer.from(text)]]));
      const [pin] = pins;
      if (pin === undefined) throw new Error(JSON.stringify(problems));
      return { spec: pin.spec, text };
    },
    ledger: (action) => db.selectFrom('ledger').selectAll().where('action', '=', action).orderBy('id').execute(),
    async stop() {
      await sources.stop();
      if (options.mirrors === undefined) await mirrors.close();
    },
  };
  return world;
}

/** Clusters of these environments, two each, whose agents are there. */
export async function addClusters({ db }: TestDatabase, ...environments: string[]): Promise<void> {
  for (const environment of environments) {
    for (const number of [1, 2]) {
      const labels = JSON.stringify({ env: environment });
      await db
        .insertInto('clusters')
        .values({ name: `${environment}-${number}`, labels, state: 'joined', connected: true })
        .execute();
    }
  }
}
