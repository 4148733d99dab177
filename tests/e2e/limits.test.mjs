// What a request may cost before it is refused, and what slow clients cannot do.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, chunk, completion, head, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, chat, chatBytes, hello} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';
import {patience, within} from './lib/wait.mjs';

const kBodyLimit = 64 * 1024;
const kHeadLimit = 8 * 1024;
let upstream;
let gateway;

before(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startGateway(configuration({
    upstream,
    limits: {body_bytes: '64KiB', upload_bytes: '64KiB', head_bytes: '8KiB', head_fields: 40},
    timeouts: {head: '1s', body: '2s', idle: '1s', write: '1s'},
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

const kKey = `Authorization: Bearer ${callerKey}\r\n`;
const kStart = `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway.test\r\n${kKey}Content-Type: application/json\r\n`;

async function send(...parts) {
  const client = await RawClient.connect(gateway.api);
  for (const part of parts) client.send(part);
  return client;
}

// A chat body of exactly so many bytes.
function bodyOf(length) {
  const empty = JSON.stringify(hello('m', {pad: ''}));
  return JSON.stringify(hello('m', {pad: 'x'.repeat(length - empty.length)}));
}

describe('the size of a body', () => {
  test('one byte too many is 413 in OpenAI\'s shape; the limit itself is not', async () => {
    assert.equal((await chat(gateway.api, bodyOf(kBodyLimit))).status, 200);
    assert.equal(upstream.requests[0].body.length, kBodyLimit);
    const got = await chat(gateway.api, bodyOf(kBodyLimit + 1));
    assert.equal(got.status, 413);
    assert.equal(JSON.parse(got.body).error.code, 'request_too_large');
    assert.equal(upstream.requests.length, 1);
  });

  test('a declared length over the limit is refused before a byte of the body is there', async () => {
    const client = await send(`${kStart}Content-Length: ${10 ** 12}\r\n\r\n`);
    assert.equal((await client.answer()).status, 413);
    await client.untilClosed();
    client.destroy();
    assert.equal(upstream.requests.length, 0);
  });

  test('who asks first is told 413, not 100', async () => {
    const client = await send(`${kStart}Expect: 100-continue\r\nContent-Length: ${kBodyLimit + 1}\r\n\r\n`);
    assert.equal((await client.answer()).status, 413);
    client.destroy();
  });

  test('who asks first with a body that fits is told 100, then answered', async () => {
    const body = bodyOf(1000);
    const client = await send(`${kStart}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`);
    assert.equal((await client.answer()).status, 100);
    await client.send(body);
    assert.equal((await client.answer()).status, 200);
    client.destroy();
    assert.equal(upstream.requests[0].body.toString(), body);
    assert.deepEqual(upstream.requests[0].all('expect'), []);
  });

  test('who asks first with a wrong key is told 401, not 100', async () => {
    const client = await send(
        `${kStart.replace(callerKey, 'wrong-key-0123456789')}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`);
    assert.equal((await client.answer()).status, 401);
    client.destroy();
  });

  test('chunks are counted as they come', async () => {
    const client = await send(`${kStart}Transfer-Encoding: chunked\r\n\r\n`);
    for (let i = 0; i < 64 && client.pending.length === 0 && !client.ended; i += 1)
      await client.send(chunk('x'.repeat(4096)));
    assert.equal((await client.answer()).status, 413);
    await client.untilClosed();
    client.destroy();
    assert.equal(upstream.requests.length, 0);
  });

  test('a client that sends all of a body that is too large still reads its answer', async () => {
    // 8 MB are far more than the socket's buffers hold: the refusal must not be lost in a reset.
    const got = await chat(gateway.api, bodyOf(8 << 20));
    assert.equal(got.status, 413);
  });

  test('the limit holds for operations that are passed through', async () => {
    const got = await call(
        gateway.api,
        {path: '/v1/moderations', body: 'x'.repeat(kBodyLimit + 1), headers: {Authorization: `Bearer ${callerKey}`}});
    assert.equal(got.status, 413);
    assert.equal(upstream.requests.filter((r) => r.complete).length, 0);
  });
});

describe('the size of a head', () => {
  test('one header too long', async () => {
    const client = await send(`${kStart}X-Long: ${'x'.repeat(kHeadLimit)}\r\n\r\n`);
    assert.equal((await client.answer()).status, 431);
    await client.untilClosed();
    client.destroy();
  });

  test('many headers', async () => {
    const client = await send(`${kStart}${Array.from({length: 50}, (_, i) => `X-${i}: y\r\n`).join('')}\r\n`);
    assert.equal((await client.answer()).status, 431);
    client.destroy();
  });

  test('a head without end is refused at the limit', async () => {
    const client = await send(kStart);
    for (let i = 0; i < 1000 && client.pending.length === 0 && !client.ended; i += 1)
      await client.send(`X-${i}: ${'y'.repeat(100)}\r\n`);
    assert.equal((await client.answer()).status, 431);
    client.destroy();
  });

  test('a target too long', async () => {
    const client = await send(`GET /v1/${'x'.repeat(kHeadLimit)} HTTP/1.1\r\nHost: h\r\n${kKey}\r\n`);
    assert.ok([414, 431].includes((await client.answer()).status));
    client.destroy();
    assert.equal(upstream.requests.length, 0);
  });
});

describe('time', () => {
  test('half a head: 408, then the end', async () => {
    const client = await send('POST /v1/chat/completions HTTP/1.1\r\nHost: ga');
    assert.equal((await client.answer()).status, 408);
    await client.untilClosed();
    client.destroy();
  });

  test('a head that drips does not win time with each byte', async () => {
    const client = await send(kStart);
    const started = performance.now();
    while (!client.ended && client.pending.length === 0) {
      await client.send('X');
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(performance.now() - started < 10_000 * patience, 'still open');
    }
    assert.equal((await client.answer()).status, 408);
    client.destroy();
  });

  test('half a body: 408, and nothing reaches the provider', async () => {
    const client = await send(`${kStart}Content-Length: 1000\r\n\r\n{"model":"m",`);
    assert.equal((await client.answer()).status, 408);
    await client.untilClosed();
    client.destroy();
    assert.equal(upstream.requests.length, 0);
  });

  test('who does not read is not waited for: the provider\'s call ends with him', async () => {
    const block = Buffer.alloc(65_536, 'x');
    upstream.when('/v1/files/endless/content', async (x) => {
      await x.write(head(200, {'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked'}));
      while (await x.write(chunk(block)));
    });
    const client = await send(`GET /v1/files/endless/content HTTP/1.1\r\nHost: h\r\n${kKey}\r\n`);
    client.pause();
    await upstream.until((u) => u.aborted.length === 1, 20_000 * patience, 'the end of the endless answer');
    client.destroy();
  });

  test('a connection at rest is closed without a word', async () => {
    const silent = await RawClient.connect(gateway.api);
    const served = await RawClient.connect(gateway.api);
    await served.send(chatBytes(hello()));
    assert.equal((await served.answer()).status, 200);
    for (const client of [silent, served]) {
      assert.equal((await client.untilClosed()).length, 0);
      assert.equal(client.error, null, 'a FIN, not a reset');
      client.destroy();
    }
  });
});

describe('what is not there', () => {
  const key = {Authorization: `Bearer ${callerKey}`};
  test('another method: 405, saying which', async () => {
    for (const [method, path, allowed] of [
             ['GET', '/v1/chat/completions', 'POST'], ['DELETE', '/v1/embeddings', 'POST'],
             ['POST', '/v1/models', 'GET']]) {
      const got = await call(gateway.api, {method, path, headers: key});
      assert.equal(got.status, 405, `${method} ${path}`);
      assert.match(got.headers.allow, new RegExp(`\\b${allowed}\\b`));
      assert.equal(JSON.parse(got.body).error.code, 'method_not_allowed');
    }
    assert.equal(upstream.requests.length, 0);
  });

  test('another path: 404 in OpenAI\'s shape', async () => {
    for (const path of ['/', '/nope', '/v2/chat/completions', '/chat/completions', '/v1']) {
      const got = await call(gateway.api, {path, body: '{}', headers: key});
      assert.equal(got.status, 404, path);
      const {error} = JSON.parse(got.body);
      assert.equal(error.code, 'unknown_url');
      assert.equal(error.type, 'invalid_request_error');
    }
    assert.equal(upstream.requests.length, 0);
  });

  test('another model: 404 model_not_found', async () => {
    const got = await chat(gateway.api, hello('no-such-model'));
    assert.equal(got.status, 404);
    const {error} = JSON.parse(got.body);
    assert.equal(error.code, 'model_not_found');
    assert.equal(error.param, 'model');
    assert.match(error.message, /no-such-model/);
    assert.equal(upstream.requests.length, 0);
  });

  test('HEAD has no body', async () => {
    const client =
        await send(`HEAD /nope HTTP/1.1\r\nHost: h\r\n${kKey}\r\nGET /v1/models HTTP/1.1\r\nHost: h\r\n${kKey}\r\n`);
    const first = await client.answer({method: 'HEAD'});
    assert.ok([404, 405].includes(first.status));
    if (!client.ended) assert.equal((await client.answer()).status, 200);
    client.destroy();
  });
});

const kSlow = spawnSync('slowhttptest', ['-h']).error === undefined;
describe(
    'slowhttptest cannot hold up anybody else',
    {skip: kSlow ? false : 'slowhttptest (a Debian package) is not installed'}, () => {
      // With the timeouts that come by default, so that the attackers stay; and no key, which the tool cannot show.
      let attacked;
      before(async () => {
        attacked =
            await startGateway(configuration({upstream, keys: [], auth: {required: false}, timeouts: {drain: '1s'}}));
      });
      after(() => attacked?.stop());

      // 300 connections within a second, for ten seconds.
      const common = ['-c', '300', '-r', '300', '-l', '10', '-i', '1', '-p', '2'];
      const attacks = {
        'slow headers': ['-H', ...common, '-x', '24', '-u', '/v1/models'],
        'slow bodies': ['-B', ...common, '-s', '8192', '-x', '10', '-u', '/v1/chat/completions'],
        'slow reads': ['-X', ...common, '-w', '1', '-y', '8', '-n', '1', '-z', '4', '-u', '/v1/files/large/content'],
      };
      const kLarge = answer({body: Buffer.alloc(256 * 1024), headers: {'content-type': 'application/octet-stream'}});
      for (const [name, args] of Object.entries(attacks)) {
        test(name, async () => {
          upstream.when('/v1/files/large/content', kLarge);
          const attack = spawn(
              'slowhttptest', [...args.slice(0, -1), attacked.url + args.at(-1)],
              {cwd: attacked.dir, stdio: ['ignore', 'pipe', 'pipe']});
          let output = '';
          attack.stdout.on('data', (data) => {
            output += data;
          });
          attack.stderr.on('data', (data) => {
            output += data;
          });
          let running = true;
          const ended = new Promise((resolve) => attack.once('close', resolve)).then(() => {
            running = false;
          });
          let slowest = 0;
          let served = 0;
          try {
            while (running) {
              const started = performance.now();
              const got = await chat(attacked.api, hello());
              assert.equal(got.status, 200);
              slowest = Math.max(slowest, performance.now() - started);
              served += 1;
            }
          } finally {
            attack.kill('SIGKILL');
            await within(10_000, 'the end of the attack', ended);
          }
          const plain = output.replace(/\x1b\[[\d;]*m/g, '');
          const connected = Math.max(...[...plain.matchAll(/connected: +(\d+)/g)].map((m) => Number(m[1])));
          assert.ok(connected > 100, `the attack was none: ${plain.slice(-600)}`);
          assert.ok(served > 20, `${served} answers`);
          assert.ok(slowest < 1000 * patience, `the slowest of ${served} answers took ${slowest} ms`);
        });
      }
    });
