import { type Document, parseAllDocuments, parseDocument } from 'yaml';
import { apiVersion, pinsFolder } from '../kinds/kinds.ts';
import type { PinSpec } from '../kinds/pin.ts';

/** Which pin. */
export interface PinKey {
  readonly environment: string;
  readonly application: string;
}

/** Where a pin stands that stands nowhere yet. */
export function pinPath({ environment, application }: PinKey): string {
  return `${pinsFolder}/${environment}/${application}.yaml`;
}

/**
 * Writes a pin into its file. What people wrote about it, and other pins in the same file, stay as they are.
 * @param content of the file; null: there is none
 * @param spec null: the pin is to be gone
 * @returns null where nothing is left in the file
 */
export function writePin(content: string | null, key: PinKey, spec: PinSpec | null): string | null {
  const documents = content === null ? [] : parseAllDocuments(content);
  if (!Array.isArray(documents)) return spec === null ? null : newPin(key, spec);
  const found = documents.find((document) => isPinOf(document, key));
  if (spec === null) return textOf(documents.filter((document) => document !== found));
  if (found === undefined) return textOf([...documents, parseDocument(newPin(key, spec))]);
  setSpec(found, spec);
  return textOf(documents);
}

function newPin({ environment, application }: PinKey, { source, revision, promotion, hold }: PinSpec): string {
  const lines = [
    `apiVersion: ${apiVersion}`,
    'kind: Pin',
    `metadata: {environment: ${JSON.stringify(environment)}, application: ${JSON.stringify(application)}}`,
    'spec:',
    `  source: ${JSON.stringify(source)}`,
    `  revision: ${JSON.stringify(revision)}`,
    ...(promotion === undefined ? [] : [`  promotion: ${JSON.stringify(promotion)}`]),
    ...(hold === undefined ? [] : [`  hold: {reason: ${JSON.stringify(hold.reason)}, by: ${JSON.stringify(hold.by)}}`]),
  ];
  return `${lines.join('\n')}\n`;
}

type PinDocument = Document.Parsed;

function isPinOf(document: PinDocument, { environment, application }: PinKey): boolean {
  return (
    document.getIn(['metadata', 'environment']) === environment &&
    document.getIn(['metadata', 'application']) === application
  );
}

function setSpec(document: PinDocument, spec: PinSpec): void {
  for (const name of ['source', 'revision', 'promotion'] as const) {
    const value = spec[name];
    if (value === undefined) document.deleteIn(['spec', name]);
    else if (document.getIn(['spec', name]) !== value) document.setIn(['spec', name], value);
  }
  if (spec.hold === undefined) document.deleteIn(['spec', 'hold']);
  else document.setIn(['spec', 'hold'], document.createNode(spec.hold, { flow: true }));
}

function textOf(documents: readonly PinDocument[]): string | null {
  if (documents.length === 0) return null;
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n');
}
