import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A span as a collector got it. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Null: the trace begins with it. */
  readonly parentId: string | null;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 0: not set, 1: well, 2: an error. */
  readonly status: number;
}

/** An OpenTelemetry collector that keeps what it gets: OTLP as protobuf over HTTP. */
export interface Collector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  spans(): readonly CollectedSpan[];
  /** Headers of the last export. */
  headers(): Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  let headers: Readonly<Record<string, unknown>> = {};
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const isExport = request.method === 'POST' && request.url === '/v1/traces';
      if (!isExport || request.headers['content-type'] !== 'application/x-protobuf') {
        response.writeHead(404).end();
        return;
      }
      headers = request.headers;
      const body = Buffer.concat(parts);
      spans.push(...decodeExport(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    headers: () => headers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Field = Uint8Array | bigint | number;

/** The fields of a message by number; each field may come more than once. */
function fieldsOf(bytes: Uint8Array): Map<number, Field[]> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Field[]>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const value =
      type === WireType.LengthDelimited
        ? reader.bytes()
        : type === WireType.Bit64
          ? BigInt(reader.fixed64())
          : type === WireType.Varint
            ? BigInt(reader.int64())
            : reader.fixed32();
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Map<number, Field[]>, number: number) => (fields.get(number) ?? []) as Uint8Array[];
const text = (bytes: Field | undefined) => Buffer.from((bytes ?? []) as Uint8Array).toString('utf8');
const hex = (bytes: Field | undefined) => Buffer.from((bytes ?? []) as Uint8Array).toString('hex');

/** `ExportTraceServiceRequest` of opentelemetry-proto, as far as it is asked for here. */
function decodeExport(body: Uint8Array): CollectedSpan[] {
  return messages(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const fields = fieldsOf(resourceSpans);
    const [resource = new Uint8Array()] = messages(fields, 1);
    const service = String(attributesOf(messages(fieldsOf(resource), 1))['service.name']);
    return messages(fields, 2).flatMap((scope) =>
      messages(fieldsOf(scope), 2).map((span) => decodeSpan(service, span)),
    );
  });
}

function decodeSpan(service: string, bytes: Uint8Array): CollectedSpan {
  const fields = fieldsOf(bytes);
  const one = (number: number) => fields.get(number)?.[0];
  const [status = new Uint8Array()] = messages(fields, 15);
  return {
    service,
    name: text(one(5)),
    traceId: hex(one(1)),
    spanId: hex(one(2)),
    parentId: hex(one(4)) || null,
    startNanos: BigInt(one(7) as bigint),
    endNanos: BigInt(one(8) as bigint),
    attributes: attributesOf(messages(fields, 9)),
    status: Number(fieldsOf(status).get(3)?.[0] ?? 0),
  };
}

function attributesOf(pairs: readonly Uint8Array[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const fields = fieldsOf(pair);
      const value = fieldsOf(messages(fields, 2)[0] ?? new Uint8Array());
      const [string] = value.get(1) ?? [];
      const [number] = value.get(3) ?? [];
      return [text(fields.get(1)?.[0]), string === undefined ? Number(number) : text(string)];
    }),
  );
}
