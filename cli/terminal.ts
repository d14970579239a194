import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where the command line writes, and how wide and colourful that may be. */
export interface Terminal {
  /** A line for whoever asked. */
  print(text: string): void;
  /** A line beside the answer: warnings, errors, next steps. */
  note(text: string): void;
  /** Shows a text in place of the one before, where people look; else below it, if it changed. */
  redraw(text: string): void;
  /** Colours a text where people look; else leaves it as it is. */
  style(style: Style, text: string): string;
  /** What standard input holds; null where that is nothing, or a terminal. */
  readPiped(): Promise<string | null>;
  /** Asks for a line without showing what is typed. Where nobody is there to type, it is what standard input holds. */
  askSecret(question: string): Promise<string | null>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // Whoever reads may stop reading (`| head`): that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  let shown = '';
  let piped: Promise<string | null> | null = null;
  const readPiped = () => {
    piped ??= stdin.isTTY ? Promise.resolve(null) : readAll();
    return piped;
  };
  return {
    print: (text) => stdout.write(`${text}\n`),
    note: (text) => stderr.write(`${text}\n`),
    redraw(text) {
      if (text === shown) return;
      stdout.write(stdout.isTTY ? `\u001b[H\u001b[J${text}\n` : `${shown === '' ? '' : '\n'}${text}\n`);
      shown = text;
    },
    // styleText itself heeds NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
    style: (style, text) => styleText(style, text, { stream: stdout }),
    readPiped,
    askSecret: (question) => (stdin.isTTY ? readHidden(question) : readPiped()),
  };
}

async function readAll(): Promise<string | null> {
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text.trim() === '' ? null : text.trim();
}

function readHidden(question: string): Promise<string | null> {
  const { stdin, stderr } = process;
  stderr.write(question);
  return new Promise((resolve) => {
    let typed = '';
    const end = (answer: string | null) => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', read);
      stderr.write('\n');
      resolve(answer);
    };
    const read = (chunk: Buffer) => {
      for (const character of chunk.toString()) {
        if (character === '\r' || character === '\n') return end(typed.trim() === '' ? null : typed.trim());
        if (character === '\u0003' || character === '\u0004') return end(null);
        typed = character === '\u007f' ? typed.slice(0, -1) : typed + character;
      }
    };
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', read);
  });
}
