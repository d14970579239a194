import { describe, expect, it } from 'vitest';
import { FairwayError } from '../core/errors.ts';
import { readTelemetryConfig } from './config.ts';

const read = (environment: NodeJS.ProcessEnv) => readTelemetryConfig('fairway-hub', environment);
const endpoint = 'http://collector:4318';

describe('the OTEL_ variables', () => {
  it('keep no trace where no endpoint is named', () => {
    expect(read({})).toEqual({ serviceName: 'fairway-hub', attributes: {}, traces: null });
  });

  it('have defaults for all but the endpoint', () => {
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/` }).traces).toEqual({
      url: `${endpoint}/v1/traces`,
      headers: {},
      timeout: 10_000,
      sampler: { parentBased: true, ratio: 1 },
      exportEvery: 5_000,
      queue: 8_192,
    });
  });

  it('may name the endpoint and headers of traces alone', () => {
    const { traces } = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/here',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1, b = two%20words',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=2',
    });
    expect(traces).toMatchObject({ url: 'https://traces.example/here', headers: { a: '2', b: 'two words' } });
  });

  it.each([[{ OTEL_SDK_DISABLED: 'true' }], [{ OTEL_TRACES_EXPORTER: 'none' }]])('switch off with %j', (off) => {
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...off }).traces).toBeNull();
  });

  it('name the service and the process', () => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,k8s.namespace.name=fairway' };
    expect(read(attributes)).toMatchObject({ serviceName: 'a', attributes: { 'k8s.namespace.name': 'fairway' } });
    expect(read({ ...attributes, OTEL_SERVICE_NAME: 'b' }).serviceName).toBe('b');
  });

  it('sample', () => {
    const sampled = (name: string, argument?: string) =>
      read({
        ...{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER: name },
        ...(argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument }),
      }).traces?.sampler;
    expect(sampled('parentbased_traceidratio', '0.1')).toEqual({ parentBased: true, ratio: 0.1 });
    expect(sampled('always_off')).toEqual({ parentBased: false, ratio: 0 });
  });

  it.each([
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0'],
    ['OTEL_TRACES_SAMPLER', 'constructor'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
    ['OTEL_BSP_SCHEDULE_DELAY', '5s'],
    ['OTEL_RESOURCE_ATTRIBUTES', '=x'],
  ])('[X4] name %s where it is %j', (name, value) => {
    const error = caught(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, [name]: value }));
    expect(error).toMatchObject({ code: 'config-invalid', field: name });
  });

  it('[A11] are not quoted where they hold headers', () => {
    const headers = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'key=%zz-secret' };
    expect(caught(() => read(headers)).message).not.toContain('secret');
  });
});

function caught(call: () => unknown): FairwayError {
  try {
    call();
  } catch (error) {
    if (error instanceof FairwayError) return error;
  }
  throw new Error('nothing was thrown');
}
