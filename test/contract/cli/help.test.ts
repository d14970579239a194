import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { candidatesFor } from '../../../cli/commands/completion.ts';
import { createProgram } from '../../../cli/program.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { run } from './harness.ts';

const silent: Terminal = {
  print: () => undefined,
  note: () => undefined,
  redraw: () => undefined,
  style: (_style, text) => text,
  readPiped: async () => null,
  askSecret: async () => null,
};
const program = createProgram({ terminal: silent, environment: {}, exitCode: 0 });

function pathsOf(command: Command, path: string[] = []): string[][] {
  return [
    path,
    ...command.commands
      .filter((child) => child.name() !== 'complete')
      .flatMap((child) => pathsOf(child, [...path, child.name()])),
  ];
}

describe('--help', () => {
  it('every command says what it does, with an example', async () => {
    const paths = pathsOf(program);
    expect(paths.length).toBeGreaterThan(30);
    const helps = await Promise.all(
      paths.map(async (path) => [path, await run([...path, '--help'], { PATH: process.env.PATH })] as const),
    );
    for (const [path, { code, stdout }] of helps) {
      expect([code, path.join(' ')]).toEqual([0, path.join(' ')]);
      expect(stdout, path.join(' ')).toMatch(/^Usage: fairway/);
      expect(stdout, path.join(' ')).toMatch(/\nExamples:\n {2}\$ /);
    }
  }, 120_000);
});

describe('completion', () => {
  it.each([
    [['cl'], ['cluster']],
    [
      ['cluster', 're'],
      ['register', 'remove', 'revoke'],
    ],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['cluster', 'list', '--sel'], ['--selector']],
    [['cluster', 'list', '--u'], ['--url']],
  ])('%j → %j', (words, candidates) => {
    expect(candidatesFor(program, words)).toEqual(candidates);
  });

  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { code, stdout } = await run(['completion', shell], { PATH: process.env.PATH });
    expect([code, stdout.includes('fairway complete --')]).toEqual([0, true]);
  });

  it('names no other shell', async () => {
    expect((await run(['completion', 'csh'], { PATH: process.env.PATH })).code).toBe(2);
  });
});
