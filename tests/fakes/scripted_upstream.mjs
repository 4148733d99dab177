// A provider that does exactly what a test tells it to, and keeps a ledger of what it received.
//
// It speaks raw TCP (or TLS) and never hides behind an HTTP library, because most of what it plays no HTTP
// library would let out: a head that breaks off, two lengths, chunk sizes that lie. Every byte that arrives is
// kept, so a test asserts on what reached the provider and not on what the gateway says it sent.
//
//   const upstream = await ScriptedUpstream.start();
//   upstream.when({ model: 'm' }, answer({ body: '{}' }));
//   ... drive the gateway ...
//   assert.equal(upstream.requests[0].body.toString(), sent);
//   await upstream.close();
//
// A behaviour is an async function of one Exchange; those that tests share are exported below the class.
import net from 'node:net';
import {setImmediate as nextTurn} from 'node:timers/promises';
import tls from 'node:tls';

const CRLF = '\r\n';

// Bytes in arrival order, read by one consumer that waits.
class ByteQueue {
  #data = Buffer.alloc(0);
  #ended = false;
  #wake = null;

  push(chunk) {
    this.#data = this.#data.length ? Buffer.concat([this.#data, chunk]) : chunk;
    this.#signal();
  }

  end() {
    this.#ended = true;
    this.#signal();
  }

  // Up to and with `delimiter`, or null when the bytes end before it.
  async until(delimiter) {
    let from = 0;
    for (;;) {
      const at = this.#data.indexOf(delimiter, from);
      if (at >= 0) return this.#take(at + delimiter.length);
      if (this.#ended) return null;
      from = Math.max(0, this.#data.length - delimiter.length);
      await this.#more();
    }
  }

  async exactly(count) {
    // Large bodies: collect without joining on every arrival.
    const parts = [];
    let missing = count;
    for (;;) {
      const part = this.#take(Math.min(missing, this.#data.length));
      parts.push(part);
      missing -= part.length;
      if (missing === 0) return Buffer.concat(parts);
      if (this.#ended) return null;
      await this.#more();
    }
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

// One request as it arrived. `headBytes` and `rawBody` are the bytes on the wire; `body` is without chunk framing.
class ReceivedRequest {
  constructor(connection, headBytes) {
    this.connection = connection;
    this.indexOnConnection = connection.requests.length;
    this.receivedAt = performance.now();
    this.headBytes = headBytes;
    this.rawBody = Buffer.alloc(0);
    this.body = Buffer.alloc(0);
    this.complete = false;  // the whole body arrived
    this.answered = false;  // the behaviour came to its end with the connection still there
    this.abortedAt = null;  // the gateway left before that (performance.now())
    const lines = headBytes.toString('latin1').split(CRLF);
    [this.method, this.target, this.version] = lines[0].split(' ');
    this.headers = lines.slice(1).filter(Boolean).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
  }

  // All values of a header, in order.
  all(name) {
    return this.headers.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, v]) => v);
  }

  header(name) {
    return this.all(name)[0];
  }

  get json() {
    return JSON.parse(this.body.toString('utf8'));
  }
}

// One connection's ledger.
class Connection {
  constructor(id, socket) {
    this.id = id;
    this.socket = socket;
    this.openedAt = performance.now();
    this.endedAt = null;  // the gateway's FIN or RST
    this.closedAt = null;
    this.requests = [];
    this.received = [];
    this.idle = true;
    this.queue = new ByteQueue();
    this.gone = new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  get bytes() {
    return Buffer.concat(this.received);
  }
}

// What a behaviour may do. `gone` resolves when the gateway has left.
class Exchange {
  constructor(upstream, connection, request) {
    this.upstream = upstream;
    this.connection = connection;
    this.request = request;
    this.keepOpen = true;
    this.gone = connection.gone;
    this.acceptedBefore = this.#accepted();
  }

  get isGone() {
    return this.connection.endedAt !== null || this.connection.socket.destroyed;
  }

  // Hands bytes to the kernel; resolves true once they are there, false when the gateway has left.
  async write(data) {
    const {socket} = this.connection;
    if (this.isGone) return false;
    const written = new Promise((resolve) => socket.write(data, (error) => resolve(!error)));
    return Promise.race([written, this.gone.then(() => false)]);
  }

  // Every `size` bytes of data in a write of their own.
  async writeInPieces(data, size = 1) {
    const bytes = Buffer.from(data);
    for (let at = 0; at < bytes.length; at += size) {
      if (!await this.write(bytes.subarray(at, at + size))) return false;
      await nextTurn();
    }
    return true;
  }

  // The rest of the request's body, for behaviours that run before it was read.
  readBody() {
    return this.upstream.readBody(this.connection, this.request);
  }

  // Bytes of this answer that the kernel took so far; the rest of what was written waits in this process.
  get bytesAccepted() {
    return this.#accepted() - this.acceptedBefore;
  }

  #accepted() {
    const {socket} = this.connection;
    return socket.bytesWritten - socket.writableLength;
  }

  // Closes, as a server does that ends: FIN after what was written, RST to whatever comes later.
  end() {
    this.keepOpen = false;
    this.connection.socket.destroySoon();
  }

  // RST: what is still in flight is lost.
  reset() {
    this.keepOpen = false;
    const {socket} = this.connection;
    if (socket.resetAndDestroy)
      socket.resetAndDestroy();
    else
      socket.destroy();
  }
}

export class ScriptedUpstream {
  // tls: options of tls.createServer, or nothing for plain TCP.
  static async start({tls: tlsOptions, host = '127.0.0.1', port = 0} = {}) {
    const upstream = new ScriptedUpstream(tlsOptions);
    await new Promise((resolve, reject) => {
      upstream.#server.once('error', reject);
      upstream.#server.listen(port, host, resolve);
    });
    upstream.host = host;
    upstream.port = upstream.#server.address().port;
    return upstream;
  }

  #server;
  #rules = [];
  #waiting = new Set();
  requests = [];
  connections = [];
  tlsFailures = [];
  // Faults of the scripts themselves; close() throws the first, so that no test passes over one.
  #faults = [];

  constructor(tlsOptions) {
    this.secure = Boolean(tlsOptions);
    const accept = (socket) => this.#accept(socket);
    // Half open over TCP, so that a FIN is seen apart from the end; over TLS node then misses a peer that leaves
    // in the middle of the handshake.
    this.#server = tlsOptions ? tls.createServer({noDelay: true, ...tlsOptions}, accept) :
                                net.createServer({noDelay: true, allowHalfOpen: true}, accept);
    this.#server.on('tlsClientError', (error, socket) => {
      this.tlsFailures.push(error);
      socket.destroy();
      this.#changed();
    });
  }

  get url() {
    return `${this.secure ? 'https' : 'http'}://${this.host}:${this.port}`;
  }

  // `match`: a path, { path, model, method } or a function of the request; the last rule that matches plays.
  // `early` behaviours run as soon as the head is there (a rule on the model cannot be early).
  when(match, behaviour, {early = false} = {}) {
    this.#rules.push({matches: matcher(match), behaviour, early});
    return this;
  }

  // Every request, whatever it is.
  always(behaviour, options) {
    return this.when(() => true, behaviour, options);
  }

  // Forgets rules and ledger; open connections stay.
  reset() {
    this.#rules = [];
    this.requests = [];
    this.connections = this.connections.filter((c) => c.closedAt === null);
    this.tlsFailures = [];
  }

  get openConnections() {
    return this.connections.filter((c) => c.endedAt === null && c.closedAt === null).length;
  }

  get aborted() {
    return this.requests.filter((r) => r.abortedAt !== null);
  }

  get bytesReceived() {
    return this.connections.reduce((sum, c) => sum + c.received.reduce((s, b) => s + b.length, 0), 0);
  }

  // Resolves with the predicate's first true value; asked again whenever the ledger changes.
  until(predicate, ms = 10_000, what = predicate.toString()) {
    const value = predicate(this);
    if (value) return Promise.resolve(value);
    return new Promise((resolve, reject) => {
      const waiter = {
        check: () => {
          const now = predicate(this);
          if (!now) return;
          clearTimeout(waiter.timer);
          this.#waiting.delete(waiter);
          resolve(now);
        },
        timer: setTimeout(
            () => {
              this.#waiting.delete(waiter);
              reject(new Error(`the upstream did not see within ${ms} ms: ${what}`));
            },
            ms),
      };
      this.#waiting.add(waiter);
    });
  }

  // The nth request (from 0) with its whole body.
  request(index = 0, ms = 10_000) {
    return this.until(() => this.requests[index]?.complete && this.requests[index], ms, `request ${index}`);
  }

  // Closes every connection that is between requests, as a server's idle timeout does.
  closeIdle() {
    for (const c of this.connections) {
      if (c.idle && c.closedAt === null) c.socket.destroySoon();
    }
  }

  async close() {
    for (const c of this.connections) c.socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    for (const waiter of this.#waiting) clearTimeout(waiter.timer);
    this.#waiting.clear();
    if (this.#faults.length) throw this.#faults[0];
  }

  #changed() {
    for (const waiter of [...this.#waiting]) waiter.check();
  }

  #accept(socket) {
    const connection = new Connection(this.connections.length, socket);
    this.connections.push(connection);
    const ended = () => {
      if (connection.endedAt !== null) return;
      connection.endedAt = performance.now();
      connection.queue.end();
      connection.leave();
      this.#changed();
    };
    socket.on('data', (chunk) => {
      connection.received.push(chunk);
      connection.queue.push(chunk);
      this.#changed();
    });
    socket.on('end', ended);
    socket.on('error', ended);
    socket.on('close', () => {
      ended();
      connection.closedAt = performance.now();
      this.#changed();
    });
    this.#changed();
    this.#serve(connection).catch((error) => this.#faults.push(error)).finally(() => {
      // The half we own: without this a FIN from the gateway would leave the socket half open for ever.
      if (!socket.destroyed) socket.end();
    });
  }

  async #serve(connection) {
    for (;;) {
      connection.idle = true;
      const head = await connection.queue.until(CRLF + CRLF);
      if (head === null) return;
      connection.idle = false;
      const request = new ReceivedRequest(connection, head);
      connection.requests.push(request);
      this.requests.push(request);
      let rule = this.#rules.findLast((r) => r.early && r.matches(request));
      if (!rule) {
        if (!await this.readBody(connection, request)) {
          this.#abort(request);
          return;
        }
        rule = this.#rules.findLast((r) => !r.early && r.matches(request));
      }
      this.#changed();
      const exchange = new Exchange(this, connection, request);
      exchange.gone.then(() => this.#abort(request));
      await (rule?.behaviour ?? echo())(exchange);
      request.answered = request.abortedAt === null;
      this.#changed();
      if (!exchange.keepOpen || exchange.isGone) return;
      if (!request.complete) return;  // an early answer to a body nobody read: the connection has no next request
    }
  }

  #abort(request) {
    if (request.answered || request.abortedAt !== null) return;
    request.abortedAt = performance.now();
    this.#changed();
  }

  // True once the body is whole; false when the gateway left before that or its framing is broken.
  async readBody(connection, request) {
    const {queue} = connection;
    if (request.complete) return true;
    if (request.all('transfer-encoding').length) {
      const raw = [];
      const parts = [];
      for (;;) {
        const line = await queue.until(CRLF);
        if (line === null) return false;
        raw.push(line);
        const size = Number.parseInt(line.toString('latin1'), 16);
        if (!Number.isInteger(size)) return false;
        if (size === 0) break;
        const chunk = await queue.exactly(size + 2);
        if (chunk === null) return false;
        raw.push(chunk);
        parts.push(chunk.subarray(0, size));
      }
      for (;;) {  // trailers
        const line = await queue.until(CRLF);
        if (line === null) return false;
        raw.push(line);
        if (line.length === 2) break;
      }
      request.rawBody = Buffer.concat(raw);
      request.body = Buffer.concat(parts);
    } else {
      const length = Number(request.header('content-length') ?? 0);
      const body = await queue.exactly(length);
      if (body === null) return false;
      request.rawBody = body;
      request.body = body;
    }
    request.complete = true;
    this.#changed();
    return true;
  }
}

function matcher(match) {
  if (typeof match === 'function') return match;
  if (typeof match === 'string') return (r) => r.target.split('?')[0] === match;
  return (r) => {
    if (match.path !== undefined && r.target.split('?')[0] !== match.path) return false;
    if (match.method !== undefined && r.method !== match.method) return false;
    if (match.model !== undefined) {
      // The model's name as it stands in the bytes; bodies here need not be valid JSON in every other respect.
      const found = /"model"\s*:\s*"([^"]*)"/.exec(r.body.toString('utf8'));
      if (found?.[1] !== match.model) return false;
    }
    return true;
  };
}

const kReasons = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable'
};

// headers: an object or a list of [name, value] (for duplicates and order).
export function head(status = 200, headers = {}, {version = 'HTTP/1.1', reason = kReasons[status] ?? 'Any'} = {}) {
  const list = Array.isArray(headers) ? headers : Object.entries(headers);
  return Buffer.from(
      `${version} ${status} ${reason}${CRLF}${list.map(([n, v]) => `${n}: ${v}${CRLF}`).join('')}${CRLF}`, 'latin1');
}

export function chunk(data, extension = '') {
  const bytes = Buffer.from(data);
  return Buffer.concat([Buffer.from(bytes.length.toString(16) + extension + CRLF), bytes, Buffer.from(CRLF)]);
}

export const lastChunk = Buffer.from('0\r\n\r\n');

export const jsonHeaders = {
  'content-type': 'application/json'
};
export const sseHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache'
};

// A chat completion as an OpenAI-compatible provider words it.
export function completion(content, {model = 'up-model', id = 'chatcmpl-scripted'} = {}) {
  return JSON.stringify({
    id,
    object: 'chat.completion',
    created: 1700000000,
    model,
    choices: [{index: 0, message: {role: 'assistant', content}, logprobs: null, finish_reason: 'stop'}],
    usage: {prompt_tokens: 7, completion_tokens: 3, total_tokens: 10}
  });
}

// One event of a streamed chat completion, framing included.
export function deltaEvent(delta, {finish = null, model = 'up-model'} = {}) {
  return `data: ${JSON.stringify({
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    created: 1700000000,
    model,
    choices: [{index: 0, delta, finish_reason: finish}]
  })}\n\n`;
}

export const doneEvent = 'data: [DONE]\n\n';

// A plain answer. framing: 'length', 'chunked' (`pieces` bytes a chunk) or 'close'.
export function answer({status = 200, headers = jsonHeaders, body = '{}', framing = 'length', pieces = 0} = {}) {
  return async (x) => {
    const bytes = Buffer.from(body);
    const list = Array.isArray(headers) ? headers : Object.entries(headers);
    if (framing === 'length') {
      await x.write(Buffer.concat([head(status, [...list, ['content-length', bytes.length]]), bytes]));
    } else if (framing === 'chunked') {
      await x.write(head(status, [...list, ['transfer-encoding', 'chunked']]));
      const size = pieces || bytes.length || 1;
      for (let at = 0; at < bytes.length; at += size) await x.write(chunk(bytes.subarray(at, at + size)));
      await x.write(lastChunk);
    } else {
      await x.write(Buffer.concat([head(status, [...list, ['connection', 'close']]), bytes]));
      x.end();
    }
  };
}

// Answers with the request's own body and its content type.
export function echo() {
  return (x) => answer({
           headers: {'content-type': x.request.header('content-type') ?? 'application/octet-stream'},
           body: x.request.body,
         })(x);
}

// Exactly these bytes, then `then`: 'keep' the connection, 'end' it or 'reset' it (RST).
// `pieces`: bytes a write, 0 for one write.
export function raw(bytes, {then = 'end', pieces = 0} = {}) {
  return async (x) => {
    if (pieces)
      await x.writeInPieces(bytes, pieces);
    else
      await x.write(bytes);
    if (then === 'end') x.end();
    if (then === 'reset') x.reset();
  };
}

// A stream of events, chunked; every element of `events` is written as it stands, in a chunk of its own.
// Elements may be promises or functions returning one: the stream waits there, so a test sets its pace.
export function stream(events, {headers = sseHeaders, done = true, pieces = 0} = {}) {
  return async (x) => {
    const put = (data) => (pieces ? x.writeInPieces(data, pieces) : x.write(data));
    await put(head(200, {...headers, 'transfer-encoding': 'chunked'}));
    for (const event of events) {
      const data = await Promise.race([typeof event === 'function' ? event(x) : event, x.gone.then(() => null)]);
      if (x.isGone) return;
      if (data !== null && data !== undefined) await put(chunk(data));
    }
    if (done) await put(lastChunk);
  };
}

// Takes the request and says nothing until the gateway leaves.
export function never() {
  return (x) => x.gone;
}

// Leaves without a word.
export function hangUp({reset = false} = {}) {
  return async (x) => (reset ? x.reset() : x.end());
}

// Plays behaviours in turn, one a request; the last one stays.
export function inTurn(...behaviours) {
  let next = 0;
  return (x) => behaviours[Math.min(next++, behaviours.length - 1)](x);
}

// A point that a behaviour waits at until the test opens it.
export function gate() {
  let open;
  const promise = new Promise((resolve) => {
    open = resolve;
  });
  return {open, opened: promise};
}

// A port of this machine on which nobody listens.
export async function closedPort(host = '127.0.0.1') {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, host, resolve));
  const {port} = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
