// The fake is held to its word, because every other test believes its ledger.
import assert from 'node:assert/strict';
import {after, beforeEach, test} from 'node:test';

import {certificateAuthority} from '../e2e/lib/certificates.mjs';
import {temporaryFolder} from '../e2e/lib/gateway.mjs';
import {call, requestBytes} from '../e2e/lib/http.mjs';
import {RawClient} from '../e2e/lib/raw_client.mjs';

import {answer, chunk, closedPort, deltaEvent, doneEvent, gate, hangUp, head, inTurn, lastChunk, never, raw, ScriptedUpstream, stream,} from './scripted_upstream.mjs';

const upstream = await ScriptedUpstream.start();
beforeEach(() => upstream.reset());
after(() => upstream.close());

test('the ledger holds the request byte for byte, chunk framing apart', async () => {
  const plain = requestBytes({path: '/a?b=c', headers: [['X-Odd', ' spaced '], ['x-odd', '2']], body: 'caf\u00e9'});
  const chunked = Buffer.concat([
    Buffer.from('POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'), chunk('ab'), chunk('cd', ';x=1'),
    lastChunk
  ]);
  const client = await RawClient.connect(upstream);
  await client.send(plain);
  assert.equal((await client.answer()).body.toString(), 'caf\u00e9');
  await client.send(chunked);
  assert.equal((await client.answer()).body.toString(), 'abcd');
  client.end();
  const [first, second] = upstream.requests;
  assert.deepEqual(Buffer.concat([first.headBytes, first.rawBody]), plain);
  assert.deepEqual(Buffer.concat([second.headBytes, second.rawBody]), chunked);
  assert.deepEqual(first.all('X-ODD'), ['spaced', '2']);
  assert.equal(second.indexOnConnection, 1);
  assert.deepEqual(upstream.connections.at(-1).bytes, Buffer.concat([plain, chunked]));
  await upstream.until((u) => u.openConnections === 0);
});

test('rules match on path, model and function, and the last one wins', async () => {
  upstream.always(answer({body: 'any'}))
      .when('/p', answer({body: 'path'}))
      .when({model: 'm'}, answer({body: 'model'}))
      .when((r) => r.method === 'PUT', answer({body: 'put'}));
  assert.equal((await call(upstream, {path: '/x'})).body.toString(), 'any');
  assert.equal((await call(upstream, {path: '/p?q'})).body.toString(), 'path');
  assert.equal((await call(upstream, {path: '/p', body: '{"model" : "m"}'})).body.toString(), 'model');
  assert.equal((await call(upstream, {method: 'PUT', path: '/p'})).body.toString(), 'put');
});

test('all framings carry the same body, in any cut', async () => {
  const body = 'x\u{1F600}y'.repeat(20);
  for (const script
           of [answer({body}), answer({body, framing: 'chunked', pieces: 1}), answer({body, framing: 'close'}),
               raw(Buffer.concat([head(200, {'content-length': Buffer.byteLength(body)}), Buffer.from(body)]),
                   {pieces: 1})]) {
    upstream.reset();
    upstream.always(script);
    const got = await call(upstream);
    assert.equal(got.body.toString(), body);
    assert.ok(got.clean);
  }
});

test('a stream goes at the pace of the test and is cut when the reader leaves', async () => {
  const next = gate();
  upstream.always(stream([deltaEvent({content: 'a'}), next.opened.then(() => doneEvent)]));
  const client = await RawClient.connect(upstream);
  await client.send(requestBytes());
  await client.until('"a"');
  assert.equal(client.pending.includes('DONE'), false);
  next.open();
  await client.until('[DONE]');
  client.destroy();

  upstream.reset();
  upstream.always(stream([deltaEvent({content: 'a'}), new Promise(() => {})]));
  const leaver = await RawClient.connect(upstream);
  await leaver.send(requestBytes());
  await leaver.until('"a"');
  leaver.destroy();
  await upstream.until((u) => u.aborted.length === 1);
  assert.equal(upstream.requests[0].answered, false);
});

test('silence, hang-ups and refusals', async () => {
  upstream.always(inTurn(hangUp(), hangUp({reset: true}), answer({body: 'ok'})));
  assert.equal((await call(upstream)).status, 0);
  assert.equal((await call(upstream)).status, 0);
  assert.equal((await call(upstream)).body.toString(), 'ok');
  upstream.always(never());
  const client = await RawClient.connect(upstream);
  await client.send(requestBytes());
  await upstream.request(3);
  assert.equal(client.pending.length, 0);
  client.destroy();
  await upstream.until((u) => u.aborted.length === 1);
  await assert.rejects(RawClient.connect({host: '127.0.0.1', port: await closedPort()}), {code: 'ECONNREFUSED'});
});

test('an early rule runs before the body, which it may read or refuse', async () => {
  upstream.always(async (x) => {
    await x.write('HTTP/1.1 100 Continue\r\n\r\n');
    await x.readBody();
    await answer({body: x.request.body})(x);
  }, {early: true});
  const client = await RawClient.connect(upstream);
  await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n');
  assert.equal((await client.answer()).status, 100);
  await client.send('hi');
  assert.equal((await client.answer()).body.toString(), 'hi');
  client.destroy();
});

test('a connection between requests is closed on demand', async () => {
  const client = await RawClient.connect(upstream);
  await client.send(requestBytes({body: '1'}));
  await client.answer();
  upstream.closeIdle();
  assert.equal((await client.untilClosed()).length, 0);
  client.destroy();
});

test('writes stall when nobody reads, and the count says how far they came', async () => {
  const block = Buffer.alloc(1 << 20);
  let exchange;
  let written = 0;
  upstream.always(async (x) => {
    exchange = x;
    await x.write(head(200, {'content-length': 200 << 20}));
    for (let i = 0; i < 200; i += 1) {
      if (!await x.write(block)) return;
      written += 1;
    }
  });
  const client = await RawClient.connect(upstream);
  await client.send(requestBytes());
  await client.until('\r\n\r\n');
  client.pause();
  // The stall itself is the event: the same count in two looks a turn of the pipeline apart.
  let last = -1;
  while (exchange.bytesAccepted !== last) {
    last = exchange.bytesAccepted;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(written < 100, `${written} MB were taken though nobody read`);
  client.destroy();
  await upstream.until((u) => u.aborted.length === 1);
});

test('it speaks TLS', async () => {
  const dir = temporaryFolder();
  const ca = certificateAuthority(dir);
  const leaf = ca.issue('server');
  const secure = await ScriptedUpstream.start({tls: {key: leaf.key, cert: leaf.cert}});
  try {
    const to = {host: secure.host, port: secure.port, tls: {ca: ca.cert, servername: 'localhost'}};
    assert.equal((await call(to, {body: 'sealed'})).body.toString(), 'sealed');
    await assert.rejects(RawClient.connect({...to, tls: {}}));
    await secure.until((u) => u.tlsFailures.length > 0);
    assert.equal(secure.requests.length, 1);
  } finally {
    await secure.close();
  }
});
