import type { Kind } from '../kinds/kind.ts';
import { templatePath } from './discovery.ts';

/**
 * `/openapi/v2` in the protobuf form that kubectl up to 1.26 insists on (gnostic's `openapi.v2.Document`): the version,
 * the title, and for each kind a PATCH that takes `dryRun` and `fieldValidation`.
 */
export function swaggerProtobuf(kinds: readonly Kind[]): Buffer {
  const paths = kinds.flatMap((kind) => kind.versions.map((version) => pathItem(kind, version)));
  return Buffer.concat([
    text(1, '2.0'),
    message(2, [text(1, 'Fairway sandbox'), text(2, 'v1')]),
    message(
      8,
      paths.map((path) => message(2, [path])),
    ),
  ]);
}

/** NamedPathItem{name: 1, value: 2 PathItem{patch: 8 Operation}} */
function pathItem(kind: Kind, version: string): Buffer {
  const names = ['dryRun', 'fieldValidation'].map(queryParameter);
  const operation = [...names, responses(), extension(kind, version)];
  return Buffer.concat([text(1, templatePath(kind, version)), message(2, [message(8, operation)])]);
}

/** Operation.parameters 8: ParametersItem{parameter 1: Parameter{non_body 2: NonBody{query 3: {in 2, name 4, type 6}}}} */
function queryParameter(name: string): Buffer {
  const query = message(3, [text(2, 'query'), text(4, name), text(6, 'string')]);
  return message(8, [message(1, [message(2, [query])])]);
}

/** Operation.responses 9: Responses{response_code 1: {name 1, value 2: ResponseValue{response 1: Response{description 1}}}} */
function responses(): Buffer {
  const value = message(2, [message(1, [text(1, 'OK')])]);
  return message(9, [message(1, [text(1, '200'), value])]);
}

/** Operation.vendor_extension 13: NamedAny{name 1, value 2: Any{yaml 2}} */
function extension(kind: Kind, version: string): Buffer {
  const yaml = `group: "${kind.group}"\nkind: ${kind.kind}\nversion: ${version}\n`;
  return message(13, [text(1, 'x-kubernetes-group-version-kind'), message(2, [text(2, yaml)])]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function message(field: number, parts: readonly Buffer[]): Buffer {
  return bytes(field, Buffer.concat(parts));
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) out.push((left % 128) | 128);
  return Buffer.from([...out, left]);
}
