import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSpans } from '../../telemetry/spans.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { until } from '../until.ts';
import { createScene, newCluster, type Scene } from './link/scene.ts';
import { openMemory } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, healthyStatus, type TestAgent, type World } from './link/world.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const assigned = `00-${traceId}-00f067aa0ba902b7-01`;

let world: World;
let scene: Scene;
let exporter: InMemorySpanExporter;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

beforeEach(async () => {
  exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const telemetry = { ...noTelemetry, spans: createSpans(provider.getTracer('test')) };
  scene = await createScene(world, openMemory, { telemetry });
});
afterEach(() => scene.close());

const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
const isChildOf = (span: ReadableSpan | undefined, parent: string) =>
  parent.includes(span?.parentSpanContext?.spanId ?? 'none') && span?.spanContext().traceId === traceId;

/** A cluster whose agent gets an assignment with its trace. */
async function given(application: string): Promise<{ cluster: string; agent: TestAgent }> {
  const cluster = newCluster();
  const dial = await scene.hub.register(cluster);
  await world.assign(application, [cluster], bundleOf(application, 'one'), assigned);
  const agent = await createAgent(dial);
  scene.keep(agent);
  await until(() => agent.desired().length === 1, { what: 'it is assigned' });
  return { cluster, agent };
}

const untilStored = (cluster: string, application: string, what: string, stored: (health: string | null) => boolean) =>
  until(async () => stored((await world.placement(cluster, application)).health), { what });

it('sends an assignment on a span of its own, and ends with a span for the report that it runs', async () => {
  const { cluster, agent } = await given('shop');
  const told = agent.assignment('shop').traceparent ?? '';
  const [link] = spans('link');
  expect(isChildOf(link, assigned)).toBe(true);
  expect(told).toContain(link?.spanContext().spanId);
  expect(link?.attributes).toMatchObject({ 'k8s.cluster.name': cluster, 'fairway.application': 'shop' });

  agent.link.reporter.status({ ...healthyStatus(agent.assignment('shop')), traceparent: told });
  await untilStored(cluster, 'shop', 'the status is stored', (health) => health === 'healthy');
  await until(() => spans('report').length === 1, { what: 'the report has its span' });
  expect(isChildOf(spans('report')[0], told)).toBe(true);
});

it('appends nothing to the trace once the cluster runs what it is to run', async () => {
  const { cluster, agent } = await given('shop');
  const status = { ...healthyStatus(agent.assignment('shop')), traceparent: agent.assignment('shop').traceparent };
  agent.link.reporter.status(status);
  await untilStored(cluster, 'shop', 'it runs', (health) => health === 'healthy');
  agent.link.reporter.status({ ...status, health: 'degraded' });
  await untilStored(cluster, 'shop', 'it is degraded', (health) => health === 'degraded');
  expect(spans('report')).toHaveLength(1);

  // An agent that has lost what it was told is told everything again, and of no trace.
  await agent.stop();
  await agent.state.remove('desired');
  await agent.restart();
  await world.assign('other', [cluster], bundleOf('other', 'two'), assigned);
  await until(() => agent.desired().length === 2, { what: 'both are assigned' });
  expect(agent.assignment('shop').traceparent).toBeNull();
  expect(agent.assignment('other').traceparent).toContain(traceId);
  expect(spans('link')).toHaveLength(2);
});

it('[A1] keeps one span for a failure, however often it is told', async () => {
  const { cluster, agent } = await given('shop');
  const { running: _, ...status } = healthyStatus(agent.assignment('shop'));
  for (const health of ['degraded', 'unknown'] as const) {
    agent.link.reporter.status({ ...status, running: null, phase: 'failed', health, traceparent: assigned });
    await untilStored(cluster, 'shop', `it is ${health}`, (stored) => stored === health);
  }
  await until(() => spans('report').length > 0, { what: 'the report has its span' });
  expect(spans('report').map(({ attributes }) => attributes['fairway.phase'])).toEqual(['failed']);
});

it('[L7] believes what an agent says of a trace only where it is that of its assignment', async () => {
  const { cluster, agent } = await given('shop');
  const foreign = `00-${traceId.replace('4', '5')}-1234567890abcdef-01`;
  agent.link.reporter.status({ ...healthyStatus(agent.assignment('shop')), traceparent: foreign });
  await untilStored(cluster, 'shop', 'the status is stored', (health) => health === 'healthy');
  await until(() => spans('report').length === 1, { what: 'the report has its span' });
  expect(isChildOf(spans('report')[0], assigned)).toBe(true);
});
