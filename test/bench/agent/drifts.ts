import { setTimeout as sleep } from 'node:timers/promises';
import { objectPath } from '../../../agent/kube/paths.ts';
import type { Kube, Resource } from '../../../agent/kube/port.ts';
import { ownerLabel } from '../../../core/objects/object.ts';
import { type KubeCluster, startKubeCluster } from '../../kube/harness/cluster.ts';
import { kubeFor } from '../../kube/harness/kube.ts';
import { until } from '../../until.ts';
import { type Figure, quantile } from '../figure.ts';
import { administratorPool } from './bare-loop.ts';
import { startMeasuredEngine } from './measured-engine.ts';
import { plain } from './objects.ts';

const objects = 1000;
const drifts = 200;
/** Milliseconds between two: 20 a second. */
const pace = 50;
const namespace = 'drifts';
const application = 'drifts';
const configMaps: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

/**
 * Somebody changes one of a thousand objects by hand, twenty times a second, each another one. The clock starts when
 * the change is sent and stops when a watch of the bench's own sees the object as it is to be again.
 */
export async function measureDrifts(): Promise<Figure[]> {
  const cluster = await startKubeCluster({ name: 'bench-drifts' });
  const kube = await kubeFor(cluster);
  const observer = await kubeFor(cluster);
  const engine = await startMeasuredEngine(kube, application);
  try {
    await cluster.kubectl(['create', 'namespace', namespace]);
    await engine.take(plain.make(objects, namespace));
    const before = process.cpuUsage();
    const latencies = await tamper(cluster, observer);
    const { user, system } = process.cpuUsage(before);
    const what = `${drifts} drifts at ${1000 / pace}/s over ${objects} objects`;
    return [
      { figure: `${what}: change → correction, p50`, value: quantile(latencies, 0.5), unit: 'ms', goal: null },
      {
        figure: `${what}: change → correction, p99`,
        value: quantile(latencies, 0.99),
        unit: 'ms',
        goal: { atMost: 500 },
      },
      { figure: `${what}: longest`, value: Math.max(...latencies), unit: 'ms', goal: null },
      {
        figure: `${what}: CPU a drift, the bench's own included`,
        value: (user + system) / 1e3 / drifts,
        unit: 'ms',
        goal: null,
      },
    ];
  } finally {
    await engine.stop();
    await kube.close();
    await observer.close();
    await cluster.stop();
  }
}

/** @returns milliseconds from each change to its correction */
async function tamper(cluster: KubeCluster, observer: Kube): Promise<number[]> {
  const pool = administratorPool(cluster, 4);
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  const drifted = new Set<string>();
  const stop = new AbortController();
  const { resourceVersion } = await observer.list(configMaps, { namespace });
  const options = { labelSelector: `${ownerLabel}=${application}`, resourceVersion, signal: stop.signal };
  const watching = observer.watch(configMaps, options, (event) => {
    if (event.type === 'bookmark') return;
    const { name } = event.object.metadata;
    const began = sentAt.get(name);
    if (began === undefined) return;
    const isWrong = (event.object.data as { text: string }).text === 'changed by hand';
    if (isWrong) drifted.add(name);
    else if (drifted.delete(name)) latencies.push(performance.now() - began);
  });
  for (let index = 0; index < drifts; index++) {
    const next = sleep(pace);
    const name = `map-${(index * 7) % objects}`;
    sentAt.set(name, performance.now());
    const sent = pool.request({
      method: 'PATCH',
      path: `${objectPath(configMaps, { namespace, name })}?fieldManager=kubectl-edit`,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ data: { text: 'changed by hand' } }),
    });
    void sent.then(({ body }) => body.dump());
    await next;
  }
  const corrected = () => latencies.length === drifts;
  await until(corrected, { what: 'every drift is corrected', describe: () => `${latencies.length} are` });
  stop.abort();
  await watching;
  await pool.close();
  return latencies;
}
