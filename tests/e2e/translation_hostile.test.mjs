// What callers and providers of another dialect may try: nothing of it reaches a head, a path or a text that it should not.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';

import {answer, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

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
