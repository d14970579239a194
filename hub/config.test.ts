import { describe, expect, it } from 'vitest';
import { readHubConfig } from './config.ts';

const environment = { FAIRWAY_FLEET_REPO: 'https://git.example/fleet.git', HOME: '/home/someone' };

describe('readHubConfig', () => {
  it('is embedded on loopback unless told otherwise', () => {
    expect(readHubConfig({}, environment)).toMatchObject({
      http: { host: '127.0.0.1', port: 7070 },
      grpc: { host: '127.0.0.1', port: 7443 },
      database: { type: 'embedded' },
      redisUrl: null,
      fleet: { branch: 'main', pinsBranch: 'fairway/pins' },
    });
  });

  it('lets a flag win over the environment', () => {
    const flags = { FAIRWAY_HTTP: '127.0.0.1:1', FAIRWAY_FLEET_BRANCH: 'trunk' };
    const config = readHubConfig(flags, { ...environment, FAIRWAY_HTTP: '127.0.0.1:2' });
    expect(config.http.port).toBe(1);
    expect(config.fleet.branch).toBe('trunk');
  });

  it('makes a path absolute and leaves URLs alone', () => {
    const url = (repository: string) => readHubConfig({ FAIRWAY_FLEET_REPO: repository }, {}).fleet.url;
    expect(url('fleet')).toBe(`${process.cwd()}/fleet`);
    expect(url('git@git.example:team/fleet.git')).toBe('git@git.example:team/fleet.git');
    expect(url('ssh://git@git.example/fleet.git')).toBe('ssh://git@git.example/fleet.git');
  });

  it.each([
    ['FAIRWAY_FLEET_REPO', {}, /FAIRWAY_FLEET_REPO is not set/],
    ['FAIRWAY_HTTP', { ...environment, FAIRWAY_HTTP: 'nowhere' }, /FAIRWAY_HTTP.*host:port/],
    ['FAIRWAY_POLL_INTERVAL', { ...environment, FAIRWAY_POLL_INTERVAL: '5' }, /FAIRWAY_POLL_INTERVAL.*duration/],
    ['FAIRWAY_LOG_LEVEL', { ...environment, FAIRWAY_LOG_LEVEL: 'loud' }, /FAIRWAY_LOG_LEVEL.*none of/],
  ])('[X4] names %s when it is wrong', (_, variables, message) => {
    expect(() => readHubConfig({}, variables)).toThrow(message);
  });

  it('[A11] does not repeat a database URL that it refuses', () => {
    const read = () => readHubConfig({}, { ...environment, FAIRWAY_DATABASE_URL: 'mysql://me:hunter2@db/x' });
    expect(read).toThrow(/FAIRWAY_DATABASE_URL is not a postgres/);
    expect(read).not.toThrow(/hunter2/);
  });
});
