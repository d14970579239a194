/** One span, as it is named across processes: what a W3C `traceparent` says. */
export interface SpanName {
  /** 32 and 16 digits of lower-case hex, neither of them all zero. */
  readonly traceId: string;
  readonly spanId: string;
  /** Bit 0: the trace is recorded. */
  readonly flags: number;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Null where there is none, or what is there is none: a peer may write anything. */
export function parseTraceparent(text: string | null): SpanName | null {
  const [, version, traceId = '', spanId = '', flags = '', rest] = form.exec(text ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** The text that a row or a message carries. */
export function formatTraceparent({ traceId, spanId, flags }: SpanName): string {
  return `00-${traceId}-${spanId}-${(flags & 0xff).toString(16).padStart(2, '0')}`;
}

/** True where both are of one trace. */
export function isSameTrace(one: string | null, other: string | null): boolean {
  const first = parseTraceparent(one);
  return first !== null && first.traceId === parseTraceparent(other)?.traceId;
}
