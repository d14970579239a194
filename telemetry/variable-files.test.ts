import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readVariableFiles } from './variable-files.ts';

describe('readVariableFiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairway-variables-'));
  const path = join(folder, 'database-url');
  writeFileSync(path, 'postgres://fairway:secret@db/fairway\n');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('takes a value from the file that a variable names, and leaves the others as they are', () => {
    const environment = { FAIRWAY_DATABASE_URL_FILE: path, FAIRWAY_HTTP: ':7070', OTHER_FILE: '/nowhere' };
    expect(readVariableFiles(environment)).toEqual({
      ...environment,
      FAIRWAY_DATABASE_URL: 'postgres://fairway:secret@db/fairway',
    });
  });

  it.each([
    ['both are set', { FAIRWAY_REDIS_URL_FILE: path, FAIRWAY_REDIS_URL: 'redis://cache' }, /are both set/],
    ['the file cannot be read', { FAIRWAY_REDIS_URL_FILE: join(folder, 'none') }, /FAIRWAY_REDIS_URL_FILE: ENOENT/],
  ])('[X4] names the variable where %s', (_, environment, message) => {
    expect(() => readVariableFiles(environment)).toThrow(message);
  });
});
