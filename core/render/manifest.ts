import type { Problem } from '../errors.ts';
import { isMap } from '../kinds/check.ts';
import type { KubeObject } from '../objects/object.ts';
import { fieldOf } from '../yaml/positions.ts';
import { decode, parseYaml } from '../yaml/yaml.ts';
import { compileTemplate, extractPlaceholders, type Template } from './template.ts';

/** One object of a file, before its variables have values. */
export interface Manifest {
  readonly template: Template;
  readonly file: string;
  readonly line: number;
}

/**
 * Reads the objects of one manifest file; the items of a `List` stand for themselves. A file that SOPS encrypted
 * is one manifest without placeholders, whose `sops` is the text of the file: its signature covers every byte (A13).
 */
export function readManifests(file: string, content: Uint8Array): { manifests: Manifest[]; problems: Problem[] } {
  const text = decode(content);
  if (text === null) return { manifests: [], problems: [...parseYaml(content, { file }).problems] };
  const extracted = extractPlaceholders(text);
  const { documents, problems } = parseYaml(extracted.text, { file, schema: extracted.schema });
  if (documents.some(({ value }) => isEncrypted(value))) return readEncrypted(file, text);

  const manifests: Manifest[] = [];
  for (const document of documents) {
    const { value } = document;
    if (isMap(value) && isList(value)) {
      value.items.forEach((item, index) => {
        manifests.push({
          template: compileTemplate(item, extracted),
          file,
          line: document.lineOf(['items', index]),
        });
      });
    } else manifests.push({ template: compileTemplate(value, extracted), file, line: document.line });
  }
  return { manifests, problems: [...problems] };
}

function isList(value: Readonly<Record<string, unknown>>): value is { items: readonly unknown[] } {
  return typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items);
}

function isEncrypted(value: unknown): boolean {
  return isMap(value) && isMap(value.sops) && 'mac' in value.sops;
}

function readEncrypted(file: string, text: string): { manifests: Manifest[]; problems: Problem[] } {
  const { documents, problems } = parseYaml(text, { file });
  const [document, second] = documents;
  if (document === undefined || !isMap(document.value)) return { manifests: [], problems: [...problems] };
  if (second !== undefined) {
    const remedy = 'encrypt each object in a file of its own';
    const message = 'a file that SOPS encrypted holds more than one object';
    return { manifests: [], problems: [problemOf('sops-several', file, second.line, null, message, remedy)] };
  }
  const { apiVersion, kind, metadata } = document.value;
  const hidden = hiddenName(document.value);
  if (hidden !== null) {
    const message = 'SOPS encrypted what says which object this is';
    const remedy = "encrypt values alone: `sops encrypt --encrypted-regex '^(data|stringData)$'`";
    return {
      manifests: [],
      problems: [problemOf('sops-name-encrypted', file, document.line, hidden, message, remedy)],
    };
  }
  const value = { apiVersion, kind, metadata, sops: text };
  return {
    manifests: [{ template: { value, usages: [], evaluate: null }, file, line: document.line }],
    problems: [],
  };
}

/** The first of the fields that name an object and are encrypted; null where none is. */
function hiddenName({ apiVersion, kind, metadata }: Readonly<Record<string, unknown>>): string | null {
  const { name, namespace } = isMap(metadata) ? metadata : {};
  const fields = { apiVersion, kind, 'metadata.name': name, 'metadata.namespace': namespace };
  const found = Object.entries(fields).find(([, value]) => typeof value === 'string' && value.startsWith('ENC['));
  return found?.[0] ?? null;
}

/** Fields that only the API server writes. Taken out, for what is exported by `kubectl get` carries them. */
const serverFields = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

/**
 * Makes an object of what a manifest evaluated to, without `status` and what else only the server writes.
 * @returns the object, or null where an error is among the problems
 */
export function toObject(
  value: unknown,
  { file, line }: Pick<Manifest, 'file' | 'line'>,
): { object: KubeObject | null; problems: Problem[] } {
  const errors = isMap(value) ? errorsOf(value) : [{ field: null, message: 'a manifest is a map' }];
  if (errors.length > 0 || !isMap(value)) {
    const problems = errors.map(({ field, message, remedy }) =>
      problemOf('manifest-invalid', file, line, field, message, remedy ?? null),
    );
    return { object: null, problems };
  }
  const { status, ...rest } = value;
  const metadata = Object.entries(rest.metadata as Record<string, unknown>);
  const dropped = [
    ...(status === undefined || status === null || isEmpty(status) ? [] : ['status']),
    ...metadata
      .filter(([key, member]) => serverFields.includes(key) && member !== null)
      .map(([key]) => `metadata.${key}`),
  ];
  const object = { ...rest, metadata: Object.fromEntries(metadata.filter(([key]) => !serverFields.includes(key))) };
  const problems = dropped.map((field): Problem => {
    const message = `${field} is written by the API server alone, and is left out`;
    return { ...problemOf('field-dropped', file, line, field, message, 'take it out'), severity: 'warning' };
  });
  return { object: object as unknown as KubeObject, problems };
}

const asName = 'write it in lower-case letters, digits, - and .; a number alone in quotes';

interface Flaw {
  readonly field: string | null;
  readonly message: string;
  readonly remedy?: string;
}

function errorsOf(value: Readonly<Record<string, unknown>>): Flaw[] {
  const flaws: Flaw[] = [];
  for (const field of ['apiVersion', 'kind'])
    if (!isFilledText(value[field])) flaws.push({ field, message: `${field} is missing, or is no text` });
  const { metadata } = value;
  if (!isMap(metadata)) return [...flaws, { field: 'metadata', message: 'metadata is missing' }];
  if (metadata.generateName !== undefined) {
    const remedy = 'give it a fixed metadata.name, so that it can be found again';
    flaws.push({ field: 'metadata.generateName', message: 'a generated name cannot be delivered', remedy });
  } else if (!isPathSegment(metadata.name)) {
    flaws.push({ field: 'metadata.name', message: 'metadata.name is missing, or is no name', remedy: asName });
  }
  if (metadata.namespace !== undefined && !isPathSegment(metadata.namespace)) {
    flaws.push({ field: 'metadata.namespace', message: 'metadata.namespace is no name', remedy: asName });
  }
  for (const map of ['labels', 'annotations']) {
    const members = metadata[map] ?? {};
    if (!isMap(members)) flaws.push({ field: `metadata.${map}`, message: `metadata.${map} is no map` });
    else
      for (const [key, member] of Object.entries(members))
        if (typeof member !== 'string') {
          const field = fieldOf(['metadata', map, key]);
          // The value is not repeated: it may be a Secret's (A11).
          flaws.push({ field, message: `its value is no text but ${kindOf(member)}`, remedy: 'quote it' });
        }
  }
  return flaws;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

function isFilledText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** As Kubernetes asks of every name, for it becomes part of a URL's path. */
function isPathSegment(value: unknown): boolean {
  return typeof value === 'string' && /^[^\s\p{Cc}/%]{1,253}$/u.test(value) && value !== '.' && value !== '..';
}

function isEmpty(value: unknown): boolean {
  return isMap(value) && Object.keys(value).length === 0;
}

/** An error about a file. */
export function problemOf(
  code: string,
  file: string,
  line: number | null,
  field: string | null,
  message: string,
  remedy: string | null,
): Problem {
  return { code, severity: 'error', file, line, field, message, remedy };
}
