// Which provider a call goes to: targets and their weights, a second target when the first cannot be reached,
// wildcards, secrets by reference.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, beforeEach, test} from 'node:test';

import {answer, closedPort, completion, hangUp, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, provider} from './lib/config.mjs';
import {startGateway, temporaryFolder} from './lib/gateway.mjs';
import {call, callerKey, chat, hello} from './lib/http.mjs';

const caller = {
  Authorization: `Bearer ${callerKey}`
};

let heavy;
let light;
let gateway;

before(async () => {
  heavy = await ScriptedUpstream.start();
  light = await ScriptedUpstream.start();
  const dir = temporaryFolder();
  writeFileSync(path.join(dir, 'light.key'), 'key-out-of-a-file\n');
  const closed = {url: `http://127.0.0.1:${await closedPort()}`};
  const target = (at, name, more) => ({provider: at, model: name, ...more});
  gateway = await startGateway(
      configuration({
        providers: [
          provider(heavy, {name: 'heavy', api_key: '${HEAVY_KEY}', headers: {'x-team': 'ours'}}),
          provider(light, {name: 'light', api_key: `file:${path.join(dir, 'light.key')}`, path: '/compatible/v1'}),
          provider(closed, {name: 'closed'}),
        ],
        models: [
          {name: 'shared', targets: [target('heavy', 'h', {weight: 9}), target('light', 'l', {weight: 1})]},
          {name: 'second-best', targets: [target('closed', 'c', {weight: 1_000_000}), target('light', 'l')]},
          {name: 'breaks', targets: [target('heavy', 'breaks', {weight: 1_000_000}), target('light', 'l')]},
          {name: 'vendor/*', targets: [target('heavy', '*')]},
          {name: 'vendor/special', targets: [target('light', 'special')]},
          {name: 'vendor/long-*', targets: [target('light', 'prefix-*')]},
          model('only-light', 'l', {provider: 'light'}),
        ],
        passthrough: {provider: 'light'},
      }),
      {env: {HEAVY_KEY: 'key-out-of-the-environment'}});
});
after(async () => {
  await gateway?.stop();
  await heavy.close();
  await light.close();
});
beforeEach(() => {
  for (const upstream of [heavy, light]) {
    upstream.reset();
    upstream.always(answer({body: completion('ok')}));
  }
});

test('targets get their share by weight', async () => {
  for (let i = 0; i < 300; i += 1) assert.equal((await chat(gateway.api, hello('shared'))).status, 200);
  assert.equal(heavy.requests.length + light.requests.length, 300);
  // 270 and 30 are expected; with the widest luck in a million, 30 is 8 to 57.
  assert.ok(light.requests.length >= 5 && light.requests.length <= 60, `${light.requests.length} of 300`);
  assert.ok(heavy.requests.every((r) => r.json.model === 'h') && light.requests.every((r) => r.json.model === 'l'));
});

test('a provider that cannot be reached is passed over, and the headers say so', async () => {
  const got = await chat(gateway.api, hello('second-best'));
  assert.equal(got.status, 200);
  assert.equal(got.headers['x-gatehouse-provider'], 'light');
  assert.equal(got.headers['x-gatehouse-attempts'], '2');
  assert.equal(light.requests.length, 1);
});

test('a provider that took the call and broke off is not passed over: it may have done the work', async () => {
  heavy.when({model: 'breaks'}, hangUp());
  const got = await chat(gateway.api, hello('breaks'));
  assert.equal(got.status, 502);
  assert.equal(light.requests.length, 0);
});

test('each provider gets its own key, path and headers', async () => {
  await chat(gateway.api, hello('only-light'));
  await chat(gateway.api, hello('vendor/any'));
  assert.deepEqual(light.requests[0].all('authorization'), ['Bearer key-out-of-a-file']);
  assert.equal(light.requests[0].target, '/compatible/v1/chat/completions');
  assert.deepEqual(light.requests[0].all('x-team'), []);
  assert.deepEqual(heavy.requests[0].all('authorization'), ['Bearer key-out-of-the-environment']);
  assert.equal(heavy.requests[0].target, '/v1/chat/completions');
  assert.deepEqual(heavy.requests[0].all('x-team'), ['ours']);
});

test('wildcards: an exact name first, then the longest', async () => {
  for (const [asked, upstream, sent] of [
           ['vendor/x/y', heavy, 'x/y'], ['vendor/special', light, 'special'],
           ['vendor/long-tail', light, 'prefix-tail']]) {
    assert.equal((await chat(gateway.api, hello(asked))).status, 200);
    assert.equal(upstream.requests.at(-1).json.model, sent);
  }
  assert.equal((await chat(gateway.api, hello('vendo'))).status, 404);
});

test('many callers at once, each gets the answer to what he asked', async () => {
  for (const upstream of [heavy, light]) {
    upstream.always((x) => answer({body: completion(x.request.json.messages[0].content)})(x));
  }
  const ask = async (i) => {
    const content = `question ${i} ${'x'.repeat(i * 37)}`;
    const got = await chat(gateway.api, {model: 'shared', messages: [{role: 'user', content}]});
    assert.equal(JSON.parse(got.body).choices[0].message.content, content);
  };
  await Promise.all(Array.from({length: 200}, (_, i) => ask(i)));
});

test('the list shows what callers may ask for, and nothing of the providers', async () => {
  const got = await call(gateway.api, {method: 'GET', path: '/v1/models', headers: caller});
  const ids = JSON.parse(got.body).data.map((m) => m.id);
  for (const id of ['shared', 'second-best', 'vendor/special', 'only-light']) assert.ok(ids.includes(id), id);
  for (const inside of ['key-out-of', String(heavy.port), '127.0.0.1']) assert.ok(!got.body.includes(inside), inside);
});

test('what names no model goes to the provider of passthrough', async () => {
  const got = await call(gateway.api, {method: 'GET', path: '/v1/files?limit=1', headers: caller});
  assert.equal(got.status, 200);
  assert.equal(light.requests.length, 1);
  assert.equal(light.requests[0].target, '/compatible/v1/files?limit=1');
  assert.equal(heavy.requests.length, 0);
});

test('without passthrough, of several providers none is guessed', async () => {
  const several = await startGateway(configuration({
    providers: [provider(heavy, {name: 'heavy'}), provider(light, {name: 'light'})],
    models: [model('m', 'm', {provider: 'heavy'})],
  }));
  const got = await call(several.api, {method: 'GET', path: '/v1/files', headers: caller});
  assert.equal(got.status, 404);
  assert.match(String(got.body), /passthrough\.provider/);
  assert.equal(heavy.requests.length + light.requests.length, 0);
  await several.stop();
});
