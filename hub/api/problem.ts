import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { FairwayError } from '../../core/errors.ts';
import { type ProblemDocument, problemMediaType } from '../../proto/rest/problem.ts';
import { isDatabaseAway } from '../store/away.ts';
import type { App } from './app.ts';
import { tooLarge } from './limits.ts';

/** Every error leaves as a problem document (RFC 9457): stable code, field, remedy (X4). */
export function answerWithProblems(app: App): void {
  app.setErrorHandler<FastifyError | FairwayError>(answerProblem);
  app.setNotFoundHandler((request, reply) =>
    send(request, reply, 404, {
      code: 'route-not-found',
      message: `there is no ${request.method} ${request.url.split('?')[0]}`,
      remedy: 'see /openapi.json for what there is',
    }),
  );
}

/** The answer to whatever a request ended in. */
export function answerProblem(
  error: FastifyError | FairwayError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = asFairwayError(error, request);
  if (known !== null) return send(request, reply, statusOf(known), known);
  request.log.error({ err: error }, 'a request failed');
  return send(request, reply, 500, {
    code: 'internal',
    message: `the hub failed; its log says more, with reqId ${request.id}`,
    instance: request.id,
  });
}

const statusByCode: Readonly<Record<string, number>> = {
  'token-required': 401,
  'token-unknown': 401,
  'token-expired': 401,
  'token-revoked': 401,
  'hook-signature': 401,
  'permission-missing': 403,
  'scope-insufficient': 403,
  'hook-unknown-repository': 404,
  'plan-missing': 409,
  'prune-not-held': 409,
  'override-pointless': 409,
  'precondition-failed': 412,
  'body-too-large': 413,
  'media-type-unsupported': 415,
  'rate-limited': 429,
};

const statusByForm: readonly (readonly [form: RegExp, status: number])[] = [
  [/-(not-found|unknown)$/, 404],
  [/^approval-|-forbidden$/, 403],
  // What a promotion, a rollout or a pin refuses as it stands now.
  [/^(promotion|removal|rollout|rollback|wave)-(?!ambiguous)/, 409],
  [/-(follows-head|nothing-settled|branch-protected)$/, 409],
  [/-(exists|joined|registered|revoked|conflict|reused|in-progress|changed|moved|removed|not-rewritten)$/, 409],
];

/** The HTTP status of a domain error: what the caller can mend is 4xx, what mends itself 503. */
function statusOf({ code, retry }: FairwayError): number {
  const status = statusByCode[code] ?? statusByForm.find(([form]) => form.test(code))?.[1];
  return status ?? (retry === 'again' ? 503 : 400);
}

/** Null for what nobody foresaw. */
function asFairwayError(error: FastifyError | FairwayError, request: FastifyRequest): FairwayError | null {
  if (error instanceof FairwayError) return error;
  if (isDatabaseAway(error)) {
    return new FairwayError('database-unavailable', 'the hub cannot reach its database', {
      remedy: 'try again in a moment; the log of the hub says more',
      retry: 'again',
      cause: error,
    });
  }
  if (error.validation !== undefined) return describeValidation(error, request);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge();
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new FairwayError('media-type-unsupported', 'the body is not application/json', {
        field: 'Content-Type',
        remedy: 'send Content-Type: application/json',
      });
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new FairwayError('body-malformed', `the body is not JSON: ${error.message}`, {
        field: 'body',
        remedy: 'send one JSON value, in UTF-8',
      });
    default:
      if (error.statusCode === undefined || error.statusCode >= 500) return null;
      return new FairwayError('request-invalid', error.message);
  }
}

/** Names the field (`labels.env`, `limit`), and says what it takes where its schema does. */
function describeValidation({ validation, validationContext }: FastifyError, request: FastifyRequest): FairwayError {
  const first = validation?.[0];
  const params = (first?.params ?? {}) as {
    requiredProperties?: string[];
    additionalProperties?: string[];
    allowedValues?: unknown[];
  };
  const inner = params.requiredProperties?.[0] ?? params.additionalProperties?.[0];
  const parts = [...pointerParts(first?.instancePath ?? ''), ...(inner === undefined ? [] : [inner])];
  const field = parts.join('.') || (validationContext ?? 'body');
  const expected = describedAt(request.routeOptions.schema?.[validationContext as 'body'], first?.schemaPath ?? '');
  const message =
    params.additionalProperties !== undefined
      ? `there is no field ${field} here`
      : params.requiredProperties !== undefined
        ? `${field} is missing`
        : params.allowedValues !== undefined
          ? `${field} must be one of ${params.allowedValues.join(', ')}`
          : expected !== null
            ? `${field} is not valid`
            : `${field} ${first?.message ?? 'is not valid'}`;
  return new FairwayError('request-invalid', message, {
    field,
    remedy: expected === null ? 'see /openapi.json for what this takes' : `it is written as ${expected}`,
  });
}

function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The description of the schema at a path such as `#/properties/ttl`; null where it has none. */
function describedAt(schema: unknown, path: string): string | null {
  let found = schema as Record<string, unknown> | undefined;
  for (const part of pointerParts(path)) found = found?.[part] as Record<string, unknown> | undefined;
  return found !== schema && typeof found?.description === 'string' ? found.description : null;
}

interface ProblemFacts extends Partial<Pick<FairwayError, 'field' | 'remedy' | 'details'>> {
  readonly code: string;
  readonly message: string;
  readonly instance?: string;
}

function send(request: FastifyRequest, reply: FastifyReply, status: number, facts: ProblemFacts): FastifyReply {
  const document: ProblemDocument = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: facts.message,
    code: facts.code,
    ...(facts.field === undefined ? {} : { field: facts.field }),
    ...(facts.remedy === undefined ? {} : { remedy: facts.remedy }),
    ...(facts.details === undefined ? {} : { details: facts.details }),
    ...(facts.instance === undefined ? {} : { instance: facts.instance }),
  };
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '5');
  request.log.debug({ status, code: facts.code }, 'a request was refused');
  return reply.code(status).type(problemMediaType).send(document);
}
