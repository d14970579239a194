import { constructFromEvents, EVENT_ID, type Event, parseEvents, type Schema, YAMLException } from 'js-yaml';
import type { Problem } from '../errors.ts';
import { refusalOf } from './limits.ts';
import { lineAt, lineCounter, offsetOf, type Position, positionsOf, type YamlPath } from './positions.ts';
import { kubeSchema } from './schema.ts';

export interface YamlDocument {
  /** Plain data; parts that came by an alias are shared, so it is not to be changed. */
  readonly value: unknown;
  /** From 1. */
  readonly line: number;
  /** The line of a field, or of the deepest of its parents that is there. */
  readonly lineOf: (path: YamlPath) => number;
}

export interface ParsedYaml {
  /** Without the empty ones. */
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
}

/** The largest file that is read: 8 MiB. */
const fileLimit = 8 * 1024 * 1024;

const depthLimit = 100;

/**
 * Reads the documents of a YAML (or JSON) file as kubectl does. Where anything in the file is wrong there is one
 * problem and no document: half a file is never taken for the whole.
 */
export function parseYaml(
  content: string | Uint8Array,
  { file, schema = kubeSchema }: { readonly file: string; readonly schema?: Schema },
): ParsedYaml {
  const refuse = (code: string, line: number | null, message: string, remedy: string | null): ParsedYaml => ({
    documents: [],
    problems: [{ code, severity: 'error', file, line, field: null, message, remedy }],
  });
  if (content.length > fileLimit) {
    return refuse('yaml-too-large', null, `${content.length} characters are more than 8 MiB`, 'split the file');
  }
  const text = typeof content === 'string' ? content : decode(content);
  if (text === null) return refuse('yaml-not-utf8', null, 'the file is not UTF-8 text', 'save it as UTF-8');
  try {
    const events = parseEvents(text, { maxDepth: depthLimit });
    const refusal = refusalOf(text, events);
    if (refusal !== null) {
      return refuse(refusal.code, lineCounter(text)(refusal.offset), refusal.message, refusal.remedy);
    }
    const values = constructFromEvents(events, { source: text, schema });
    return { documents: documentsOf(text, events, values), problems: [] };
  } catch (thrown) {
    if (!(thrown instanceof YAMLException)) throw thrown;
    const line = thrown.mark === undefined ? null : thrown.mark.line + 1;
    const { code, message, remedy } = explain(thrown.reason);
    return refuse(code, line, message, remedy);
  }
}

/** The text of UTF-8 bytes, without a byte order mark; null where they are none. */
export function decode(content: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

function documentsOf(text: string, events: readonly Event[], values: readonly unknown[]): YamlDocument[] {
  const documents: YamlDocument[] = [];
  const lineOfOffset = lineCounter(text);
  let start = 0;
  for (const value of values) {
    const end = endOf(events, start);
    const content = events.slice(start + 1, end);
    start = end + 1;
    const [first] = content;
    if (value === null || value === undefined || first === undefined) continue;
    let positions: Position | null = null;
    documents.push({
      value,
      line: lineOfOffset(offsetOf(first)),
      lineOf: (path) => {
        positions ??= positionsOf(text, content, lineOfOffset);
        return lineAt(positions, path);
      },
    });
  }
  return documents;
}

/** The index of the event that closes the document which begins at `start`. */
function endOf(events: readonly Event[], start: number): number {
  let depth = 0;
  for (let index = start; index < events.length; index++) {
    const type = events[index]?.type;
    if (type === EVENT_ID.POP) depth--;
    else if (type === EVENT_ID.DOCUMENT || type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) depth++;
    if (depth === 0) return index;
  }
  return events.length;
}

function explain(reason: string): { code: string; message: string; remedy: string | null } {
  if (reason.includes('duplicated mapping key')) {
    return { code: 'yaml-duplicate-key', message: 'a key stands twice in one map', remedy: 'keep one of them' };
  }
  if (reason.includes('maxDepth')) {
    return {
      code: 'yaml-too-deep',
      message: `maps and lists are nested more than ${depthLimit} deep`,
      remedy: 'flatten them',
    };
  }
  if (reason.includes('maxTotalMergeKeys') || reason.includes('abnormal merge')) {
    return {
      code: 'yaml-alias-bomb',
      message: 'the merge keys (<<) of this file expand to more than 10,000 keys',
      remedy: 'write the values out',
    };
  }
  if (/unknown .* tag/.test(reason)) {
    return { code: 'yaml-tag', message: `${reason} is not read here`, remedy: 'leave the tag out' };
  }
  return { code: 'yaml-syntax', message: reason, remedy: null };
}
