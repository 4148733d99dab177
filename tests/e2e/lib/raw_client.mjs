// A client that sends exactly the bytes it is given and takes answers apart without forgiving anything.
import net from 'node:net';
import tls from 'node:tls';

import {within} from './wait.mjs';

export class RawClient {
  // `to`: { host, port }, with `tls` options for node's tls.connect where the listener speaks TLS.
  static async connect(to) {
    const socket = to.tls ? tls.connect({host: to.host, port: to.port, ...to.tls}) :
                            net.connect({host: to.host, port: to.port, noDelay: true});
    const client = new RawClient(socket);
    await within(10_000, 'connect', new Promise((resolve, reject) => {
                   socket.once(to.tls ? 'secureConnect' : 'connect', resolve);
                   socket.once('error', reject);
                 }))
        .catch((error) => {
          socket.destroy();
          throw error;
        });
    return client;
  }

  #data = Buffer.alloc(0);
  #wake = null;
  ended = false;  // the other side's FIN
  closed = false;
  error = null;

  constructor(socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#data = Buffer.concat([this.#data, chunk]);
      this.#signal();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#signal();
    });
    socket.on('error', (error) => {
      this.error = error;
      this.#signal();
    });
    socket.on('close', () => {
      this.closed = true;
      this.#signal();
    });
  }

  // Resolves when the kernel has the bytes, or the other side has gone.
  send(data) {
    return new Promise((resolve) => this.socket.write(data, () => resolve()));
  }

  // What has arrived and was not yet read.
  get pending() {
    return this.#data;
  }

  // One whole answer: { status, reason, headers (lower-case names, values joined), rawHeaders, body, clean }.
  // `clean` is false when the connection ended before the framing said so; `raw` is every byte of the answer.
  async answer({ms = 10_000, method = 'GET'} = {}) {
    const headBytes = await this.until('\r\n\r\n', ms);
    if (headBytes === null) {
      return {status: 0, headers: {}, rawHeaders: [], body: this.#take(this.#data.length), clean: false};
    }
    const lines = headBytes.toString('latin1').split('\r\n');
    const [, status, reason] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(lines[0]) ?? [];
    if (!status) throw new Error(`not a status line: ${JSON.stringify(lines[0])}`);
    const rawHeaders = lines.slice(1).filter(Boolean).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const headers = {};
    for (const [name, value] of rawHeaders) {
      const key = name.toLowerCase();
      headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
    }
    const result = {status: Number(status), reason, headers, rawHeaders, body: Buffer.alloc(0), clean: true};
    if (result.status < 200 || result.status === 204 || result.status === 304 || method === 'HEAD') return result;
    if (headers['transfer-encoding'] === 'chunked') {
      const parts = [];
      for (;;) {
        const line = await this.until('\r\n', ms);
        const size = line === null ? Number.NaN : Number.parseInt(line.toString('latin1'), 16);
        if (!Number.isInteger(size)) {
          result.clean = false;
          break;
        }
        if (size === 0) {
          let trailer;
          do {
            trailer = await this.until('\r\n', ms);
          } while (trailer !== null && trailer.length > 2);
          result.clean = trailer !== null;
          break;
        }
        const piece = await this.exactly(size + 2, ms);
        parts.push(piece.subarray(0, Math.min(size, piece.length)));
        if (piece.length < size + 2) {
          result.clean = false;
          break;
        }
      }
      result.body = Buffer.concat(parts);
    } else if ('content-length' in headers) {
      const length = Number(headers['content-length']);
      result.body = await this.exactly(length, ms);
      result.clean = result.body.length === length;
    } else {
      await this.untilClosed(ms);
      result.body = this.#take(this.#data.length);
      result.clean = this.error === null;
    }
    return result;
  }

  // Bytes up to and with the delimiter; null when the other side ended first.
  async until(delimiter, ms = 10_000) {
    for (;;) {
      const at = this.#data.indexOf(delimiter);
      if (at >= 0) return this.#take(at + delimiter.length);
      if (this.ended || this.closed) return null;
      await within(ms, `bytes up to ${JSON.stringify(delimiter)}`, this.#more());
    }
  }

  // Waits until the bytes have arrived, and leaves them where they are; false when the other side ended without them.
  async seen(bytes, ms = 10_000) {
    while (!this.#data.includes(bytes)) {
      if (this.ended || this.closed) return false;
      await within(ms, `bytes with ${JSON.stringify(bytes)}`, this.#more());
    }
    return true;
  }

  // `count` bytes, fewer when the other side ended first.
  async exactly(count, ms = 10_000) {
    while (this.#data.length < count && !this.ended && !this.closed) {
      await within(ms, `${count} bytes`, this.#more());
    }
    return this.#take(Math.min(count, this.#data.length));
  }

  // Everything until the other side ends.
  async untilClosed(ms = 10_000) {
    while (!this.ended && !this.closed) await within(ms, 'the end of the connection', this.#more());
    return this.#data;
  }

  // Stops and starts reading; with nobody reading, the kernel's buffers fill and the sender must wait.
  pause() {
    this.socket.pause();
  }
  resume() {
    this.socket.resume();
  }

  end() {
    this.socket.end();
  }
  destroy() {
    this.socket.destroy();
  }
  reset() {
    this.socket.resetAndDestroy();
  }

  #take(count) {
    const out = this.#data.subarray(0, count);
    this.#data = this.#data.subarray(count);
    return out;
  }

  #signal() {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  #more() {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
