// Frames of AWS's event stream, as Bedrock sends them: lengths and CRC-32s are right.
import {crc32} from 'node:zlib';

export function awsFrame(headers, payload) {
  const parts = [];
  for (const [name, value] of Object.entries(headers)) {
    const key = Buffer.from(name);
    const text = Buffer.from(value);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(text.length);
    parts.push(Buffer.from([key.length]), key, Buffer.from([7]), length, text);
  }
  const head = Buffer.concat(parts);
  const body = Buffer.from(JSON.stringify(payload));
  const frame = Buffer.alloc(16 + head.length + body.length);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  head.copy(frame, 12);
  body.copy(frame, 12 + head.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, frame.length - 4)), frame.length - 4);
  return frame;
}
