// The official OpenAI client, as it is, against the sandbox: what a newcomer does first. docs/sandbox.md says what the
// sandbox answers; it is deterministic, so the same question asked in two ways must have the same answer.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import OpenAI, {APIConnectionError, APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError} from 'openai';

import {sandboxConfiguration} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';

let gateway;
let client;

before(async () => {
  gateway = await startGateway(sandboxConfiguration({
    keys: [
      {name: 'caller', key: callerKey},
      {name: 'narrow', key: 'a-key-for-embeddings-only', operations: ['embeddings']},
    ]
  }));
  client = connect();
});
after(() => gateway?.stop());

const connect = (options = {}) =>
    new OpenAI({baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0, ...options});
const ask = (content, more = {}) => ({model: 'sandbox', messages: [{role: 'user', content}], ...more});

// What the gateway noted of the requests to a model: the other side of every answer here.
const recorded = (what, matches) => gateway.until(`the record of ${what}`, () => gateway.records.find(matches));

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
const text = (chunks) => chunks.map((c) => c.choices[0]?.delta?.content ?? '').join('');

describe('chat', () => {
  test('an answer with its usage, and headers that say where it came from', async () => {
    const {data, response} = await client.chat.completions.create(ask('Hello, caf\u00e9 \u{1F600}!')).withResponse();
    assert.equal(data.object, 'chat.completion');
    assert.equal(data.choices.length, 1);
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.match(data.choices[0].message.content, /Hello, caf\u00e9 \u{1F600}!/u);
    assert.ok(data.usage.prompt_tokens > 0 && data.usage.completion_tokens > 0);
    assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
    assert.equal(response.headers.get('x-gatehouse-provider'), 'sandbox');
    assert.equal(response.headers.get('x-gatehouse-model'), 'sandbox');
    const id = response.headers.get('x-gatehouse-request-id');
    const record = await recorded('the first call', (r) => r.request_id === id);
    assert.equal(record.total_tokens, data.usage.total_tokens, 'what the provider counted is what is recorded');
  });

  test('n answers, a system message, a history, a limit', async () => {
    const several = await client.chat.completions.create(ask('hi', {n: 3}));
    assert.deepEqual(several.choices.map((c) => c.index), [0, 1, 2]);
    assert.equal(new Set(several.choices.map((c) => c.message.content)).size, 3);
    const history = await client.chat.completions.create({
      model: 'sandbox',
      messages: [
        {role: 'system', content: 'be brief'}, {role: 'user', content: 'one'}, {role: 'assistant', content: 'two'},
        {role: 'user', content: 'three'}
      ]
    });
    assert.match(history.choices[0].message.content, /be brief/);
    assert.match(history.choices[0].message.content, /three/);
    const short = await client.chat.completions.create(ask('hi', {max_completion_tokens: 4}));
    assert.equal(short.choices[0].finish_reason, 'length');
    assert.ok(short.usage.completion_tokens <= 4);
  });

  test('two clients at once do not mix their answers', async () => {
    const answers =
        await Promise.all(Array.from({length: 40}, (_, i) => client.chat.completions.create(ask(`number ${i};`))));
    answers.forEach((a, i) => assert.match(a.choices[0].message.content, new RegExp(`number ${i};`)));
  });
});

describe('streamed chat', () => {
  test('as an iterator: the same text as in one piece, in many', async () => {
    const whole = await client.chat.completions.create(ask('the same?'));
    const chunks = await collect(await client.chat.completions.create(ask('the same?', {stream: true})));
    assert.ok(chunks.length > 5);
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.equal(text(chunks), whole.choices[0].message.content);
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    assert.ok(chunks.every((c) => !c.usage), 'no usage unless it is asked for');
  });

  test('usage at the end when it is asked for', async () => {
    const whole = await client.chat.completions.create(ask('count me'));
    const chunks = await collect(
        await client.chat.completions.create(ask('count me', {stream: true, stream_options: {include_usage: true}})));
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.deepEqual(chunks.at(-1).usage, whole.usage);
  });

  test('.stream() and finalChatCompletion', async () => {
    const stream = client.chat.completions.stream(ask('helper'));
    let heard = '';
    stream.on('content', (delta) => {
      heard += delta;
    });
    const final = await stream.finalChatCompletion();
    assert.equal(final.choices[0].message.content, heard);
    assert.match(heard, /helper/);
  });

  test('several answers in one stream stay apart', async () => {
    const final = await client.chat.completions.stream(ask('apart', {n: 2})).finalChatCompletion();
    const whole = await client.chat.completions.create(ask('apart', {n: 2}));
    assert.deepEqual(final.choices.map((c) => c.message.content), whole.choices.map((c) => c.message.content));
  });

  test('leaving in the middle frees everything at once', async () => {
    const stream =
        await client.chat.completions.create({...ask('go on', {stream: true}), model: 'sandbox-long:pace=50'});
    let seen = 0;
    for await (const chunk of stream) {
      seen += chunk.choices[0]?.delta?.content ? 1 : 0;
      if (seen === 3) break;
    }
    await recorded(
        'the stream that was left', (r) => r.model === 'sandbox-long:pace=50' && r.finish === 'client_closed');
  });
});

describe('tools', () => {
  const tool = (name, properties) => ({
    type: 'function',
    function:
        {name, parameters: {type: 'object', properties, required: Object.keys(properties), additionalProperties: false}}
  });
  const tools = [
    tool('get_weather', {city: {type: 'string'}}), tool('get_time', {zone: {type: 'string', enum: ['UTC', 'CET']}}),
    tool('unrelated', {x: {type: 'integer'}})
  ];
  const question = 'What is the weather, and the time?';

  test('parallel calls, whole and streamed, are the same calls', async () => {
    const whole = await client.chat.completions.create(ask(question, {tools}));
    const {message, finish_reason: finish} = whole.choices[0];
    assert.equal(finish, 'tool_calls');
    assert.deepEqual(message.tool_calls.map((c) => c.function.name), ['get_weather', 'get_time']);
    assert.equal(new Set(message.tool_calls.map((c) => c.id)).size, 2);
    assert.equal(typeof JSON.parse(message.tool_calls[0].function.arguments).city, 'string');
    assert.ok(['UTC', 'CET'].includes(JSON.parse(message.tool_calls[1].function.arguments).zone));

    const streamed = await client.chat.completions.stream(ask(question, {tools})).finalChatCompletion();
    assert.equal(streamed.choices[0].finish_reason, 'tool_calls');
    // The ids are made from the request, and the two differ.
    const shown = (calls) => calls.map(({type, function: {name, arguments: args}}) => ({type, name, args}));
    assert.deepEqual(shown(streamed.choices[0].message.tool_calls), shown(message.tool_calls));
  });

  test('the indices of streamed calls are distinct and stay with their call', async () => {
    const chunks = await collect(await client.chat.completions.create(ask(question, {tools, stream: true})));
    const pieces = new Map();
    for (const call of chunks.flatMap((c) => c.choices[0]?.delta?.tool_calls ?? [])) {
      const seen = pieces.get(call.index) ?? {id: call.id, name: call.function?.name, args: ''};
      assert.ok(!call.id || call.id === seen.id);
      seen.args += call.function?.arguments ?? '';
      pieces.set(call.index, seen);
    }
    assert.deepEqual([...pieces.keys()], [0, 1]);
    for (const {args} of pieces.values()) JSON.parse(args);
  });

  test('one call when they may not be parallel; the one that is named; none when none may be', async () => {
    const single = await client.chat.completions.create(ask(question, {tools, parallel_tool_calls: false}));
    assert.equal(single.choices[0].message.tool_calls.length, 1);
    const named = await client.chat.completions.create(
        ask('anything', {tools, tool_choice: {type: 'function', function: {name: 'unrelated'}}}));
    assert.equal(named.choices[0].message.tool_calls[0].function.name, 'unrelated');
    const none = await client.chat.completions.create(ask(question, {tools, tool_choice: 'none'}));
    assert.equal(none.choices[0].message.tool_calls, undefined);
  });

  test('runTools goes round until there is an answer', async () => {
    const asked = [];
    const runner = client.chat.completions.runTools(ask('How is the weather?', {
      tools: [{
        type: 'function',
        function: {
          name: 'get_weather',
          parse: JSON.parse,
          function: ({city}) => {
            asked.push(city);
            return 'Sunny, 21 degrees';
          },
          parameters: {type: 'object', properties: {city: {type: 'string'}}, required: ['city']}
        }
      }]
    }));
    assert.match(await runner.finalContent(), /Sunny, 21 degrees/);
    assert.equal(asked.length, 1);
  });
});

test('an answer after a JSON schema, whole and streamed', async () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'age', 'tags', 'kind', 'nested'],
    properties: {
      name: {type: 'string'},
      age: {type: 'integer', minimum: 0, maximum: 150},
      tags: {type: 'array', items: {type: 'string'}, minItems: 1},
      kind: {type: 'string', enum: ['a', 'b']},
      nested: {$ref: '#/$defs/point'}
    },
    $defs: {point: {type: 'object', properties: {x: {type: 'number'}}, required: ['x'], additionalProperties: false}}
  };
  const format = {type: 'json_schema', json_schema: {name: 'person', strict: true, schema}};
  const whole = await client.chat.completions.parse(ask('a person', {response_format: format}));
  const person = JSON.parse(whole.choices[0].message.content);
  assert.deepEqual(Object.keys(person).sort(), ['age', 'kind', 'name', 'nested', 'tags']);
  assert.equal(typeof person.name, 'string');
  assert.ok(Number.isInteger(person.age) && person.age >= 0 && person.age <= 150);
  assert.ok(person.tags.length >= 1 && person.tags.every((t) => typeof t === 'string'));
  assert.ok(['a', 'b'].includes(person.kind));
  assert.equal(typeof person.nested.x, 'number');
  const streamed =
      await client.chat.completions.stream(ask('a person', {response_format: format})).finalChatCompletion();
  assert.equal(streamed.choices[0].message.content, whole.choices[0].message.content);
});

test('legacy completions, whole and streamed', async () => {
  const whole = await client.completions.create({model: 'sandbox', prompt: 'Once upon a time', max_tokens: 40});
  assert.equal(whole.object, 'text_completion');
  assert.ok(whole.choices[0].text.length > 0);
  assert.ok(whole.usage.total_tokens > 0);
  const chunks = await collect(
      await client.completions.create({model: 'sandbox', prompt: 'Once upon a time', max_tokens: 40, stream: true}));
  assert.equal(chunks.map((c) => c.choices[0]?.text ?? '').join(''), whole.choices[0].text);
  assert.ok(chunks.length > 2);
});

describe('embeddings', () => {
  const input = ['a cat', 'a dog', 'the theory of relativity'];

  test('floats and base64 (the client\'s own default) are the same numbers', async () => {
    const floats = await client.embeddings.create({model: 'sandbox-embed', input, encoding_format: 'float'});
    const packed = await client.embeddings.create({model: 'sandbox-embed', input});
    assert.deepEqual(floats.data.map((d) => d.index), [0, 1, 2]);
    for (const [i, {embedding}] of floats.data.entries()) {
      assert.ok(embedding.length >= 8);
      assert.deepEqual(Float32Array.from(packed.data[i].embedding), Float32Array.from(embedding));
    }
    assert.ok(floats.usage.prompt_tokens > 0);
  });

  test('deterministic, told apart, and as long as it is asked for', async () => {
    const [one, again] = await Promise.all([0, 1].map(
        () => client.embeddings.create({model: 'sandbox-embed', input, dimensions: 64, encoding_format: 'float'})));
    assert.deepEqual(one.data, again.data);
    assert.ok(one.data.every((d) => d.embedding.length === 64));
    assert.notDeepEqual(one.data[0].embedding, one.data[1].embedding);
  });
});

test('models: the list, and each of it by its name', async () => {
  const ids = [];
  for await (const model of client.models.list()) {
    assert.equal(model.object, 'model');
    ids.push(model.id);
  }
  assert.ok(ids.includes('sandbox'), ids.join());
  for (const id of ids.filter((name) => !name.includes('*'))) assert.equal((await client.models.retrieve(id)).id, id);
});

describe('errors are the client\'s own classes', () => {
  test('a wrong key: AuthenticationError', async () => {
    await assert.rejects(connect({apiKey: 'wrong-key-0123456789'}).chat.completions.create(ask('hi')), (error) => {
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.code, 'invalid_api_key');
      assert.ok(!error.message.includes('wrong-key-0123456789'));
      return true;
    });
  });

  test('what a key may not do: PermissionDeniedError', async () => {
    await assert.rejects(
        connect({apiKey: 'a-key-for-embeddings-only'}).chat.completions.create(ask('hi')), PermissionDeniedError);
  });

  test('an unknown model: NotFoundError, model_not_found', async () => {
    for (const call
             of [() => client.chat.completions.create({...ask('hi'), model: 'gpt-nowhere'}),
                () => client.chat.completions.create({...ask('hi', {stream: true}), model: 'gpt-nowhere'}),
                () => client.embeddings.create({model: 'gpt-nowhere', input: 'x'})]) {
      await assert.rejects(call(), (error) => {
        assert.ok(error instanceof NotFoundError);
        assert.equal(error.code, 'model_not_found');
        return true;
      });
    }
    await assert.rejects(client.models.retrieve('gpt-nowhere'), NotFoundError);
  });

  test('a wrong parameter: BadRequestError that names it', async () => {
    await assert.rejects(client.chat.completions.create(ask('hi', {temperature: 9})), (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.equal(error.param, 'temperature');
      return true;
    });
    await assert.rejects(client.chat.completions.create({model: 'sandbox', messages: 'hi'}), BadRequestError);
    await assert.rejects(client.chat.completions.create({model: 'sandbox'}), BadRequestError);
  });

  test('429 with retry-after: RateLimitError', async () => {
    await assert.rejects(
        client.chat.completions.create({...ask('hi'), model: 'sandbox-429:retry_after=3'}), (error) => {
          assert.ok(error instanceof RateLimitError);
          assert.equal(error.headers.get('retry-after'), '3');
          return true;
        });
  });

  test('the client tries again after a 429, as often as it was told', async () => {
    const count = () => gateway.records.filter((r) => r.model === 'sandbox-429:retry_after=0').length;
    await assert.rejects(
        connect({maxRetries: 2}).chat.completions.create({...ask('hi'), model: 'sandbox-429:retry_after=0'}),
        RateLimitError);
    await gateway.until('three records', () => count() === 3);
  });

  for (const model of ['sandbox-500', 'sandbox-503']) {
    test(`${model}: InternalServerError`, async () => {
      await assert.rejects(client.chat.completions.create({...ask('hi'), model}), (error) => {
        assert.ok(error instanceof InternalServerError);
        assert.equal(error.status, Number(model.slice(-3)));
        return true;
      });
    });
  }

  test('no answer in the caller\'s own time: he leaves, and the call ends with him', async () => {
    await assert.rejects(
        connect({timeout: 300}).chat.completions.create({...ask('hi'), model: 'sandbox-timeout'}), APIConnectionError);
    await recorded(
        'the call that nobody waited for', (r) => r.model === 'sandbox-timeout' && r.finish === 'client_closed');
  });

  for (const model of ['sandbox-broken-stream', 'sandbox-stream-error']) {
    test(`${model}: an error after the first words, never a clean end`, async () => {
      const parts = [];
      await assert.rejects(
          async () => {
            for await (const chunk of await client.chat.completions.create({...ask('hi', {stream: true}), model})) {
              parts.push(chunk.choices[0]?.delta?.content ?? '');
            }
          },
          (error) => {
            assert.ok(error instanceof APIError, String(error));
            return true;
          });
      assert.ok(parts.join('').length > 0);
    });
  }
});

test('a slow provider streams at its own pace', async () => {
  const started = performance.now();
  const stream = await client.chat.completions.create(
      {...ask('hi', {stream: true, max_tokens: 5}), model: 'sandbox-slow:first=200,pace=20'});
  const at = [];
  for await (const chunk of stream)
    if (chunk.choices[0]?.delta?.content) at.push(performance.now() - started);
  assert.ok(at[0] >= 180, `the first word after ${at[0]} ms`);
  assert.ok(at.at(-1) - at[0] >= 120, `five words within ${at.at(-1) - at[0]} ms`);
});
