import { EVENT_ID, type Event, getScalarValue } from 'js-yaml';

/** A path into a document: keys of maps and indices of lists. */
export type YamlPath = readonly (string | number)[];

/** Where a node of a document stands, and its children by key or index. */
export interface Position {
  readonly line: number;
  readonly children: ReadonlyMap<string | number, Position>;
}

/** Makes a function from an offset in a text to its line, from 1. Offsets below zero are on line 1. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** The offset at which an event's text begins; -1 for one without text. */
export function offsetOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return firstOf(event.tagStart, event.anchorStart, event.valueStart);
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return firstOf(event.tagStart, event.anchorStart, event.start);
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
      return -1;
  }
}

function firstOf(...offsets: number[]): number {
  return Math.min(...offsets.filter((offset) => offset >= 0));
}

/**
 * Where each field of a document stands: at a map's key, at a list's item. An alias stands where it is written,
 * and has the children of its anchor.
 * @param events of one document, without its own first and last
 * @param lineOf the `lineCounter` of the text, which many documents share
 */
export function positionsOf(text: string, events: readonly Event[], lineOf: (offset: number) => number): Position {
  const anchors = new Map<string, Position>();
  let next = 0;

  const read = (): Position => {
    const event = events[next++];
    if (event === undefined) return { line: 1, children: new Map() };
    const line = lineOf(offsetOf(event));
    if (event.type === EVENT_ID.ALIAS) {
      return { line, children: anchors.get(text.slice(event.anchorStart, event.anchorEnd))?.children ?? new Map() };
    }
    const children = new Map<string | number, Position>();
    const position = { line, children };
    if ('anchorStart' in event && event.anchorStart >= 0) {
      anchors.set(text.slice(event.anchorStart, event.anchorEnd), position);
    }
    if (event.type === EVENT_ID.SEQUENCE) {
      for (let index = 0; !closes(events[next]); index++) children.set(index, read());
      next++;
    } else if (event.type === EVENT_ID.MAPPING) {
      while (!closes(events[next])) {
        const key = events[next];
        const { line } = read();
        const name = key?.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : '';
        children.set(name, { line, children: read().children });
      }
      next++;
    }
    return position;
  };
  return read();
}

function closes(event: Event | undefined): boolean {
  return event === undefined || event.type === EVENT_ID.POP;
}

/** The line of the deepest part of a path that is there: a field that is missing is looked for where it should be. */
export function lineAt(root: Position, path: YamlPath): number {
  let position = root;
  for (const part of path) {
    const child = position.children.get(part);
    if (child === undefined) break;
    position = child;
  }
  return position.line;
}

/** A path for people: `spec.rollout.waves[0].percent`, `metadata.labels["a.b/c"]`. */
export function fieldOf(path: YamlPath): string {
  let field = '';
  for (const part of path) {
    if (typeof part === 'number') field += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) field += field === '' ? part : `.${part}`;
    else field += `[${JSON.stringify(part)}]`;
  }
  return field;
}
