// Server-sent events: the provider's bytes in any cut, at the caller's pace, for exactly as long as he stays.
import assert from 'node:assert/strict';
import net from 'node:net';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, chunk, completion, deltaEvent, doneEvent, gate, head, lastChunk, never, ScriptedUpstream, sseHeaders, stream,} from '../fakes/scripted_upstream.mjs';

import {configuration, oneWorker} from './lib/config.mjs';
import {sizeIsTelling, startGateway} from './lib/gateway.mjs';
import {call, callerKey, chat, chatBytes, eventData, hello, requestBytes} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';
import {patience, within} from './lib/wait.mjs';

let upstream;
let gateway;

before(async () => {
  upstream = await ScriptedUpstream.start();
  // ASan keeps freed memory back, 256 MB of it: with less of that the process's size says what the gateway keeps.
  const quarantine = 'quarantine_size_mb=1:thread_local_quarantine_size_kb=16';
  gateway = await startGateway(
      configuration({upstream, ...oneWorker, limits: {answer_bytes: '1GiB'}}),
      {env: {ASAN_OPTIONS: [process.env.ASAN_OPTIONS, quarantine].filter(Boolean).join(':')}});
});
after(async () => {
  await upstream.close();
  await gateway?.stop();
});
beforeEach(() => upstream.reset());

const streamRequest = () => chatBytes(hello('m', {stream: true}));

async function openStream() {
  const client = await RawClient.connect(gateway.api);
  await client.send(streamRequest());
  return client;
}

// Everything that a stream may hold: comments, keep-alives, each line end, fields besides data, data over several
// lines, characters of two to four bytes, an event without data.
const kEverything = [
  ': a comment before anything\n\n',
  deltaEvent({role: 'assistant', content: ''}),
  ':\n\n',
  deltaEvent({content: 'caf\u00e9 \u{1F600} \u4f60\u597d'}),
  ': keep-alive\r\n\r\n',
  `event: message\r\nid: 7\r\nretry: 10\r\ndata: {"choices":[],\r\ndata:  "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\r\n\r\n`,
  'data:{"choices":[{"index":0,"delta":{"content":"no space"}}]}\r\r',
  'id\n\n',
  deltaEvent({}, {finish: 'stop'}),
  doneEvent,
];
const kAll = Buffer.from(kEverything.join(''));

describe('the same bytes whatever the cut', () => {
  const scripts = {
    'event by event': stream(kEverything),
    'every byte a chunk and a write of its own': stream([...kAll].map((byte) => Buffer.from([byte]))),
    'every byte of head and framing a write of its own': stream(kEverything, {pieces: 1}),
    'two bytes a chunk, across characters and line ends':
        stream(Array.from({length: Math.ceil(kAll.length / 2)}, (_, i) => kAll.subarray(2 * i, 2 * i + 2))),
    'all in one write': async (x) => {
      await x.write(
          Buffer.concat([head(200, {...sseHeaders, 'transfer-encoding': 'chunked'}), chunk(kAll), lastChunk]));
    },
    'framed by a length': async (x) => {
      await x.write(Buffer.concat([head(200, {...sseHeaders, 'content-length': kAll.length}), kAll]));
    },
    'ended by closing': async (x) => {
      await x.write(head(200, sseHeaders));
      await x.writeInPieces(kAll, 7);
      x.end();
    },
    'with chunk extensions and trailers': async (x) => {
      await x.write(head(200, {...sseHeaders, 'transfer-encoding': 'chunked'}));
      for (const event of kEverything) await x.write(chunk(event, ';name="value"'));
      await x.write('0\r\nx-trailer: 1\r\n\r\n');
    },
  };
  for (const [name, script] of Object.entries(scripts)) {
    test(name, async () => {
      upstream.always(script);
      const got = await chat(gateway.api, hello('m', {stream: true}));
      assert.equal(got.status, 200);
      assert.match(got.headers['content-type'], /^text\/event-stream/);
      assert.ok(got.clean);
      assert.equal(got.body.toString('latin1'), kAll.toString('latin1'));
      assert.equal(eventData(got.body).at(-1), '[DONE]');
      const record = await gateway.until(
          'the record', () => gateway.records.find((r) => r.request_id === got.headers['x-gatehouse-request-id']));
      assert.equal(record.streamed, true);
      assert.equal(record.total_tokens, 3, 'usage is read whatever the cut');
    });
  }

  test('a stream that its provider ends without [DONE] gets none from us', async () => {
    upstream.always(stream([deltaEvent({content: 'x'}, {finish: 'stop'})]));
    const got = await chat(gateway.api, hello('m', {stream: true}));
    assert.equal(got.body.toString(), deltaEvent({content: 'x'}, {finish: 'stop'}));
  });
});

describe('at once', () => {
  test('an event, a comment, a keep-alive are passed on before the next is there', async () => {
    const gates = [gate(), gate(), gate()];
    upstream.always(stream([
      deltaEvent({content: 'one'}), gates[0].opened.then(() => ': keep-alive\n\n'),
      gates[1].opened.then(() => deltaEvent({content: 'two'})), gates[2].opened.then(() => doneEvent)
    ]));
    const client = await openStream();
    await client.until('"one"');
    gates[0].open();
    await client.until(': keep-alive');
    gates[1].open();
    await client.until('"two"');
    gates[2].open();
    await client.until('[DONE]');
    client.destroy();
  });
});

// Until the kernel has taken no more of the answer for half a second; there is no event for what does not happen.
async function stalled(exchange) {
  let last = -1;
  let since = performance.now();
  const end = since + 20_000 * patience;
  while (performance.now() - since < 500) {
    if (exchange.bytesAccepted !== last) {
      last = exchange.bytesAccepted;
      since = performance.now();
    }
    if (performance.now() > end) throw new Error(`the provider was never held back: ${last} bytes taken`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return last;
}

describe('a caller who does not read holds the provider back', () => {
  const kEvent = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(65_400)}"}}]}\n\n`);
  const kOffered = 200 * 1024 * 1024;
  const kEvents = Math.ceil(kOffered / kEvent.length);
  // What lies in the kernel's socket buffers on the way (four of them, up to 4 to 6 MB each) is the system's, not
  // ours; what the gateway itself keeps shows in its memory.
  const kMostOnTheWay = 28 * 1024 * 1024;
  const kMostKept = 8 * 1024 * 1024;

  for (const kind of ['a stream of events', 'a whole body']) {
    test(kind, async () => {
      const started = gate();
      let exchange;
      upstream.always(async (x) => {
        exchange = x;
        started.open();
        if (kind === 'a whole body') {
          await x.write(
              head(200, {'content-type': 'application/octet-stream', 'content-length': kEvents * kEvent.length}));
          for (let i = 0; i < kEvents; i += 1)
            if (!await x.write(kEvent)) return;
        } else {
          await x.write(head(200, {...sseHeaders, 'transfer-encoding': 'chunked'}));
          for (let i = 0; i < kEvents; i += 1)
            if (!await x.write(chunk(kEvent))) return;
          await x.write(lastChunk);
        }
      });
      const before = gateway.residentBytes();
      const socket = net.connect({host: gateway.api.host, port: gateway.api.port});
      socket.pause();
      socket.write(
          kind === 'a whole body' ?
              requestBytes(
                  {method: 'GET', path: '/v1/files/f/content', headers: {Authorization: `Bearer ${callerKey}`}}) :
              streamRequest());
      await within(10_000, 'the request at the provider', started.opened);
      const taken = await stalled(exchange);
      assert.ok(taken < kMostOnTheWay, `${taken} bytes were taken from the provider though nobody read`);
      const kept = gateway.residentBytes() - before;
      assert.ok(kept < kMostKept || !sizeIsTelling(), `the gateway grew by ${kept} bytes`);

      // The reader comes back, and all of it arrives.
      let received = 0;
      let whole = Infinity;  // bytes on the wire, where the answer says it beforehand
      let tail = Buffer.alloc(0);
      await within(60_000, 'the rest of the answer', new Promise((resolve, reject) => {
                     socket.on('data', (data) => {
                       if (received === 0) {
                         const length = /content-length: (\d+)/i.exec(data.toString('latin1'))?.[1];
                         if (length) whole = data.indexOf('\r\n\r\n') + 4 + Number(length);
                       }
                       received += data.length;
                       tail = Buffer.concat([tail, data.subarray(-16)]).subarray(-16);
                       if (received === whole || tail.includes('\r\n0\r\n\r\n')) resolve();
                     });
                     socket.on('error', reject);
                     socket.on('close', () => reject(new Error(`closed after ${received} bytes`)));
                     socket.resume();
                   }));
      assert.ok(received > kOffered, `${received} bytes`);
      socket.destroy();
    });
  }
});

describe('a caller who leaves takes the provider\'s call with him', () => {
  const situations = {
    'in the middle of a stream': [stream([deltaEvent({content: 'x'}), new Promise(() => {})]), '"x"'],
    'before the first event': [stream([new Promise(() => {})]), null],
    'before the head': [never(), null],
    'in the middle of a whole answer': [
      async (x) => {
        await x.write(head(200, {'content-type': 'application/json', 'content-length': 1 << 20}));
        await x.gone;
      },
      null
    ],
  };
  for (const [name, [script, mark]] of Object.entries(situations)) {
    for (const how of ['destroy', 'reset']) {
      test(`${name} (${how})`, async () => {
        upstream.always(script);
        const client = await openStream();
        if (mark)
          await client.until(mark);
        else
          await upstream.request(0);
        const left = performance.now();
        client[how]();
        await upstream.until((u) => u.aborted.length === 1, 10_000 * patience, 'the cancelled call');
        const took = upstream.aborted[0].abortedAt - left;
        assert.ok(took < 1000 * patience, `the provider was told after ${took} ms`);
      });
    }
  }

  test('the record says who ended it', async () => {
    upstream.always(stream([deltaEvent({content: 'x'}), new Promise(() => {})]));
    const client = await openStream();
    const heading = (await client.until('\r\n\r\n')).toString();
    const id = /x-gatehouse-request-id: (\S+)/i.exec(heading)[1];
    client.destroy();
    const record = await gateway.until('the record', () => gateway.records.find((r) => r.request_id === id));
    assert.equal(record.finish, 'client_closed');
    assert.equal(record.streamed, true);
  });

  // More of them for a longer look: GATEHOUSE_E2E_CYCLES=10000.
  const cycles = Number(process.env.GATEHOUSE_E2E_CYCLES ?? 300);
  test(`${cycles} times over: no descriptor, no upstream connection and no memory is left`, async () => {
    upstream.always(stream([deltaEvent({content: 'x'}), new Promise(() => {})]));
    const cycle = async () => {
      const client = await openStream();
      await client.until('"x"');
      client.destroy();
    };
    const none = (what) => upstream.until((u) => u.openConnections === 0, 10_000 * patience, `no connection ${what}`);
    upstream.closeIdle();  // those that earlier tests left in the pool, rightly
    await none('at the beginning');
    for (let i = 0; i < 5; i += 1) await cycle();
    await none('after the first five');
    const before = gateway.descriptors();
    const memory = gateway.residentBytes();
    for (let i = 0; i < cycles / 10; i += 1) await Promise.all(Array.from({length: 10}, cycle));
    await none('at the end');
    assert.equal(upstream.aborted.length, cycles + 5);
    await gateway.descriptorsFallTo(before);
    // ASan's own books take 20 to 30 MB; a leak of a kilobyte a cycle shows from some ten thousand cycles on.
    const grown = gateway.residentBytes() - memory;
    assert.ok(grown < (36 << 20) || !sizeIsTelling(), `the gateway grew by ${grown} bytes`);
    // And it works as before.
    upstream.always(answer({body: completion('still here')}));
    assert.equal((await chat(gateway.api, hello())).status, 200);
  });
});

test('a finished stream leaves both connections for the next request', async () => {
  upstream.always(stream([deltaEvent({content: 'x'}), doneEvent]));
  const client = await RawClient.connect(gateway.api);
  for (let i = 0; i < 3; i += 1) {
    await client.send(streamRequest());
    const got = await client.answer();
    assert.ok(got.clean);
    assert.equal(eventData(got.body).at(-1), '[DONE]');
  }
  client.destroy();
  assert.equal(new Set(upstream.requests.map((r) => r.connection.id)).size, 1);
  assert.equal(
      (await call(gateway.api, {method: 'GET', path: '/v1/models', headers: {Authorization: `Bearer ${callerKey}`}}))
          .status,
      200);
});
