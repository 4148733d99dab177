// Same dialect in and out means the caller's own bytes. Compared with what the provider received and sent.
import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, completion, echo, jsonHeaders, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration, providerKey} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, chat, hello} from './lib/http.mjs';

let upstream;
let gateway;

before(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startGateway(configuration({upstream}));
});
after(async () => {
  await gateway?.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const kMessages = '"messages":[{"role":"user","content":"x"}]';

// %MODEL% is where the model's name stands, quotes included.
const kBodies = {
  'odd whitespace': `\r\n\t { "model" \t:\n %MODEL% ,\r\n  ${kMessages}\t}\n\n`,
  'unknown fields at every depth':
      `{"zzz":{"a":[1,{"b":null}]},"model":%MODEL%,"messages":[{"role":"user","content":"x","x_extra":[]}],"x-y":true}`,
  'unicode escapes and raw UTF-8 side by side':
      `{"model":%MODEL%,"messages":[{"role":"user","content":"\\u00e9\\ud83d\\ude00 \u00e9\u{1F600} \\/ / \\u0000"}]}`,
  'duplicate unknown keys': `{"dup":1,"dup":{"dup":2,"dup":3},"model":%MODEL%,${kMessages},"dup":1}`,
  'numbers beyond any double': `{"model":%MODEL%,${
      kMessages},"big":12345678901234567890123,"huge":1e400,"tiny":-0.0000000000000000000000000001E-400,"neg":-0,"exact":1.00}`,
  'keys in an order nobody expects':
      `{"messages":[{"content":"x","role":"user"}],"temperature":1.0,"top_p":1e0,"model":%MODEL%}`,
  'the model\'s name elsewhere too':
      `{"metadata":{"model":"m","alias":"alias"},"messages":[{"role":"user","content":"\\"model\\":\\"m\\" alias"}],"model":%MODEL%,"user":"alias"}`,
  'strings that look like structure': `{"note":"}],\\"model\\":\\"other\\",{[","model":%MODEL%,${kMessages}}`,
  'deep nesting': `{"model":%MODEL%,${kMessages},"deep":${'['.repeat(60)}${']'.repeat(60)}}`,
  'one megabyte': `{"model":%MODEL%,"messages":[{"role":"user","content":"${'lorem ipsum \u00e9 '.repeat(70_000)}"}]}`,
  'one megabyte before the model':
      `{"messages":[{"role":"user","content":"${'lorem ipsum \\u00e9 '.repeat(60_000)}"}],"model":%MODEL%}`,
};

describe('requests', () => {
  for (const [name, template] of Object.entries(kBodies)) {
    test(`${name}: the body arrives byte for byte`, async () => {
      upstream.always(answer({body: completion('ok')}));
      const sent = Buffer.from(template.replace('%MODEL%', () => '"m"'));
      assert.equal((await chat(gateway.api, sent)).status, 200);
      assert.ok(upstream.requests[0].body.equals(sent));
    });

    test(`${name}: under an alias only the name's bytes differ`, async () => {
      upstream.always(answer({body: completion('ok')}));
      assert.equal((await chat(gateway.api, template.replace('%MODEL%', () => '"alias"'))).status, 200);
      assert.ok(upstream.requests[0].body.equals(Buffer.from(template.replace('%MODEL%', () => '"mapped-name"'))));
    });
  }

  test('a name written with escapes is understood, and left as it was when it need not change', async () => {
    upstream.always(answer({body: completion('ok')}));
    const plain = `{"model":"\\u006d",${kMessages}}`;
    assert.equal((await chat(gateway.api, plain)).status, 200);
    assert.equal((await chat(gateway.api, `{"model":"al\\u0069as",${kMessages}}`)).status, 200);
    assert.equal(upstream.requests[0].body.toString(), plain);
    assert.equal(upstream.requests[1].body.toString(), `{"model":"mapped-name",${kMessages}}`);
  });

  test('a chunked request carries the same body', async () => {
    upstream.always(answer({body: completion('ok')}));
    const body = JSON.stringify(hello('m', {pad: 'x'.repeat(5000)}));
    const framed = `${body.slice(0, 10).length.toString(16)}\r\n${body.slice(0, 10)}\r\n` +
        `${body.slice(10).length.toString(16)};ext="v"\r\n${body.slice(10)}\r\n0\r\nX-Trailer: t\r\n\r\n`;
    const got = await call(gateway.api, {
      headers: [
        ['Authorization', `Bearer ${callerKey}`], ['Content-Type', 'application/json'], ['Transfer-Encoding', 'chunked']
      ],
      body: framed
    });
    assert.equal(got.status, 200);
    assert.equal(upstream.requests[0].body.toString(), body);
    assert.deepEqual(upstream.requests[0].all('x-trailer'), []);
  });

  test('an operation that is not read passes with method, path, query and any bytes as body', async () => {
    upstream.always(echo());
    const body = Buffer.from(Array.from({length: 4096}, (_, i) => i % 256));
    const got = await call(gateway.api, {
      method: 'POST',
      path: '/v1/audio/transcriptions?a=1&b=%20%C3%A9',
      body,
      headers: {Authorization: `Bearer ${callerKey}`, 'Content-Type': 'multipart/form-data; boundary=x'}
    });
    assert.equal(got.status, 200);
    assert.ok(got.body.equals(body));
    const [received] = upstream.requests;
    assert.equal(received.method, 'POST');
    assert.equal(received.target, '/v1/audio/transcriptions?a=1&b=%20%C3%A9');
    assert.ok(received.body.equals(body));
    assert.equal(received.header('content-type'), 'multipart/form-data; boundary=x');
    assert.equal(received.header('authorization'), `Bearer ${providerKey}`);
  });
});

describe('answers', () => {
  const bodies = {
    'odd JSON':
        ` {"id" :"x","choices":[ ], "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"n":1e400,"dup":1,"dup":2,"s":"\\u00e9\u{1F600}"}\n\n`,
    'not JSON at all': '<html>\u0001not what you expect</html>',
    'nothing': '',
    'one megabyte': completion('lorem \u00e9 '.repeat(120_000)),
  };
  for (const [name, body] of Object.entries(bodies)) {
    for (const framing of ['length', 'chunked', 'close']) {
      test(`${name}, framed by ${framing}`, async () => {
        upstream.always(answer({body, framing, pieces: 8191}));
        const got = await chat(gateway.api, hello());
        assert.equal(got.status, 200);
        assert.ok(got.clean);
        assert.ok(got.body.equals(Buffer.from(body)), `${got.body.length} bytes of ${Buffer.byteLength(body)}`);
      });
    }
  }

  test('every byte in a write of its own', async () => {
    const body = completion('caf\u00e9 \u{1F600}');
    upstream.always(async (x) => {
      await x.writeInPieces(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${
          Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
    assert.equal((await chat(gateway.api, hello())).body.toString(), body);
  });

  for (const status of [400, 403, 404, 409, 418, 422, 429, 500, 503]) {
    test(`the provider's ${status} with its body and retry-after`, async () => {
      const body = '{ "error": {"message":"theirs","type":"t","param":null,"code":"c","extra":[1]} }';
      upstream.always(
          answer({status, body, headers: {...jsonHeaders, 'retry-after': '17', 'retry-after-ms': '16500'}}));
      const got = await chat(gateway.api, hello());
      assert.equal(got.status, status);
      assert.equal(got.body.toString(), body);
      assert.equal(got.headers['retry-after'], '17');
      assert.equal(got.headers['retry-after-ms'], '16500');
      assert.equal(upstream.requests.length, 1, 'an answer is an answer: it is not asked for again');
    });
  }
});

test(
    'a 401 of the provider\'s is not the caller\'s: 502, and none of its text, which may show a part of our key',
    async () => {
      upstream.always(
          answer({status: 401, body: `{"error":{"message":"Incorrect API key provided: ${providerKey}"}}`}));
      const got = await chat(gateway.api, hello());
      assert.equal(got.status, 502);
      assert.equal(JSON.parse(got.body).error.code, 'upstream_credentials');
      assert.ok(!got.body.includes(providerKey) && !got.body.includes('Incorrect'));
    });

describe('headers to the provider', () => {
  async function received(headers, options = {}) {
    upstream.always(answer({body: completion('ok')}));
    const got = await chat(gateway.api, hello(), {headers, ...options});
    assert.equal(got.status, 200);
    return upstream.requests[0];
  }

  test('the provider\'s key, and nothing of the caller\'s', async () => {
    const request = await received({});
    assert.deepEqual(request.all('authorization'), [`Bearer ${providerKey}`]);
    assert.ok(!upstream.connections.at(-1).bytes.includes(callerKey));
  });

  for (const name of ['x-api-key', 'api-key', 'x-goog-api-key']) {
    test(`a key given as ${name} opens the door and stays there`, async () => {
      upstream.always(answer({body: completion('ok')}));
      const got = await call(
          gateway.api,
          {headers: {[name]: callerKey, 'Content-Type': 'application/json'}, body: JSON.stringify(hello())});
      assert.equal(got.status, 200);
      assert.deepEqual(upstream.requests[0].all('authorization'), [`Bearer ${providerKey}`]);
      assert.ok(!upstream.connections.at(-1).bytes.includes(callerKey));
    });
  }

  test('x-gatehouse-* are for us', async () => {
    const request =
        await received({'X-Gatehouse-Tags': 'a=b', 'x-gatehouse-conversation': 'c', 'x-gatehouse-unknown': '1'});
    assert.deepEqual(request.headers.filter(([n]) => /^x-gatehouse-/i.test(n)), []);
  });

  test('hop-by-hop headers and those that Connection names end here', async () => {
    const request = await received([
      ['Connection', 'keep-alive, X-Nominated'], ['X-Nominated', 'secret'], ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authorization', 'Basic eDp5'], ['Proxy-Connection', 'keep-alive'], ['TE', 'trailers'], ['X-Kept', 'yes']
    ]);
    for (const name of ['x-nominated', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'upgrade']) {
      assert.deepEqual(request.all(name), [], name);
    }
    assert.equal(request.header('x-kept'), 'yes');
  });

  test('what is the caller\'s to say is passed on unchanged', async () => {
    const request = await received([
      ['User-Agent', 'some client/1.0 (x; y)'], ['Accept', 'application/json, */*;q=0.5'],
      ['OpenAI-Beta', 'assistants=v2'], ['X-Custom', '  spaced  out '], ['X-Custom', 'again'], ['X-Empty', ''],
      ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'], ['X-Latin', 'caf\u00e9']
    ]);
    assert.equal(request.header('user-agent'), 'some client/1.0 (x; y)');
    assert.equal(request.header('accept'), 'application/json, */*;q=0.5');
    assert.equal(request.header('openai-beta'), 'assistants=v2');
    assert.deepEqual(request.all('x-custom'), ['spaced  out', 'again']);
    assert.deepEqual(request.all('x-empty'), ['']);
    assert.match(request.header('traceparent'), /^00-0af7651916cd43dd8448eb211c80319c-/);
    assert.equal(request.header('x-latin'), 'caf\u00e9');
    assert.deepEqual(request.all('content-type'), ['application/json']);
  });

  test('the host is the provider\'s, said once, and the length is right', async () => {
    const request = await received({}, {host: 'whatever.the.caller.calls.us'});
    assert.deepEqual(request.all('host'), [`${upstream.host}:${upstream.port}`]);
    assert.deepEqual(request.all('content-length'), [String(request.body.length)]);
    assert.deepEqual(request.all('transfer-encoding'), []);
    assert.equal(request.version, 'HTTP/1.1');
    assert.equal(request.target, '/v1/chat/completions');
  });
});

describe('headers to the caller', () => {
  test('the provider\'s pass, in order and with duplicates; hop-by-hop ones do not', async () => {
    upstream.always(answer({
      body: completion('ok'),
      headers: [
        ['Content-Type', 'application/json; charset=utf-8'], ['x-request-id', 'req_theirs'],
        ['openai-processing-ms', '12'], ['x-ratelimit-remaining-requests', '41'], ['X-Twice', 'a'], ['X-Twice', 'b'],
        ['Connection', 'keep-alive, X-Hop'], ['X-Hop', '1'], ['Keep-Alive', 'timeout=9'],
        ['Proxy-Authenticate', 'Basic']
      ]
    }));
    const got = await chat(gateway.api, hello());
    assert.equal(got.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(got.headers['x-request-id'], 'req_theirs');
    assert.equal(got.headers['openai-processing-ms'], '12');
    assert.equal(got.headers['x-ratelimit-remaining-requests'], '41');
    assert.deepEqual(got.rawHeaders.filter(([n]) => n.toLowerCase() === 'x-twice').map(([, v]) => v), ['a', 'b']);
    for (const name of ['x-hop', 'keep-alive', 'proxy-authenticate']) assert.equal(got.headers[name], undefined, name);
  });

  test('ours: which request, model, provider and how many attempts; a provider cannot forge them', async () => {
    upstream.always(answer({
      body: completion('ok'),
      headers: {...jsonHeaders, 'x-gatehouse-request-id': 'forged', 'X-Gatehouse-Guard': 'forged'}
    }));
    const got = await chat(gateway.api, hello('alias'));
    assert.match(got.headers['x-gatehouse-request-id'], /^[\w-]{10,64}$/);
    assert.equal(got.headers['x-gatehouse-model'], 'mapped-name');
    assert.equal(got.headers['x-gatehouse-provider'], 'up');
    assert.equal(got.headers['x-gatehouse-attempts'], '1');
    assert.ok(!got.rawHeaders.some(([, v]) => v.includes('forged')));
    assert.ok(!JSON.stringify(got.rawHeaders).includes(providerKey));
    const again = await chat(gateway.api, hello());
    assert.notEqual(again.headers['x-gatehouse-request-id'], got.headers['x-gatehouse-request-id']);
  });

  test('the access record tells the same story', async () => {
    upstream.always(answer({body: completion('ok')}));
    const got = await chat(gateway.api, hello('alias'));
    const record = await gateway.until(
        'the access record', () => gateway.records.find((r) => r.request_id === got.headers['x-gatehouse-request-id']));
    assert.equal(record.key, 'caller');
    assert.equal(record.team, 'testers');
    assert.equal(record.operation, 'chat_completions');
    assert.equal(record.model, 'alias');
    assert.equal(record.model_sent, 'mapped-name');
    assert.equal(record.provider, 'up');
    assert.equal(record.status, 200);
    assert.equal(record.finish, 'complete');
    assert.deepEqual([record.prompt_tokens, record.completion_tokens, record.total_tokens], [7, 3, 10]);
    assert.ok(!gateway.log.includes(callerKey) && !gateway.log.includes(providerKey), 'no key is ever logged');
  });
});
