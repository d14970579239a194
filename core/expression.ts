import { Environment } from '@marcbachmann/cel-js';
import { FairwayError, messageOf } from './errors.ts';

/** Expressions of the Common Expression Language over one Kubernetes object, which they call `object`. */
export type Expression<Type> = (object: unknown) => Type;

interface ExpressionTypes {
  readonly bool: boolean;
  readonly string: string;
}

/** Enough for whatever says something of an object; an expression that needs more is a program. */
const limits = { maxAstNodes: 1_000, maxDepth: 64, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 16 };

const environment = new Environment({
  limits,
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
}).registerVariable('object', 'dyn');

/**
 * Compiles an expression. The result throws a FairwayError `expression-failed` where an object does not let it be
 * evaluated, or where it gives a value of another type.
 * @throws FairwayError `expression-invalid` where it is none, names what does not exist, or cannot give that type
 */
export function compileExpression<Type extends keyof ExpressionTypes>(
  text: string,
  type: Type,
): Expression<ExpressionTypes[Type]> {
  const flaw = expressionFlaw(text, type);
  if (flaw !== null) throw new FairwayError('expression-invalid', flaw);
  const evaluate = environment.parse(text);
  return (object) => {
    const value = attempt(() => evaluate({ object: celValue(object) }));
    const found = typeof value === 'boolean' ? 'bool' : typeof value;
    if (found === type) return value as ExpressionTypes[Type];
    throw new FairwayError('expression-failed', `it gives ${nameOf(value)}, not a ${type}`);
  };
}

/** What is wrong with an expression that is to give a value of a type, as a sentence; null where nothing is. */
export function expressionFlaw(text: string, type: keyof ExpressionTypes): string | null {
  const { valid, type: given, error } = environment.check(text);
  if (!valid) return `${sentenceOf(error)}${placeOf(error, text)}`;
  return given === type || given === 'dyn' ? null : `it gives a ${given}, not a ${type}`;
}

function attempt(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof Error) || !('summary' in error)) throw error;
    throw new FairwayError('expression-failed', sentenceOf(error), { cause: error });
  }
}

/** JSON has one kind of number; to CEL, a whole one is an integer, and no operator takes one of each. */
function celValue(value: unknown): unknown {
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  if (Array.isArray(value)) return value.map(celValue);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([name, member]) => [name, celValue(member)]));
}

/** The library's errors show the whole expression under their first line, which says what is wrong. */
function sentenceOf(error: unknown): string {
  const [first = ''] = messageOf(error).split('\n');
  return first.length > 200 ? `${first.slice(0, 200)}…` : first;
}

function placeOf(error: unknown, text: string): string {
  const { start } = (error as { range?: { start?: number } }).range ?? {};
  if (start === undefined) return '';
  const before = text.slice(0, start).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value === 'bigint' ? 'whole number' : typeof value}`;
}
