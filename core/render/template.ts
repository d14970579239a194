import { defineMappingTag, defineScalarTag, mapTag, NOT_RESOLVED, type Schema } from 'js-yaml';
import { FairwayError } from '../errors.ts';
import { lineCounter } from '../yaml/positions.ts';
import { kubeSchema } from '../yaml/schema.ts';
import { parseReference, type Reference } from './variables.ts';

/**
 * `${{ … }}` in manifests (G3). Placeholders are taken out of the text before YAML is read, so that braces and
 * quotes in them mean nothing to YAML, and each stands as a sentinel in the values that come of it. A file is read
 * once; what comes of it is evaluated for many clusters.
 */

/** One `${{ … }}`. */
interface Placeholder {
  /** As it was written, for errors: `${{ logLevel }}`. */
  readonly text: string;
  readonly line: number;
  /** Null: what stands between the braces is no reference. */
  readonly reference: Reference | null;
}

/** A file's text with its placeholders taken out. */
export interface Extracted {
  readonly text: string;
  readonly placeholders: readonly Placeholder[];
  /** Reads the text; a plain scalar that is one whole placeholder becomes a marker, to take a value of any type. */
  readonly schema: Schema;
  /** Stands at both ends of a placeholder's number. */
  readonly mark: string;
}

/** A placeholder where it is used. */
interface Usage {
  readonly placeholder: Placeholder;
  /** Within a longer or a quoted text: the value must be a scalar, and is written as text. */
  readonly embedded: boolean;
}

/** A value with placeholders in it. `evaluate` is null where there are none: then `value` is all there is. */
export interface Template {
  readonly value: unknown;
  readonly usages: readonly Usage[];
  readonly evaluate: ((lookUp: (reference: Reference) => unknown) => unknown) | null;
}

/** Candidates for the mark: private-use characters, of which a file that uses one itself leaves others. */
const marks = Array.from({ length: 64 }, (_, index) => String.fromCodePoint(0xe000 + index));

/** No brace within: a file of nothing but `${{` is read in one pass too. */
const placeholderPattern = /\$\$\{\{|\$\{\{(?:([^\n{}]*)\}\})?/g;

/** What stands for `$${{`: an escaped placeholder, which is the text itself. */
const escaped = 'e';

/**
 * Takes the placeholders out of a file's text. `$${{` stands for the text `${{`.
 * @throws FairwayError `placeholders-unreadable`: the file uses every character that could mark them
 */
export function extractPlaceholders(text: string): Extracted {
  if (!text.includes('${{')) return { text, placeholders: [], schema: kubeSchema, mark: '' };
  const mark = freeMark(text);
  const placeholders: Placeholder[] = [];
  const lineOf = lineCounter(text);
  const replaced = text.replace(placeholderPattern, (match, inner: string | undefined, offset: number) => {
    if (match === '$${{') return `${mark}${escaped}${mark}`;
    placeholders.push({
      text: match,
      line: lineOf(offset),
      reference: inner === undefined ? null : parseReference(inner.trim()),
    });
    return `${mark}${placeholders.length - 1}${mark}`;
  });
  return { text: replaced, placeholders, schema: templateSchema, mark };
}

/** A mark that the text neither holds nor spells by an escape. */
function freeMark(text: string): string {
  const lower = text.toLowerCase();
  const spelt = (mark: string) => lower.includes(mark.codePointAt(0)?.toString(16) ?? mark);
  const mark = marks.find((candidate) => !text.includes(candidate) && !spelt(candidate));
  if (mark !== undefined) return mark;
  throw new FairwayError('placeholders-unreadable', 'the file uses all of the private characters U+E000 to U+E03F', {
    remedy: 'take them out of files that have placeholders',
  });
}

const wholeKey = Symbol('whole placeholder');
interface Whole {
  /** The sentinel: a mark, a number, the mark. */
  readonly [wholeKey]: string;
}

function isWhole(value: unknown): value is Whole {
  return typeof value === 'object' && value !== null && wholeKey in value;
}

const wholeTag = defineScalarTag<Whole>('tag:fairway.dev,2026:placeholder', {
  implicit: true,
  implicitFirstChars: marks,
  resolve: (source, isExplicit) => {
    const [mark = ''] = source;
    const isSentinel = source.endsWith(mark) && /^\d+$/.test(source.slice(mark.length, -mark.length));
    return isSentinel && !isExplicit ? { [wholeKey]: source } : NOT_RESOLVED;
  },
  identify: () => false,
});

/** A map's key is a text, whatever its placeholder's value would be. */
const templateMapTag = defineMappingTag<Record<string, unknown>>(mapTag.tagName, {
  ...mapTag,
  addPair: (carrier, key, value) => mapTag.addPair(carrier, isWhole(key) ? key[wholeKey] : key, value),
  has: (carrier, key) => mapTag.has(carrier, isWhole(key) ? key[wholeKey] : key),
});

const templateSchema = kubeSchema.withTags(wholeTag, templateMapTag);

/** Makes a template of a value that was read with the schema of what was extracted. */
export function compileTemplate(value: unknown, { placeholders, mark }: Extracted): Template {
  if (mark === '') return { value, usages: [], evaluate: null };
  const usages: Usage[] = [];
  const use = (placeholder: Placeholder, embedded: boolean): Reference => {
    usages.push({ placeholder, embedded });
    return placeholder.reference ?? { type: 'variable', name: placeholder.text };
  };

  const compileText = (text: string): Evaluate | null => {
    if (!text.includes(mark)) return null;
    const parts = text.split(mark).map((part, index) => {
      if (index % 2 === 0) return part;
      const placeholder = part === escaped ? undefined : placeholders[Number(part)];
      return placeholder === undefined ? '${{' : use(placeholder, true);
    });
    return (lookUp) => parts.map((part) => (typeof part === 'string' ? part : String(lookUp(part)))).join('');
  };

  const compile = (node: unknown): Evaluate | null => {
    if (typeof node === 'string') return compileText(node);
    if (typeof node !== 'object' || node === null) return null;
    if (isWhole(node)) {
      const placeholder = placeholders[Number(node[wholeKey].slice(mark.length, -mark.length))];
      const reference = placeholder === undefined ? null : use(placeholder, false);
      return (lookUp) => (reference === null ? null : lookUp(reference));
    }
    if (Array.isArray(node)) {
      const items = node.map(compile);
      if (items.every((item) => item === null)) return null;
      return (lookUp) => items.map((item, index) => (item === null ? node[index] : item(lookUp)));
    }
    const entries = Object.entries(node).map(([key, member]) => ({
      ...{ key, member },
      ...{ keyOf: compileText(key), memberOf: compile(member) },
    }));
    if (entries.every(({ keyOf, memberOf }) => keyOf === null && memberOf === null)) return null;
    return (lookUp) =>
      Object.fromEntries(
        entries.map(({ key, member, keyOf, memberOf }) => [
          keyOf === null ? key : keyOf(lookUp),
          memberOf === null ? member : memberOf(lookUp),
        ]),
      );
  };

  return { value, usages, evaluate: compile(value) };
}

type Evaluate = (lookUp: (reference: Reference) => unknown) => unknown;
