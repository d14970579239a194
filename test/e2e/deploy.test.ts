import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { contextEntries } from './build-context.ts';
import { type ComposeService, readCompose } from './compose.ts';
import { readDockerfile } from './dockerfile.ts';

const project = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(project, path), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };

/** What can be said of the images and of compose without an engine that runs them. */
describe.each(['hub.Dockerfile', 'agent.Dockerfile'])('%s', (name) => {
  const { instructions, image, command, env } = readDockerfile(name);
  const of = (instruction: string, among = instructions) =>
    among.filter((one) => one.name === instruction).map(({ rest }) => rest);

  it('builds on images by name and version, with the Node that the tests run on', () => {
    for (const base of of('FROM')) expect(base).toMatch(/^(node:\d+\.\d+\.\d+-[a-z]+-slim( AS build)?|scratch)$/);
    expect(of('FROM')[0]).toContain(`node:${process.versions.node}-`);
  });

  it('takes from the checkout only what .dockerignore lets in, and every step is a script that is tried', () => {
    const entries = contextEntries();
    for (const entry of entries) expect(existsSync(join(project, entry)), entry).toBe(true);
    const copied = of('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    for (const path of copied) expect([...entries, '.']).toContain(path);
    const steps = of('RUN').filter((rest) => !rest.startsWith('apt-get'));
    for (const step of steps) expect(step).toMatch(/^(npm ci$|sh deploy\/docker\/(hub|agent)\.sh \/image)/);
    expect(of('ADD')).toEqual([]);
  });

  it('is run by a number that is not root, and starts its program itself, so that signals reach it', () => {
    expect(of('USER', image).at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(command.length).toBeGreaterThan(1);
    expect(command[0]).toMatch(/node$/);
  });

  it('says what it is, in the words of OCI, and holds no secret', () => {
    const labels = of('LABEL', image).join(' ');
    for (const key of ['title', 'description', 'licenses', 'version', 'revision']) {
      expect(labels).toContain(`org.opencontainers.image.${key}=`);
    }
    expect(of('ARG', image)).toContain(`VERSION=${version}`);
    expect(Object.keys(env).filter((key) => /TOKEN|PASSWORD|SECRET|KEY/.test(key))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  const compose = readCompose({ FAIRWAY_FLEET_REPO: 'https://git.example/fleet.git' });
  const services = Object.entries(compose.services);
  const networksOf = ({ networks = ['default'] }: ComposeService) =>
    Array.isArray(networks) ? networks : Object.keys(networks);

  it('asks for the fleet repository, which nobody can guess', () => {
    expect(() => readCompose({})).toThrow(/FAIRWAY_FLEET_REPO/);
  });

  it.each(services)('%s: a pinned image, and everything that it names is there', (_, service) => {
    expect(service.image).toMatch(/^[a-z/-]+:v?\d+\.\d+/);
    if (service.build === undefined) expect(service.image).not.toMatch(/^fairway/);
    else {
      expect(service.image).toBe(`fairway-hub:${version}`);
      expect(existsSync(join(project, service.build.dockerfile))).toBe(true);
    }
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
    for (const network of networksOf(service)) expect(compose.networks).toHaveProperty(network);
    for (const volume of service.volumes ?? []) {
      const [from = ''] = volume.split(':');
      if (from.startsWith('.')) expect(existsSync(join(project, from)), from).toBe(true);
      else expect(compose.volumes).toHaveProperty(from);
    }
  });

  it.each(services)('%s: is reached from this machine alone, unless agents are to reach it', (_, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('lets agents in from elsewhere where it is told to', () => {
    const open = readCompose({ FAIRWAY_FLEET_REPO: 'https://git.example/fleet.git', FAIRWAY_AGENTS_BIND: '0.0.0.0' });
    expect(open.services.hub?.ports).toEqual(['127.0.0.1:7070:7070', '0.0.0.0:7443:7443']);
  });

  it('waits for what it needs by health checks that there are', () => {
    for (const [, { depends_on = {} }] of services) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe('service_healthy');
        expect(compose.services[name]?.healthcheck, name).toBeDefined();
      }
    }
    expect(readDockerfile('hub.Dockerfile').image.map(({ name }) => name)).toContain('HEALTHCHECK');
  });

  it('[A11] keeps database and queue on a network that leads nowhere, and their password in a file', () => {
    expect(compose.networks.data).toEqual({ internal: true });
    for (const name of ['postgres', 'redis']) {
      const service = compose.services[name] as ComposeService;
      expect(networksOf(service)).toEqual(['data']);
      expect(service.ports).toBeUndefined();
    }
    const password = read(compose.secrets['database-password']?.file ?? '').trim();
    const url = new URL(read(compose.secrets['database-url']?.file ?? '').trim());
    const postgres = compose.services.postgres?.environment;
    expect(url.password).toBe(password);
    expect([url.username, url.hostname, url.pathname]).toEqual([
      postgres?.POSTGRES_USER,
      'postgres',
      `/${postgres?.POSTGRES_DB}`,
    ]);
    expect(read('docker-compose.yml')).not.toContain(password);
    const own = readCompose({ FAIRWAY_FLEET_REPO: 'x', FAIRWAY_SECRETS: '/etc/fairway' });
    expect(own.secrets['database-url']?.file).toBe('/etc/fairway/database-url');
  });

  it('makes a second replica as the first, with its own data and its name', () => {
    const { hub, 'hub-2': second } = compose.services;
    expect(second?.environment).toEqual(hub?.environment);
    expect(second?.profiles).toEqual(['replica']);
    expect(second?.volumes).toEqual(['hub-2:/var/lib/fairway', 'hub:/first:ro']);
    const { command } = readDockerfile('hub.Dockerfile');
    expect([...(second?.entrypoint?.slice(3) ?? []), ...(second?.command ?? [])]).toEqual(command);
  });

  it('scrapes the hub where it serves, by rules that are there, and traces where the collector listens', () => {
    const prometheus = parse(read('deploy/prometheus/prometheus.yaml'));
    for (const file of prometheus.rule_files) expect(existsSync(join(project, 'deploy/prometheus', file))).toBe(true);
    const [hub] = prometheus.scrape_configs;
    expect(hub.dns_sd_configs[0]).toMatchObject({ names: ['hub'], type: 'A' });
    expect(readDockerfile('hub.Dockerfile').env.FAIRWAY_HTTP).toBe(`0.0.0.0:${hub.dns_sd_configs[0].port}`);
    const collector = parse(read('deploy/otel/collector.yaml'));
    const { port } = new URL(compose.services.hub?.environment?.OTEL_EXPORTER_OTLP_ENDPOINT ?? '');
    expect(collector.receivers.otlp.protocols.http.endpoint).toBe(`0.0.0.0:${port}`);
  });
});
