import { expect, it } from 'vitest';
import { httpFailure, programFailure } from './failure.ts';

it.each([
  ["fatal: couldn't find remote ref refs/heads/x", 'branch-missing'],
  ['fatal: remote error: upload-pack: not our ref deadbeef', 'commit-missing'],
  ['fatal: no commits selected for shallow requests', 'commit-missing'],
  ['git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'git-refused'],
  ['Host key verification failed.\nfatal: Could not read from remote repository.', 'git-refused'],
  ["fatal: transport 'ext' not allowed", 'git-refused'],
  ['ssh: connect to host x port 22: Connection refused\nfatal: Could not read from remote', 'git-unreachable'],
  ['', 'git-unreachable'],
])('reads %j as %s', (stderr, code) => {
  expect(programFailure(stderr, 'ssh://host/a', 'branch x').code).toBe(code);
});

it('names the line that tells why', () => {
  const stderr =
    'ssh: connect to host x port 22: Connection refused\r\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n';
  expect(programFailure(stderr, 'ssh://x/a', '').message).toBe(
    'ssh://x/a cannot be reached: ssh: connect to host x port 22: Connection refused',
  );
});

it.each([
  [401, 'git-refused', 'terminal'],
  [403, 'git-refused', 'terminal'],
  [404, 'git-refused', 'terminal'],
  [503, 'git-unreachable', 'again'],
])('reads the status %i as %s', (statusCode, code, retry) => {
  expect(httpFailure(Object.assign(new Error('x'), { data: { statusCode } }), 'https://x')).toMatchObject({
    code,
    retry,
  });
});

it('[L7] takes a moment for a host that says a great deal, and passes no control characters on', () => {
  const started = performance.now();
  const { message } = programFailure(`${'Remote branch '.repeat(100_000)}\u001b[31mno`, 'ssh://x/a', 'branch x');
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(message).not.toMatch(/\p{Cc}/u);
});
