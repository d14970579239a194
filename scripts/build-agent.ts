import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** CommonJS takes 5 MB less memory than modules do. */
const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  minify: true,
  keepNames: true,
  legalComments: 'none',
} as const satisfies BuildOptions;

/**
 * Of undici the agent uses connection pools and proxies. The package's own entry loads its fetch, caches, mocks and
 * web sockets as well: 4 MB in a process that has none to give away.
 */
const slimUndici: Plugin = {
  name: 'slim-undici',
  setup(bundler) {
    bundler.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'slim' }));
    bundler.onLoad({ filter: /.*/, namespace: 'slim' }, () => ({
      resolveDir: root,
      contents: `
        require('undici/lib/dispatcher/dispatcher').prototype.request = require('undici/lib/api/api-request');
        exports.Pool = require('undici/lib/dispatcher/pool');
        exports.ProxyAgent = require('undici/lib/dispatcher/proxy-agent');`,
    }));
  },
};

const errors = 'fairway:errors';

/** Leaves the module of errors to whoever runs the code, so that its `FairwayError` is theirs. */
const errorsFromOutside: Plugin = {
  name: 'errors-from-outside',
  setup(bundler) {
    const module = resolve(root, 'core/errors.ts');
    bundler.onResolve({ filter: /errors\.ts$/ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === module ? { path: errors, external: true } : null,
    );
  },
};

/**
 * Packs a module, with all that it imports, until it is asked for: V8, which looks through a whole file before it runs
 * any of it, takes memory for code that most agents never run.
 * @param exported the names that others import from it
 */
const packed = (module: RegExp, exported: readonly string[]): Plugin => ({
  name: `packed ${module.source}`,
  setup(bundler) {
    bundler.onLoad({ filter: module }, async ({ path }) => {
      const { outputFiles } = await build({
        ...common,
        entryPoints: [path],
        plugins: [errorsFromOutside],
        write: false,
      });
      const bytes = brotliCompressSync(outputFiles[0]?.contents ?? '').toString('base64');
      return {
        loader: 'js',
        resolveDir: root,
        contents: `
          import { compileFunction } from 'node:vm';
          import { brotliDecompressSync } from 'node:zlib';
          import * as errors from './core/errors.ts';
          const text = brotliDecompressSync(Buffer.from('${bytes}', 'base64')).toString();
          const load = (name) => (name === '${errors}' ? errors : require(name));
          const module = { exports: {} };
          compileFunction(text, ['module', 'exports', 'require'])(module, module.exports, load);
          export const { ${exported.join(', ')} } = module.exports;`,
      };
    });
  },
});

/** Only an agent outside of its cluster reads a kubeconfig: 13 MB. */
const packedKubeconfig = packed(/agent\/kube\/kubeconfig\.ts$/, ['kubeconfigCredentials']);
/** Only an agent that is given what SOPS encrypted decrypts. */
const packedSops = packed(/agent\/sops\/decrypt\.ts$/, ['decryptObjects']);
/** Only an agent of applications with health expressions evaluates any. */
const packedExpressions = packed(/core\/health\/rules\.ts$/, ['compileHealthRules']);

/**
 * Bundles the agent to one file, with its version in it.
 * @param outfile the file to write
 * @throws Error of esbuild, which has said why
 */
export async function buildAgent(outfile: string): Promise<BuildResult<{ metafile: true }>> {
  const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string };
  return build({
    ...common,
    entryPoints: [resolve(root, 'agent/bin.ts')],
    outfile,
    // By the second, undici leaves its experimental parser out, as it does where Node bundles it.
    define: { 'process.env.FAIRWAY_VERSION': JSON.stringify(version), esbuildDetection: 'true' },
    // Of the code that looks for a package beside it nothing is left: the version stands in the file.
    logOverride: { 'empty-import-meta': 'silent' },
    plugins: [slimUndici, packedKubeconfig, packedSops, packedExpressions],
    metafile: true,
  });
}

if (import.meta.main) {
  const { metafile } = await buildAgent(resolve(root, 'dist/agent.cjs'));
  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    process.stdout.write(`${file}  ${(bytes / 1024).toFixed(0)} KiB\n`);
  }
}
