import { afterAll, afterEach, beforeAll } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { type Bench, type Ground, namespaceObject, startBench } from './engine-harness.ts';

/** What a suite of the engine stands on: one cluster, a namespace of its own for each test, and engines that end with it. */
export interface SuiteWorld {
  readonly ground: Ground;
  /** The namespace of the test under way; its application has the same name. */
  space: string;
  /** An engine, ended after the test. */
  start(settings?: Parameters<typeof startBench>[1]): Bench;
  /** A new namespace, and a bundle's own fields for it. */
  fresh(): Promise<{ namespace: string; application: string }>;
  read(kind: string, name: string, group?: string, namespace?: string): Promise<KubeObject | null>;
}

/** Opens the cluster before the suite's tests and closes it after them. @param prefix of the namespaces */
export function suiteWorld(
  open: () => Promise<{ ground: Ground; close: () => Promise<void> }>,
  prefix: string,
): SuiteWorld {
  const benches: Bench[] = [];
  let opened: Awaited<ReturnType<typeof open>> | null = null;
  let count = 0;

  beforeAll(async () => {
    opened = await open();
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(() => opened?.close());

  const world: SuiteWorld = {
    get ground() {
      if (opened === null) throw new Error('the cluster is open only while tests run');
      return opened.ground;
    },
    space: '',
    start: (settings = {}) => {
      const bench = startBench(world.ground, settings);
      benches.push(bench);
      return bench;
    },
    fresh: async () => {
      count += 1;
      world.space = `${prefix}-${count}`;
      await world.ground.put(namespaceObject(world.space), 'kubectl');
      return { namespace: world.space, application: world.space };
    },
    read: async (kind, name, group = '', namespace = world.space) => {
      const resource = await world.ground.kube.resourceOf(group, kind);
      return resource === null ? null : world.ground.kube.get(resource, { namespace, name });
    },
  };
  return world;
}
