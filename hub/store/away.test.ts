import { expect, it } from 'vitest';
import { isDatabaseAway } from './away.ts';

const failure = (message: string, more: object = {}) => Object.assign(new Error(message), more);

it.each([
  [failure('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' }), true],
  [failure('connect ENOENT .s.PGSQL.5432', { code: 'ENOENT', syscall: 'connect' }), true],
  [failure('the database system is starting up', { code: '57P03' }), true],
  [failure('Connection terminated unexpectedly'), true],
  [failure('timeout exceeded when trying to connect'), true],
  [failure('open ENOENT', { code: 'ENOENT', syscall: 'open' }), false],
  [failure('relation "lost" does not exist', { code: '42P01' }), false],
  [failure('anything else'), false],
  ['no error', false],
])('knows of "%s" whether the database is away: %s', (error, away) => {
  expect(isDatabaseAway(error)).toBe(away);
});
