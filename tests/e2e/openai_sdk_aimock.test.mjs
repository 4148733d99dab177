// The official OpenAI client through Gatehouse to a model server that nobody here wrote (@copilotkit/aimock).
// What counts is aimock's own journal: what reached it, and under which model name.
import {LLMock} from '@copilotkit/aimock';
import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';
import OpenAI, {BadRequestError, InternalServerError, NotFoundError, RateLimitError} from 'openai';

import {configuration, model, provider, providerKey} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';

const kVector = [0.25, -0.5, 0.125, 1];
const kTwoCalls = [
  {id: 'call_paris', name: 'get_weather', arguments: '{"city":"Paris","unit":"c"}'},
  {id: 'call_oslo', name: 'get_weather', arguments: '{"city":"Oslo","unit":"c"}'},
];
const kTools = [{
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: {type: 'object', properties: {city: {type: 'string'}, unit: {type: 'string'}}, required: ['city']}
  }
}];

// It refuses every key but the provider's: an answer is the proof that the right one was shown.
const mock = new LLMock({port: 0, chunkSize: 4, auth: {apiKeys: [providerKey]}});
let gateway;
let client;

before(async () => {
  mock.onToolResult('call_oslo', {content: 'Paris 21, Oslo 12.'});  // before the question that led to it
  mock.onMessage('hello', {content: 'Hello from far away, \u00e9\u{1F600}.'});
  mock.onMessage('count', {content: 'one two three four five six seven eight nine ten'});
  mock.onMessage('weather', {toolCalls: kTwoCalls});
  mock.onMessage('json please', {content: '{"answer":42}'});
  mock.onMessage(
      'break', {content: 'this will never come to its end, whatever you do'}, {truncateAfterChunks: 4, latency: 20});
  mock.onMessage('too fast', {
    error: {message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded'},
    status: 429,
    retryAfter: 7
  });
  mock.onMessage('bad', {error: {message: 'no such thing', type: 'invalid_request_error', code: 'nope'}, status: 400});
  mock.onMessage('server trouble', {error: {message: 'oops', type: 'server_error'}, status: 500});
  mock.onEmbedding(/.*/, {embedding: kVector});
  await mock.start();
  gateway = await startGateway(configuration({
    providers: [provider({url: mock.url})],
    models: [model('fast', 'gpt-4o-mini'), model('gpt-4o'), model('embed', 'text-embedding-3-small')],
  }));
  client = new OpenAI({baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0});
});
after(async () => {
  await gateway?.stop();
  await mock.stop();
});
beforeEach(() => mock.clearRequests());

const ask = (content, more = {}) => ({model: 'fast', messages: [{role: 'user', content}], ...more});

// The provider's side of it: so many requests, and what the last one was.
function journaled(count = 1) {
  const requests = mock.getRequests();
  assert.equal(requests.length, count);
  assert.ok(!JSON.stringify(requests).includes(callerKey), 'the caller\'s key stays with the gateway');
  return requests.at(-1);
}

test('chat', async () => {
  const answer = await client.chat.completions.create(ask('hello'));
  assert.equal(answer.choices[0].message.content, 'Hello from far away, \u00e9\u{1F600}.');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.ok(answer.usage.total_tokens > 0);
  const {body, path} = journaled();
  assert.equal(path, '/v1/chat/completions');
  assert.equal(body.model, 'gpt-4o-mini');
  assert.deepEqual(body.messages, [{role: 'user', content: 'hello'}]);
});

test('streamed chat, as an iterator and through the .stream() helper', async () => {
  const parts = [];
  for await (const chunk of await client.chat.completions.create(ask('count', {stream: true}))) {
    parts.push(chunk.choices[0]?.delta?.content ?? '');
  }
  assert.equal(parts.join(''), 'one two three four five six seven eight nine ten');
  assert.ok(parts.length > 5, 'in pieces');
  assert.equal(journaled().body.stream, true);

  const helper = client.chat.completions.stream(ask('count', {stream_options: {include_usage: true}}));
  const final = await helper.finalChatCompletion();
  assert.equal(final.choices[0].message.content, 'one two three four five six seven eight nine ten');
  assert.ok(final.usage.completion_tokens > 0);
});

test('two parallel tool calls, whole and streamed, and the turn with their results', async () => {
  const expected = kTwoCalls.map(({id, name, arguments: args}) => ({id, name, args}));
  const picked = (calls) => calls.map((c) => ({id: c.id, name: c.function.name, args: c.function.arguments}));

  const whole = await client.chat.completions.create(ask('weather', {tools: kTools, parallel_tool_calls: true}));
  assert.equal(whole.choices[0].finish_reason, 'tool_calls');
  assert.deepEqual(picked(whole.choices[0].message.tool_calls), expected);
  assert.deepEqual(journaled().body.tools, kTools);

  const streamed = await client.chat.completions.stream(ask('weather', {tools: kTools})).finalChatCompletion();
  assert.equal(streamed.choices[0].finish_reason, 'tool_calls');
  assert.deepEqual(picked(streamed.choices[0].message.tool_calls), expected);

  const history = [
    {role: 'user', content: 'weather'}, whole.choices[0].message,
    {role: 'tool', tool_call_id: 'call_paris', content: '21'}, {role: 'tool', tool_call_id: 'call_oslo', content: '12'}
  ];
  const closing = await client.chat.completions.create({model: 'fast', messages: history, tools: kTools});
  assert.equal(closing.choices[0].message.content, 'Paris 21, Oslo 12.');
  assert.deepEqual(journaled(3).body.messages, JSON.parse(JSON.stringify(history)));
});

test('response_format reaches the provider whole', async () => {
  const format = {
    type: 'json_schema',
    json_schema: {
      name: 'answer',
      strict: true,
      schema:
          {type: 'object', properties: {answer: {type: 'integer'}}, required: ['answer'], additionalProperties: false}
    }
  };
  const answer = await client.chat.completions.parse(ask('json please', {response_format: format}));
  assert.deepEqual(JSON.parse(answer.choices[0].message.content), {answer: 42});
  assert.deepEqual(journaled().body.response_format, format);
});

test('embeddings', async () => {
  const floats = await client.embeddings.create({model: 'embed', input: ['a', 'b'], encoding_format: 'float'});
  assert.deepEqual(floats.data.map((d) => d.embedding), [kVector, kVector]);
  const {body, path} = journaled();
  assert.equal(path, '/v1/embeddings');
  assert.equal(body.model, 'text-embedding-3-small');
});

test('models are the gateway\'s own, by the names callers use', async () => {
  const ids = [];
  for await (const entry of client.models.list()) ids.push(entry.id);
  assert.deepEqual(ids.sort(), ['embed', 'fast', 'gpt-4o']);
  assert.equal((await client.models.retrieve('fast')).id, 'fast');
  await assert.rejects(client.models.retrieve('gpt-4o-mini'), NotFoundError);
  journaled(0);
});

describe('errors of the provider', () => {
  test('429 with retry-after', async () => {
    await assert.rejects(client.chat.completions.create(ask('too fast')), (error) => {
      assert.ok(error instanceof RateLimitError);
      assert.equal(error.code, 'rate_limit_exceeded');
      assert.equal(error.headers.get('retry-after'), '7');
      assert.match(error.message, /slow down/);
      return true;
    });
  });

  test('400 keeps its message and code', async () => {
    await assert.rejects(client.chat.completions.create(ask('bad')), (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.equal(error.code, 'nope');
      return true;
    });
    journaled();
  });

  test('a provider that refuses the gateway\'s own key is the gateway\'s trouble: 502, not 401', async () => {
    const locked = await startGateway(configuration({
      providers: [provider({url: mock.url}, {api_key: 'not-the-right-key'})],
      models: [model('fast', 'gpt-4o-mini')]
    }));
    const caller = new OpenAI({baseURL: `${locked.url}/v1`, apiKey: callerKey, maxRetries: 0});
    try {
      await assert.rejects(caller.chat.completions.create(ask('hello')), (error) => {
        assert.ok(error instanceof InternalServerError);
        assert.equal(error.status, 502);
        assert.equal(error.code, 'upstream_credentials');
        return true;
      });
    } finally {
      await locked.stop();
    }
  });

  test('500', async () => {
    await assert.rejects(client.chat.completions.create(ask('server trouble')), InternalServerError);
  });

  test('a stream that breaks off is an error, never an end', async () => {
    const seen = [];
    await assert.rejects(async () => {
      for await (const chunk of await client.chat.completions.create(ask('break', {stream: true}))) {
        seen.push(chunk.choices[0]?.delta?.content ?? '');
      }
    });
    assert.ok('this will never come to its end, whatever you do'.startsWith(seen.join('')));
    assert.ok(seen.length > 0, 'what came before the break was delivered');
  });
});

test('an operation that the gateway does not read passes through with the provider\'s key', async () => {
  const verdict = await client.moderations.create({input: 'anything'});
  assert.equal(verdict.results.length, 1);
  assert.equal(journaled().path, '/v1/moderations');
});
