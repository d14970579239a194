import type { styleText } from 'node:util';

/** What a line of the log says beside its fields. */
interface LogRecord {
  readonly level: string;
  /** ISO 8601. */
  readonly time: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

type Style = Parameters<typeof styleText>[0];

const styles: Readonly<Record<string, Style>> = {
  debug: 'dim',
  trace: 'dim',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
};
/** What a person who looks on knows, or has no use for; and what a good message says anyway. */
const untold: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'service', 'trace_id', 'span_id', 'stack']);
const obvious: ReadonlySet<string> = new Set(['loop', 'key']);

/**
 * A line of the log for people at a terminal: the time of day here, the level where it is worth a word, what
 * happened, and its fields.
 * @param style colours a text
 */
export function formatLine(record: LogRecord, style: (style: Style, text: string) => string): string {
  const { level, time, msg = '' } = record;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const fields = Object.entries(record)
    .filter(([name, value]) => !untold.has(name) && !isEmpty(value) && !(level === 'info' && obvious.has(name)))
    .map(([name, value]) => `${name}=${valueText(value)}`);
  const message =
    styles[level] === undefined ? msg : style(styles[level], level === 'debug' ? msg : `${level}: ${msg}`);
  const parts = [style('dim', clock), message, ...(fields.length === 0 ? [] : [style('dim', fields.join(' '))])];
  return parts.join('  ');
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

/** Of an error its message: the stack is in the JSON that programs get. */
function valueText(value: unknown): string {
  const said = isError(value) ? value.message : value;
  if (typeof said === 'string' && said !== '' && !/[\s"=]/.test(said)) return said;
  return JSON.stringify(said);
}

function isError(value: unknown): value is { readonly message: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
}
