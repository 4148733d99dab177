// Files and batches in Gemini's way: the official client, unchanged, uploads, uses, lists and deletes through the
// gateway; the provider's own addresses stay with the gateway, and nobody can make it go elsewhere.
import {GoogleGenAI} from '@google/genai';
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, provider, providerKey} from './lib/config.mjs';
import {ledgerRows, sizeIsTelling, startGateway, temporaryFolder} from './lib/gateway.mjs';
import {Google, kUploadPath} from './lib/google.mjs';
import {call, callerKey} from './lib/http.mjs';
import {eventually} from './lib/wait.mjs';

const otherKey = 'test-other-team-key-0123456789';
const someKey = 'test-key-for-some-models-01234';

let upstream;
let google;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  google = new Google(upstream);
});

async function withGateway(settings, body) {
  const dir = temporaryFolder();
  const gateway = await startGateway(
      configuration({
        upstream,
        store: 'sqlite:gatehouse.db',
        // Files of Gemini's callers go to the provider that has them, whatever else there is.
        providers: [provider(upstream), provider(upstream, {name: 'google', kind: 'gemini', path: ''})],
        models: [
          model('m'),
          model('gemini-m', 'gemini-m', {provider: 'google'}),
          model('mapped', 'gemini-inside', {provider: 'google'}),
        ],
        keys: [
          {name: 'caller', key: callerKey, team: 'testers'},
          {name: 'other', key: otherKey, team: 'others'},
          {name: 'some', key: someKey, team: 'testers', models: ['gemini-m']},
        ],
        ...settings,
      }),
      {dir});
  try {
    return await body(gateway, dir);
  } finally {
    await gateway.stop();
  }
}

const client = (gateway, apiKey = callerKey) =>
    new GoogleGenAI({apiKey, httpOptions: {baseUrl: gateway.url, retryOptions: {attempts: 1}}});
const collect = async (pager) => {
  const all = [];
  for await (const one of pager) all.push(one);
  return all;
};

const startFields = (size, key = callerKey) => [
  ['x-goog-api-key', key],
  ['content-type', 'application/json'],
  ['x-goog-upload-protocol', 'resumable'],
  ['x-goog-upload-command', 'start'],
  ['x-goog-upload-header-content-length', String(size)],
  ['x-goog-upload-header-content-type', 'text/plain'],
];
const begin = (gateway, {size = 5, key = callerKey, fields = startFields(size, key), query = '', ...more} = {}) =>
    call(gateway.api, {path: kUploadPath + query, headers: fields, body: '{"file":{"displayName":"d"}}', ...more});
const target = (address) => address.slice(new URL(address).origin.length);
const part = (gateway, address, {key = callerKey, command = 'upload, finalize', offset = 0, body = 'hello', more = []} = {}) =>
    call(gateway.api, {
      path: target(address),
      headers: [
        ...(key ? [['x-goog-api-key', key]] : []),
        ['x-goog-upload-command', command],
        ['x-goog-upload-offset', String(offset)],
        ...more,
      ],
      body,
    });
const reason = (got) => JSON.parse(got.body).error;

describe('the official client', () => {
  test('uploads, reads, lists, uses and deletes files', () => withGateway({}, async (gateway, dir) => {
    const ai = client(gateway);
    const small = await ai.files.upload({
      file: new Blob(['hello file'], {type: 'text/plain'}),
      config: {displayName: 'small', name: 'mine'},
    });
    assert.equal(small.name, 'files/mine');
    assert.equal(small.sizeBytes, '10');
    assert.equal(google.bytes.get('files/mine').toString(), 'hello file');
    // From a path, in three parts of the client's 8 MiB.
    const bytes = randomBytes(17 * 1024 * 1024);
    const from = path.join(dir, 'large.bin');
    writeFileSync(from, bytes);
    const large = await ai.files.upload({file: from, config: {mimeType: 'application/octet-stream'}});
    assert.equal(large.sizeBytes, String(bytes.length));
    assert.ok(google.bytes.get(large.name).equals(bytes));
    const parts = upstream.requests.filter((r) => r.target.includes('upload_id'));
    assert.deepEqual(parts.map((r) => r.header('x-goog-upload-command')),
                     ['upload, finalize', 'upload', 'upload', 'upload, finalize']);
    for (const request of upstream.requests) {
      assert.deepEqual(request.all('x-goog-api-key'), [providerKey]);
      assert.ok(!request.headBytes.includes(callerKey) && !request.headBytes.includes('gateway.test'));
    }

    assert.equal((await ai.files.get({name: 'mine'})).displayName, 'small');
    assert.deepEqual((await collect(await ai.files.list({config: {pageSize: 1}}))).map((f) => f.name),
                     ['files/mine', large.name]);
    const read = await ai.models.generateContent({
      model: 'gemini-m',
      contents: [{role: 'user', parts: [{fileData: {fileUri: small.uri, mimeType: small.mimeType}}, {text: 'read'}]}],
    });
    assert.equal(read.text, 'read 1');
    assert.equal(google.asked[0].contents[0].parts[0].fileData.fileUri, small.uri);
    await ai.files.delete({name: small.name});
    await assert.rejects(ai.files.get({name: small.name}), (e) => e.status === 404 && /was not found/.test(e.message));

    // Each request of it is recorded, with nothing of the query.
    const rows = await ledgerRows(dir);
    assert.ok(rows.filter((row) => row.operation === 'files').length >= 8, JSON.stringify(rows));
    assert.ok(!gateway.stdout.includes('upload_id'));
    assert.match(gateway.stdout, /"operation":"files"/);
  }));

  test('makes, reads, lists, cancels and deletes batches', () => withGateway({}, async (gateway) => {
    const ai = client(gateway);
    const made = await ai.batches.create({
      model: 'mapped',
      src: [
        {contents: [{role: 'user', parts: [{text: 'one'}]}], metadata: {key: 'a'}, config: {systemInstruction: 'Be brief.'}},
        {model: 'mapped', contents: 'two'},
      ],
      config: {displayName: 'both'},
    });
    assert.equal(made.name, 'batches/b1');
    const sent = upstream.requests.at(-1);
    assert.equal(sent.target, '/v1beta/models/gemini-inside:batchGenerateContent');
    assert.equal(sent.json.batch.inputConfig.requests.requests[1].request.model, 'models/gemini-inside');
    assert.equal(sent.json.batch.displayName, 'both');
    const got = await ai.batches.get({name: made.name});
    assert.equal(got.state, 'JOB_STATE_SUCCEEDED');
    assert.deepEqual(got.dest.inlinedResponses.map((r) => r.response.candidates[0].content.parts[0].text),
                     ['echo one', 'echo two']);

    const file = await ai.files.upload({
      file: new Blob(['{"key":"k","request":{"contents":[{"parts":[{"text":"x"}]}]}}\n'], {type: 'application/jsonl'}),
    });
    const filed = await ai.batches.create({model: 'gemini-m', src: file.name});
    assert.deepEqual(upstream.requests.at(-1).json, {batch: {inputConfig: {fileName: file.name}}});
    assert.equal(filed.name, 'batches/b2');
    const vectors = await ai.batches.createEmbeddings({
      model: 'gemini-m',
      src: {inlinedRequests: {contents: ['a', 'b']}},
    });
    assert.equal(upstream.requests.at(-1).target, '/v1beta/models/gemini-m:asyncBatchEmbedContent');
    assert.equal(vectors.name, 'batches/b3');
    assert.deepEqual((await collect(await ai.batches.list({config: {pageSize: 2}}))).map((b) => b.name),
                     ['batches/b1', 'batches/b2', 'batches/b3']);
    await ai.batches.cancel({name: filed.name});
    assert.equal((await ai.batches.get({name: filed.name})).state, 'JOB_STATE_CANCELLED');
    await ai.batches.delete({name: filed.name});
    assert.ok(!google.batches.has(filed.name));
  }));
});

describe('the address', () => {
  test('is the gateway\'s own, as its caller named it', () => withGateway({}, async (gateway) => {
    const got = await begin(gateway, {host: 'models.example:8443'});
    assert.equal(got.status, 200);
    const address = new URL(got.headers['x-goog-upload-url']);
    assert.equal(address.origin, 'http://models.example:8443');
    assert.equal(address.pathname, kUploadPath);
    assert.equal(got.headers['x-goog-upload-control-url'], undefined);
    assert.equal(got.headers['x-goog-upload-status'], 'active');
    assert.equal(got.headers['x-goog-upload-chunk-granularity'], '262144');
    assert.ok(!JSON.stringify(got.headers).includes('session-1'));
    // All steps of the protocol.
    const url = address.href;
    const asked = await part(gateway, url, {command: 'query', body: ''});
    assert.equal(asked.headers['x-goog-upload-size-received'], '0');
    const done = await part(gateway, url);
    assert.equal(done.headers['x-goog-upload-status'], 'final');
    assert.equal(JSON.parse(done.body).file.sizeBytes, '5');
    const again = (await begin(gateway)).headers['x-goog-upload-url'];
    assert.equal((await part(gateway, again, {command: 'cancel', body: ''})).headers['x-goog-upload-status'], 'cancelled');
    assert.equal((await part(gateway, again)).status, 404);  // the provider's own word
  }));

  test('is https where a trusted proxy says so', () => withGateway(
      {listen: {api: '127.0.0.1:0', admin: '127.0.0.1:0', trusted_proxies: ['127.0.0.0/8']}}, async (gateway) => {
        const got = await begin(gateway, {fields: [...startFields(5), ['x-forwarded-proto', 'https']]});
        assert.match(got.headers['x-goog-upload-url'], /^https:\/\/gateway\.test\/upload/);
      }));

  test('holds for its tenant alone, unchanged, with a key', () => withGateway({}, async (gateway) => {
    const address = (await begin(gateway)).headers['x-goog-upload-url'];
    const before = upstream.requests.length;
    const ticket = new URL(address).searchParams.get('upload_id');
    const with_ = (text) => address.replace(ticket, text);
    const flipped = ticket.slice(0, 40) + (ticket[40] === 'A' ? 'B' : 'A') + ticket.slice(41);
    const forged = Buffer.from(JSON.stringify({target: '/v1beta/files', host: '169.254.169.254'})).toString('base64url');
    for (const [name, at, more, status] of [
      ['another tenant', address, {key: otherKey}, 404],
      ['nobody', address, {key: null}, 401],
      ['a flipped letter', with_(flipped), {}, 404],
      ['the provider\'s own id', with_([...google.sessions.keys()][0]), {}, 404],
      ['a made-up ticket', with_(forged), {}, 404],
      ['an address', with_(encodeURIComponent('http://169.254.169.254/latest')), {}, 404],
      ['a long one', with_('A'.repeat(5000)), {}, 404],
      ['two', `${address}&upload_id=x`, {}, 400],
      ['none', address.replace(ticket, ''), {}, 400],
      ['a start in it', address, {command: 'start', more: [['x-goog-upload-protocol', 'resumable']]}, 400],
      ['two commands', address, {more: [['x-goog-upload-command', 'query']]}, 400],
      ['another protocol', address, {more: [['x-goog-upload-protocol', 'raw']]}, 400],
      ['an odd offset', address, {offset: '-1'}, 400],
    ]) {
      const got = await part(gateway, at, more);
      assert.equal(got.status, status, `${name}: ${got.body}`);
      assert.equal(reason(got).code, status, name);
      assert.ok(reason(got).message, name);
    }
    assert.equal(upstream.requests.length, before, 'nothing of that reached the provider');
    assert.equal((await part(gateway, address)).status, 200);
  }));

  test('of another host than the provider\'s own is not gone to', async () => {
    const stranger = await ScriptedUpstream.start();
    stranger.always(answer({body: '{}'}));
    try {
      await withGateway({}, async (gateway) => {
        for (const change of [
          (url) => url.replace(/:\d+\//, `:${stranger.port}/`),
          (url) => url.replace('127.0.0.1', '169.254.169.254'),
          (url) => url.replace('http://', 'https://'),
          (url) => url.replace('127.0.0.1', 'google@127.0.0.1'),
          (url) => url.replace(kUploadPath, '/v1beta/files'),
          (url) => url.replace(kUploadPath, `${kUploadPath}/../../other`),
          (url) => target(url),
          (url) => url.split('?')[0],
          () => 'file:///etc/passwd',
          (url) => `${url}&pad=${'x'.repeat(4000)}`,
        ]) {
          google.address = (url) => ({'X-Goog-Upload-URL': change(url)});
          const got = await begin(gateway);
          assert.equal(got.status, 502, change.toString());
          assert.equal(reason(got).details[0].reason, 'upstream_protocol');
          assert.equal(got.headers['x-goog-upload-url'], undefined);
          assert.ok(!got.body.includes('127.0.0.1') && !got.body.includes('169.254'));
        }
        google.address = () => ({});
        const none = await begin(gateway);
        assert.equal(none.headers['x-goog-upload-url'], undefined);
      });
      assert.equal(stranger.connections.length, 0);
    } finally {
      await stranger.close();
    }
  });

  test('ends when the provider moves', () => withGateway({}, async (gateway) => {
    const address = (await begin(gateway)).headers['x-goog-upload-url'];
    const elsewhere = await ScriptedUpstream.start();
    elsewhere.always(answer({body: '{}'}));
    try {
      const config = JSON.parse(readFileSync(gateway.configFile, 'utf8'));
      config.providers[1].base_url = elsewhere.url;
      gateway.write(config);
      gateway.signal('SIGHUP');
      await eventually('a reload', async () => {
        const page = (await call(gateway.admin, {method: 'GET', path: '/metrics'})).body.toString();
        return /^gatehouse_config_reloads_total\{result="ok"\} [1-9]/m.test(page);
      });
      assert.equal((await part(gateway, address)).status, 404);
      assert.equal(elsewhere.requests.length, 0);
    } finally {
      await elsewhere.close();
    }
  }));
});

describe('what is allowed', () => {
  const batch = (gateway, key, name, body) => call(gateway.api, {
    path: `/v1beta/models/${name}:batchGenerateContent`,
    headers: [['x-goog-api-key', key], ['content-type', 'application/json']],
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const inlined = (...requests) => ({batch: {inputConfig: {requests: {requests}}}});
  const says = (text, more = {}) => ({request: {contents: [{role: 'user', parts: [{text}]}], ...more}});

  test('a key limited to some models', () => withGateway({}, async (gateway) => {
    assert.equal((await batch(gateway, someKey, 'gemini-m', inlined(says('x')))).status, 200);
    const before = upstream.requests.length;
    assert.equal((await batch(gateway, someKey, 'mapped', inlined(says('x')))).status, 403);
    // The models of a file's requests cannot be read.
    const filed = await batch(gateway, someKey, 'gemini-m', {batch: {inputConfig: {fileName: 'files/x'}}});
    assert.equal(filed.status, 403);
    assert.match(reason(filed).message, /limited to some models/);
    // Another model in a request, in the batch, or in two places.
    for (const body of [
      inlined(says('x', {model: 'models/mapped'})),
      {batch: {model: 'models/mapped', ...inlined(says('x')).batch}},
      inlined(says('x', {model: 'models/gemini-m'}), says('y', {model: 'models/mapped'})),
      '{"batch":{"inputConfig":{"requests":{"requests":[{"request":{"contents":[]},"request":{"model":"mapped"}}]}}}}',
      '{"batch":{"input_config":{"file_name":"files/x"},"inputConfig":{"requests":{"requests":[{"request":{}}]}}}}',
      '{"batch":{}}',
      '{}',
      '',
    ]) {
      assert.equal((await batch(gateway, someKey, 'gemini-m', body)).status, 400, JSON.stringify(body));
    }
    assert.equal((await begin(gateway, {key: someKey})).status, 403);
    // A word in the body opens nothing.
    const cancel = await call(gateway.api, {
      path: '/v1beta/batches/b1:cancel',
      headers: [['x-goog-api-key', someKey], ['content-type', 'application/json']],
      body: '{"model":"gemini-m"}',
    });
    assert.equal(cancel.status, 403);
    assert.equal(upstream.requests.length, before);
  }));

  test('sizes', () => withGateway({limits: {upload_bytes: '64KiB'}}, async (gateway) => {
    assert.equal((await begin(gateway, {size: 64 * 1024 + 1})).status, 413);
    const address = (await begin(gateway, {size: 5})).headers['x-goog-upload-url'];
    const before = upstream.requests.length;
    const large = await part(gateway, address, {body: Buffer.alloc(64 * 1024 + 1)});
    assert.equal(large.status, 413);
    assert.equal(reason(large).code, 413);
    assert.equal((await part(gateway, address, {offset: 64 * 1024, body: 'x'})).status, 413);
    assert.equal(upstream.requests.length, before);
  }));

  test('rates count every step', () => withGateway(
      {
        keys: [{name: 'caller', key: callerKey, team: 'testers', limits: {requests_per_day: 2}}],
        queue: {max_wait: '0s'},
      },
      async (gateway) => {
        const address = (await begin(gateway)).headers['x-goog-upload-url'];
        assert.equal((await part(gateway, address, {command: 'query', body: ''})).status, 200);
        const third = await part(gateway, address);
        assert.equal(third.status, 429);
        assert.equal(reason(third).status, 'RESOURCE_EXHAUSTED');
      }));

  test('only what policy can look at', () => withGateway(
      {policies: [{name: 'p', guards: {pii: {request: 'block'}}}]}, async (gateway) => {
        const iban = 'DE89 3704 0044 0532 0130 00';
        const bad = await batch(gateway, callerKey, 'gemini-m', inlined(says('fine'), says(`mine is ${iban}`)));
        assert.equal(reason(bad).details[0].reason, 'content_blocked');
        const system = inlined(says('x', {systemInstruction: {parts: [{text: iban}]}}));
        assert.equal(reason(await batch(gateway, callerKey, 'gemini-m', system)).details[0].reason, 'content_blocked');
        const filed = await batch(gateway, callerKey, 'gemini-m', {batch: {inputConfig: {fileName: 'files/x'}}});
        assert.equal(reason(filed).details[0].reason, 'content_blocked');
        assert.ok(upstream.requests.every((r) => !r.body.includes('DE89') && !r.target.includes('batch')));
        const begun = await begin(gateway);
        assert.equal(reason(begun).details[0].reason, 'content_blocked');
        assert.match(reason(begun).message, /uploads are not looked at/);
        assert.ok(upstream.requests.every((r) => !r.target.includes('upload')));
        assert.equal((await batch(gateway, callerKey, 'gemini-m', inlined(says('fine')))).status, 200);
      }));

  test('a policy that is open notes what it did not see', () => withGateway(
      {policies: [{name: 'p', guards: {pii: {request: 'block', response: 'block', on_failure: 'open'}}}]},
      async (gateway) => {
        const ai = client(gateway);
        const file = await ai.files.upload({file: new Blob(['hello'], {type: 'text/plain'})});
        assert.equal(google.bytes.get(file.name).toString(), 'hello');
        assert.equal((await ai.batches.create({model: 'gemini-m', src: file.name})).name, 'batches/b1');
        await gateway.until('its records', () => gateway.records.filter((r) => /upload|batch/.test(r.guard_failure)).length >= 2);
        // What a batch answers is looked at when it is fetched.
        google.batches.get('batches/b1').metadata.output = {
          inlinedResponses: {
            inlinedResponses: [{
              response: {candidates: [{content: {role: 'model', parts: [{text: 'mine: DE89 3704 0044 0532 0130 00'}]}}]}
            }]
          }
        };
        await assert.rejects(ai.batches.get({name: 'batches/b1'}), (e) => /content_blocked/.test(e.message));
      }));
});

test('a large part streams and is not kept', () => withGateway({}, async (gateway) => {
  const size = 48 * 1024 * 1024;
  const address = (await begin(gateway, {size})).headers['x-goog-upload-url'];
  const before = gateway.residentBytes();
  const got = await part(gateway, address, {body: Buffer.alloc(size, 7)});
  assert.equal(got.status, 200);
  assert.equal(JSON.parse(got.body).file.sizeBytes, String(size));
  if (sizeIsTelling()) assert.ok(gateway.residentBytes() - before < size / 2);
}));
