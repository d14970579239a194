/**
 * Writes `types.ts`: the built-in kinds that the sandbox serves, with all they are made of, taken from the typed
 * schema that k8s.io/client-go carries for server-side apply.
 * Run: node sandbox/schema/generate.ts client-go/applyconfigurations/internal/internal.go > sandbox/schema/types.ts
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { builtinTypes } from '../kinds/builtin.ts';

interface SchemaType {
  readonly name?: string;
  readonly namedType?: string;
  readonly scalar?: string;
  readonly list?: { elementType: SchemaType; elementRelationship?: string; keys?: string[] };
  readonly map?: { fields?: SchemaField[]; elementType?: SchemaType; elementRelationship?: string };
  readonly elementRelationship?: string;
}
interface SchemaField {
  readonly name: string;
  readonly type: SchemaType;
  readonly default?: unknown;
}

const source = readFileSync(process.argv[2] ?? '', 'utf8');
const text = source.slice(source.indexOf('`types:') + 1, source.lastIndexOf('`'));
const all = new Map((parse(text) as { types: SchemaType[] }).types.map((type) => [type.name ?? '', type]));
const written = new Map<string, string>();

/** `io.k8s.api.apps.v1.Deployment` → `apps.Deployment`; versions other than v1 stay. */
function shortName(name: string): string {
  return name
    .replace(/^io\.k8s\.(api|apimachinery\.pkg\.apis)\./, '')
    .replace(/^io\.k8s\.apimachinery\.pkg\.(.*)\.([A-Za-z]+)$/, 'machinery.$2')
    .replace('.v1.', '.');
}

const scalars: Record<string, string> = { string: 's', numeric: 'n', boolean: 'b', untyped: 'u' };

function expression(type: SchemaType): string {
  if (type.namedType !== undefined) return named(type);
  if (type.list !== undefined) {
    const { elementType, elementRelationship, keys } = type.list;
    const merge = elementRelationship === 'associative' ? (keys === undefined ? ';' : `;${keys.join(',')}`) : '';
    return `[${expression(elementType)}${merge}]`;
  }
  if (type.map?.elementType !== undefined) {
    return `${type.map.elementRelationship === 'atomic' ? '=' : ''}{${expression(type.map.elementType)}}`;
  }
  return scalars[type.scalar ?? ''] ?? '?';
}

function named({ namedType = '', elementRelationship }: SchemaType): string {
  if (namedType.startsWith('__untyped')) return '?';
  if (namedType.endsWith('.Quantity')) return 'q';
  const type = all.get(namedType);
  if (type?.map?.fields === undefined) return type === undefined || type.map !== undefined ? '?' : expression(type);
  define(namedType, type.map.fields, type.map.elementRelationship === 'atomic');
  return `${elementRelationship === 'atomic' ? '=' : ''}${shortName(namedType)}`;
}

function define(name: string, fields: readonly SchemaField[], atomic: boolean): void {
  const short = shortName(name);
  if (written.has(short)) return;
  written.set(short, '');
  const members = fields.map((field) => {
    // The one list that every pod has, empty or not.
    const always = typeof field.default === 'object' || field.name === 'containers' ? '!' : '';
    const key = field.default === 'TCP' ? '~TCP' : '';
    return `${field.name}:${expression(field.type)}${always}${key}`;
  });
  written.set(short, `${short}${atomic ? '=' : ''} ${members.join(' ')}`);
}

for (const name of builtinTypes()) {
  const full = [...all.keys()].find((candidate) => shortName(candidate) === name);
  if (full === undefined) throw new Error(`${name} is not in the schema`);
  named({ namedType: full });
}
const lines = [...written.values()].sort().join('\n');
process.stdout.write(`/** Written by generate.ts from k8s.io/client-go v0.32.4. See read.ts for the notation. */
export const typesText = \`
${lines}
\`;
`);
