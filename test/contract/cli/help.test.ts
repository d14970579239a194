import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { candidatesFor } from '../../../cli/commands/completion.ts';
import { createProgram, runProgram } from '../../../cli/program.ts';
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
    expect(paths.length).toBeGreaterThan(60);
    for (const path of paths) {
      const printed: string[] = [];
      const terminal = { ...silent, print: (text: string) => void printed.push(text) };
      const name = path.join(' ');
      expect([await runProgram([...path, '--help'], {}, terminal), name]).toEqual([0, name]);
      expect(printed.join('\n'), name).toMatch(/^Usage: fairway/);
      expect(printed.join('\n'), name).toMatch(/\nExamples:\n {2}\$ /);
    }
  });

  it('is there without a hub, and without anything set', async () => {
    const { code, stdout } = await run(['--help'], { PATH: process.env.PATH });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Usage: fairway/)]);
  });
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
    [['pro'], ['promote', 'promotion']],
    [
      ['rollout', 'r'],
      ['resume', 'retry'],
    ],
    [
      ['hold', 'l'],
      ['lift', 'list'],
    ],
    [['promote', 'shop', '--rev'], ['--revision']],
    [
      ['check', 'shop@1ca3c11', 'smoke', ''],
      ['fail', 'inconclusive', 'list', 'pass'],
    ],
    [
      ['status', '-o', ''],
      ['json', 'yaml'],
    ],
    [['cluster', 'register', 'dev-1', '--output', 'js'], ['json']],
    [['promote', 'shop', '--to', ''], []],
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
