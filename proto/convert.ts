import type { Digest } from '../core/canonical.ts';
import type { Assignment, DriftMode, TenantBounds } from '../core/link/assignment.ts';
import type { AgentMessage, HubMessage } from '../core/link/messages.ts';
import { eventFromWire, eventToWire, statusFromWire, statusToWire } from './convert-status.ts';
import { clean, orEmpty, orNull } from './convert-text.ts';
import * as wire from './gen/fairway/agent/v1/agent.ts';

/**
 * Core's words ↔ the wire's, both ways, every case named. What a newer peer says and this version does not know is
 * read as `unknown`, never as an error (L6).
 */

/** The wire's form of what an agent says. */
export function agentMessageToWire(message: AgentMessage): wire.AgentMessage {
  switch (message.type) {
    case 'hello':
      return { message: { $case: 'hello', value: message } };
    case 'status': {
      const { sequence, full, complete } = message;
      const applications = message.applications.map(statusToWire);
      return { message: { $case: 'status', value: { sequence, applications, full, complete } } };
    }
    case 'events':
      return { message: { $case: 'events', value: { events: message.events.map(eventToWire), after: message.after } } };
    case 'bundle-request':
      return { message: { $case: 'bundleRequest', value: message } };
    case 'checkpoint':
      return { message: { $case: 'checkpoint', value: message } };
    case 'unknown':
      return { message: undefined };
  }
}

/** What an agent said, in core's words. */
export function agentMessageFromWire({ message }: wire.AgentMessage): AgentMessage {
  switch (message?.$case) {
    case undefined:
      return { type: 'unknown' };
    case 'hello': {
      const { protocol, agentVersion, kubernetesVersion, desired, status, epoch, eventsDropped } = message.value;
      return {
        type: 'hello',
        protocol,
        agentVersion: clean(agentVersion),
        kubernetesVersion: clean(kubernetesVersion),
        desired,
        status,
        epoch: clean(epoch),
        eventsDropped,
      };
    }
    case 'status': {
      const { sequence, applications, full, complete } = message.value;
      return { type: 'status', sequence, applications: applications.map(statusFromWire), full, complete };
    }
    case 'events': {
      const events = message.value.events.map(eventFromWire).filter((event) => event !== null);
      const through = message.value.events.reduce((highest, { sequence }) => Math.max(highest, sequence), 0);
      return { type: 'events', events, after: message.value.after, through };
    }
    case 'bundleRequest':
      return { type: 'bundle-request', digest: message.value.digest };
    case 'checkpoint':
      return { type: 'checkpoint', desired: message.value.desired, status: message.value.status };
  }
}

/** The wire's form of what a hub says. */
export function hubMessageToWire(message: HubMessage): wire.HubMessage {
  switch (message.type) {
    case 'welcome':
      return { message: { $case: 'welcome', value: message } };
    case 'desired': {
      const { base, digest, withdrawn, last } = message;
      const assigned = message.assigned.map(assignmentToWire);
      return { message: { $case: 'desired', value: { base, digest, assigned, withdrawn: [...withdrawn], last } } };
    }
    case 'bundle-chunk':
      return { message: { $case: 'bundleChunk', value: { ...message, data: asBuffer(message.data) } } };
    case 'bundle-refused':
      return { message: { $case: 'bundleRefused', value: message } };
    case 'receipt':
      return { message: { $case: 'receipt', value: message } };
    case 'checkpoint':
      return { message: { $case: 'checkpoint', value: message } };
    case 'status-wanted':
      return { message: { $case: 'statusWanted', value: {} } };
    case 'goodbye':
      return { message: { $case: 'goodbye', value: message } };
    case 'unknown':
      return { message: undefined };
  }
}

/** What a hub said, in core's words. */
export function hubMessageFromWire({ message }: wire.HubMessage): HubMessage {
  switch (message?.$case) {
    case undefined:
      return { type: 'unknown' };
    case 'welcome':
      return { type: 'welcome', ...message.value };
    case 'desired': {
      const { base, digest, assigned, withdrawn, last } = message.value;
      return { type: 'desired', base, digest, assigned: assigned.map(assignmentFromWire), withdrawn, last };
    }
    case 'bundleChunk': {
      const { digest, size, offset, data } = message.value;
      return { type: 'bundle-chunk', digest, size, offset, data };
    }
    case 'bundleRefused':
      return { type: 'bundle-refused', ...message.value };
    case 'receipt':
      return { type: 'receipt', ...message.value };
    case 'checkpoint':
      return { type: 'checkpoint', ...message.value };
    case 'statusWanted':
      return { type: 'status-wanted' };
    case 'goodbye':
      return { type: 'goodbye', ...message.value };
  }
}

const driftModes: Readonly<Record<DriftMode, wire.DriftMode>> = {
  correct: wire.DriftMode.CORRECT,
  report: wire.DriftMode.REPORT,
  hold: wire.DriftMode.HOLD,
};

function assignmentToWire(assignment: Assignment): wire.Assignment {
  const { application, release, bundle, generation, environment, drift, tenant, traceparent } = assignment;
  const { allow, pruneApproved } = assignment;
  return {
    application,
    release,
    bundle,
    generation,
    environment,
    drift: driftModes[drift],
    tenant: tenant === null ? undefined : tenantToWire(tenant),
    allow: allow === null ? undefined : { kinds: [...allow.kinds], namespaces: [...allow.namespaces] },
    pruneApproved,
    traceparent: orEmpty(traceparent),
  };
}

function assignmentFromWire(assignment: wire.Assignment): Assignment {
  const { application, release, bundle, generation, environment, drift, tenant, traceparent } = assignment;
  const { allow, pruneApproved } = assignment;
  return {
    application,
    release,
    bundle: bundle as Digest,
    generation,
    environment,
    drift: driftModeFromWire(drift),
    tenant: tenant === undefined ? null : tenantFromWire(tenant),
    allow: allow ?? null,
    pruneApproved,
    traceparent: orNull(traceparent),
  };
}

/** A mode that this version does not know writes nothing by itself. */
function driftModeFromWire(mode: wire.DriftMode): DriftMode {
  switch (mode) {
    case wire.DriftMode.CORRECT:
      return 'correct';
    case wire.DriftMode.HOLD:
      return 'hold';
    default:
      return 'report';
  }
}

function tenantToWire({ name, namespaces, allow, deny, serviceAccount }: TenantBounds): wire.Tenant {
  return {
    name,
    namespaces: [...namespaces],
    allow: [...allow],
    deny: [...deny],
    serviceAccount: orEmpty(serviceAccount),
  };
}

function tenantFromWire({ name, namespaces, allow, deny, serviceAccount }: wire.Tenant): TenantBounds {
  return { name, namespaces, allow, deny, serviceAccount: orNull(serviceAccount) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
