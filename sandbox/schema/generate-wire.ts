/**
 * Writes `wire.ts`: the field numbers of the kinds that the sandbox serves, taken from the protocol buffers of k8s.io/api.
 * Run: node sandbox/schema/generate-wire.ts k8s.io/api k8s.io/apimachinery > sandbox/schema/wire.ts
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinTypes } from '../kinds/builtin.ts';
import { typeNamed } from './read.ts';

const [api = '', machinery = ''] = process.argv.slice(2);
const files: Record<string, string> = { meta: join(machinery, 'pkg/apis/meta/v1/generated.proto') };
const fileOf = (scope: string) => {
  const [group = '', version = 'v1'] = scope.split('.');
  return files[scope] ?? join(api, group, version, 'generated.proto');
};
const parsed = new Map<string, Map<string, string>>();
const written = new Map<string, string>();

/** The messages of a scope (`apps`, `autoscaling.v2`), by name, without comments. */
function messagesOf(scope: string): Map<string, string> {
  const known = parsed.get(scope);
  if (known !== undefined) return known;
  const text = readFileSync(fileOf(scope), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
  const messages = new Map(
    [...text.matchAll(/^message (\w+) \{([^}]*)\}/gm)].map(([, name = '', body = '']) => [name, body]),
  );
  parsed.set(scope, messages);
  return messages;
}

const scalars: Record<string, string> = {
  string: 's',
  bool: 'b',
  int32: 'v',
  int64: 'v',
  uint32: 'v',
  uint64: 'v',
  bytes: 'y',
  double: 'd',
};
const special: Record<string, string> = {
  Time: 't',
  MicroTime: 't',
  Quantity: 'q',
  IntOrString: 'i',
  RawExtension: 'r',
  FieldsV1: 'r',
};

function code(type: string, scope: string): string {
  const scalar = scalars[type];
  if (scalar !== undefined) return scalar;
  const name = type.slice(type.lastIndexOf('.') + 1);
  const known = special[name];
  if (known !== undefined) return known;
  const match = /^\.?k8s\.io\.(?:api|apimachinery\.pkg\.apis)\.(\w+)\.(\w+)\.\w+$/.exec(type);
  const where = match === null ? scope : match[2] === 'v1' ? (match[1] ?? '') : `${match[1]}.${match[2]}`;
  define(where, name);
  return `${where}.${name}`;
}

/** The field numbers of a message that are pointers in Go: only they tell zero from nothing. */
function pointersOf(scope: string, name: string): ReadonlySet<string> {
  const source = readFileSync(fileOf(scope).replace(/generated\.proto$/, 'types.go'), 'utf8');
  const body = new RegExp(`^type ${name} struct \\{\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1] ?? '';
  return new Set([...body.matchAll(/^\s+\w+\s+\*\S+\s+`.*protobuf:"\w+,(\d+),/gm)].map(([, number = '']) => number));
}

/** The JSON names of a type, where it has one of its own; embedded Go structs have none. */
function jsonNames(name: string): ReadonlySet<string> | null {
  try {
    return new Set(typeNamed(name).fields.keys());
  } catch {
    return null;
  }
}

function define(scope: string, name: string): void {
  const full = `${scope}.${name}`;
  if (written.has(full)) return;
  written.set(full, '');
  const body = messagesOf(scope).get(name);
  if (body === undefined) throw new Error(`${full} is in no file`);
  const names = jsonNames(full);
  const pointers = pointersOf(scope, name);
  const fields = [...body.matchAll(/(optional|repeated|map<string, ([\w.]+)>) ?([\w.]*) (\w+) = (\d+);/g)].map(
    ([, label = '', valueType = '', type = '', field = '', number = '']) => {
      const json = names?.has(field) === false && names.has(field.toLowerCase()) ? field.toLowerCase() : field;
      if (label.startsWith('map')) return `${number}:${json}:{${code(valueType, scope)}`;
      const inline = names?.has(json) === false && scalars[type] === undefined;
      const mark = label === 'repeated' ? '*' : pointers.has(number) ? '&' : '';
      return `${number}:${inline ? '' : json}:${mark}${code(type, scope)}`;
    },
  );
  written.set(full, `${full} ${fields.join(' ')}`);
}

const reviews = [
  'SelfSubjectAccessReview',
  'SelfSubjectRulesReview',
  'SubjectAccessReview',
  'LocalSubjectAccessReview',
];
for (const type of builtinTypes()) define(type.slice(0, type.lastIndexOf('.')), type.slice(type.lastIndexOf('.') + 1));
for (const review of reviews) define('authorization', review);
define('authentication', 'SelfSubjectReview');
define('autoscaling', 'Scale');
define('meta', 'DeleteOptions');
process.stdout.write(`/** Written by generate-wire.ts from k8s.io/api v0.32.4. See fields/wire.ts for the notation. */
export const wireText = \`
${[...written.values()].sort().join('\n')}
\`;
`);
