import type { TSchema } from 'typebox';
import type { YamlPath } from '../yaml/positions.ts';
import { type Format, formatFlaw } from './formats.ts';
import { remedyFor } from './suggest.ts';

/** One thing wrong with a value. */
export interface Issue {
  readonly code: 'field-missing' | 'field-unknown' | 'field-invalid';
  readonly path: YamlPath;
  readonly message: string;
  readonly remedy: string | null;
}

/**
 * Checks a value against the schema of a kind, and gives it the schema's defaults. A field that is null counts as
 * left out, as it does for kubectl. Here rather than by a general validator, because people read what is found:
 * every field that is wrong once, by its path, with what was expected and what was probably meant.
 * @returns the value with defaults; it is of the schema's type where there is no issue
 */
export function check(schema: TSchema, value: unknown): { readonly value: unknown; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  return { value: visit(schema as Rule, value, [], issues), issues };
}

/** The parts of JSON Schema that the kinds are written in, and what Fairway adds: `expected`, `keys`, `concealed`. */
interface Rule {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly properties?: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Rule>>;
  readonly items?: Rule;
  readonly anyOf?: readonly Rule[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly format?: Format;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  /** What a person is told was wanted. */
  readonly expected?: string;
  /** What to do where a text is not of its format. */
  readonly remedy?: string;
  /** The same for the keys of a map. */
  readonly keys?: string;
  /** The value may hold a secret by mistake: it is not repeated. */
  readonly concealed?: boolean;
}

function visit(rule: Rule, value: unknown, path: YamlPath, issues: Issue[]): unknown {
  if (rule.anyOf !== undefined) return visitUnion(rule, rule.anyOf, value, path, issues);
  if (rule.enum !== undefined) return visitEnum(rule.enum, value, path, issues);
  switch (rule.type) {
    case 'object':
      return visitObject(rule, value, path, issues);
    case 'array':
      return visitArray(rule, value, path, issues);
    case 'string':
      visitText(rule, value, path, issues);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') issues.push(invalid(rule, value, path, 'true or false'));
      return value;
    case 'integer':
    case 'number':
      if (!isNumber(rule, value)) issues.push(invalid(rule, value, path, describeNumber(rule)));
      return value;
    case undefined:
      return value;
  }
}

function visitText(rule: Rule, value: unknown, path: YamlPath, issues: Issue[]): void {
  if (typeof value !== 'string') issues.push(invalid(rule, value, path, 'a text (quote it)'));
  else if (!isText(rule, value)) issues.push(invalid(rule, value, path, 'another text'));
  else {
    const flaw = rule.format === undefined ? null : formatFlaw(rule.format, value);
    if (flaw === null) return;
    const issue = invalid(rule, value, path, 'another text');
    issues.push(flaw === '' ? issue : { ...issue, message: `${issue.message}: ${flaw}`, remedy: rule.remedy ?? null });
  }
}

function visitObject(rule: Rule, value: unknown, path: YamlPath, issues: Issue[]): unknown {
  if (!isMap(value)) {
    issues.push(invalid(rule, value, path, 'a map'));
    return value;
  }
  if (rule.patternProperties !== undefined) return visitRecord(rule, rule.patternProperties, value, path, issues);
  const properties = rule.properties ?? {};
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(properties, key)) continue;
    const remedy = remedyFor(key, Object.keys(properties));
    issues.push({ code: 'field-unknown', path: [...path, key], message: `there is no field ${key} here`, remedy });
  }
  const result: [string, unknown][] = [];
  for (const [key, property] of Object.entries(properties)) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const member = given ?? property.default;
    if (member !== undefined) result.push([key, visit(property, member, [...path, key], issues)]);
    else if (rule.required?.includes(key)) {
      const remedy = property.expected === undefined ? null : `give it ${property.expected}`;
      issues.push({ code: 'field-missing', path: [...path, key], message: `${key} is missing`, remedy });
    }
  }
  return Object.fromEntries(result);
}

function visitRecord(
  rule: Rule,
  patterns: Readonly<Record<string, Rule>>,
  value: Readonly<Record<string, unknown>>,
  path: YamlPath,
  issues: Issue[],
): unknown {
  const result: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const [, property] = Object.entries(patterns).find(([pattern]) => new RegExp(pattern, 'u').test(key)) ?? [];
    if (property !== undefined) result.push([key, visit(property, member, [...path, key], issues)]);
    else issues.push(invalid({ expected: rule.keys ?? 'another key' }, key, [...path, key], ''));
  }
  return Object.fromEntries(result);
}

function visitArray(rule: Rule, value: unknown, path: YamlPath, issues: Issue[]): unknown {
  if (!Array.isArray(value)) {
    issues.push(invalid(rule, value, path, 'a list'));
    return value;
  }
  const { items = {}, minItems = 0, maxItems = 1000 } = rule;
  if (value.length < minItems) issues.push(invalid({}, value, path, `a list of at least ${minItems}`));
  else if (value.length > maxItems) issues.push(invalid(rule, value, path, `a list of at most ${maxItems}`));
  else return value.map((item, index) => visit(items, item, [...path, index], issues));
  return value;
}

function visitUnion(rule: Rule, variants: readonly Rule[], value: unknown, path: YamlPath, issues: Issue[]): unknown {
  const close: Issue[][] = [];
  for (const variant of variants) {
    const own: Issue[] = [];
    const result = visit(variant, value, path, own);
    if (own.length === 0) return result;
    const isShape = (issue: Issue) => issue.code !== 'field-invalid' || issue.path.length === path.length;
    if (saysWhich(variant, value) && !own.some(isShape)) close.push(own);
  }
  // Where it can only be meant for one of them, what is wrong in its fields says more than that it is none of all.
  if (close.length === 1) issues.push(...(close[0] ?? []));
  else issues.push(invalid(rule, value, path, 'something else'));
  return value;
}

/** False where a word of the value, such as an operator, belongs to another variant. */
function saysWhich({ properties = {} }: Rule, value: unknown): boolean {
  return (
    isMap(value) && Object.entries(properties).every(([key, property]) => property.enum?.includes(value[key]) ?? true)
  );
}

function visitEnum(allowed: readonly unknown[], value: unknown, path: YamlPath, issues: Issue[]): unknown {
  if (allowed.includes(value)) return value;
  const words = allowed.map(String);
  const issue = invalid({}, value, path, `one of ${words.join(', ')}`);
  issues.push({ ...issue, remedy: remedyFor(String(value), words) });
  return value;
}

function isText(rule: Rule, value: string): boolean {
  if (value.length < (rule.minLength ?? 0) || value.length > (rule.maxLength ?? 4096)) return false;
  return rule.pattern === undefined || new RegExp(rule.pattern, 'u').test(value);
}

function isNumber(rule: Rule, value: unknown): boolean {
  if (typeof value !== 'number' || (rule.type === 'integer' && !Number.isInteger(value))) return false;
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity } = rule;
  return value >= minimum && value <= maximum && value > exclusiveMinimum;
}

function describeNumber({ type, minimum, maximum, exclusiveMinimum }: Rule): string {
  const bounds = [
    minimum === undefined ? [] : [`at least ${minimum}`],
    exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`],
    maximum === undefined ? [] : [`at most ${maximum}`],
  ].flat();
  return [type === 'integer' ? 'a whole number' : 'a number', ...bounds].join(', ');
}

function invalid(rule: Rule, value: unknown, path: YamlPath, otherwise: string): Issue {
  const text = rule.concealed === true ? 'something else' : (JSON.stringify(value) ?? 'nothing');
  const found = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return {
    code: 'field-invalid',
    path,
    message: `expected ${rule.expected ?? otherwise}; found ${found}`,
    remedy: null,
  };
}

/** True for a map, and for nothing else. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
