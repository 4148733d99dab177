// Clients and providers that mean no good, or are merely broken: what they must not be able to hold up or mix up.
import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, completion, deltaEvent, gate, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, oneWorker} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, chat, chatBytes, eventData, hello} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';
import {eventually} from './lib/wait.mjs';

const kKey = `Authorization: Bearer ${callerKey}\r\n`;
const kPost = `POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n${kKey}Content-Type: application/json\r\n`;

let upstream;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always(answer({body: completion('ok')}));
});

async function endless(x) {
  const event = Buffer.from(deltaEvent({content: 'x'.repeat(60_000)}));
  await x.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
  const piece = Buffer.concat([Buffer.from(`${event.length.toString(16)}\r\n`), event, Buffer.from('\r\n')]);
  while (await x.write(piece));
}

describe('nobody holds up the end', () => {
  // Each leaves `client` in the middle of something that only he could bring on.
  const kHolders = {
    'a body that does not come': async (gateway, client) => {
      await client.send(`${kPost}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`);
      await client.seen('100 Continue');
    },
    'an answer that is not read': async (gateway, client) => {
      upstream.always(endless);
      client.pause();
      await client.send(chatBytes(hello('m', {stream: true})));
      const first = await upstream.request();
      // The provider's bytes pile up in all buffers on the way until nothing moves.
      const {socket} = first.connection;
      let before = -1;
      await eventually('all buffers full', () => {
        const same = socket.bytesWritten === before && socket.writableLength > 0;
        before = socket.bytesWritten;
        return same;
      });
    },
    'an admin connection at rest': async (gateway, client, admin) => {
      await admin.send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
      assert.equal((await admin.answer()).status, 200);
    },
  };
  for (const [what, hold] of Object.entries(kHolders)) {
    test(`${what}: over when the drain's time is up, and the exit is 0`, async () => {
      const gateway = await startGateway(configuration({upstream, timeouts: {drain: '200ms'}}));
      const client = await RawClient.connect(gateway.api);
      const admin = await RawClient.connect(gateway.admin);
      try {
        await hold(gateway, client, admin);
        await gateway.stop();
      } finally {
        client.destroy();
        admin.destroy();
        await gateway.kill();
      }
    });
  }
});

describe('one gateway', () => {
  let gateway;
  before(async () => {
    gateway = await startGateway(configuration({upstream, models: [model('m'), model('*')], ...oneWorker}));
  });
  after(() => gateway.stop());

  test('the time that a request may take also ends the wait for its body', async () => {
    const client = await RawClient.connect(gateway.api);
    await client.send(`${kPost}x-gatehouse-timeout-ms: 300\r\nContent-Length: 1000\r\n\r\n{"model":`);
    assert.equal((await client.answer()).status, 408);
    assert.equal(upstream.requests.length, 0);
    client.destroy();
  });

  test('and the wait for a reader who does not read', async () => {
    upstream.always(endless);
    const client = await RawClient.connect(gateway.api);
    client.pause();
    await client.send(chatBytes(hello('m', {stream: true}), {headers: {'x-gatehouse-timeout-ms': '500'}}));
    await upstream.until((u) => u.aborted.length === 1);
    const record = await gateway.until('the record', () => gateway.records.find((r) => r.streamed && r.finish));
    assert.equal(record.finish, 'timeout');
    client.destroy();
  });

  test('a body after the answer to HEAD is nobody\'s answer', async () => {
    const poison = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n"POISON"';
    upstream.when({path: '/v1/files/f/content'}, async (x) => {
      await x.write(`HTTP/1.1 200 OK\r\ncontent-length: ${poison.length}\r\n\r\n`);
      await headSeen.opened;
      await x.write(poison);
      poisoned.open();
    });
    const headSeen = gate();
    const poisoned = gate();
    const got = await call(
        gateway.api, {method: 'HEAD', path: '/v1/files/f/content', headers: {Authorization: `Bearer ${callerKey}`}});
    assert.equal(got.status, 200);
    headSeen.open();
    await poisoned.opened;
    assert.equal((await chat(gateway.api, hello())).body.toString(), completion('ok'));
  });

  test('a kept connection that dies late is no reason to send a call twice', async () => {
    await chat(gateway.api, hello());
    const kept = upstream.requests[0].connection;
    upstream.when({model: 'late'}, async (x) => {
      // A provider that died while it worked: longer than a round trip, so it had the request.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      x.reset();
    });
    assert.equal((await chat(gateway.api, hello('late'))).status, 502);
    const late = upstream.requests.filter((r) => r.json.model === 'late');
    assert.equal(late.length, 1);
    assert.equal(late[0].connection, kept);
  });

  describe('a stream whose end is only the connection\'s', () => {
    const play = (events) => async (x) => {
      await x.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n');
      for (const event of events) await x.write(event);
      x.end();
    };
    test('without [DONE] or a finish reason it was cut', async () => {
      upstream.always(play([deltaEvent({content: 'half'})]));
      const got = await chat(gateway.api, hello('m', {stream: true}));
      assert.equal(got.clean, false);
      assert.match(eventData(got.body)[0], /half/);
      assert.match(eventData(got.body).at(-1), /upstream_broken/);
    });
    test('with a finish reason it is whole', async () => {
      upstream.always(play([deltaEvent({content: 'all'}, {finish: 'stop'})]));
      const got = await chat(gateway.api, hello('m', {stream: true}));
      assert.equal(got.clean, true);
      assert.equal(eventData(got.body).length, 1);
    });
  });

  test('HTTP/1.0: an answer that breaks off does not end like a whole one', async () => {
    upstream.when({path: '/v1/files/f/content'}, async (x) => {
      await x.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n');
      await seen.opened;
      x.end();
    });
    const seen = gate();
    const client = await RawClient.connect(gateway.api);
    await client.send(`GET /v1/files/f/content HTTP/1.0\r\n${kKey}\r\n`);
    await client.seen('hello');
    seen.open();
    assert.equal((await client.answer()).clean, false);
    client.destroy();
  });

  test('a model\'s name too long for a field is not put into one', async () => {
    const got = await chat(gateway.api, hello('long-'.repeat(100_000)));
    assert.equal(got.status, 200);
    assert.equal(got.headers['x-gatehouse-model'], undefined);
  });

  const authorised = (more = {}) => ({Authorization: `Bearer ${callerKey}`, ...more});
  for (const [method, path] of [
           ['GET', '/v1/Files'], ['GET', '/v1/Models'], ['DELETE', '/v1/models/%2e%2e%2ffiles%2ff'],
           ['DELETE', '/v1/models/%252e']]) {
    test(`${method} ${path} can be read in two ways`, async () => {
      assert.equal((await call(gateway.api, {method, path, headers: authorised()})).status, 404);
      assert.equal(upstream.requests.length, 0);
    });
  }

  test('two kinds of content are refused, whichever the provider would believe', async () => {
    for (const name of ['Content-Type', 'Content-Encoding']) {
      const headers = [...Object.entries(authorised()), [name, 'multipart/form-data'], [name, 'application/json']];
      const got = await call(gateway.api, {path: '/v1/responses', headers, body: '{"model":"m"}'});
      assert.equal(got.status, 400);
    }
    assert.equal(upstream.requests.length, 0);
  });

  test('a request of no bytes is no JSON that could be wrong', async () => {
    const got = await call(
        gateway.api,
        {path: '/v1/batches/b/cancel', headers: authorised({'Content-Type': 'application/json'}), body: ''});
    assert.equal(got.status, 200);
    assert.equal(upstream.requests[0].header('content-length'), '0');
  });

  test('no header overrides what was judged, however it is spelt', async () => {
    const sent = {
      X_Api_Key: 'own',
      openai_organization: 'theirs',
      'X-HTTP-Method-Override': 'DELETE',
      'X-Original-URL': '/v1/x',
      X_Rewrite_URL: '/v1/x',
      x_plain: 'passes',
    };
    await call(gateway.api, {method: 'GET', path: '/v1/files', headers: authorised(sent)});
    const names = upstream.requests[0].headers.map(([name]) => name);
    assert.deepEqual(names.filter((name) => name in sent), ['x_plain']);
  });
});
