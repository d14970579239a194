import { defineConfig } from 'vitest/config';

/** One project a suite, so that `npm test` can run them in order and a developer one alone: `npx vitest run --project kube`. */
const suite = (name: string, include: string[], timeout: number) => ({
  test: {
    name,
    include,
    exclude: ['dist/**', 'node_modules/**'],
    testTimeout: timeout,
    hookTimeout: Math.max(timeout, 60_000),
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    projects: [
      suite('unit', ['{core,proto,hub,agent,cli,telemetry,scripts}/**/*.test.ts'], 20_000),
      suite('contract', ['test/contract/**/*.test.ts'], 60_000),
      suite('sim', ['test/sim/**/*.test.ts'], 300_000),
      suite('kube', ['test/kube/**/*.test.ts'], 120_000),
      suite('e2e', ['test/e2e/**/*.test.ts'], 180_000),
    ],
  },
});
