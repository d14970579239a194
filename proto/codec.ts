import type { AgentMessage, HubMessage } from '../core/link/messages.ts';
import { agentMessageFromWire, agentMessageToWire, hubMessageFromWire, hubMessageToWire } from './convert.ts';
import * as wire from './gen/fairway/agent/v1/agent.ts';

/** A message as bytes, and back; `decode` throws where the bytes are no message at all. */
export interface Codec<Message> {
  encode(message: Message): Buffer;
  decode(bytes: Uint8Array): Message;
}

export const agentCodec: Codec<AgentMessage> = {
  encode: (message) => asBuffer(wire.AgentMessage.encode(agentMessageToWire(message)).finish()),
  decode: (bytes) => agentMessageFromWire(wire.AgentMessage.decode(bytes)),
};

export const hubCodec: Codec<HubMessage> = {
  encode: (message) => asBuffer(wire.HubMessage.encode(hubMessageToWire(message)).finish()),
  decode: (bytes) => hubMessageFromWire(wire.HubMessage.decode(bytes)),
};

/** The service as both sides register it: Join and Renew in the wire's own words, Link as raw bytes for `grpcDuplex`. */
export const service = {
  join: wire.FairwayService.join,
  renew: wire.FairwayService.renew,
  link: {
    path: wire.FairwayService.link.path,
    requestStream: true,
    responseStream: true,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  },
} as const;

function raw(bytes: Buffer): Buffer {
  return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
