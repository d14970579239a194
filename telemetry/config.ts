import { FairwayError } from '../core/errors.ts';

/** What the standard `OTEL_*` variables say. Read once, with the rest of the environment. */
export interface TelemetryConfig {
  readonly serviceName: string;
  /** Of the process, beside its name and version. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Null: no trace is kept. */
  readonly traces: TraceConfig | null;
}

export interface TraceConfig {
  /** Where OTLP goes, as protobuf over HTTP. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds that one export may take. */
  readonly timeout: number;
  readonly sampler: SamplerConfig;
  /** Milliseconds between two exports. */
  readonly exportEvery: number;
  /** Spans that wait for an export; beyond it they are dropped. */
  readonly queue: number;
}

export interface SamplerConfig {
  /** Whether a trace that began elsewhere is recorded as it was there. */
  readonly parentBased: boolean;
  /** The part of the traces that begin here which is recorded, from 0 to 1. */
  readonly ratio: number;
}

/**
 * @param serviceName where `OTEL_SERVICE_NAME` is not set
 * @throws FairwayError `config-invalid`, naming the variable
 */
export function readTelemetryConfig(serviceName: string, environment: NodeJS.ProcessEnv): TelemetryConfig {
  const value = (name: string): string | null => environment[name]?.trim() || null;
  const ofTraces = (name: string): string | null =>
    value(`OTEL_EXPORTER_OTLP_TRACES_${name}`) ?? value(`OTEL_EXPORTER_OTLP_${name}`);

  const { 'service.name': named, ...attributes } = readPairs('OTEL_RESOURCE_ATTRIBUTES', value);
  const common = { serviceName: value('OTEL_SERVICE_NAME') ?? named ?? serviceName, attributes };
  const exporter = value('OTEL_TRACES_EXPORTER');
  const configured = exporter === 'otlp' || (exporter === null && ofTraces('ENDPOINT') !== null);
  if (exporter !== null && exporter !== 'otlp' && exporter !== 'none') {
    throw invalid('OTEL_TRACES_EXPORTER', `"${exporter}" is neither otlp nor none`);
  }
  if (!configured || value('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return { ...common, traces: null };

  const protocol = ofTraces('PROTOCOL') ?? 'http/protobuf';
  if (protocol !== 'http/protobuf') {
    throw invalid('OTEL_EXPORTER_OTLP_PROTOCOL', `"${protocol}" is not http/protobuf, which is what Fairway speaks`);
  }
  const headers = {
    ...readPairs('OTEL_EXPORTER_OTLP_HEADERS', value),
    ...readPairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS', value),
  };
  const timeoutName =
    value('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') === null
      ? 'OTEL_EXPORTER_OTLP_TIMEOUT'
      : 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT';
  return {
    ...common,
    traces: {
      url: readUrl(value),
      headers,
      timeout: readNumber(timeoutName, value, 10_000),
      sampler: readSampler(value),
      exportEvery: readNumber('OTEL_BSP_SCHEDULE_DELAY', value, 5_000),
      // A commit to 2,000 clusters makes 4,000 spans within a second.
      queue: readNumber('OTEL_BSP_MAX_QUEUE_SIZE', value, 8_192),
    },
  };
}

type Value = (name: string) => string | null;

function readUrl(value: Value): string {
  const own = value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const name = own === null ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const base = own ?? value(name) ?? 'http://localhost:4318';
  if (!/^https?:$/.test(URL.parse(base)?.protocol ?? '')) throw invalid(name, 'it is not an http:// or https:// URL');
  return own ?? `${base.replace(/\/+$/, '')}/v1/traces`;
}

const samplers: Readonly<Record<string, (argument: number) => SamplerConfig>> = {
  always_on: () => ({ parentBased: false, ratio: 1 }),
  always_off: () => ({ parentBased: false, ratio: 0 }),
  traceidratio: (ratio) => ({ parentBased: false, ratio }),
  parentbased_always_on: () => ({ parentBased: true, ratio: 1 }),
  parentbased_always_off: () => ({ parentBased: true, ratio: 0 }),
  parentbased_traceidratio: (ratio) => ({ parentBased: true, ratio }),
};

function readSampler(value: Value): SamplerConfig {
  const name = value('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const sampler = Object.hasOwn(samplers, name) ? samplers[name] : undefined;
  if (sampler === undefined) {
    throw invalid('OTEL_TRACES_SAMPLER', `"${name}" is none of ${Object.keys(samplers).join(', ')}`);
  }
  const ratio = Number(value('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (!(ratio >= 0 && ratio <= 1)) throw invalid('OTEL_TRACES_SAMPLER_ARG', 'it is not a number from 0 to 1');
  return sampler(ratio);
}

function readNumber(name: string, value: Value, fallback: number): number {
  const text = value(name);
  if (text === null) return fallback;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalid(name, `"${text}" is not a whole number above 0`);
  return Number(text);
}

/** `name=value,name=value`, percent-encoded. What is wrong is not quoted: headers hold secrets (A11). */
function readPairs(name: string, value: Value): Record<string, string> {
  const text = value(name);
  if (text === null) return {};
  const pairs = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at).trim();
    if (at < 1 || key === '') throw invalid(name, 'it is not a list of name=value, separated by commas');
    try {
      return [key, decodeURIComponent(pair.slice(at + 1).trim())] as const;
    } catch {
      throw invalid(name, `the value of ${key} is not percent-encoded`);
    }
  });
  return Object.fromEntries(pairs);
}

function invalid(field: string, why: string): FairwayError {
  return new FairwayError('config-invalid', `${field}: ${why}`, { field });
}
