import { any, type Field, type ListType, type MapType, type Scalar, type Type } from './type.ts';
import { typesText } from './types.ts';

/**
 * Reads the notation of `types.ts`, a type a line: `name field:type field:type`. Types: `s` text, `n` number, `b`
 * boolean, `u` any scalar, `q` quantity, `?` anything, `[T]` a list replaced whole, `[T;a,b]` merged by the keys a and
 * b, `[T;]` merged by value, `{T}` a map, or the name of a type. `=` before a type, or after the name of one that is
 * defined, makes it atomic; `!` after a field's type says that it is always there, `~X` that X is its default as a key.
 */
const scalars: Readonly<Record<string, Type>> = {
  s: { is: 'scalar', scalar: 'string' },
  n: { is: 'scalar', scalar: 'number' },
  b: { is: 'scalar', scalar: 'boolean' },
  u: { is: 'scalar', scalar: 'untyped' },
  q: { is: 'scalar', scalar: 'quantity' } satisfies Scalar,
  '?': any,
};

let lines: ReadonlyMap<string, string> | null = null;
const types = new Map<string, MapType>();

/**
 * A type of the table by its name: `apps.Deployment`. All stores of a process share it.
 * @throws Error where there is none
 */
export function typeNamed(name: string): MapType {
  const known = types.get(name);
  if (known !== undefined) return known;
  lines ??= new Map(
    typesText
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.search(/[= ]/)), line]),
  );
  const line = lines.get(name);
  if (line === undefined) throw new Error(`the sandbox knows no type ${name}`);
  const [head = '', ...members] = line.split(' ');
  const type = lazyType(members, head.endsWith('='));
  types.set(name, type);
  return type;
}

/** Fields are read when they are first looked at: types refer to each other, and most are never needed. */
function lazyType(members: readonly string[], atomic: boolean): MapType {
  let fields: Map<string, Field> | null = null;
  return {
    is: 'map',
    values: null,
    atomic,
    get fields() {
      fields ??= new Map(members.map(readField));
      return fields;
    },
  };
}

function readField(text: string): [string, Field] {
  const colon = text.indexOf(':');
  const [expression = '', keyDefault] = text.slice(colon + 1).split('~');
  const always = expression.endsWith('!');
  const type = readType(always ? expression.slice(0, -1) : expression);
  return [text.slice(0, colon), { type, always, ...(keyDefault === undefined ? {} : { keyDefault }) }];
}

function readType(text: string): Type {
  const scalar = scalars[text];
  if (scalar !== undefined) return scalar;
  if (text.startsWith('[')) return readList(text.slice(1, -1));
  if (text.startsWith('{')) return { is: 'map', fields: new Map(), values: readType(text.slice(1, -1)), atomic: false };
  if (text.startsWith('=')) return { ...flat(readType(text.slice(1))), atomic: true };
  return typeNamed(text);
}

function readList(text: string): ListType {
  const at = text.lastIndexOf(';');
  if (at < 0 || text.indexOf(']', at) >= 0) return { is: 'list', items: readType(text), merge: 'atomic', keys: [] };
  const keys = text
    .slice(at + 1)
    .split(',')
    .filter((key) => key !== '');
  return { is: 'list', items: readType(text.slice(0, at)), merge: keys.length > 0 ? 'map' : 'set', keys };
}

function flat(type: Type): MapType {
  if (type.is !== 'map') throw new Error('only maps are marked atomic');
  return { is: 'map', fields: type.fields, values: type.values, atomic: true };
}
