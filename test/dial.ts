import { createDial } from '../agent/link/dial.ts';
import { createIdentities, type IdentityOptions } from '../agent/link/identities.ts';
import type { Dial } from '../agent/link/port.ts';
import { parseAddress } from '../core/address.ts';

/** An agent's way to a hub at `HOST:PORT`, which never renews by itself what has not run out. */
export function dialHub({
  hub,
  ...options
}: Omit<IdentityOptions, 'address' | 'now'> & { readonly hub: string }): Dial {
  const address = parseAddress(hub, 'FAIRWAY_HUB');
  return createDial({ address, identities: createIdentities({ ...options, address, now: Date.now }) });
}
