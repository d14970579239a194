import { expect, it } from 'vitest';
import { formatAddress, isLocal, parseAddress } from './address.ts';

it.each([
  ['127.0.0.1:7070', { host: '127.0.0.1', port: 7070 }],
  ['hub.example:443', { host: 'hub.example', port: 443 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  [':7443', { host: '0.0.0.0', port: 7443 }],
])('reads %s', (text, address) => {
  expect(parseAddress(text, 'FAIRWAY_HTTP')).toEqual(address);
  if (!text.startsWith(':')) expect(formatAddress(address)).toBe(text);
});

it.each(['', 'hub', 'hub:', 'hub:x', '1.2.3.4:99999', 'http://hub:1', 'a b:1'])(
  '[X4] refuses "%s" and names the field',
  (text) => {
    expect(() => parseAddress(text, 'FAIRWAY_HTTP')).toThrow(/FAIRWAY_HTTP.*is not host:port/);
  },
);

it.each([
  ['127.0.0.1:1', true],
  ['localhost:1', true],
  [':1', true],
  ['[::1]:1', true],
  ['[::]:1', true],
  ['10.0.0.1:1', false],
  ['hub.example:1', false],
])('knows whether %s leads whoever dials it to themselves: %s', (text, local) => {
  expect(isLocal(parseAddress(text, 'hub'))).toBe(local);
});
