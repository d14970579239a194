/** Objects that somebody changes back again and again: corrected less and less often (D3). */
export type Fights = Map<string, Fight>;

export interface Fight {
  /** Corrections in a row. */
  readonly corrections: number;
  readonly last: number;
}

/** So many corrections in a row are everyday. */
const tolerated = 5;
const firstPause = 2_000;
const longestPause = 300_000;
/** After so long without a correction, on top of twice the pause, the next one is the first again. */
const quiet = 30_000;

/** How long to leave an object alone after its last correction; milliseconds. */
function pauseOf({ corrections }: Fight): number {
  return corrections < tolerated ? 0 : Math.min(longestPause, firstPause * 2 ** (corrections - tolerated));
}

/** The fight after a correction at `now`. */
export function afterCorrection(fight: Fight | undefined, now: number): Fight {
  const over = fight === undefined || now - fight.last > quiet + 2 * pauseOf(fight);
  return { corrections: over ? 1 : fight.corrections + 1, last: now };
}

/** When the next correction may be made; `now` or earlier: at once. */
export function correctableAt(fight: Fight | undefined): number {
  return fight === undefined ? 0 : fight.last + pauseOf(fight);
}
