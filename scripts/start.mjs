// `npm start`: sees to it that everything is there, then runs `fairway up` under the Node that the project brings.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environment, node, postgresIsMissing, prepare, root } from './bootstrap.mjs';

const missing = prepare();
if (missing.length === 0) missing.push(...[postgresIsMissing()].filter((problem) => problem !== null));
if (missing.length > 0) {
  for (const problem of missing) process.stderr.write(`${problem}\n`);
  process.exit(1);
}

const child = spawn(node, [join(root, 'cli', 'main.ts'), 'up', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: environment,
});
// A Ctrl-C reaches the child too, which ends what it started; this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
