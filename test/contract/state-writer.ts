/** A process that is killed while it writes: `node state-writer.ts FOLDER`. Prints each number once it is durable. */
import { writeSync } from 'node:fs';
import { openDiskState } from '../../agent/state/disk.ts';

const state = await openDiskState(process.argv[2] ?? '');
for (let number = 1; ; number += 1) {
  const content = Buffer.alloc(50_000 + (number % 7) * 10_000, String(number % 10));
  content.writeUInt32BE(number, 0);
  await state.write('the record', content);
  writeSync(1, `${number}\n`);
}
