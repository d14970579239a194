import { describe, expect, it } from 'vitest';
import { createScreen } from '../../../cli/up/screen.ts';
import { createTestTerminal } from '../../terminal.ts';

describe('a screen in a terminal', () => {
  it('redraws its frame in place, and lets lines scroll above it', () => {
    const terminal = createTestTerminal(40, 20);
    const screen = createScreen(terminal, false);
    terminal.write('$ fairway up\n');
    screen.frame(['one', 'two']);
    screen.add(['first']);
    screen.frame(['one', 'two', 'three']);
    screen.add(['second', 'third']);
    screen.frame(['ONE']);
    expect(terminal.text()).toBe('$ fairway up\nfirst\nsecond\nthird\nONE');
  });

  it('writes nothing where nothing changed', () => {
    const terminal = createTestTerminal(40, 20);
    const screen = createScreen(terminal, false);
    screen.frame(['one']);
    let writes = 0;
    const write = terminal.write;
    terminal.write = (text) => {
      writes += 1;
      write(text);
    };
    screen.frame(['one']);
    screen.add([]);
    expect(writes).toBe(0);
  });

  it('cuts its frame to the width, and keeps its place when the terminal becomes narrower', () => {
    const terminal = createTestTerminal(30, 20);
    const screen = createScreen(terminal, false);
    screen.add(['a line that stays']);
    screen.frame(['\u001b[32mabcdefghijklmnopqrstuvwxyz\u001b[39m', 'x']);
    terminal.resize(12);
    expect(terminal.text()).toBe('a line that stays\nabcdefghij…\nx');
    screen.frame(['short']);
    expect(terminal.text()).toBe('a line that stays\nshort');
  });

  it('keeps its frame lower than the terminal', () => {
    const terminal = createTestTerminal(30, 4);
    const screen = createScreen(terminal, false);
    screen.frame(['1', '2', '3', '4', '5', '6']);
    expect(terminal.text()).toBe('1\n2\n3');
  });

  it('leaves its last frame where it is', () => {
    const terminal = createTestTerminal(30, 10);
    const screen = createScreen(terminal, false);
    screen.frame(['last']);
    screen.close();
    terminal.resize(20);
    terminal.write('$ \n');
    expect(terminal.text()).toBe('last\n$');
  });
});

it('without a terminal, there are lines and no frame', () => {
  let text = '';
  const stream = { write: (part: string) => (text += part), on: () => undefined, off: () => undefined };
  const screen = createScreen(stream, false);
  screen.frame(['frame']);
  screen.add(['one', 'two']);
  screen.frame(['frame 2']);
  screen.add([]);
  expect(text).toBe('one\ntwo\n');
});
