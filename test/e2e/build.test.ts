import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentFlags } from '../../core/agent-flags.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Release } from '../../proto/rest/releases.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { until } from '../until.ts';
import { makeAgentImage } from './agent-image.ts';
import { makeBuildContext, runStep } from './build-context.ts';
import { readDockerfile } from './dockerfile.ts';
import { type HubProcess, startHub } from './processes.ts';
import { configMap, devEnvironment, shopApplication } from './shop.ts';

/** Who runs the hub where the tests run as root: somebody who is not, and who has a name, as initdb wants it. */
const nobody = process.getuid?.() === 0 ? 65534 : undefined;

/** The images' build steps, run in a folder that holds what an image's build would see. */
describe('the build', () => {
  let directory: string;
  let hubFolder: string;
  let agentFile: string;
  let version: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-build-'));
    await chmod(directory, 0o755);
    const context = join(directory, 'context');
    await mkdir(context);
    await makeBuildContext(context);
    version = (JSON.parse(await readFile(join(context, 'package.json'), 'utf8')) as { version: string }).version;
    hubFolder = join(directory, 'hub-image');
    await runStep(['sh', 'deploy/docker/hub.sh', hubFolder], context);
    const agentFolder = join(directory, 'agent-image');
    await makeAgentImage(agentFolder, context);
    agentFile = join(agentFolder, 'opt/fairway/agent.cjs');
  }, 300_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      execFile(process.execPath, [...args], { env }, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  describe('of the agent', () => {
    it('is one file, which knows its version and takes the flags of `fairway agent`', async () => {
      expect(await readdir(join(agentFile, '..'))).toEqual(['agent.cjs']);
      expect(await run([agentFile, '--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
      const { stdout } = await run([agentFile, '--help']);
      for (const { name, variable } of agentFlags) expect(stdout).toMatch(new RegExp(`--${name} .*\\(${variable}\\)`));
    });

    it('[X4] answers what is wrong with the code, the field and the next step', async () => {
      const unknown = await run([agentFile, '--hud', 'x']);
      expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("'--hud'") });
      const bare = await run([agentFile]);
      expect(bare.code).toBe(1);
      expect(bare.stderr).toMatch(/next: .*--hub[\s\S]*code: config-missing, field: FAIRWAY_HUB/);
    });

    it('has packed what reads a kubeconfig, whose errors are its own', async () => {
      const flags = ['--hub', '127.0.0.1:1', '--data-dir', join(directory, 'state'), '--kubeconfig', '/nowhere'];
      const { code, stderr } = await run([agentFile, ...flags]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/\/nowhere[\s\S]*next: [\s\S]*code: kubeconfig-invalid/);
    });
  });

  describe('of the hub', () => {
    let git: GitServer;
    let hub: HubProcess;

    beforeAll(async () => {
      git = await startGitServer();
      const fleet = await git.createRepository('fleet');
      await fleet.commit({
        'environments/dev.yaml': devEnvironment,
        'apps/shop/app.yaml': shopApplication,
        'apps/shop/settings.yaml': configMap('settings', { greeting: 'hello' }),
      });
      await fleet.push();
      const work = join(directory, 'work');
      await mkdir(work);
      if (nobody !== undefined) await chown(work, nobody, nobody);
      const [, program = '', ...args] = readDockerfile('hub.Dockerfile').command;
      expect(args).toEqual(['hub']);
      hub = await startHub({
        directory: work,
        fleetRepo: fleet.url,
        env: { HOME: work, FAIRWAY_POLL_INTERVAL: '500ms' },
        program: { command: [process.execPath, program.replace('/opt/fairway', hubFolder)], user: nobody },
      });
    }, 120_000);

    afterAll(async () => {
      await hub?.stop();
      await git?.stop();
    }, 60_000);

    it('leaves out what only its makers use', async () => {
      const packages = await readdir(join(hubFolder, 'node_modules'));
      expect(packages).toEqual(expect.arrayContaining(['pg', 'bullmq', 'fastify']));
      for (const unwanted of ['typescript', 'vitest', 'node', 'esbuild']) expect(packages).not.toContain(unwanted);
    });

    it('runs as somebody who is not root, with its own database, its Git thread and its version', async () => {
      expect((await hub.get<{ version: string }>('/api/v1/identity')).version).toBe(version);
      const releases = async () => (await hub.get<Page<Release>>('/api/v1/releases')).items;
      await until(async () => (await releases()).length === 1, {
        what: 'there is a release of what is in Git',
        describe: () => hub.output().slice(-3000),
      });
    });

    it('answers the health check of its image', async () => {
      const probe = (port: string) => run([join(hubFolder, 'probe.mjs')], { FAIRWAY_HTTP: `0.0.0.0:${port}` });
      expect((await probe(new URL(hub.url).port)).code).toBe(0);
      expect((await probe('1')).code).toBe(1);
    });

    it('ends by SIGTERM as by its own will', async () => {
      expect(await hub.stop('SIGTERM')).toBe(0);
    });
  });
});
