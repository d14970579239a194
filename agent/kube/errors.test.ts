import { describe, expect, it } from 'vitest';
import { errorOfAnswer, errorOfConnection, errorOfEvent } from './errors.ts';
import type { KubeErrorCode } from './port.ts';

const secret = { group: '', kind: 'Secret', namespace: 'shop', name: 'db' };
const status = (fields: object) => JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...fields });

describe('the error of an answer', () => {
  const cases: [number, object, KubeErrorCode][] = [
    [400, { reason: 'BadRequest' }, 'invalid'],
    [401, { reason: 'Unauthorized' }, 'forbidden'],
    [403, { reason: 'Forbidden', message: 'configmaps is forbidden' }, 'forbidden'],
    [403, { message: 'admission webhook "policy.example.com" denied the request: no' }, 'invalid'],
    [404, { reason: 'NotFound' }, 'not-found'],
    [409, { reason: 'Conflict' }, 'conflict'],
    [409, { reason: 'AlreadyExists' }, 'exists'],
    [410, { reason: 'Expired' }, 'gone'],
    [413, { reason: 'RequestEntityTooLarge' }, 'too-large'],
    [415, { reason: 'UnsupportedMediaType' }, 'invalid'],
    [422, { reason: 'Invalid' }, 'invalid'],
    [429, { reason: 'TooManyRequests' }, 'throttled'],
    [500, { reason: 'InternalError', message: 'leader changed' }, 'unavailable'],
    [500, { message: 'etcdserver: request is too large' }, 'too-large'],
    [500, { message: 'failed to create typed patch object: .spec.x: field not declared in schema' }, 'invalid'],
    [500, { message: 'failed to convert new object to proper version: illegal base64 data' }, 'invalid'],
    [503, { reason: 'ServiceUnavailable' }, 'unavailable'],
    [504, { reason: 'Timeout' }, 'unavailable'],
  ];
  it.each(cases)('%i %j is %s', (code, fields, expected) => {
    expect(errorOfAnswer(code, status(fields), null).code).toBe(expected);
  });

  it('carries the causes that the server names', () => {
    const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "hpa"', field: '.spec.replicas' }];
    const error = errorOfAnswer(
      409,
      status({ reason: 'Conflict', message: 'one conflict', details: { causes } }),
      null,
    );
    expect(error).toMatchObject({ code: 'conflict', status: 409, reason: 'Conflict', message: 'one conflict', causes });
  });

  it.each([
    ['failed to create typed patch object: .data.a: expected string, got a map', ['.data.a']],
    ['failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.x: no', ['.spec.x']],
    [
      'failed to create typed patch object: errors:\n  .spec.a: no\n  .spec.ports[name="a:b"].port: no',
      ['.spec.a', '.spec.ports[name="a:b"].port'],
    ],
    ['Widget in version "v1" cannot be handled: strict decoding error: unknown field "spec.sise"', ['spec.sise']],
  ])('[X4] names the fields of %j', (message, fields) => {
    expect(errorOfAnswer(500, status({ message }), null).causes.map(({ field }) => field)).toEqual(fields);
  });

  it('[A11] says nothing of what the server quotes from a Secret', () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'data[key]' }];
    const body = status({ reason: 'Invalid', message: 'data[key]: Invalid value: "hunter2"', details: { causes } });
    for (const code of [422, 400, 500]) {
      const error = errorOfAnswer(code, body, secret);
      expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('hunter2');
      expect(error.message).toContain('data[key]');
    }
  });

  it('shows the beginning of an answer that is no Status', () => {
    expect(errorOfAnswer(502, '<html>bad gateway</html>', null)).toMatchObject({
      code: 'unavailable',
      message: '<html>bad gateway</html>',
    });
    expect(errorOfAnswer(503, '', null).message).toBe('HTTP status 503');
  });
});

it('knows the errors that a watch sends', () => {
  expect(errorOfEvent({ kind: 'Status', code: 410, message: 'too old resource version' }).code).toBe('gone');
  expect(errorOfEvent('nonsense').code).toBe('unavailable');
});

it('says why there was no connection', () => {
  const refused = new AggregateError([
    new Error('connect ECONNREFUSED ::1:1'),
    new Error('connect ECONNREFUSED 127.0.0.1:1'),
  ]);
  expect(errorOfConnection(refused, null).message).toContain('ECONNREFUSED 127.0.0.1:1');
});
