import { type Command, InvalidArgumentError, Option } from 'commander';
import { milliseconds } from '../../core/duration.ts';
import { type OutputFlags, outputOption, watchOption } from '../context.ts';

/** `--limit N`: how many at most. */
export function limitOption(what: string): Option {
  return new Option('--limit <number>', `at most this many ${what}`).default(50).argParser((text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1) return number;
    throw new InvalidArgumentError('it is a whole number from 1.');
  });
}

/** Gathers `k=v` of a flag that may be given again and again. */
export function gatherLabel(text: string, gathered: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('write it as key=value.');
  return { ...gathered, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** Gathers the values of a flag that may be given again and again, or with commas. */
export function gatherNames(text: string, gathered: readonly string[] = []): string[] {
  return [...gathered, ...text.split(',').filter((name) => name !== '')];
}

/** `--env NAME`, or the whole word: an environment. @param description what it narrows */
export function environmentOption(description: string): Option {
  return new Option('--env, --environment <environment>', description);
}

/** The flags by which promotions and rollouts are found. */
export interface JourneyFlags extends OutputFlags {
  readonly environment?: string;
  readonly application?: string;
  readonly state?: string;
  readonly active?: boolean;
  readonly limit: number;
}

/** Adds those flags. @param what `promotions`. @param states some of their states, for people */
export function findsJourneys(command: Command, what: string, states: string): Command {
  return command
    .addOption(environmentOption('only in one environment'))
    .option('--application <name>', 'only of one application')
    .option('--state <state>', `only ${states} ones`)
    .option('--active', 'only those that have not ended')
    .addOption(limitOption(what))
    .addOption(outputOption())
    .addOption(watchOption());
}

/** `--reason TEXT`: what the ledger keeps beside who and when. */
export function reasonOption(): Option {
  return new Option('--reason <text>', 'why, for the ledger and for whoever asks later');
}

/** Reads `90s`, `30m`, `1h30m`, `2d`. @returns milliseconds */
export function parseDuration(text: string): number {
  const duration = /^(\d+[dhms])+$/.test(text) ? milliseconds(text) : 0;
  if (duration > 0) return duration;
  throw new InvalidArgumentError('write it as 90s, 30m or 1h30m.');
}
