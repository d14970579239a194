import { toPointer } from './pointer.ts';
import { isMap } from './values.ts';

/**
 * Fields of an object, named for people: a JSON pointer (`/spec/replicas`) in which an item of a list may also be told
 * by its keys (`/spec/template/spec/containers[name=proxy]/image`, `/metadata/finalizers[=example.com/hold]`), and `*`
 * stands for every member or item. What lies beneath a field belongs to it.
 */
export type FieldPattern = readonly Step[];

type Step =
  | { readonly step: 'member'; readonly name: string }
  | { readonly step: 'item'; readonly keys: readonly (readonly [name: string, value: string])[] }
  | { readonly step: 'any' };

const nameForm = String.raw`(?:[^~/\[\]]|~[01])+`;
/** Quoted where it holds a comma, a quote or a bracket. */
const valueForm = String.raw`(?:"(?:[^"\\]|\\.)*"|[^,"\]]*)`;
const keyForm = String.raw`[^=,"\[\]]*=${valueForm}`;
const itemForm = String.raw`\[${keyForm}(?:,${keyForm})*\]`;
const whole = new RegExp(`^(?:/${nameForm}(?:${itemForm})*)+$`, 'u');
const part = new RegExp(`/(?<name>${nameForm})|(?<item>${itemForm})`, 'gu');
const key = new RegExp(`(?<name>[^=,"\\[\\]]*)=(?<value>${valueForm})`, 'gu');

/** Reads a pattern; null where the text is none. */
export function parseFieldPattern(text: string): FieldPattern | null {
  if (!whole.test(text)) return null;
  return [...text.matchAll(part)].map(({ groups }): Step => {
    const { name, item = '' } = groups as { readonly name?: string; readonly item?: string };
    if (name === '*') return { step: 'any' };
    if (name !== undefined) return { step: 'member', name: name.replaceAll('~1', '/').replaceAll('~0', '~') };
    return { step: 'item', keys: [...item.slice(1, -1).matchAll(key)].map(keyOf) };
  });
}

function keyOf({ groups: { name = '', value = '' } = {} }: RegExpMatchArray): readonly [name: string, value: string] {
  return [name, value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value];
}

/** What is left of the patterns one step further down; the item is what stands there in the object at hand. */
export function below(patterns: readonly FieldPattern[], name: string, item: unknown): readonly FieldPattern[] {
  if (patterns.length === 0) return patterns;
  return patterns.flatMap(([first, ...rest]) => (first !== undefined && isStep(first, name, item) ? [rest] : []));
}

/** True where one of the patterns has come to its end: the field at hand is named by it. */
export function isCovered(patterns: readonly FieldPattern[]): boolean {
  return patterns.some(({ length }) => length === 0);
}

/** JSON pointers of all that the patterns name in an object. */
export function pointersIn(patterns: readonly FieldPattern[], object: unknown): readonly string[] {
  const pointers: string[] = [];
  const visit = (left: readonly FieldPattern[], value: unknown, path: readonly string[]) => {
    if (isCovered(left)) pointers.push(toPointer(path));
    else if (left.length > 0 && typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) visit(below(left, name, member), member, [...path, name]);
  };
  visit(patterns, object, []);
  return pointers;
}

function isStep(step: Step, name: string, item: unknown): boolean {
  switch (step.step) {
    case 'any':
      return true;
    case 'member':
      return step.name === name;
    case 'item':
      return step.keys.every(([own, value]) => textOf(own === '' ? item : memberOf(item, own)) === value);
  }
}

function memberOf(item: unknown, name: string): unknown {
  return isMap(item) ? item[name] : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
