import { BlockList, isIP } from 'node:net';
import { FairwayError } from '../../core/errors.ts';

/** Where what people declare may make the hub send something. */
export interface Networks {
  /** True where the hub may send to an address; `plain`: without TLS, which only the networks that are named allow. */
  allows(address: string, plain: boolean): boolean;
}

/** Addresses that lead into the hub's own machine, its cluster, its cloud's metadata, or to nobody. */
const special = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
]);
/** All that is routed of IPv6. */
const routed = blockList(['2000::/3']);

/**
 * The public Internet, and what the hub's operator names besides.
 * @param named in CIDR notation, `10.0.0.0/8`
 * @throws FairwayError `config-invalid`, naming the variable
 */
export function createNetworks(named: readonly string[], variable = 'FAIRWAY_NOTIFY_NETWORKS'): Networks {
  for (const network of named) {
    if (readNetwork(network) !== null) continue;
    throw new FairwayError('config-invalid', `${variable}: "${network}" is not a network`, {
      field: variable,
      remedy: 'write networks as 10.0.0.0/8,fd00::/8',
    });
  }
  const own = blockList(named);
  return {
    allows(address, plain) {
      const family = familyOf(address);
      if (family === null) return false;
      if (own.check(address, family)) return true;
      if (plain) return false;
      // An IPv4 address that is written as IPv6 is matched by the rules of IPv4.
      const mapped = family === 'ipv6' && /^::ffff:/i.test(address);
      return !special.check(address, family) && (family === 'ipv4' || mapped || routed.check(address, family));
    },
  };
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const read = readNetwork(network);
    if (read !== null) list.addSubnet(read.address, read.prefix, read.family);
  }
  return list;
}

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function readNetwork(text: string): Network | null {
  const [address = '', length = '', ...rest] = text.split('/');
  const family = familyOf(address);
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (family === null || rest.length > 0 || !(prefix <= (family === 'ipv4' ? 32 : 128))) return null;
  return { address, prefix, family };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : null;
}
