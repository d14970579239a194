import { wireText } from './wire.ts';

/**
 * Reads the notation of `wire.ts`, a message a line: `NAME number:field:type …`. Types: `s` text, `v` whole number, `b`
 * boolean, `d` double, `y` bytes, `t` time, `q` quantity, `i` number or text, `r` JSON in bytes, else a message. Before
 * a type: `*` a list, `{` a map from texts, `&` a pointer, which tells zero from nothing. A field without a name is
 * part of what holds it.
 */
export interface WireField {
  readonly name: string;
  readonly type: string;
  readonly shape: 'one' | 'list' | 'map';
  readonly pointer: boolean;
}

let lines: ReadonlyMap<string, string> | null = null;
const messages = new Map<string, ReadonlyMap<number, WireField>>();

function allLines(): ReadonlyMap<string, string> {
  lines ??= new Map(
    wireText
      .trim()
      .split('\n')
      .map((line) => [line.split(' ', 1)[0] ?? '', line]),
  );
  return lines;
}

/** True for a message of the table. */
export function isMessage(name: string): boolean {
  return allLines().has(name);
}

/** The fields of a message by their numbers; none for one that is not in the table. */
export function messageFields(name: string): ReadonlyMap<number, WireField> {
  const known = messages.get(name);
  if (known !== undefined) return known;
  const fields = new Map((allLines().get(name) ?? '').split(' ').slice(1).map(readField));
  messages.set(name, fields);
  return fields;
}

function readField(text: string): [number, WireField] {
  const [number = '', name = '', code = ''] = text.split(':');
  const shape = code.startsWith('*') ? 'list' : code.startsWith('{') ? 'map' : 'one';
  const type = code.replace(/^[*{&]/, '');
  return [Number(number), { name, type, shape, pointer: code.startsWith('&') }];
}
