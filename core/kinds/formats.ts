import { expressionFlaw } from '../expression.ts';
import { parseFieldPattern } from '../fields/pattern.ts';

/** Texts that a pattern cannot describe. */
export type Format = keyof typeof formats;

/** What is wrong with a text of each format, as a sentence; empty where that is plain from what was expected. */
const formats = {
  cron: (text: string) => (isCron(text) ? null : ''),
  'time-zone': (text: string) => (isTimeZone(text) ? null : ''),
  field: (text: string) => (parseFieldPattern(text) === null ? '' : null),
  'cel-condition': (text: string) => expressionFlaw(text, 'bool'),
  'cel-text': (text: string) => expressionFlaw(text, 'string'),
};

/** What is wrong with a text of a format, as a sentence or nothing; null where it is none. */
export function formatFlaw(format: Format, text: string): string | null {
  return formats[format](text);
}

const cronFields: readonly { readonly low: number; readonly high: number; readonly names: readonly string[] }[] = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] },
  { low: 0, high: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
];

/** True for five cron fields of lists, ranges, steps, names of months and days. */
function isCron(text: string): boolean {
  const fields = text.split(/ +/);
  return fields.length === 5 && fields.every((field, index) => isCronField(field, index));
}

function isCronField(field: string, index: number): boolean {
  const rule = cronFields[index];
  if (rule === undefined) return false;
  const numberOf = (text: string): number => {
    const named = rule.names.indexOf(text.toUpperCase());
    if (named >= 0) return named + (index === 3 ? 1 : 0);
    return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  };
  return field.split(',').every((part) => {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return false;
    if (range === '*') return true;
    const [from = '', to = from, ...rest] = range.split('-');
    const [low, high] = [numberOf(from), numberOf(to)];
    return rest.length === 0 && low >= rule.low && high <= rule.high && low <= high;
  });
}

/** True for a name of the IANA time zone database. */
function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return /^[A-Za-z]/.test(text);
  } catch {
    return false;
  }
}
