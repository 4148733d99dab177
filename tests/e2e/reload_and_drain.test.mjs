// Changing the configuration under way, stopping without losing anybody's answer, and who the caller is.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, completion, deltaEvent, doneEvent, gate, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {certificateAuthority} from './lib/certificates.mjs';
import {configuration, model} from './lib/config.mjs';
import {startGateway, temporaryFolder} from './lib/gateway.mjs';
import {call, callerKey, chat, chatBytes, eventData, hello} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';
import {eventually} from './lib/wait.mjs';

let upstream;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always(answer({body: completion('ok')}));
});

// Runs `body` with a gateway of its own and stops it, asserting that it ends well.
async function withGateway(config, body, options) {
  const gateway = await startGateway(config, options);
  try {
    await body(gateway);
  } catch (error) {
    await gateway.kill();
    throw error;
  }
  await gateway.stop();
}

// How many reloads with that result the gateway has counted; the page of metrics is what tells that one is over.
async function reloads(gateway, result) {
  const page = (await call(gateway.admin, {method: 'GET', path: '/metrics'})).body.toString();
  return Number(new RegExp(`^gatehouse_config_reloads_total\\{result="${result}"\\} (\\d+)`, 'm').exec(page)?.[1] ?? 0);
}

async function reload(gateway, config, result = 'ok') {
  const before = await reloads(gateway, result);
  gateway.write(config);
  gateway.signal('SIGHUP');
  await eventually(`a reload that is ${result}`, async () => await reloads(gateway, result) > before);
}

describe('SIGHUP', () => {
  test('a new model is served, one taken away is not, and nobody is disturbed', async () => {
    await withGateway(configuration({upstream}), async (gateway) => {
      assert.equal((await chat(gateway.api, hello('new'))).status, 404);
      const middle = gate();
      upstream.when({model: 'm'}, stream([deltaEvent({content: 'x'}), middle.opened.then(() => doneEvent)]));
      const streaming = await RawClient.connect(gateway.api);
      await streaming.send(chatBytes(hello('m', {stream: true})));
      await streaming.seen('"x"');

      await reload(gateway, configuration({upstream, models: [model('new', 'brand-new')]}));
      assert.equal((await chat(gateway.api, hello('new'))).status, 200);
      assert.equal(upstream.requests.at(-1).json.model, 'brand-new');
      assert.equal((await chat(gateway.api, hello('m'))).status, 404);

      middle.open();
      const got = await streaming.answer();
      assert.ok(got.clean, 'the stream that ran goes on to its end');
      assert.equal(eventData(got.body).at(-1), '[DONE]');
      streaming.destroy();
    });
  });

  test('a file that changes is taken up without a signal', async () => {
    await withGateway(configuration({upstream}), async (gateway) => {
      gateway.write(configuration({upstream, models: [model('unasked')]}));
      await eventually('the new model', async () => (await chat(gateway.api, hello('unasked'))).status === 200);
    });
  });

  test('a connection that is open sees the new configuration with its next request', async () => {
    await withGateway(configuration({upstream}), async (gateway) => {
      const client = await RawClient.connect(gateway.api);
      await client.send(chatBytes(hello('m')));
      assert.equal((await client.answer()).status, 200);
      await reload(gateway, configuration({upstream, models: [model('other')]}));
      await client.send(chatBytes(hello('m')));
      assert.equal((await client.answer()).status, 404);
      client.destroy();
    });
  });

  test('a key that is taken away opens nothing any more', async () => {
    await withGateway(configuration({upstream}), async (gateway) => {
      const client = await RawClient.connect(gateway.api);
      await client.send(chatBytes(hello()));
      assert.equal((await client.answer()).status, 200);
      await reload(gateway, configuration({upstream, keys: [{name: 'next', key: 'quite-another-key-123'}]}));
      await client.send(chatBytes(hello()));
      assert.equal((await client.answer()).status, 401);
      client.destroy();
      assert.equal(upstream.requests.length, 1);
    });
  });

  test('with a wrong file the old configuration goes on, and the log says what is wrong and where', async () => {
    await withGateway(configuration({upstream}), async (gateway) => {
      const text = JSON.stringify(configuration({upstream}), null, 2);
      const wrong = text.replace('"targets"', '"tragets"');
      const line = wrong.split('\n').findIndex((l) => l.includes('"tragets"')) + 1;
      await reload(gateway, wrong, 'failed');
      await gateway.until(
          'the reason in the log',
          () => /tragets/.test(gateway.stderr) && /targets/.test(gateway.stderr) &&
              gateway.stderr.includes(`gatehouse.yaml:${line}:`));
      assert.equal((await chat(gateway.api, hello('alias'))).status, 200);
      await reload(gateway, configuration({upstream, models: [model('after')]}));
      assert.equal((await chat(gateway.api, hello('after'))).status, 200);
    });
  });
});

describe('TLS on the listener', () => {
  const dir = temporaryFolder();
  const authority = certificateAuthority(dir);
  const to = (gateway, options = {}) =>
      ({...gateway.api, tls: {ca: authority.cert, servername: 'localhost', ...options}});
  const chatOverTls = (gateway, options) => call(to(gateway, options), {
    headers: {Authorization: `Bearer ${callerKey}`, 'Content-Type': 'application/json'},
    body: JSON.stringify(hello())
  });

  test('requests and streams go through TLS 1.3 and 1.2; older and plain ones do not', async () => {
    const leaf = authority.issue('listener');
    await withGateway(
        configuration({upstream, listen: {tls: {cert: leaf.certFile, key: leaf.keyFile}}}), async (gateway) => {
          for (const version of ['TLSv1.3', 'TLSv1.2']) {
            const got = await chatOverTls(gateway, {minVersion: version, maxVersion: version});
            assert.equal(got.status, 200);
          }
          upstream.always(stream([deltaEvent({content: 'x'.repeat(100_000)}), doneEvent]));
          const client = await RawClient.connect(to(gateway, {ALPNProtocols: ['h2', 'http/1.1']}));
          assert.equal(client.socket.alpnProtocol, 'http/1.1');
          await client.send(chatBytes(hello('m', {stream: true})));
          const got = await client.answer();
          assert.equal(eventData(got.body).at(-1), '[DONE]');
          client.destroy();

          const seen = upstream.requests.length;
          await assert.rejects(RawClient.connect(
              to(gateway, {minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0'})));
          const plain = await RawClient.connect(gateway.api);
          await plain.send(chatBytes(hello()));
          await plain.untilClosed();
          plain.destroy();
          assert.equal(upstream.requests.length, seen);
        });
  });

  test('a renewed certificate is shown after a reload, and open connections stay', async () => {
    const first = authority.issue('first', {into: 'current'});
    const config = configuration({upstream, listen: {tls: {cert: first.certFile, key: first.keyFile}}});
    await withGateway(config, async (gateway) => {
      const open = await RawClient.connect(to(gateway));
      assert.equal(open.socket.getPeerCertificate().subject.CN, 'first');
      authority.issue('second', {into: 'current'});
      await reload(gateway, config);
      const fresh = await RawClient.connect(to(gateway));
      assert.equal(fresh.socket.getPeerCertificate().subject.CN, 'second');
      for (const client of [open, fresh]) {
        await client.send(chatBytes(hello()));
        assert.equal((await client.answer()).status, 200);
        client.destroy();
      }
    });
  });

  test('a certificate that does not belong to its key is not taken up', async () => {
    const leaf = authority.issue('good', {into: 'pair'});
    const config = configuration({upstream, listen: {tls: {cert: leaf.certFile, key: leaf.keyFile}}});
    await withGateway(config, async (gateway) => {
      const other = authority.issue('stranger', {into: 'stranger'});
      writeFileSync(leaf.keyFile, readFileSync(other.keyFile));
      await reload(gateway, config, 'failed');
      assert.equal((await chatOverTls(gateway)).status, 200);
    });
  });

  test('mutual TLS: no certificate, or a stranger\'s, and there is no conversation', async () => {
    const leaf = authority.issue('mutual');
    const friend = authority.issue('friend');
    const strangers = certificateAuthority(temporaryFolder(), 'strangers');
    const stranger = strangers.issue('stranger');
    await withGateway(
        configuration({
          upstream,
          listen:
              {tls: {cert: leaf.certFile, key: leaf.keyFile, client_ca: authority.certFile, client_auth: 'required'}}
        }),
        async (gateway) => {
          assert.equal((await chatOverTls(gateway, {cert: friend.cert, key: friend.key})).status, 200);
          for (const options of [{}, {cert: stranger.cert, key: stranger.key}]) {
            // Under TLS 1.3 the client may believe that it is connected until the refusal arrives.
            const refused = await chatOverTls(gateway, options).then((got) => got.status === 0, () => true);
            assert.ok(refused);
          }
          assert.equal(upstream.requests.length, 1);
        });
  });
});

describe('SIGTERM', () => {
  test('a stream that runs ends well, nobody new is let in, and the exit is 0', async () => {
    const middle = gate();
    upstream.always(stream([deltaEvent({content: 'x'}), middle.opened.then(() => doneEvent)]));
    await withGateway(configuration({upstream, timeouts: {drain: '30s'}}), async (gateway) => {
      const streaming = await RawClient.connect(gateway.api);
      const resting = await RawClient.connect(gateway.api);
      await resting.send(`GET /v1/models HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${callerKey}\r\n\r\n`);
      assert.equal((await resting.answer()).status, 200);
      await streaming.send(chatBytes(hello('m', {stream: true})));
      await streaming.seen('"x"');
      assert.equal((await call(gateway.admin, {method: 'GET', path: '/readyz'})).status, 200);

      gateway.signal('SIGTERM');
      assert.equal((await resting.untilClosed()).length, 0, 'a connection at rest is closed');
      await eventually(
          'readyz saying no', async () => (await call(gateway.admin, {method: 'GET', path: '/readyz'})).status === 503);
      assert.equal((await call(gateway.admin, {method: 'GET', path: '/healthz'})).status, 200);
      await eventually('the listener gone', () => RawClient.connect(gateway.api).then((client) => {
        client.destroy();
        return false;
      }, (error) => error.code === 'ECONNREFUSED'));
      assert.equal(gateway.exit, null, 'it waits for the stream');

      middle.open();
      const got = await streaming.answer();
      assert.ok(got.clean);
      assert.equal(eventData(got.body).at(-1), '[DONE]');
      await streaming.untilClosed();
      await gateway.ended;
      assert.deepEqual(gateway.exit, {code: 0, signal: null});
      const record = gateway.records.find((r) => r.streamed);
      assert.equal(record.finish, 'complete', 'the last record is written before the end');
      resting.destroy();
      streaming.destroy();
    });
  });

  test('who is not done when the time is up is told so, and the exit is still 0', async () => {
    upstream.always(stream([deltaEvent({content: 'x'}), new Promise(() => {})]));
    await withGateway(configuration({upstream, timeouts: {drain: '300ms'}}), async (gateway) => {
      const streaming = await RawClient.connect(gateway.api);
      await streaming.send(chatBytes(hello('m', {stream: true})));
      await streaming.seen('"x"');
      gateway.signal('SIGTERM');
      const got = await streaming.answer();
      assert.ok(!eventData(got.body).includes('[DONE]'), 'half a stream does not look whole');
      streaming.destroy();
      await gateway.ended;
      assert.deepEqual(gateway.exit, {code: 0, signal: null});
      await upstream.until((u) => u.aborted.length === 1);
    });
  });
});

describe('who the caller is', () => {
  async function clientIp(gateway, got) {
    return (await gateway.until(
                'the record',
                () => gateway.records.find((r) => r.request_id === got.headers['x-gatehouse-request-id'])))
        .client_ip;
  }
  // PROXY protocol version 2 (its specification, section 2.2): TCP over IPv4.
  function proxyHeader(source, port = 4711) {
    const header = Buffer.concat([
      Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.from([0x21, 0x11, 0, 12]),
      Buffer.from(source.split('.').map(Number)), Buffer.from([127, 0, 0, 1]), Buffer.alloc(4)
    ]);
    header.writeUInt16BE(port, 24);
    header.writeUInt16BE(443, 26);
    return header;
  }

  test('X-Forwarded-For is believed of a trusted proxy only, and from the right', async () => {
    const forwarded = {'X-Forwarded-For': '203.0.113.7, 198.51.100.9, 127.0.0.5'};
    await withGateway(configuration({upstream, listen: {trusted_proxies: ['127.0.0.0/8']}}), async (gateway) => {
      assert.equal(await clientIp(gateway, await chat(gateway.api, hello(), {headers: forwarded})), '198.51.100.9');
      assert.equal(await clientIp(gateway, await chat(gateway.api, hello())), '127.0.0.1');
      const odd = await chat(gateway.api, hello(), {headers: {'X-Forwarded-For': 'not an address'}});
      assert.equal(await clientIp(gateway, odd), '127.0.0.1');
    });
    await withGateway(configuration({upstream}), async (gateway) => {
      assert.equal(await clientIp(gateway, await chat(gateway.api, hello(), {headers: forwarded})), '127.0.0.1');
    });
  });

  test('the PROXY protocol\'s header, also cut anywhere; without one there is no conversation', async () => {
    await withGateway(configuration({upstream, listen: {proxy_protocol: 'required'}}), async (gateway) => {
      const request = chatBytes(hello());
      for (const bytewise of [false, true]) {
        const client = await RawClient.connect(gateway.api);
        const bytes = proxyHeader('192.0.2.33');
        if (bytewise)
          for (const byte of bytes) await client.send(Buffer.from([byte]));
        else
          await client.send(bytes);
        for (let i = 0; i < 2; i += 1) {
          await client.send(request);
          const got = await client.answer();
          assert.equal(got.status, 200);
          assert.equal(await clientIp(gateway, got), '192.0.2.33');
        }
        client.destroy();
      }
      const seen = upstream.requests.length;
      for (const wrong
               of [request, Buffer.concat([Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'), request]),
                   Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIX\n', 'latin1'), Buffer.alloc(16), request])]) {
        const client = await RawClient.connect(gateway.api);
        client.send(wrong);
        await client.untilClosed();
        client.destroy();
      }
      assert.equal(upstream.requests.length, seen);
    });
  });
});
