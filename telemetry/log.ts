import { styleText } from 'node:util';
import { trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';
import { FairwayError } from '../core/errors.ts';
import { formatLine } from './lines.ts';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * @param text null: `info`
 * @throws FairwayError `config-invalid`, naming the variable
 */
export function parseLogLevel(variable: string, text: string | null): LogLevel {
  const level = logLevels.find((known) => known === (text ?? 'info'));
  if (level === undefined) {
    throw new FairwayError('config-invalid', `${variable}: "${text}" is none of ${logLevels.join(', ')}`, {
      field: variable,
    });
  }
  return level;
}

/**
 * The process's logger: one JSON line an event on standard error, a constant message and fields; for people, where
 * standard error is a terminal. Whatever is named like a secret is cut out, so that a careless field leaks nothing
 * (A11). A line that is written within a span names it.
 * @param service `hub` or `agent`
 * @param file appended to, instead of standard error
 */
export function createLogger(service: string, level: LogLevel, file?: string): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => spanFields(trace.getActiveSpan()?.spanContext() ?? null),
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
    },
    destinationOf(file),
  );
}

function destinationOf(file: string | undefined): DestinationStream {
  if (file !== undefined) return pino.destination({ dest: file, mode: 0o600, sync: false });
  const { stderr } = process;
  if (!stderr.isTTY) return pino.destination({ fd: 2, sync: false });
  const style: Parameters<typeof formatLine>[1] = (name, text) => styleText(name, text, { stream: stderr });
  return { write: (line) => void stderr.write(`${formatLine(JSON.parse(line), style)}\n`) };
}

/** How a log line names a span. */
export function spanFields(span: { readonly traceId: string; readonly spanId: string } | null): object {
  return span === null ? {} : { trace_id: span.traceId, span_id: span.spanId };
}

const secretFields = ['token', 'password', 'secret', 'privateKey', 'authorization', 'credentials', 'joinToken'];
