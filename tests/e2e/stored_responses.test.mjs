// The responses API's stored state, held by the gateway for providers that have none.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';
import OpenAI from 'openai';

import {answer, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, providerKey} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';

const kOther = 'test-other-caller-key-0123';
const kLimited = 'test-limited-caller-key-0123';
const kOtherLimited = 'test-other-limited-caller-key-0123';
const upstream = await ScriptedUpstream.start();
let gateway;
let openai;
let stranger;

before(async () => {
  gateway = await startGateway(configuration({
    providers: [{name: 'claude', kind: 'anthropic', base_url: upstream.url, api_key: providerKey}],
    models: [model('m', 'claude-haiku-4-5', {provider: 'claude'})],
    keys: [{name: 'caller', key: callerKey, team: 'testers'}, {name: 'other', key: kOther, team: 'others'},
      {name: 'limited', key: kLimited, team: 'testers', models: ['m']},
      {name: 'other-limited', key: kOtherLimited, team: 'others', models: ['m']}],
    entities: [{name: 'PROJECT', words: ['Bluebird']}],
    policies: [{
      name: 'secret-project',
      applies_to: {teams: ['testers']},
      guards: {terms: {request: 'redact'}},
    }],
  }));
  openai = new OpenAI({baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0});
  stranger = new OpenAI({baseURL: `${gateway.url}/v1`, apiKey: kOther, maxRetries: 0});
});
after(async () => {
  await gateway?.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const says = (text) => answer({
  body: JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5',
    content: [{type: 'text', text}],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {input_tokens: 3, output_tokens: 2},
  })
});
const words = (request) => request.json.messages.map(
    ({role, content}) => [role, typeof content === 'string' ? content : content.map((block) => block.text).join('')]);

test('a conversation by previous_response_id, kept by the gateway', async () => {
  upstream.always(says('Pleased to meet you.'));
  const first = await openai.responses.create({model: 'm', input: 'I am Ann.'});
  upstream.always(says('Ann.'));
  const second = await openai.responses.create(
      {model: 'm', input: [{role: 'user', content: 'Who am I?'}], previous_response_id: first.id});
  const third = await openai.responses.stream({model: 'm', input: 'Sure?', previous_response_id: second.id}).finalResponse();
  assert.equal(third.output_text, 'Ann.');
  assert.deepEqual(words(upstream.requests[2]), [
    ['user', 'I am Ann.'], ['assistant', 'Pleased to meet you.'], ['user', 'Who am I?'], ['assistant', 'Ann.'],
    ['user', 'Sure?']
  ]);
  // A streamed one is kept, too.
  await openai.responses.create({model: 'm', input: 'Thanks', previous_response_id: third.id});
  assert.equal(upstream.requests[3].json.messages.length, 7);
});

test('stored responses are read, listed and deleted, by their own tenant only', async () => {
  upstream.always(says('Yes.'));
  const made = await openai.responses.create({model: 'm', input: 'Is it?'});
  const read = await openai.responses.retrieve(made.id);
  assert.equal(read.output_text ?? read.output[0].content[0].text, 'Yes.');
  const items = await openai.responses.inputItems.list(made.id);
  assert.equal(items.data.length, 1);
  await assert.rejects(stranger.responses.retrieve(made.id), (error) => error.status >= 400);
  await assert.rejects(
      stranger.responses.create({model: 'm', input: 'x', previous_response_id: made.id}),
      (error) => error.status === 400 && /not found/.test(error.message));
  await openai.responses.delete(made.id);
  await assert.rejects(openai.responses.create({model: 'm', input: 'x', previous_response_id: made.id}), /not found/);
});

test('an item that is stored is named instead of repeated', async () => {
  upstream.always(says('Pleased to meet you.'));
  const first = await openai.responses.create({model: 'm', input: 'I am Ann.'});
  const item = first.output[0].id;
  upstream.always(says('Ann.'));
  const input = [{role: 'user', content: 'I am Ann.'}, {type: 'item_reference', id: item}, {role: 'user', content: 'Who am I?'}];
  await openai.responses.create({model: 'm', input});
  assert.deepEqual(words(upstream.requests[1]),
                   [['user', 'I am Ann.'], ['assistant', 'Pleased to meet you.'], ['user', 'Who am I?']]);
  await openai.responses.create({model: 'm', input: [input[0], {id: item}, input[2]]});
  assert.deepEqual(words(upstream.requests[2]), words(upstream.requests[1]));
  // Another team's are not there.
  await assert.rejects(
      stranger.responses.create({model: 'm', input}),
      (error) => error.status === 400 && error.param === 'input' && error.message.includes(item));
  assert.equal(upstream.requests.length, 3);
});

test('a key for some models reads and deletes its own', async () => {
  const client = (apiKey) => new OpenAI({baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0});
  const limited = client(kLimited);
  upstream.always(says('Yes.'));
  const made = await limited.responses.create({model: 'm', input: 'Is it?'});
  assert.equal((await limited.responses.retrieve(made.id)).id, made.id);
  await assert.rejects(client(kOtherLimited).responses.retrieve(made.id), (error) => error.status === 404);
  await assert.rejects(client(kOtherLimited).responses.delete(made.id), (error) => error.status === 404);
  await limited.responses.delete(made.id);
  await assert.rejects(limited.responses.retrieve(made.id), (error) => error.status === 404);
});

test('store: false keeps nothing', async () => {
  upstream.always(says('Yes.'));
  const made = await openai.responses.create({model: 'm', input: 'Is it?', store: false});
  await assert.rejects(openai.responses.create({model: 'm', input: 'x', previous_response_id: made.id}), /not found/);
});

test('what policy takes out of a turn does not come back with the history', async () => {
  upstream.always(says('Fine.'));
  const first = await openai.responses.create({model: 'm', input: 'We work on Bluebird.'});
  await openai.responses.create({model: 'm', input: 'And?', previous_response_id: first.id});
  for (const request of upstream.requests) assert.ok(!request.body.includes('Bluebird'), request.body.toString());
  assert.equal(upstream.requests[1].json.messages.length, 3);
});
