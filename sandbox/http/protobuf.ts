import { badRequest } from '../api/error.ts';
import { messageFields, type WireField } from '../schema/read-wire.ts';

/**
 * Kubernetes objects in protocol buffers, as kubectl sends those that it makes itself. They are read only: every answer
 * is JSON, which kubectl takes as gladly.
 */
const magic = Buffer.from('k8s\0');

type Json = Record<string, unknown>;

/** True for a body that begins as such objects do. */
export function isProtobuf(body: Buffer): boolean {
  return body.subarray(0, magic.length).equals(magic);
}

/**
 * The object that a body holds.
 * @param typeOf the message of an apiVersion and kind; null where it is not known
 * @throws ApiError 400
 */
export function readProtobuf(body: Buffer, typeOf: (apiVersion: string, kind: string) => string | null): Json {
  let typeMeta: Json = {};
  let raw: Buffer = Buffer.alloc(0);
  for (const { number, value } of fieldsOf(body.subarray(magic.length))) {
    if (!Buffer.isBuffer(value)) continue;
    if (number === 1)
      typeMeta = Object.fromEntries(
        fieldsOf(value).map((field) => [field.number === 1 ? 'apiVersion' : 'kind', String(field.value)]),
      );
    if (number === 2) raw = value;
  }
  const [apiVersion, kind] = [String(typeMeta.apiVersion ?? ''), String(typeMeta.kind ?? '')];
  const type = typeOf(apiVersion, kind);
  if (type === null) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { apiVersion, kind, ...readMessage(type, raw) };
}

function readMessage(type: string, bytes: Buffer): Json {
  const known = messageFields(type);
  const message: Json = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const field = known.get(number);
    if (field === undefined) continue;
    const read = field.shape === 'map' ? null : readValue(field.type, value);
    if (field.shape === 'map') addEntry(message, field, value);
    else if (field.shape === 'list')
      message[field.name] = [...((message[field.name] as unknown[] | undefined) ?? []), read];
    else if (field.name === '') Object.assign(message, read);
    else if (field.pointer || !isZero(read)) message[field.name] = read;
  }
  return message;
}

/** An entry of a map is a message of its key and its value. */
function addEntry(message: Json, field: WireField, value: unknown): void {
  if (!Buffer.isBuffer(value)) return;
  const parts = new Map(fieldsOf(value).map((part) => [part.number, part.value]));
  const entries = (message[field.name] ?? {}) as Json;
  entries[String(parts.get(1) ?? '')] = readValue(field.type, parts.get(2) ?? Buffer.alloc(0));
  message[field.name] = entries;
}

/** Nothing, as Go's JSON leaves it out. */
function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function readValue(type: string, value: unknown): unknown {
  switch (type) {
    case 's':
      return String(value);
    case 'v':
      return Number(BigInt.asIntN(64, value as bigint));
    case 'b':
      return value !== 0n;
    case 'd':
      return (value as Buffer).readDoubleLE();
    case 'y':
      return (value as Buffer).toString('base64');
    default:
      return readSpecial(type, value as Buffer);
  }
}

function readSpecial(type: string, bytes: Buffer): unknown {
  if (!['t', 'q', 'i', 'r'].includes(type)) return readMessage(type, bytes);
  const parts = new Map(fieldsOf(bytes).map((part) => [part.number, part.value]));
  const number = (at: number) => Number(BigInt.asIntN(64, (parts.get(at) ?? 0n) as bigint));
  switch (type) {
    case 't':
      return parts.size === 0 ? undefined : new Date(number(1) * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    case 'q':
      return String(parts.get(1) ?? '0');
    case 'i':
      return number(1) === 1 ? String(parts.get(3) ?? '') : number(2);
    default:
      return parts.has(1) ? JSON.parse(String(parts.get(1))) : undefined;
  }
}

interface Part {
  readonly number: number;
  /** A whole number, or bytes. */
  readonly value: bigint | Buffer;
}

/** @throws ApiError 400 for what is cut off, or no such encoding */
function fieldsOf(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined || shift > 63n) throw badRequest('the body is no valid protocol buffer');
      at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw badRequest('the body is no valid protocol buffer');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        parts.push({ number, value: varint() });
        break;
      case 1:
        parts.push({ number, value: take(8) });
        break;
      case 2:
        parts.push({ number, value: take(Number(varint())) });
        break;
      case 5:
        parts.push({ number, value: take(4) });
        break;
      default:
        throw badRequest('the body is no valid protocol buffer');
    }
  }
  return parts;
}
