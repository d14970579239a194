import { describe, it } from 'vitest';
import { findAssets } from './assets.ts';

/**
 * A suite against a real Kubernetes API server. Where there is none it is skipped, and one line says so aloud;
 * with `CI=true` it fails, for a suite that nobody runs proves nothing.
 */
export function describeKube(name: string, suite: () => void): void {
  const assets = findAssets();
  if ('path' in assets) {
    describe(name, suite);
    return;
  }
  if (process.env.CI === 'true') {
    describe(name, () => {
      it('has a Kubernetes API server to run against', () => {
        throw new Error(`${assets.missing}: in CI nothing is skipped`);
      });
    });
    return;
  }
  process.stderr.write(`\n*** SKIPPED: ${name}: ${assets.missing} (etcd, kube-apiserver and kubectl are needed)\n\n`);
  describe.skip(name, suite);
}
