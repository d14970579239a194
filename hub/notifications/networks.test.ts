import { describe, expect, it } from 'vitest';
import { createNetworks } from './networks.ts';

describe('where notifications may be sent', () => {
  const open = createNetworks([]);

  it.each(['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '::ffff:93.184.215.14'])('%s: yes', (address) => {
    expect(open.allows(address, false)).toBe(true);
    expect(open.allows(address, true)).toBe(false);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '100.100.100.200',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '2002:a9fe:a9fe::1',
    'not an address',
  ])('[L7] %s: not without the word of whoever runs the hub', (address) => {
    expect(open.allows(address, false)).toBe(false);
    expect(open.allows(address, true)).toBe(false);
  });

  it('networks that are named are open, without TLS too, and no others', () => {
    const named = createNetworks(['10.0.0.0/8', 'fd00::/8']);
    expect(['10.1.2.3', 'fd12::1'].map((address) => named.allows(address, true))).toEqual([true, true]);
    expect(named.allows('192.168.0.1', false)).toBe(false);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'hooks.example', '10.0.0.0/8/8', '10.0.0.0/'])(
    '[X4] %s is no network',
    (text) => {
      expect(() => createNetworks([text])).toThrow(/FAIRWAY_NOTIFY_NETWORKS: .* is not a network/);
    },
  );
});
