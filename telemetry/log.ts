import { type Logger, pino } from 'pino';
import { FairwayError } from '../core/errors.ts';

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
 * The process's logger: one JSON line an event on standard error, a constant message and fields. Whatever is
 * named like a secret is cut out, so that a careless field leaks nothing (A11).
 * @param service `hub` or `agent`
 */
export function createLogger(service: string, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

const secretFields = ['token', 'password', 'secret', 'privateKey', 'authorization', 'credentials', 'joinToken'];
