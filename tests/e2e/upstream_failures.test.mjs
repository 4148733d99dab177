// A provider that refuses, dawdles, breaks off or talks nonsense: 502, 504 or a proper error event, never a hang and
// never a clean end of half an answer.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import net from 'node:net';
import {after, before, beforeEach, describe, test} from 'node:test';
import {brotliCompressSync, brotliDecompressSync, constants, createGzip, deflateSync, gunzipSync, gzipSync, inflateSync, zstdCompressSync, zstdDecompressSync,} from 'node:zlib';
import OpenAI, {APIError} from 'openai';

import {answer, chunk, closedPort, completion, deltaEvent, doneEvent, gate, hangUp, head, inTurn, jsonHeaders, lastChunk, never, raw, ScriptedUpstream, sseHeaders, stream,} from '../fakes/scripted_upstream.mjs';

import {certificateAuthority} from './lib/certificates.mjs';
import {configuration, model, oneWorker, provider, providerKey} from './lib/config.mjs';
import {startGateway, temporaryFolder} from './lib/gateway.mjs';
import {callerKey, chat, chatBytes, eventData, hello} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';
import {within} from './lib/wait.mjs';

// Long enough for a busy machine between two writes, short enough to wait for.
const kSoon = '1s';
let upstream;
let secure;     // the same over TLS, with a certificate of an authority that provider `tls` trusts
let wrongName;  // and one whose certificate is for another name
let plain;      // one that answers a TLS greeting in plain HTTP
let full;       // a listener whose queue of connections is full: a connect to it is neither taken nor refused
let gateway;

before(async () => {
  const dir = temporaryFolder();
  const authority = certificateAuthority(dir);
  const leaf = authority.issue('provider');
  upstream = await ScriptedUpstream.start();
  secure = await ScriptedUpstream.start({tls: {key: leaf.key, cert: leaf.cert, minVersion: 'TLSv1.2'}});
  const elsewhere = authority.issue('elsewhere', {names: 'DNS:elsewhere.test'});
  wrongName = await ScriptedUpstream.start({tls: {key: elsewhere.key, cert: elsewhere.cert}});
  full = await fullListener();
  plain = net.createServer(
      (socket) => socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const at = (port) => ({url: `http://127.0.0.1:${port}`});
  const timeouts = {first_byte: kSoon, between_bytes: kSoon, connect: kSoon};
  gateway = await startGateway(configuration({
    ...oneWorker,
    timeouts: {tls_handshake: kSoon},
    providers: [
      provider(upstream, {timeouts}),
      provider(at(await closedPort()), {name: 'closed', timeouts}),
      provider(at(full.port), {name: 'full', timeouts}),
      provider({url: `https://localhost:${secure.port}`}, {name: 'tls', ca_file: authority.certFile, timeouts}),
      provider({url: `https://localhost:${secure.port}`}, {name: 'untrusted', timeouts}),
      provider(
          {url: `https://localhost:${wrongName.port}`}, {name: 'wrong-name', ca_file: authority.certFile, timeouts}),
      provider(
          {url: `https://127.0.0.1:${plain.address().port}`}, {name: 'not-tls', ca_file: authority.certFile, timeouts}),
      provider({url: `https://127.0.0.1:${upstream.port}`}, {name: 'silent', ca_file: authority.certFile, timeouts}),
      provider({url: 'http://no-such-host.invalid'}, {name: 'unresolvable', timeouts}),
    ],
    models: ['closed', 'full', 'tls', 'untrusted', 'wrong-name', 'not-tls', 'silent', 'unresolvable']
                .map((name) => model(name, name, {provider: name}))
                .concat(model('m')),
  }));
});
after(async () => {
  full?.process.kill('SIGKILL');
  await upstream.close();
  await secure?.close();
  await wrongName?.close();
  plain?.close();
  await gateway?.stop();
});
beforeEach(() => {
  upstream.reset();
  secure.reset();
});

// A process that listens and is then stopped; its queue is filled here.
async function fullListener() {
  const child = spawn(
      process.execPath,
      [
        '-e',
        'const s = require("node:net").createServer(); s.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(s.address().port));'
      ],
      {stdio: ['ignore', 'pipe', 'inherit']});
  const port =
      Number(await within(10_000, 'the listener', new Promise((resolve) => child.stdout.once('data', resolve))));
  child.kill('SIGSTOP');
  const fillers = [];
  for (let i = 0; i < 16; i += 1) {
    const filler = RawClient.connect({host: '127.0.0.1', port});
    filler.catch(() => {});
    fillers.push(filler);
    // The queue is full once a connect is left waiting.
    const taken = await Promise.race(
        [filler.then(() => true, () => false), new Promise((resolve) => setTimeout(resolve, 300, false))]);
    if (!taken) break;
  }
  return {port, process: child};
}

// The error as OpenAI words it, and nothing in it that the caller must not know.
function assertError(got, status, codes) {
  assert.equal(got.status, status, got.body.toString());
  assert.match(got.headers['content-type'], /^application\/json/);
  const {error} = JSON.parse(got.body);
  assert.ok(codes.includes(error.code), `code ${error.code}`);
  assert.equal(typeof error.message, 'string');
  assert.equal(typeof error.type, 'string');
  assert.ok('param' in error);
  assertDiscreet(got.body.toString());
}

function assertDiscreet(text) {
  for (const secret of [providerKey, String(upstream.port), String(secure.port), '127.0.0.1', 'localhost']) {
    assert.ok(!text.includes(secret), `the answer tells ${secret}: ${text}`);
  }
}

// Half an answer must be seen to be half: 502/504, or a connection that breaks off.
function assertNotWhole(got, statuses = [502]) {
  if (got.status === 200)
    assert.equal(got.clean, false, `a clean end after ${got.body.length} bytes`);
  else
    assertError(got, got.status, ['upstream_broken', 'upstream_protocol', 'upstream_timeout']);
  assert.ok(got.status === 200 || statuses.includes(got.status), `status ${got.status}`);
}

const kBody = completion('a whole answer');
const kBytes = Buffer.byteLength(kBody);
const lengthHead = head(200, {...jsonHeaders, 'content-length': kBytes});

async function stillWorks() {
  upstream.reset();
  upstream.always(answer({body: kBody}));
  const got = await chat(gateway.api, hello());
  assert.equal(got.status, 200);
  assert.equal(got.body.toString(), kBody);
}

describe('no way there', () => {
  for (const [name, status, codes] of [
           ['closed', 502, ['upstream_unreachable']],
           ['unresolvable', 502, ['upstream_unreachable']],
           ['full', 504, ['upstream_timeout']],
           ['untrusted', 502, ['upstream_tls']],
           ['wrong-name', 502, ['upstream_tls']],
           ['not-tls', 502, ['upstream_tls']],
           ['silent', 504, ['upstream_timeout']],
  ]) {
    test(name, async () => {
      assertError(await chat(gateway.api, hello(name)), status, codes);
      assertError(await chat(gateway.api, hello(name, {stream: true})), status, codes);
      assert.equal(secure.requests.length, 0, 'nothing is said to a provider that did not prove who it is');
      assert.equal(upstream.requests.length, 0);
    });
  }

  test('a provider with the right certificate is spoken to, with its name in the handshake', async () => {
    secure.always(answer({body: kBody}));
    assert.equal((await chat(gateway.api, hello('tls'))).body.toString(), kBody);
    assert.equal((await chat(gateway.api, hello('tls'))).body.toString(), kBody);
    assert.equal(secure.requests.length, 2);
    assert.equal(secure.connections.length, 1, 'the connection is kept');
    assert.equal(secure.connections[0].socket.servername, 'localhost');
  });
});

describe('too late', () => {
  test('no first byte', async () => {
    upstream.always(never());
    assertError(await chat(gateway.api, hello()), 504, ['upstream_timeout']);
    await upstream.until((u) => u.aborted.length === 1);
    await stillWorks();
  });

  test('a head that never ends', async () => {
    upstream.always(async (x) => {
      await x.write('HTTP/1.1 200 OK\r\ncontent-');
      await x.gone;
    });
    assertError(await chat(gateway.api, hello()), 504, ['upstream_timeout']);
    await upstream.until((u) => u.aborted.length === 1);
  });

  test('a body that stops', async () => {
    upstream.always(async (x) => {
      await x.write(lengthHead);
      await x.write(kBody.slice(0, 20));
      await x.gone;
    });
    assertNotWhole(await chat(gateway.api, hello()), [504]);
    await upstream.until((u) => u.aborted.length === 1);
  });

  test('a stream that stops: an error event, no [DONE]', async () => {
    upstream.always(stream([deltaEvent({content: 'half'}), new Promise(() => {})]));
    const got = await chat(gateway.api, hello('m', {stream: true}));
    assertErrorEvent(got, deltaEvent({content: 'half'}), ['upstream_timeout']);
    await upstream.until((u) => u.aborted.length === 1);
  });

  test('a slow provider that keeps talking is not late', async () => {
    // Twelve pieces, each before the timeout, all together after it.
    let n = 0;
    upstream.always(stream(Array
                               .from({length: 12}, () => () => new Promise((resolve) => {
                                                     setTimeout(resolve, 120, deltaEvent({content: String(n++)}));
                                                   }))
                               .concat(doneEvent)));
    const got = await chat(gateway.api, hello('m', {stream: true}));
    assert.ok(got.clean);
    assert.equal(eventData(got.body).length, 13);
  });
});

describe('broken off', () => {
  const broken = {
    'before a word': hangUp(),
    'before a word, with a reset': hangUp({reset: true}),
    'in the status line': raw('HTTP/1.1 20'),
    'in the head': raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'),
    'between head and body': raw(lengthHead),
    'in the body': raw(Buffer.concat([lengthHead, Buffer.from(kBody.slice(0, 30))])),
    'one byte before the end': raw(Buffer.concat([lengthHead, Buffer.from(kBody.slice(0, -1))])),
    'in the body, with a reset': raw(Buffer.concat([lengthHead, Buffer.from(kBody.slice(0, 30))]), {then: 'reset'}),
    'in a chunk':
        raw(Buffer.concat([head(200, {...jsonHeaders, 'transfer-encoding': 'chunked'}), Buffer.from('40\r\n{"id":')])),
    'in a chunk\'s size': raw(
        Buffer.concat([head(200, {...jsonHeaders, 'transfer-encoding': 'chunked'}), chunk(kBody), Buffer.from('4')])),
    'before the last chunk':
        raw(Buffer.concat([head(200, {...jsonHeaders, 'transfer-encoding': 'chunked'}), chunk(kBody)])),
    'in the last chunk': raw(Buffer.concat(
        [head(200, {...jsonHeaders, 'transfer-encoding': 'chunked'}), chunk(kBody), Buffer.from('0\r\n')])),
  };
  for (const [name, script] of Object.entries(broken)) {
    test(name, async () => {
      upstream.always(script);
      assertNotWhole(await chat(gateway.api, hello()));
      await stillWorks();
    });
  }
});

// The events that came, then one error event, and nothing that claims a good end.
function assertErrorEvent(got, delivered, codes) {
  assert.equal(got.status, 200);
  const text = got.body.toString();
  assert.ok(text.startsWith(delivered), 'what came before is delivered');
  const data = eventData(got.body);
  assert.ok(!data.includes('[DONE]'), 'no [DONE]');
  const {error} = JSON.parse(data.at(-1));
  assert.ok(codes.includes(error.code), `code ${error.code}`);
  assert.equal(typeof error.message, 'string');
  assertDiscreet(text);
}

describe('a stream that goes wrong ends with an error event', () => {
  const first = deltaEvent({content: 'half'});
  const open = Buffer.concat([head(200, {...sseHeaders, 'transfer-encoding': 'chunked'}), chunk(first)]);
  const broken = {
    'closed between events': raw(open),
    'closed in an event': raw(Buffer.concat([open, chunk('data: {"id":"chatc')])),
    'closed in a character': raw(Buffer.concat([open, chunk(Buffer.from('data: {"x":"\u{1F600}').subarray(0, -2))])),
    'closed in a chunk': raw(Buffer.concat([open, Buffer.from('ff\r\ndata: {"id"')])),
    'a wrong chunk size': raw(Buffer.concat([open, Buffer.from('zz\r\nboo\r\n0\r\n\r\n')])),
    'a chunk longer than it said': raw(Buffer.concat([open, Buffer.from('3\r\nabcdef\r\n0\r\n\r\n')])),
  };
  for (const [name, script] of Object.entries(broken)) {
    test(name, async () => {
      upstream.always(script);
      const client = await RawClient.connect(gateway.api);
      await client.send(chatBytes(hello('m', {stream: true})));
      assertErrorEvent(await client.answer(), first, ['upstream_broken', 'upstream_protocol']);
      await client.untilClosed();
      client.destroy();
      await stillWorks();
    });
  }

  test('reset', async () => {
    const delivered = gate();  // a reset would overtake an event that is still on its way
    upstream.always(async (x) => {
      await x.write(open);
      await delivered.opened;
      x.reset();
    });
    const client = await RawClient.connect(gateway.api);
    await client.send(chatBytes(hello('m', {stream: true})));
    await client.seen('half');
    delivered.open();
    assertErrorEvent(await client.answer(), first, ['upstream_broken']);
    await client.untilClosed();
    client.destroy();
  });

  test('the official client raises, with what came before in hand', async () => {
    upstream.always(raw(open));
    const client = new OpenAI({baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0});
    const parts = [];
    await assert.rejects(
        async () => {
          for await (const part of await client.chat.completions.create(hello('m', {stream: true}))) {
            parts.push(part.choices[0].delta.content);
          }
        },
        (error) => {
          assert.ok(error instanceof APIError, error);
          assert.ok(['upstream_broken', 'upstream_protocol'].includes(error.code), error.code);
          return true;
        });
    assert.deepEqual(parts, ['half']);
  });

  test('an error event of the provider\'s own passes as it is', async () => {
    const theirs = 'data: {"error":{"message":"overloaded","type":"server_error","param":null,"code":null}}\n\n';
    upstream.always(stream([first, theirs]));
    const got = await chat(gateway.api, hello('m', {stream: true}));
    assert.equal(got.body.toString(), first + theirs);
  });

  test('an error instead of a stream is an error', async () => {
    upstream.always(
        answer({status: 503, body: '{"error":{"message":"down","type":"server_error","param":null,"code":null}}'}));
    const got = await chat(gateway.api, hello('m', {stream: true}));
    assert.equal(got.status, 503);
    assert.equal(JSON.parse(got.body).error.message, 'down');
  });
});

describe('nonsense', () => {
  const nonsense = {
    'not HTTP': 'SSH-2.0-OpenSSH_9.2\r\n',
    'binary': Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10]),
    'TLS alert': Buffer.from([0x15, 3, 1, 0, 2, 2, 70]),
    'HTTP/2 settings': Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
    'HTTP/0.9': '<html>hello</html>\r\n\r\n',
    'another version': 'HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\n{}',
    'no such status': 'HTTP/1.1 999999 OK\r\ncontent-length: 2\r\n\r\n{}',
    'status below 100': 'HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n{}',
    'both lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x',
    'a length that is none': 'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}',
    'an unknown transfer coding': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n{}',
    'a header without a name': 'HTTP/1.1 200 OK\r\n: x\r\ncontent-length: 2\r\n\r\n{}',
    'a bare CR in a header': 'HTTP/1.1 200 OK\r\nx: a\rb\r\ncontent-length: 2\r\n\r\n{}',
    'a NUL in a header': 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\n{}',
    'a folded header': 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 2\r\n\r\n{}',
    'a head without end': `HTTP/1.1 200 OK\r\n${`x-more: ${'z'.repeat(900)}\r\n`.repeat(300)}`,
    'an upgrade nobody asked for':
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nhello',
  };
  for (const [name, bytes] of Object.entries(nonsense)) {
    test(name, async () => {
      upstream.always(raw(bytes));
      assertError(await chat(gateway.api, hello()), 502, ['upstream_protocol', 'upstream_broken']);
      await stillWorks();
    });
  }

  const badChunks = {
    'letters': 'zz\r\n',
    'a sign': '-1\r\n',
    'a hex prefix': '0x2\r\n{}\r\n0\r\n\r\n',
    'too large': 'fffffffffffffffff\r\n',
    'no end of line after the data': '2\r\n{}0\r\n\r\n',
    'a bare line feed': '2\n{}\n0\n\n'
  };
  for (const [name, bytes] of Object.entries(badChunks)) {
    test(`a chunk size with ${name}`, async () => {
      upstream.always(
          raw(Buffer.concat([head(200, {...jsonHeaders, 'transfer-encoding': 'chunked'}), Buffer.from(bytes)]),
              {then: 'keep'}));
      assertNotWhole(await chat(gateway.api, hello()));
      await stillWorks();
    });
  }

  test('an endless row of 1xx is not waited for for ever', async () => {
    upstream.always(async (x) => {
      while (await x.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(64))) await new Promise((r) => setImmediate(r));
    });
    const got = await chat(gateway.api, hello());
    assert.ok([502, 504].includes(got.status), String(got.status));
    await upstream.until((u) => u.aborted.length === 1);
  });
});

describe('unusual and right', () => {
  test('100 and 103 before the answer', async () => {
    upstream.always(
        raw(Buffer.concat([
          Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'), lengthHead,
          Buffer.from(kBody)
        ]),
            {then: 'keep'}));
    const client = await RawClient.connect(gateway.api);
    await client.send(chatBytes(hello()));
    let got = await client.answer();
    while (got.status >= 102 && got.status < 200) got = await client.answer();
    assert.equal(got.status, 200);
    assert.equal(got.body.toString(), kBody);
    client.destroy();
  });

  test('HTTP/1.0, ended by closing', async () => {
    upstream.always(raw(
        Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n'), Buffer.from(kBody)])));
    const got = await chat(gateway.api, hello());
    assert.equal(got.body.toString(), kBody);
    assert.ok(got.clean);
  });

  test('no content', async () => {
    upstream.always(raw('HTTP/1.1 204 No Content\r\n\r\n', {then: 'keep'}));
    const got = await chat(gateway.api, hello());
    assert.equal(got.status, 204);
    assert.equal(got.body.length, 0);
  });

  test('a redirect is passed on, not followed', async () => {
    upstream.always(answer({status: 307, body: '', headers: {location: `${upstream.url}/elsewhere`}}));
    assert.equal((await chat(gateway.api, hello())).status, 307);
    assert.equal(upstream.requests.length, 1);
  });

  const unpack = {gzip: gunzipSync, br: brotliDecompressSync, deflate: inflateSync, zstd: zstdDecompressSync};
  for (const [coding, pack] of Object.entries(
           {gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, zstd: zstdCompressSync})) {
    for (const accepts of [coding, null]) {
      test(
          `${coding}, ${accepts ? 'asked for' : 'not asked for'}: delivered right, and the usage is read`, async () => {
            upstream.always(answer({body: pack(kBody), headers: {...jsonHeaders, 'content-encoding': coding}}));
            const got = await chat(gateway.api, hello(), {headers: accepts ? {'Accept-Encoding': accepts} : {}});
            assert.equal(got.status, 200);
            const still = got.headers['content-encoding'];
            assert.ok(still === coding || (still ?? 'identity') === 'identity', `encoded as ${still}`);
            assert.equal((still === coding ? unpack[coding](got.body) : got.body).toString(), kBody);
            const record = await gateway.until(
                'the record',
                () => gateway.records.find((r) => r.request_id === got.headers['x-gatehouse-request-id']));
            assert.equal(record.total_tokens, 10);
          });
    }
  }

  test('a packed stream is delivered right, event by event', async () => {
    const packer = createGzip();
    const parts = [];
    packer.on('data', (data) => parts.push(data));
    const flush = (text) => new Promise((resolve) => {
      packer.write(text, () => packer.flush(constants.Z_SYNC_FLUSH, () => resolve(Buffer.concat(parts.splice(0)))));
    });
    const all = deltaEvent({content: 'packed'}) + doneEvent;
    const first = await flush(deltaEvent({content: 'packed'}));
    const second = await flush(doneEvent);
    const rest = await new Promise((resolve) => {
      packer.on('end', () => resolve(Buffer.concat(parts)));
      packer.end();
    });
    upstream.always(stream([first, second, rest], {headers: {...sseHeaders, 'content-encoding': 'gzip'}}));
    const got = await chat(gateway.api, hello('m', {stream: true}), {headers: {'Accept-Encoding': 'gzip'}});
    assert.ok(got.clean);
    assert.equal((got.headers['content-encoding'] === 'gzip' ? gunzipSync(got.body) : got.body).toString(), all);
  });
});

describe('the pool of connections', () => {
  beforeEach(async () => {
    upstream.closeIdle();
    await upstream.until((u) => u.openConnections === 0, 10_000, 'no connection of an earlier test');
  });

  test('a connection is used again', async () => {
    upstream.always(answer({body: kBody}));
    for (let i = 0; i < 3; i += 1) assert.equal((await chat(gateway.api, hello())).status, 200);
    assert.equal(new Set(upstream.requests.map((r) => r.connection)).size, 1);
  });

  test('one that the provider closed meanwhile costs nobody anything', async () => {
    upstream.always(answer({body: kBody}));
    await chat(gateway.api, hello());
    upstream.closeIdle();
    assert.equal((await chat(gateway.api, hello())).status, 200);
    assert.equal(upstream.requests.length, 2);
  });

  test('one that dies as the request arrives is tried again on a fresh one, unseen', async () => {
    for (const reset of [false, true]) {
      upstream.closeIdle();
      upstream.reset();
      upstream.always((x) => (x.request.indexOnConnection === 0 ? answer({body: kBody})(x) : hangUp({reset})(x)));
      await chat(gateway.api, hello());
      const body = JSON.stringify(hello('m', {mark: 'second'}));
      const got = await chat(gateway.api, body);
      assert.equal(got.status, 200);
      assert.equal(got.body.toString(), kBody);
      assert.ok(upstream.requests.slice(1).every((r) => r.body.toString() === body));
      assert.equal(upstream.requests.at(-1).indexOnConnection, 0);
    }
  });

  test('a fresh connection that dies without a word is not asked again and again', async () => {
    upstream.always(inTurn(hangUp(), hangUp(), hangUp(), answer({body: kBody})));
    assertNotWhole(await chat(gateway.api, hello()));
    assert.equal(upstream.requests.length, 1);
  });

  test('once something of the answer came, the request is not sent twice', async () => {
    upstream.always((x) => (x.request.indexOnConnection === 0 ? answer({body: kBody})(x) : raw('HTTP/1.1 2')(x)));
    await chat(gateway.api, hello());
    const before = upstream.requests.length;
    assertNotWhole(await chat(gateway.api, hello()));
    assert.equal(upstream.requests.length, before + 1);
  });

  for (const [name, script] of Object.entries({
         'bytes after the answer': raw(
             Buffer.concat(
                 [lengthHead, Buffer.from(kBody), Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged')]),
             {then: 'keep'}),
         'bytes after the last chunk':
             raw(Buffer.concat([
               head(200, {...jsonHeaders, 'transfer-encoding': 'chunked'}), chunk(kBody), lastChunk, Buffer.from('more')
             ]),
                 {then: 'keep'}),
         'connection: close': async (x) => {
           await answer({body: kBody, headers: {...jsonHeaders, connection: 'close'}})(x);
         },
       })) {
    test(`no second use after ${name}`, async () => {
      upstream.always(script);
      const got = await chat(gateway.api, hello());
      assert.equal(got.body.toString(), kBody);
      assert.ok(got.clean);
      const used = upstream.requests[0].connection;
      await upstream.until(() => used.endedAt !== null, 10_000, 'the end of the spoilt connection');
      await stillWorks();
      assert.notEqual(upstream.requests[0].connection, used);
    });
  }

  test('an answer before the request was even sent is not taken for this request\'s', async () => {
    upstream.always(async (x) => {
      await answer({body: kBody})(x);
      // The next request's answer comes too soon, on a connection that is at rest.
      await x.write(Buffer.concat([head(200, {...jsonHeaders, 'content-length': 6}), Buffer.from('forged')]));
    });
    await chat(gateway.api, hello());
    const used = upstream.requests[0].connection;
    await upstream.until(() => used.endedAt !== null, 10_000, 'the end of the spoilt connection');
    await stillWorks();
  });
});
