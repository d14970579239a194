import { cutBySize } from '../../core/link/desired-state.ts';
import type { StatusReport } from '../../core/link/messages.ts';
import { partSize } from '../../core/link/protocol.ts';
import { type ApplicationStatus, statusDigest, statusesDigest } from '../../core/link/status.ts';
import { boundStatus } from '../../core/link/status-bounds.ts';
import { agentCodec } from '../../proto/codec.ts';

/** The latest status of each application, and which of them the hub has (L3): the latest wins, none is queued. */
export interface Statuses {
  set(status: ApplicationStatus): void;
  /** Only these applications are assigned; what is known of others is forgotten. */
  retain(applications: ReadonlySet<string>): void;
  /** Over all of them (L2). */
  digest(): string;
  /** The next report to send; null where there is none, or the hub is behind with receipts. */
  next(): StatusReport | null;
  /** The hub has stored every report up to this one. */
  acknowledge(sequence: number): void;
  /** The hub wants all: it gets them once each assigned application has one. */
  wantAll(): void;
  /** A new stream: what was not acknowledged is sent again. */
  restart(): void;
}

interface Entry {
  readonly status: ApplicationStatus;
  readonly digest: string;
  /** On the wire, bytes. */
  readonly size: number;
}

/** Reports without a receipt; beyond it the latest statuses wait and overwrite each other. */
const window = 8;

export function createStatuses(): Statuses {
  const entries = new Map<string, Entry>();
  const unsent = new Set<string>();
  const unacknowledged = new Map<number, readonly string[]>();
  let assigned: ReadonlySet<string> = new Set();
  let parts: StatusReport[] = [];
  let allWanted = false;
  let sequence = 0;

  const report = (applications: readonly Entry[], full: boolean, complete: boolean): StatusReport => {
    for (const { status } of applications) unsent.delete(status.application);
    const statuses = applications.map(({ status }) => status);
    return { type: 'status', sequence: ++sequence, applications: statuses, full, complete };
  };

  const reportAll = (): StatusReport[] => {
    const cut = cutBySize([...entries.values()], partSize, ({ size }) => size);
    if (cut.length === 0) return [report([], true, true)];
    return cut.map((part, index) => report(part, true, index === cut.length - 1));
  };

  const send = (sent: StatusReport): StatusReport => {
    const applications = sent.applications.map(({ application }) => application);
    unacknowledged.set(sent.sequence, applications);
    return sent;
  };

  return {
    set(status) {
      const entry = asSent(status);
      if (entries.get(status.application)?.digest === entry.digest) return;
      entries.set(status.application, entry);
      unsent.add(status.application);
    },
    retain(applications) {
      assigned = applications;
      for (const application of entries.keys()) {
        if (applications.has(application)) continue;
        entries.delete(application);
        unsent.delete(application);
      }
    },
    digest: () => statusesDigest([...entries].map(([application, { digest }]) => [application, digest])),
    next() {
      if (unacknowledged.size >= window) return null;
      if (allWanted && [...assigned].every((application) => entries.has(application))) {
        allWanted = false;
        parts = reportAll();
      }
      const part = parts.shift();
      if (part !== undefined) return send(part);
      const changed = [...unsent].flatMap((application) => entries.get(application) ?? []);
      const [first] = cutBySize(changed, partSize, ({ size }) => size);
      return first === undefined ? null : send(report(first, false, false));
    },
    acknowledge(upTo) {
      for (const sent of [...unacknowledged.keys()]) if (sent <= upTo) unacknowledged.delete(sent);
    },
    wantAll() {
      // What was sent and has no receipt may be what the hub lacks.
      unsettle();
      allWanted = true;
    },
    restart() {
      unsettle();
      allWanted = false;
      sequence = 0;
    },
  };

  function unsettle(): void {
    const underWay = parts.flatMap(({ applications }) => applications.map(({ application }) => application));
    for (const applications of unacknowledged.values()) underWay.push(...applications);
    for (const application of underWay) if (entries.has(application)) unsent.add(application);
    unacknowledged.clear();
    parts = [];
  }
}

/** Bounded, and as the hub will read it, so that both sides' digests are over the same words. */
function asSent(status: ApplicationStatus): Entry {
  const applications = [boundStatus(status)];
  const bytes = agentCodec.encode({ type: 'status', sequence: 1, applications, full: false, complete: false });
  const read = agentCodec.decode(bytes);
  const sent = read.type === 'status' ? read.applications[0] : undefined;
  if (sent === undefined) throw new Error('a status did not survive its own encoding');
  return { status: sent, digest: statusDigest(sent), size: bytes.length };
}
