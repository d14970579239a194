import type { RolloutDetail, RolloutStep } from '../../proto/rest/rollouts.ts';
import type { Style, Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';

/** A step of a rollout in one line: `10:31:02  quarter  eu-7 failed: it is degraded`. */
export function stepLine(
  terminal: Pick<Terminal, 'style'>,
  { waves }: Pick<RolloutDetail, 'waves'>,
  { at, event, wave, cluster, detail }: RolloutStep,
): string {
  const [subject = '', what = event] = event.split('.');
  const reason = (detail as { reason?: unknown } | null)?.reason;
  const who = (detail as { by?: unknown } | null)?.by;
  const name = wave === null ? null : (waves[wave - 1]?.name ?? `wave ${wave}`);
  const place = cluster ?? (subject === 'wave' ? `wave ${name}` : subject);
  const tail = [
    ...(typeof who === 'string' ? [` by ${who}`] : []),
    ...(typeof reason === 'string' && reason !== '' ? [`: ${reason}`] : []),
  ].join('');
  const time = terminal.style('dim', new Date(at).toTimeString().slice(0, 8));
  const style = styles[what];
  const said = style === undefined ? what : terminal.style(style, what);
  const beside = cluster !== null && name !== null ? terminal.style('dim', ` (${name})`) : '';
  return `${time}  ${singleLine(place)}${beside} ${said}${singleLine(tail)}`;
}

const styles: Readonly<Record<string, Style>> = {
  healthy: 'green',
  done: 'green',
  completed: 'green',
  failed: 'red',
  ill: 'red',
  aborted: 'red',
  'rolled-back': 'red',
  paused: 'yellow',
  'rolling-back': 'yellow',
  waiting: 'yellow',
  skipped: 'yellow',
};
