// `npm test`: installs the dependencies where they are missing or old, checks the code, runs every suite, and ends
// with one line of counts. Plain JavaScript, for it starts under whatever Node the machine has; everything that it
// starts runs under the Node that the project brings.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { environment, prepare, root, run } from '../scripts/bootstrap.mjs';

if (process.env.CI) environment.NO_COLOR = '1';
const only = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };

function check(name, passes) {
  const started = Date.now();
  const passed = passes();
  totals[passed ? 'passed' : 'failed'] += 1;
  print(`${passed ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return passed;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** Generates the wire's code anew and compares it with what is checked in. */
function generatedCodeIsFresh() {
  const kept = mkdtempSync(join(tmpdir(), 'fairway-generated-'));
  const folder = join(root, 'proto', 'gen');
  try {
    cpSync(folder, kept, { recursive: true });
    if (!run('buf', 'lint') || !run('buf', 'generate')) return false;
    const files = (of) =>
      readdirSync(of, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(of.length))
        .sort();
    const same =
      files(kept).join() === files(folder).join() &&
      files(kept).every((file) => readFileSync(kept + file).equals(readFileSync(folder + file)));
    if (!same) print('proto/gen was not what `npm run generate` makes; it has been made anew: commit it');
    return same;
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

/** Runs Vitest and adds its counts. */
function suitesPass() {
  const report = join(mkdtempSync(join(tmpdir(), 'fairway-report-')), 'report.json');
  const passed = run('vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only);
  if (!existsSync(report)) return false;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites, testResults } =
    JSON.parse(readFileSync(report, 'utf8'));
  const ran = ['passed', 'failed'];
  for (const { name, assertionResults } of testResults) {
    for (const { fullName, status } of assertionResults) {
      if (!ran.includes(status)) print(`skipped: ${relative(root, name)}: ${fullName}`);
    }
  }
  totals.passed += numPassedTests;
  totals.failed += numFailedTests;
  totals.skipped += numPendingTests + numTodoTests;
  if (!passed && numFailedTests === 0) totals.failed += Math.max(1, numFailedTestSuites);
  if (numPassedTests === 0) print('no test ran');
  return passed && numPassedTests > 0;
}

const missing = prepare();
if (missing.length > 0) {
  for (const problem of missing) print(problem);
  process.exit(1);
}
if (!process.env.KUBEBUILDER_ASSETS) {
  print('!!! KUBEBUILDER_ASSETS is not set: the suites against a real Kubernetes API server are SKIPPED !!!');
}
if (only.length === 0) {
  check('lint and import rules', () => run('biome', 'check', '.'));
  check('types', () => run('tsc', '-p', '.'));
  check('nothing unused', () => run('knip'));
  check('generated code is fresh', generatedCodeIsFresh);
}
const green = suitesPass();
if (process.env.CI && totals.skipped > 0) {
  print(`FAILED ${totals.skipped} tests were skipped; in CI every suite runs`);
  totals.failed += totals.skipped;
}
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
print(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exit(green && totals.failed === 0 ? 0 : 1);
