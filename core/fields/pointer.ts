/** JSON pointers (RFC 6901) into objects, and the server's own way of writing a field turned into one. */

type Container = Record<string, unknown> | unknown[];

/** `['metadata', 'labels', 'a/b']` → `/metadata/labels/a~1b`. */
export function toPointer(path: readonly (string | number)[]): string {
  return path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The segments of a pointer; of the empty pointer, none. */
export function fromPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** True where `pointer` is `prefix` or lies beneath it. */
export function isWithin(pointer: string, prefix: string): boolean {
  return pointer === prefix || pointer.startsWith(`${prefix}/`);
}

/** What stands at a path, or undefined. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const segment of path) {
    if (!isContainer(current)) return undefined;
    current = (current as Record<string, unknown>)[segment];
  }
  return current;
}

/** A copy without the fields at the pointers. Maps and lists that this empties go too, so that nobody owns a husk. */
export function without<T>(object: T, pointers: readonly string[]): T {
  if (pointers.length === 0) return object;
  const copy = structuredClone(object);
  // From the end, so that taking a list item out moves no index that is still to come.
  for (const pointer of [...pointers].sort(byIndexDescending)) removeAt(copy, fromPointer(pointer));
  return copy;
}

/** Sets a field in place; true where its parent exists. */
export function setAt(object: unknown, path: readonly string[], value: unknown): boolean {
  const parent = valueAt(object, path.slice(0, -1));
  const last = path.at(-1);
  if (!isContainer(parent) || last === undefined) return false;
  (parent as Record<string, unknown>)[last] = value;
  return true;
}

function byIndexDescending(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true });
}

function removeAt(value: unknown, path: readonly string[]): void {
  const [first, ...rest] = path;
  if (first === undefined || !isContainer(value)) return;
  const child = (value as Record<string, unknown>)[first];
  if (child === undefined) return;
  if (rest.length > 0) {
    if (!isContainer(child)) return;
    removeAt(child, rest);
    if (sizeOf(child) > 0) return;
  }
  if (Array.isArray(value)) value.splice(Number(first), 1);
  else delete (value as Record<string, unknown>)[first];
}

/**
 * The pointer of a field as the API server writes it: `.spec.ports[port=80,protocol="TCP"].targetPort`,
 * `spec.containers[0].image`, `data[key]`, `.metadata.labels.a.b/c`. The object settles what dots mean, and which
 * item a key names. Null where there is no field in it.
 */
export function pointerOfField(field: string, object: unknown): string | null {
  const path: (string | number)[] = [];
  let current: unknown = object;
  let rest = field;
  while (rest !== '') {
    if (rest.startsWith('[')) {
      const end = closingBracket(rest);
      if (end < 0) return null;
      const step = stepInto(rest.slice(1, end), current);
      path.push(step);
      current = isContainer(current) ? (current as Record<string, unknown>)[step] : undefined;
      rest = rest.slice(end + 1);
    } else {
      const name = nextName(rest.replace(/^\./, ''), current);
      rest = rest.replace(/^\./, '').slice(name.length);
      if (name === '') return null;
      path.push(name);
      current = isContainer(current) ? (current as Record<string, unknown>)[name] : undefined;
    }
  }
  return path.length === 0 ? null : toPointer(path);
}

/** The longest member of the object that the text begins with; else up to the next dot or bracket. */
function nextName(text: string, current: unknown): string {
  let best = '';
  if (isContainer(current) && !Array.isArray(current)) {
    for (const key of Object.keys(current)) {
      const next = text[key.length];
      if (key.length > best.length && text.startsWith(key) && (next === undefined || next === '.' || next === '['))
        best = key;
    }
  }
  return best === '' ? (/^[^.[]+/.exec(text)?.[0] ?? '') : best;
}

function closingBracket(text: string): number {
  let quoted = false;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === ']' && !quoted) return at;
  }
  return -1;
}

function stepInto(inner: string, current: unknown): string | number {
  if (/^\d+$/.test(inner)) return Number(inner);
  if (!Array.isArray(current)) return inner;
  const keys = [...inner.matchAll(/([^=,]*)=("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, name = '', text = '']) => [name, parsed(text)] as const,
  );
  const index = current.findIndex((item) =>
    keys.every(([name, value]) => {
      if (name === '') return item === value;
      const own = (item as Record<string, unknown> | null)?.[name];
      return own === undefined || own === value;
    }),
  );
  return index < 0 ? inner : index;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function sizeOf(container: Container): number {
  return Array.isArray(container) ? container.length : Object.keys(container).length;
}
