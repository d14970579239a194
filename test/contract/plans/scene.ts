import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { ensureBundles } from '../../../hub/releases/bundles.ts';
import type { RenderContext } from '../../../hub/releases/context.ts';
import { releaseLoop } from '../../../hub/releases/loop.ts';
import { createMirrors } from '../../../hub/sources/mirrors.ts';
import { createDataKey } from '../../../hub/store/data-key.ts';
import type { Schema } from '../../../hub/store/schema.ts';
import { noSpans } from '../../../telemetry/spans.ts';
import { createRepository, type TestRepository } from '../../git/repository.ts';

const log = pino({ level: 'silent' });
const source = 'fleet';

/** A repository with the application shop, and the environment prod with the clusters eu-1, eu-2 and us-1. */
export interface Scene {
  readonly context: RenderContext;
  readonly repository: TestRepository;
  /** Its app.yaml, where a commit names none of its own. */
  readonly app: string;
  /** Forgets everything but releases. */
  reset(): Promise<void>;
  declare(environment: string, more: object): Promise<void>;
  join(cluster: string, labels: Record<string, string>): Promise<void>;
  /** A commit whose folder of shop holds app.yaml and these files alone; nobody is told of it. */
  commit(files: Record<string, string>): Promise<string>;
  /** The release of such a commit, as the head of its source. */
  release(files: Record<string, string>): Promise<string>;
  settle(environment: string, release: string): Promise<void>;
  /** Gives a release to the three clusters. */
  place(release: string): Promise<void>;
  close(): Promise<void>;
}

const regions = { 'eu-1': 'eu', 'eu-2': 'eu', 'us-1': 'us' };
export const rules = { promotion: { from: ['staging'], soak: '1h' }, drift: 'correct' };

export async function openScene(db: Kysely<Schema>, environments = '[prod]'): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-plans-'));
  const mirrors = createMirrors({ directory: join(folder, 'mirrors'), log });
  const repository = await createRepository(folder, source);
  const spec = JSON.stringify({ url: repository.url, branch: 'main', paths: ['apps'] });
  await db.insertInto('sources').values({ name: source, origin: 'declared', spec }).execute();
  const context: RenderContext = {
    db,
    dataKey: createDataKey(new Uint8Array(32).fill(7)),
    mirrorOf: () => mirrors.of({ name: source, url: repository.url, credentials: null }),
  };
  const app = `apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: shop}\nspec: {environments: ${environments}, namespace: shop}\n`;
  /** Of the commit before. */
  let written: string[] = [];

  async function commit(files: Record<string, string>): Promise<string> {
    const all: Record<string, string | null> = { ...Object.fromEntries(written.map((file) => [file, null])), ...files };
    written = Object.keys(files).filter((file) => file !== 'app.yaml');
    const head = await repository.commit({
      'apps/shop/app.yaml': app,
      ...Object.fromEntries(Object.entries(all).map(([file, text]) => [`apps/shop/${file}`, text])),
    });
    await repository.push();
    return head;
  }

  async function declare(name: string, more: object): Promise<void> {
    const spec = JSON.stringify({ clusters: { matchLabels: { env: name } }, ...more });
    await db
      .insertInto('declarations')
      .values({ kind: 'Environment', name, spec, labels: '{}', file: `environments/${name}.yaml`, commit: 'c' })
      .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet({ spec }))
      .execute();
  }

  async function joinCluster(name: string, labels: Record<string, string>): Promise<void> {
    await db
      .insertInto('clusters')
      .values({ name, labels: JSON.stringify(labels), state: 'joined' })
      .execute();
  }

  return {
    context,
    repository,
    app,
    declare,
    join: joinCluster,
    commit,
    async reset() {
      for (const table of ['plans', 'placements', 'settlements', 'clusters', 'declarations'] as const)
        await db.deleteFrom(table).execute();
      await declare('prod', rules);
      for (const [cluster, region] of Object.entries(regions)) await joinCluster(cluster, { env: 'prod', region });
    },
    async release(files) {
      const head = await commit(files);
      const mirror = await context.mirrorOf(source);
      await mirror.fetch(head, 'main');
      const tree = (await mirror.treeId(head, 'apps/shop')) ?? '';
      await db
        .insertInto('applications')
        .values({ name: 'shop', source, path: 'apps/shop', tree, commit: head, spec: null, tenant: null })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ tree, commit: head }))
        .execute();
      const loops = { wake: async () => undefined };
      const run = { signal: new AbortController().signal, log, span: noSpans.open };
      await releaseLoop({ ...context, loops }).reconcile('shop', run);
      return `shop@${head.slice(0, 12)}`;
    },
    async settle(environment, release) {
      await db.deleteFrom('settlements').execute();
      await db.insertInto('settlements').values({ environment, application: 'shop', release }).execute();
    },
    async place(id) {
      const row = await db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      const targets = Object.entries(regions).map(([cluster, region]) => ({
        ...{ cluster, environment: 'prod', labels: { env: 'prod', region } },
      }));
      const placement = { application: 'shop', environment: 'prod', state: 'active', release: id } as const;
      for (const [cluster, found] of await ensureBundles(context, row, targets)) {
        const bundle = 'bundle' in found ? found.bundle : '';
        await db
          .insertInto('placements')
          .values({ ...placement, cluster, bundle, generation: 1, drift_mode: 'correct' })
          .execute();
      }
    },
    async close() {
      await mirrors.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Manifests whose text shows what they hold. */
export const settings = (text: string, name = 'settings') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {log: "${text}", region: "\${{ cluster.labels.region }}"}\n`;
export const web = (image: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: "${image}"}]}}}\n`;
