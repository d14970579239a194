import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';

/** A whole number as people write one. */
const wholeNumber = /^-?\d+$/;

/**
 * Holds each part of a request to its schema. Paths, queries and headers are texts, and are read as what the schema
 * says; but as a number only where they are written as a whole one. The library by itself cuts `1.5` to 1 and takes
 * `true` for 1, so that a request would be answered for a thing that it does not name (X4).
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const type = Compile(schema);
  const integers = integersOf(schema);
  return (value) => {
    const read = httpPart === 'body' ? value : readTexts(schema, integers, value);
    return type.Check(read) ? { value: read } : { error: type.Errors(read) as never };
  };
};

function readTexts(schema: TSchema, integers: readonly string[], value: unknown): unknown {
  const texts = value as Readonly<Record<string, unknown>>;
  const read = Value.Convert(schema, { ...texts }) as Record<string, unknown>;
  for (const name of integers) {
    const text = texts[name];
    if (typeof text === 'string' && !wholeNumber.test(text)) read[name] = text;
  }
  return read;
}

function integersOf(schema: TSchema): string[] {
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, { readonly type?: unknown }>> };
  return Object.entries(properties)
    .filter(([, { type }]) => type === 'integer')
    .map(([name]) => name);
}
