// Messages that two parsers could read differently. What counts is the provider's ledger: nothing of them gets there.
import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';
import {gzipSync} from 'node:zlib';

import {answer, completion, deltaEvent, doneEvent, gate, raw, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration, oneWorker} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {callerKey, chat, chatBytes, eventData, hello} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';

const kNoChatKey = 'key-for-anything-but-chat';
let upstream;
let gateway;

before(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startGateway(configuration({
    upstream,
    ...oneWorker,
    keys: [
      {name: 'caller', key: callerKey},
      {name: 'no-chat', key: kNoChatKey, operations: ['moderations', 'files', 'passthrough']},
    ]
  }));
});
after(async () => {
  await gateway?.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.reset();
  upstream.always(answer({body: completion('ok')}));
});

const kBody = JSON.stringify(hello());
const kKey = `Authorization: Bearer ${callerKey}\r\n`;
const kStart = `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway.test\r\n${kKey}Content-Type: application/json\r\n`;
const kLength = `Content-Length: ${kBody.length}\r\n`;
const kChunked = `${kBody.length.toString(16)}\r\n${kBody}\r\n0\r\n\r\n`;
// What somebody would like to have forwarded behind our back.
const kInner =
    `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: ${kBody.length}\r\n\r\n${kBody}`;

// Everything is well formed but for what the name says.
const kAmbiguous = {
  'both lengths': `${kStart}${kLength}Transfer-Encoding: chunked\r\n\r\n${kChunked}`,
  'both lengths, the other way round':
      `${kStart}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${kInner}`,
  'two lengths': `${kStart}${kLength}Content-Length: 5\r\n\r\n${kBody}`,
  'two lengths in one header': `${kStart}Content-Length: ${kBody.length}, 5\r\n\r\n${kBody}`,
  'a length with a sign': `${kStart}Content-Length: +${kBody.length}\r\n\r\n${kBody}`,
  'a negative length': `${kStart}Content-Length: -1\r\n\r\n`,
  'a length with a tail': `${kStart}Content-Length: ${kBody.length}x\r\n\r\n${kBody}`,
  'a length in hex': `${kStart}Content-Length: 0x${kBody.length.toString(16)}\r\n\r\n${kBody}`,
  'an empty length': `${kStart}Content-Length: \r\n\r\n`,
  'a length beyond 64 bits': `${kStart}Content-Length: 18446744073709551621\r\n\r\n${kBody}`,
  'a space before the colon': `${kStart}Content-Length : ${kBody.length}\r\n\r\n${kBody}`,
  'an unknown transfer coding': `${kStart}Transfer-Encoding: xchunked\r\n\r\n${kChunked}`,
  'chunked not last': `${kStart}Transfer-Encoding: chunked, identity\r\n\r\n${kChunked}`,
  'chunked twice': `${kStart}Transfer-Encoding: chunked, chunked\r\n\r\n${kChunked}`,
  'two transfer encodings': `${kStart}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n${kChunked}`,
  'a transfer encoding behind a vertical tab': `${kStart}Transfer-Encoding: \x0bchunked\r\n\r\n${kChunked}`,
  'a transfer encoding with a quoted name': `${kStart}Transfer-Encoding: "chunked"\r\n\r\n${kChunked}`,
  'an empty transfer encoding': `${kStart}Transfer-Encoding: \r\n${kLength}\r\n${kBody}`,
  'chunked over HTTP/1.0': `${kStart.replace('HTTP/1.1', 'HTTP/1.0')}Transfer-Encoding: chunked\r\n\r\n${kChunked}`,
  'a folded header': `${kStart}X-Fold: a\r\n b\r\n${kLength}\r\n${kBody}`,
  'a folded length': `${kStart}Content-Length:\r\n ${kBody.length}\r\n\r\n${kBody}`,
  'a first header that begins with a space':
      `POST /v1/chat/completions HTTP/1.1\r\n Host: gateway.test\r\n${kKey}${kLength}\r\n${kBody}`,
  'bare line feeds': `${kStart}${kLength}\r\n`.replaceAll('\r\n', '\n') + kBody,
  'one bare line feed': `${kStart}X-A: b\n${kLength}\r\n${kBody}`,
  'a bare carriage return in a value': `${kStart}X-A: b\rContent-Length: 0\r\n${kLength}\r\n${kBody}`,
  'a bare carriage return as a line\'s end': `${kStart}X-A: b\r${kLength}\r\n${kBody}`,
  'a NUL in a value': `${kStart}X-A: b\0c\r\n${kLength}\r\n${kBody}`,
  'a NUL in a name': `${kStart}X\0A: b\r\n${kLength}\r\n${kBody}`,
  'a header without a colon': `${kStart}Content-Length\r\n${kLength}\r\n${kBody}`,
  'a header without a name': `${kStart}: b\r\n${kLength}\r\n${kBody}`,
  'a name with a space': `${kStart}X A: b\r\n${kLength}\r\n${kBody}`,
  'no host': `${kStart.replace('Host: gateway.test\r\n', '')}${kLength}\r\n${kBody}`,
  'two hosts': `${kStart}Host: other.test\r\n${kLength}\r\n${kBody}`,
  'the same host twice': `${kStart}Host: gateway.test\r\n${kLength}\r\n${kBody}`,
  'a host with a path and a fragment': `${kStart.replace('gateway.test', 'localhost/#@evil')}${kLength}\r\n${kBody}`,
  'a host with credentials': `${kStart.replace('gateway.test', 'user@gateway.test')}${kLength}\r\n${kBody}`,
  'a host with a space': `${kStart.replace('gateway.test', 'gateway test')}${kLength}\r\n${kBody}`,
  'no such version': `${kStart.replace('HTTP/1.1', 'HTTP/1.2.3')}${kLength}\r\n${kBody}`,
  'HTTP/2 in words': `${kStart.replace('HTTP/1.1', 'HTTP/2.0')}${kLength}\r\n${kBody}`,
  'a version in small letters': `${kStart.replace('HTTP/1.1', 'http/1.1')}${kLength}\r\n${kBody}`,
  'a space in the target': `${kStart.replace('/completions', '/comp letions')}${kLength}\r\n${kBody}`,
  'two spaces before the version': `${kStart.replace(' HTTP/1.1', '  HTTP/1.1')}${kLength}\r\n${kBody}`,
  'a fragment in the target': `${kStart.replace('/completions', '/completions#x')}${kLength}\r\n${kBody}`,
  'a control character in the target': `${kStart.replace('/completions', '/completions\x01')}${kLength}\r\n${kBody}`,
  'a method that is none': `${kStart.replace('POST', 'PO ST')}${kLength}\r\n${kBody}`,
  'CONNECT': `CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n${kKey}\r\n`,
  'TRACE': `TRACE /v1/models HTTP/1.1\r\nHost: gateway.test\r\n${kKey}\r\n`,
  'an expectation that is unknown': `${kStart}Expect: 200-ok\r\n${kLength}\r\n${kBody}`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS client hello': Buffer.from('16030100c8010000c40303', 'hex'),
};

const chunkedWith = (framed) => `${kStart}Transfer-Encoding: chunked\r\n\r\n${framed}`;
const kBadChunks = {
  'a size in letters': 'zz\r\n',
  'a size with a sign': `+${kChunked}`,
  'a negative size': '-1\r\n',
  'a size with a hex prefix': `0x${kChunked}`,
  'a space before the size': ` ${kChunked}`,
  'an empty size': '\r\nabc\r\n0\r\n\r\n',
  'a size beyond 64 bits': `10000000000000000\r\n${kBody}`,
  'a size of many zeros': `${'0'.repeat(100)}${kChunked}`,
  'a bare line feed after the size': kChunked.replace('\r\n', '\n'),
  'a bare carriage return after the size': kChunked.replace('\r\n', '\r'),
  'a bare line feed in an extension': kChunked.replace('\r\n', ';a\nb\r\n'),
  'a bare line feed in a quoted extension': kChunked.replace('\r\n', ';a="\n"\r\n'),
  'data longer than its size': `5\r\n${kBody}\r\n0\r\n\r\n`,
  'no line end after the data': `${kBody.length.toString(16)}\r\n${kBody}0\r\n\r\n`,
  'a bare line feed after the data': `${kBody.length.toString(16)}\r\n${kBody}\n0\r\n\r\n`,
  'a bad trailer': kChunked.replace(/0\r\n\r\n$/, '0\r\nX Y: z\r\n\r\n'),
  'a bare line feed in the trailers': kChunked.replace(/0\r\n\r\n$/, '0\r\nX: y\n\r\n\r\n'),
  'endless extensions': kChunked.replace('\r\n', `;${'x'.repeat(100_000)}\r\n`),
};

// Refused, closed, and nothing of it at the provider: neither this request nor what comes behind it.
async function assertRefused(bytes) {
  const client = await RawClient.connect(gateway.api);
  try {
    client.send(bytes);
    client.send(kInner);
    const got = await client.answer();
    assert.ok((got.status >= 400 && got.status < 500) || [501, 505].includes(got.status), `status ${got.status}`);
    await client.untilClosed();
    assert.equal(client.pending.length, 0, `only one answer, then the end: ${client.pending.subarray(0, 200)}`);
  } finally {
    client.destroy();
  }
  assert.equal(upstream.requests.length, 0);
  assert.equal(upstream.bytesReceived, 0);
}

describe('heads', () => {
  for (const [name, bytes] of Object.entries(kAmbiguous)) test(name, () => assertRefused(bytes));
});

describe('chunks', () => {
  for (const [name, framed] of Object.entries(kBadChunks)) test(name, () => assertRefused(chunkedWith(framed)));
});

test('the same verdict when every byte comes alone', async () => {
  for (const bytes
           of [kAmbiguous['both lengths'], kAmbiguous['a folded header'],
               chunkedWith(kBadChunks['a size with a sign'])]) {
    const client = await RawClient.connect(gateway.api);
    for (const byte of Buffer.from(bytes, 'latin1')) {
      if (client.ended) break;
      await client.send(Buffer.from([byte]));
    }
    assert.equal((await client.answer()).status, 400);
    client.destroy();
  }
  assert.equal(upstream.requests.length, 0);
});

describe('upgrades', () => {
  const kUpgrade = `POST /v1/moderations HTTP/1.1\r\nHost: gateway.test\r\n${
      kKey}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\n{}`;
  const kHidden = 'GET /hidden HTTP/1.1\r\nHost: gateway.test\r\n\r\n';

  test('bytes after an Upgrade are no tunnel, whatever the provider says', async () => {
    upstream.always(
        raw('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n', {then: 'keep'}));
    const client = await RawClient.connect(gateway.api);
    await client.send(kUpgrade + kHidden);
    const got = await client.answer();
    assert.notEqual(got.status, 101);
    client.destroy();
    for (const connection of upstream.connections) assert.ok(!connection.bytes.includes('/hidden'));
    for (const request of upstream.requests) assert.deepEqual(request.all('upgrade'), []);
  });
});

describe('headers that Connection names', () => {
  for (const name of ['Content-Length', 'Transfer-Encoding', 'Host', 'Authorization', 'Content-Type']) {
    test(`${name}: the provider still gets one well-formed request, or none`, async () => {
      const client = await RawClient.connect(gateway.api);
      await client.send(`${kStart}Connection: close, ${name}\r\n${kLength}\r\n${kBody}`);
      const got = await client.answer();
      client.destroy();
      if (got.status === 200) {
        assert.equal(upstream.requests.length, 1);
        assert.equal(upstream.requests[0].body.toString(), kBody);
        assert.equal(upstream.requests[0].all('host').length, 1);
        assert.equal(upstream.requests[0].all('authorization').length, 1);
      } else {
        assert.ok(got.status >= 400 && got.status < 500, String(got.status));
        assert.equal(upstream.requests.length, 0);
      }
    });
  }
});

describe('keys', () => {
  const kWrong = {
    'SQL': "Bearer ' OR '1'='1",
    'a wrong key': 'Bearer wrong-key-0123456789',
    'nothing after Bearer': 'Bearer ',
    'another scheme': `Basic ${Buffer.from(`x:${callerKey}`).toString('base64')}`,
    'the right key with a tail': `Bearer ${callerKey}x`,
    'the right key cut short': `Bearer ${callerKey.slice(0, -1)}`,
    'the right key and another': `Bearer ${callerKey}, Bearer x`,
    'a wildcard': 'Bearer *',
    'something very long': `Bearer ${'k'.repeat(8000)}`,
  };
  for (const [name, value] of Object.entries(kWrong)) {
    test(`${name}: 401 in OpenAI's shape`, async () => {
      const client = await RawClient.connect(gateway.api);
      await client.send(kStart.replace(kKey, `Authorization: ${value}\r\n`) + kLength + '\r\n' + kBody);
      const got = await client.answer();
      client.destroy();
      assert.equal(got.status, 401);
      const {error} = JSON.parse(got.body);
      assert.equal(error.code, 'invalid_api_key');
      assert.equal(error.type, 'invalid_request_error');
      assert.ok(!got.body.toString().includes(value.slice(7)) || value.length < 9, 'the key is not echoed');
      assert.equal(upstream.requests.length, 0);
    });
  }

  for (const [name, headers] of Object.entries({
         'the right one first': `${kKey}Authorization: Bearer wrong-key-0123456789\r\n`,
         'the wrong one first': `Authorization: Bearer wrong-key-0123456789\r\n${kKey}`,
         'in two kinds of headers': `${kKey}x-api-key: wrong-key-0123456789\r\n`,
       })) {
    test(`two different keys, ${name}: nobody can say which of them counts`, async () => {
      const client = await RawClient.connect(gateway.api);
      await client.send(`${kStart.replace(kKey, headers)}${kLength}\r\n${kBody}`);
      assert.equal((await client.answer()).status, 401);
      client.destroy();
      assert.equal(upstream.requests.length, 0);
    });
  }

  test('no key at all', async () => {
    const client = await RawClient.connect(gateway.api);
    await client.send(kStart.replace(kKey, '') + kLength + '\r\n' + kBody);
    assert.equal((await client.answer()).status, 401);
    client.destroy();
    assert.equal(upstream.requests.length, 0);
  });
});

describe('paths', () => {
  // The provider's key must not be carried to a place outside the API.
  for (const path
           of ['/v1/../admin', '/v1/%2e%2e/admin', '/v1/.%2E/admin', '/v1/x/../../admin', '/v1/..', '/v1/..%2fadmin',
               '/v1/%2e%2e%2Fadmin', '/v1/..;/admin', '/v1/..\\admin', '//evil.test/v1/moderations', '/V1/moderations',
               '/admin/v1/keys', '/metrics']) {
    test(`${path} does not leave /v1 with the provider's key`, async () => {
      const client = await RawClient.connect(gateway.api);
      await client.send(`POST ${path} HTTP/1.1\r\nHost: gateway.test\r\n${kKey}Content-Length: 2\r\n\r\n{}`);
      const got = await client.answer();
      client.destroy();
      assert.ok(got.status >= 400 && got.status < 500, String(got.status));
      assert.equal(upstream.requests.length, 0);
    });
  }
});

describe('however its path is spelt, chat is chat', () => {
  // A provider decodes %61, and many take a slash at the end for nothing. A key that may not chat must not chat so.
  for (const path
           of ['/v1/chat/completions', '/v1/ch%61t/completions', '/v1/chat%2fcompletions', '/v1/chat/completions/',
               '/v1/chat/completions%20', '/v1/chat/completions;x=y', '/v1/Chat/Completions', '/v1//chat/completions',
               '/v1/chat/./completions', '/v1/files/../chat/completions', '/v1/chat/completions?x=/v1/moderations']) {
    test(path, async () => {
      const client = await RawClient.connect(gateway.api);
      await client.send(`POST ${path} HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: Bearer ${
          kNoChatKey}\r\nContent-Type: application/json\r\n${kLength}\r\n${kBody}`);
      const got = await client.answer();
      client.destroy();
      assert.ok(got.status >= 400 && got.status < 500, String(got.status));
      assert.equal(upstream.requests.length, 0);
    });
  }
});

describe('bodies that two readers could read differently', () => {
  for (const [name, body] of Object.entries({
         'the model twice': '{"model":"m","messages":[],"model":"alias"}',
         'the model twice, once in escapes': '{"model":"m","messages":[],"\\u006dodel":"alias"}',
         'no JSON': '{"model":"m",',
         'two values': '{"model":"m","messages":[]} {"model":"alias"}',
         'an array': '[{"model":"m"}]',
         'a model that is no string': '{"model":["m"],"messages":[]}',
         'no model': '{"messages":[]}',
         'a trailing comma': '{"model":"m","messages":[],}',
         'a comment': '{"model":"m",/* "model":"alias", */"messages":[]}',
         'a control character in a string': '{"model":"m","messages":[],"x":"a\u0001b"}',
         'bytes that are no UTF-8': Buffer.concat(
             [Buffer.from('{"model":"m","messages":[],"x":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]),
         'half a surrogate pair': '{"model":"m","messages":[],"x":"\\ud800"}',
         'a byte order mark': '\ufeff{"model":"m","messages":[]}',
         'nothing': '',
       })) {
    test(name, async () => {
      const got = await chat(gateway.api, body);
      assert.equal(got.status, 400);
      assert.equal(JSON.parse(got.body).error.type, 'invalid_request_error');
      assert.equal(upstream.requests.length, 0);
    });
  }

  test('a body that says it is compressed', async () => {
    const got = await chat(gateway.api, gzipSync(kBody), {headers: {'Content-Encoding': 'gzip'}});
    assert.ok(got.status >= 400 && got.status < 500);
    assert.equal(upstream.requests.length, 0);
  });

  test('arrays nested a hundred thousand deep', async () => {
    const got = await chat(gateway.api, `{"model":"m","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    assert.equal(got.status, 400);
    assert.equal(upstream.requests.length, 0);
  });
});

describe('pipelining', () => {
  test('several requests at once are answered in order', async () => {
    upstream.always((x) => answer({body: completion(x.request.json.mark)})(x));
    const client = await RawClient.connect(gateway.api);
    await client.send(Buffer.concat(['a', 'b', 'c', 'd'].map((n) => chatBytes(hello('m', {mark: n})))));
    for (const n of ['a', 'b', 'c', 'd']) {
      const got = await client.answer();
      assert.equal(JSON.parse(got.body).choices[0].message.content, n);
    }
    client.destroy();
    assert.deepEqual(upstream.requests.map((r) => r.json.mark), ['a', 'b', 'c', 'd']);
  });

  test('a slow first answer keeps its place', async () => {
    const first = gate();
    upstream.always(async (x) => {
      if (x.request.json.mark === 'a') await first.opened;
      await answer({body: completion(x.request.json.mark)})(x);
    });
    const client = await RawClient.connect(gateway.api);
    await client.send(Buffer.concat([
      chatBytes(hello('m', {mark: 'a'})), Buffer.from(`GET /v1/models HTTP/1.1\r\nHost: gateway.test\r\n${kKey}\r\n`)
    ]));
    await upstream.request(0);
    assert.equal(client.pending.length, 0);
    first.open();
    assert.equal(JSON.parse((await client.answer()).body).choices[0].message.content, 'a');
    assert.equal(JSON.parse((await client.answer()).body).object, 'list');
    client.destroy();
  });

  test('a refused request in the row ends the row', async () => {
    const client = await RawClient.connect(gateway.api);
    await client.send(Buffer.concat([chatBytes(hello()), Buffer.from(kAmbiguous['both lengths']), chatBytes(hello())]));
    assert.equal((await client.answer()).status, 200);
    assert.equal((await client.answer()).status, 400);
    await client.untilClosed();
    client.destroy();
    assert.equal(upstream.requests.length, 1);
  });
});

describe('older and shorter conversations', () => {
  const over10 = (bytes, more = '') => bytes.toString().replace(' HTTP/1.1\r\n', ` HTTP/1.0\r\n${more}`);

  test('HTTP/1.0: no chunks, and the connection ends, unless it is asked to stay', async () => {
    const client = await RawClient.connect(gateway.api);
    await client.send(over10(chatBytes(hello()), 'Connection: keep-alive\r\n'));
    assert.equal((await client.answer()).status, 200);
    upstream.always(stream([deltaEvent({content: 'x'}), doneEvent]));
    await client.send(over10(chatBytes(hello('m', {stream: true}))));
    const got = await client.answer();
    assert.equal(got.headers['transfer-encoding'], undefined);
    assert.equal(eventData(got.body).at(-1), '[DONE]');
    assert.ok(got.clean && client.ended);
    client.destroy();
  });

  test('Connection: close', async () => {
    const client = await RawClient.connect(gateway.api);
    await client.send(chatBytes(hello(), {headers: {Connection: 'close'}}));
    const got = await client.answer();
    assert.equal(got.status, 200);
    assert.equal(got.headers.connection, 'close');
    await client.untilClosed();
    client.destroy();
  });
});

test('after all that it serves as before', async () => {
  const got = await chat(gateway.api, hello());
  assert.equal(got.status, 200);
  assert.equal(upstream.requests.length, 1);
});
