// What callers and providers of another dialect may try: nothing of it reaches a head, a path or a text that it should not.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';

import {answer, deltaEvent, doneEvent, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, provider, providerKey} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey} from './lib/http.mjs';

const json = (value) => JSON.stringify(value);
const limitedKey = 'test-limited-key-0123456789';

let upstream;
let gateway;
before(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startGateway(configuration({
    upstream,
    providers: [
      provider(upstream, {name: 'google', kind: 'gemini', path: ''}),
      provider(upstream, {name: 'co', kind: 'cohere', path: ''}),
      provider(upstream, {name: 'amazon', kind: 'bedrock', path: '', aws: {region: 'us-east-1'}}),
    ],
    models: [
      model('gemini-m', 'gemini-m', {provider: 'google'}), model('co-m', 'co-m', {provider: 'co'}),
      model('amazon-m', 'amazon-m', {provider: 'amazon'})
    ],
    keys: [
      {name: 'caller', key: callerKey, team: 'testers'},
      {name: 'limited', key: limitedKey, team: 'testers', models: ['gemini-m']}
    ],
  }));
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const post = (path, body, key = callerKey) => call(
    gateway.api, {path, headers: [['Authorization', `Bearer ${key}`], ['Content-Type', 'application/json']], body: json(body)});
const hello = (name) => ({model: name, messages: [{role: 'user', content: 'hello'}]});

test('names of members that are dropped make no line of the head', async () => {
  upstream.always(answer({body: json({id: 'x', embeddings: {float: [[0.5]]}, meta: {billed_units: {input_tokens: 1}}})}));
  const got = await post('/v1/embeddings', {model: 'co-m', input: 'x', 'a\r\nx-made: 1': 1, 'b,c': 2});
  assert.equal(got.status, 200, got.body.toString());
  assert.equal(got.headers['x-made'], undefined);
  assert.equal(got.headers['x-gatehouse-dropped'], 'a??x-made:?1,b?c');
});

test('a method of a model that is not known goes nowhere, whatever model the body names', async () => {
  upstream.always(answer({body: '{}'}));
  const paths = {
    'models/dear:generateAnswer': 404,
    'models/dear:batchGenerateContent': 400,  // known, and refused by name
    'openai/chat/completions': 404,
    'dynamic/x:generateContent': 404,
  };
  for (const [path, status] of Object.entries(paths)) {
    for (const key of [callerKey, limitedKey]) {
      const got = await post(`/v1beta/${path}`, {...hello('gemini-m'), contents: []}, key);
      assert.equal(got.status, status, `${path}: ${got.body}`);
    }
  }
  assert.equal(upstream.requests.length, 0);
});

test('nothing of a query reaches a method of a model', async () => {
  upstream.always(answer({body: json({candidates: [{content: {parts: [{text: 'ok'}], role: 'model'}, finishReason: 'STOP'}]})}));
  const query = 'fields=candidates&$fields=candidates&callback=f&$alt=proto&$httpHeaders=x-goog-user-project:other&userProject=o';
  const got = await post(`/v1beta/models/gemini-m:generateContent?${query}`, {contents: [{role: 'user', parts: [{text: 'x'}]}]});
  assert.equal(got.status, 200, got.body.toString());
  assert.equal(upstream.requests[0].target, '/v1beta/models/gemini-m:generateContent');
});

test('what a provider says of the gateway’s credential is not the caller’s affair', async () => {
  const refusals = [
    ['amazon-m', 403, {message: `The request signature we calculated does not match: x-amz-security-token:${providerKey}`}],
    ['gemini-m', 400, {
      error: {
        code: 400,
        message: `API key not valid: ${providerKey}`,
        status: 'INVALID_ARGUMENT',
        details: [{'@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID'}]
      }
    }],
  ];
  for (const [name, status, body] of refusals) {
    upstream.always(answer({status, body: json(body)}));
    const got = await post('/v1/chat/completions', hello(name));
    assert.equal(got.status, 502, got.body.toString());
    assert.equal(JSON.parse(got.body).error.code, 'upstream_credentials');
    assert.ok(!got.body.includes(providerKey));
  }
});

test('an event that a stream is stopped for is not released, nor what comes with it', async () => {
  const card = '4111 1111 1111 1111';
  const guarded = await startGateway(configuration({
    upstream,
    providers: [provider(upstream), provider(upstream, {name: 'google', kind: 'gemini', path: ''})],
    models: [model('m'), model('gemini-m', 'gemini-m', {provider: 'google'})],
    policies: [{name: 'p', guards: {pii: {response: 'block'}}}],
  }));
  const ask = (path, body) => call(
      guarded.api, {path, headers: [['Authorization', `Bearer ${callerKey}`], ['Content-Type', 'application/json']], body: json(body)});
  try {
    const chunk = (parts, more = {}) => `data: ${json({candidates: [{content: {parts, role: 'model'}, index: 0, ...more}]})}\n\n`;
    const events = [
      chunk([{functionCall: {name: 'f', args: {to: [card]}}}]) + chunk([{text: 'and more'}], {finishReason: 'STOP'}),
    ];
    upstream.always(stream(events));
    const contents = {contents: [{role: 'user', parts: [{text: 'x'}]}]};
    for (const query of ['?alt=sse', '']) {
      const got = await ask(`/v1beta/models/gemini-m:streamGenerateContent${query}`, contents);
      assert.ok(!/4111|and more|"STOP"/.test(got.body), got.body.toString());
      assert.match(got.body.toString(), /SAFETY/);
    }
    upstream.always(stream([
      deltaEvent({annotations: [{type: 'url_citation', url_citation: {url: 'https://e.example', title: card}}]}) +
      deltaEvent({content: 'and more'}, {finish: 'stop'}) + doneEvent
    ]));
    const got = await ask('/v1/chat/completions', {...hello('m'), stream: true});
    assert.ok(!/4111|and more/.test(got.body), got.body.toString());
    assert.match(got.body.toString(), /content_filter/);
  } finally {
    await guarded.stop();
  }
});

test('what is said by naming what another provider has stored is refused, not left out', async () => {
  upstream.always(answer({body: '{}'}));
  const requests = [
    ['/v1/responses', {model: 'gemini-m', input: [{type: 'item_reference', id: 'msg_1'}, {role: 'user', content: 'and?'}]}],
    ['/v1beta/models/co-m:generateContent', {contents: [{role: 'user', parts: [{text: 'x'}]}], cachedContent: 'cachedContents/c'}],
  ];
  for (const [path, body] of requests) {
    const got = await post(path, body);
    assert.equal(got.status, 400, got.body.toString());
    assert.match(got.body.toString(), /item_reference|cachedContent/);
  }
  assert.equal(upstream.requests.length, 0);
});
