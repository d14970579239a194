import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { formatTraceparent, parseTraceparent } from '../core/traceparent.ts';

/** Opens the spans of one process. */
export interface Spans {
  /** Whoever opens a span ends it. */
  open(name: string, about: About): OpenSpan;
}

/** Attributes name things; they hold no value of a manifest and no secret (A11). */
export interface About {
  /** The `traceparent` that the work came with; null: a trace begins here. */
  readonly parent: string | null;
  readonly attributes?: Attributes;
  readonly kind?: SpanKind;
  /** When it began, milliseconds since the epoch. @default now */
  readonly since?: number;
}

export interface OpenSpan {
  /** What whoever goes on with the work is given; null where no trace is kept. */
  readonly traceparent: string | null;
  set(attributes: Attributes): void;
  /** Runs work whose log lines name this span. */
  within<T>(work: () => T): T;
  /** @param error why the work failed, where it did: its code is told, its words are not */
  end(error?: unknown): void;
}

export function createSpans(tracer: Tracer): Spans {
  const open: Spans['open'] = (name, { parent, attributes = {}, kind, since }) => {
    const carried = parseTraceparent(parent);
    const from =
      carried === null
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { ...carried, traceFlags: carried.flags, isRemote: true });
    const options = {
      attributes,
      ...(kind === undefined ? {} : { kind }),
      ...(since === undefined ? {} : { startTime: since }),
    };
    const span = tracer.startSpan(name, options, from);
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceparent: formatTraceparent({ traceId, spanId, flags: traceFlags }),
      set: (more) => void span.setAttributes(more),
      within: (work) => context.with(trace.setSpan(context.active(), span), work),
      end(error) {
        if (error !== undefined) {
          const type = typeOf(error);
          span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR, message: type });
        }
        span.end();
      },
    };
  };
  return { open };
}

/** Keeps no trace, and passes on what came. */
export const noSpans: Spans = {
  open: (_name, { parent }) => ({
    traceparent: parent,
    set: () => undefined,
    within: (work) => work(),
    end: () => undefined,
  }),
};

function typeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}
