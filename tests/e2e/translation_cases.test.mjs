// The twelve cases in which gateways break agents, each as its users meet it: a real client or its bytes in front, the
// provider's own wire behind, and what reached the provider looked at.
import Anthropic from '@anthropic-ai/sdk';
import {GoogleGenAI} from '@google/genai';
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';
import OpenAI from 'openai';

import {answer, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {awsFrame} from './lib/aws_frames.mjs';
import {configuration, model, providerKey} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, eventData} from './lib/http.mjs';

const kKinds = ['openai', 'anthropic', 'gemini', 'bedrock', 'cohere', 'mistral', 'xai', 'openrouter'];
const kOpenAiPath = new Set(['openai', 'mistral', 'xai', 'openrouter']);
const upstreams = {};
let gateway;
let openai;
let claude;
let gemini;

before(async () => {
  for (const kind of kKinds) upstreams[kind] = await ScriptedUpstream.start();
  const aws = {region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE000000000', secret_access_key: 'not-a-real-secret-key'};
  gateway = await startGateway(configuration({
    providers: kKinds.map((kind) => ({
                            name: kind,
                            kind,
                            base_url: upstreams[kind].url + (kOpenAiPath.has(kind) ? '/v1' : ''),
                            ...(kind === 'bedrock' ? {aws} : {api_key: providerKey}),
                          })),
    models: [
      model('openai', 'gpt-5-mini', {provider: 'openai'}),
      model('claude', 'claude-sonnet-4-5', {provider: 'anthropic'}),
      model('gemini3', 'gemini-3-pro-preview', {provider: 'gemini'}),
      model('gemini', 'gemini-2.5-flash', {provider: 'gemini'}),
      model('bedrock', 'anthropic.claude-sonnet-4-5-20250929-v1:0', {provider: 'bedrock'}),
      model('cohere', 'command-a-03-2025', {provider: 'cohere'}),
      model('mistral', 'mistral-large-latest', {provider: 'mistral'}),
      model('grok', 'grok-4', {provider: 'xai'}),
      model('router', 'anthropic/claude-sonnet-4.5', {provider: 'openrouter'}),
    ],
  }));
  openai = new OpenAI({baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0});
  claude = new Anthropic({baseURL: gateway.url, apiKey: callerKey, maxRetries: 0});
  gemini = new GoogleGenAI({apiKey: callerKey, httpOptions: {baseUrl: gateway.url, retryOptions: {attempts: 1}}});
});
after(async () => {
  await gateway?.stop();
  for (const upstream of Object.values(upstreams)) await upstream.close();
});
beforeEach(() => {
  for (const upstream of Object.values(upstreams)) upstream.reset();
});

// What the provider got, as JSON.
const sent = (kind) => {
  assert.equal(upstreams[kind].requests.length, 1);
  return upstreams[kind].requests[0].json;
};
const json = (value, status = 200, headers = {}) =>
    answer({status, headers: {'content-type': 'application/json', ...headers}, body: JSON.stringify(value)});
const events = (list) =>
    stream(list.map((data) => `${data.type ? `event: ${data.type}\n` : ''}data: ${JSON.stringify(data)}\n\n`));

const kTool = {type: 'object', properties: {city: {type: 'string'}}, required: ['city']};
const kChatTools = [{type: 'function', function: {name: 'get_weather', parameters: kTool}}];
const kChatCall = (id, city, more = {}) =>
    ({id, type: 'function', function: {name: 'get_weather', arguments: JSON.stringify({city})}, ...more});
const kQuestion = {role: 'user', content: 'The weather in Paris?'};

const messageOf = (content, more = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content,
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: {input_tokens: 10, output_tokens: 5},
  ...more,
});
const candidate = (parts, finishReason = 'STOP', more = {}) => ({
  candidates: [{content: {role: 'model', parts}, finishReason, index: 0}],
  usageMetadata: {promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15},
  modelVersion: 'gemini',
  responseId: 'r1',
  ...more,
});

test('1: thinking comes back through chat with tools: signed, redacted, empty but signed', async () => {
  const thinking = [
    {type: 'thinking', thinking: 'Let me look.', signature: 'c2lnbmF0dXJlLTE='},
    {type: 'redacted_thinking', data: 'cmVkYWN0ZWQ='},
    {type: 'thinking', thinking: '', signature: 'c2lnbmF0dXJlLTI='},
  ];
  const use = {type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: {city: 'Paris'}};
  upstreams.anthropic.always(json(messageOf([...thinking, use])));
  const first = await openai.chat.completions.create(
      {model: 'claude', messages: [kQuestion], tools: kChatTools, reasoning_effort: 'medium', max_tokens: 20000});
  const said = first.choices[0].message;
  assert.equal(said.tool_calls[0].id, 'toolu_01');
  upstreams.anthropic.reset();
  upstreams.anthropic.always(json(messageOf([{type: 'text', text: 'Sunny.'}], {stop_reason: 'end_turn'})));
  await openai.chat.completions.create({
    model: 'claude',
    messages: [kQuestion, said, {role: 'tool', tool_call_id: 'toolu_01', content: '21'}],
    tools: kChatTools,
    reasoning_effort: 'medium',
    max_tokens: 20000,
  });
  const history = sent('anthropic').messages;
  assert.deepEqual(history[1].content, [...thinking, use]);
});

test('2: Gemini 3 gets its thought signature back, and foreign history the documented stand-in', async () => {
  upstreams.gemini.always(json(candidate(
      [{functionCall: {id: 'c1', name: 'get_weather', args: {city: 'Paris'}}, thoughtSignature: 'c2lnbmVk'}])));
  const first = await openai.chat.completions.create({model: 'gemini3', messages: [kQuestion], tools: kChatTools});
  const said = first.choices[0].message;
  const result = {role: 'tool', tool_call_id: said.tool_calls[0].id, content: '21'};
  const again = async (message) => {
    upstreams.gemini.reset();
    upstreams.gemini.always(json(candidate([{text: 'Sunny.'}])));
    await openai.chat.completions.create({model: 'gemini3', messages: [kQuestion, message, result], tools: kChatTools});
    return sent('gemini').contents[1].parts.find((part) => part.functionCall);
  };
  assert.equal((await again(said)).thoughtSignature, 'c2lnbmVk', 'kept by the client');
  // A client that knows only what OpenAI's API has drops the rest.
  const {id, type, function: called} = said.tool_calls[0];
  const dropped = {role: 'assistant', content: null, tool_calls: [{id, type, function: called}]};
  assert.equal((await again(dropped)).thoughtSignature, 'c2lnbmVk', 'dropped by the client');
  const foreign = {role: 'assistant', content: null, tool_calls: [kChatCall(result.tool_call_id, 'Rome')]};
  foreign.tool_calls[0].id = result.tool_call_id = 'call_of_somebody_else';
  assert.equal((await again(foreign)).thoughtSignature, 'skip_thought_signature_validator');
});

test('3: parallel streamed tool calls keep their index and id across interleaved blocks', async () => {
  upstreams.anthropic.always(events([
    {type: 'message_start', message: messageOf([], {stop_reason: null})},
    {type: 'content_block_start', index: 0, content_block: {type: 'text', text: ''}},
    {type: 'content_block_delta', index: 0, delta: {type: 'text_delta', text: 'Looking.'}},
    {type: 'content_block_stop', index: 0},
    {type: 'content_block_start', index: 1, content_block: {type: 'tool_use', id: 'toolu_a', name: 'get_weather', input: {}}},
    {type: 'content_block_start', index: 2, content_block: {type: 'tool_use', id: 'toolu_b', name: 'get_weather', input: {}}},
    {type: 'content_block_delta', index: 1, delta: {type: 'input_json_delta', partial_json: '{"city":'}},
    {type: 'content_block_delta', index: 2, delta: {type: 'input_json_delta', partial_json: '{"city":"Os'}},
    {type: 'content_block_delta', index: 1, delta: {type: 'input_json_delta', partial_json: '"Paris"}'}},
    {type: 'content_block_delta', index: 2, delta: {type: 'input_json_delta', partial_json: 'lo"}'}},
    {type: 'content_block_stop', index: 2},
    {type: 'content_block_stop', index: 1},
    {type: 'message_delta', delta: {stop_reason: 'tool_use', stop_sequence: null}, usage: {output_tokens: 5}},
    {type: 'message_stop'},
  ]));
  const chat = await openai.chat.completions
                   .stream({model: 'claude', messages: [kQuestion], tools: kChatTools, max_tokens: 100})
                   .finalChatCompletion();
  assert.deepEqual(
      chat.choices[0].message.tool_calls.map((c) => [c.id, c.function.arguments]),
      [['toolu_a', '{"city":"Paris"}'], ['toolu_b', '{"city":"Oslo"}']]);
  assert.equal(chat.choices[0].message.content, 'Looking.');
  const parsed = await openai.responses
                     .stream({model: 'claude', input: 'The weather?', tools: [{type: 'function', name: 'get_weather', parameters: kTool, strict: false}]})
                     .finalResponse();
  assert.deepEqual(
      parsed.output.filter((item) => item.type === 'function_call').map((c) => [c.call_id, c.arguments]),
      [['toolu_a', '{"city":"Paris"}'], ['toolu_b', '{"city":"Oslo"}']]);
});

test('4: Gemini\'s STOP behind a call is a tool call; MAX_TOKENS and SAFETY stay what they are', async () => {
  for (const [reason, finish] of [['STOP', 'tool_calls'], ['MAX_TOKENS', 'length'], ['SAFETY', 'content_filter']]) {
    upstreams.gemini.reset();
    upstreams.gemini.always(events([
      candidate([{functionCall: {name: 'get_weather', args: {city: 'Paris'}}}], undefined),
      candidate([{text: ''}], reason),
    ]));
    const got = await openai.chat.completions
                    .stream({model: 'gemini', messages: [kQuestion], tools: kChatTools})
                    .on('error', () => {})
                    .finalChatCompletion()
                    .catch((error) => error);
    // The client itself raises on the two that leave an answer unfinished.
    if (reason === 'STOP') {
      assert.equal(got.choices[0].finish_reason, finish);
    } else {
      const raw = await call(gateway.api, {
        path: '/v1/chat/completions',
        headers: [['authorization', `Bearer ${callerKey}`], ['content-type', 'application/json']],
        body: JSON.stringify({model: 'gemini', stream: true, messages: [kQuestion], tools: kChatTools}),
      });
      const reasons = eventData(raw.body).filter((data) => data !== '[DONE]').map((data) => JSON.parse(data)).flatMap(
          (chunk) => chunk.choices.map((choice) => choice.finish_reason).filter(Boolean));
      assert.deepEqual(reasons, [finish]);
    }
  }
});

test('5: results of parallel calls are one turn, and tool history needs no tools', async () => {
  const messages = [
    kQuestion, {role: 'assistant', content: null, tool_calls: [kChatCall('call_1', 'Paris'), kChatCall('call_2', 'Oslo')]},
    {role: 'tool', tool_call_id: 'call_1', content: '21'}, {role: 'tool', tool_call_id: 'call_2', content: '12'}
  ];
  upstreams.gemini.always(json(candidate([{text: 'Sunny.'}])));
  await openai.chat.completions.create({model: 'gemini', messages});
  const contents = sent('gemini').contents;
  assert.deepEqual(contents.map((content) => content.role), ['user', 'model', 'user']);
  assert.deepEqual(contents[2].parts.map((part) => part.functionResponse.name), ['get_weather', 'get_weather']);
  upstreams.bedrock.always(json({
    output: {message: {role: 'assistant', content: [{text: 'Sunny.'}]}},
    stopReason: 'end_turn',
    usage: {inputTokens: 10, outputTokens: 5, totalTokens: 15},
    metrics: {latencyMs: 1},
  }));
  await openai.chat.completions.create({model: 'bedrock', messages});
  const body = sent('bedrock');
  assert.deepEqual(body.messages.map((message) => message.role), ['user', 'assistant', 'user']);
  assert.deepEqual(body.messages[2].content.map((block) => block.toolResult.toolUseId), ['call_1', 'call_2']);
  assert.ok(body.toolConfig.tools.length > 0, 'Bedrock refuses such a history without toolConfig');
});

test('6: cached and reasoning tokens are counted once', async () => {
  upstreams.anthropic.always(json(messageOf([{type: 'text', text: 'a'}], {
    stop_reason: 'end_turn',
    usage: {input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 20, output_tokens: 5}
  })));
  const chat = await openai.chat.completions.create({model: 'claude', messages: [kQuestion], max_tokens: 9});
  assert.deepEqual(
      [chat.usage.prompt_tokens, chat.usage.completion_tokens, chat.usage.total_tokens,
       chat.usage.prompt_tokens_details.cached_tokens],
      [130, 5, 135, 100]);
  upstreams.gemini.always(json(candidate([{text: 'a'}], 'STOP', {
    usageMetadata: {
      promptTokenCount: 130,
      cachedContentTokenCount: 100,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 7,
      totalTokenCount: 142
    }
  })));
  const message = await claude.messages.create({model: 'gemini', messages: [kQuestion], max_tokens: 9});
  assert.deepEqual(
      [message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens], [30, 100, 12]);
  upstreams.xai.always(json({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'grok-4',
    choices: [{index: 0, message: {role: 'assistant', content: 'a'}, finish_reason: 'stop'}],
    usage: {
      prompt_tokens: 32,
      completion_tokens: 9,
      total_tokens: 135,
      completion_tokens_details: {reasoning_tokens: 94}
    },
  }));
  const content = await gemini.models.generateContent({model: 'grok', contents: 'hi'});
  const {promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount} = content.usageMetadata;
  assert.deepEqual([promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount], [32, 9, 94, 135]);
});

test('7: an error after a 200 never becomes a clean end', async () => {
  const started = [
    {type: 'message_start', message: messageOf([], {stop_reason: null})},
    {type: 'content_block_start', index: 0, content_block: {type: 'text', text: ''}},
    {type: 'content_block_delta', index: 0, delta: {type: 'text_delta', text: 'Half an'}},
  ];
  const overloaded = {type: 'error', error: {type: 'overloaded_error', message: 'Overloaded, alas'}};
  for (const ending of [[overloaded], []]) {
    upstreams.anthropic.reset();
    upstreams.anthropic.always(events([...started, ...ending]));
    const asChat = openai.chat.completions.stream({model: 'claude', messages: [kQuestion], max_tokens: 9});
    await assert.rejects(asChat.finalChatCompletion(), ending.length ? /Overloaded, alas/ : /./);
    const asResponse = openai.responses.stream({model: 'claude', input: 'hi', max_output_tokens: 20});
    await assert.rejects(async () => {
      const response = await asResponse.finalResponse();
      if (response.status === 'failed') throw new Error(response.error.message);
    });
    await assert.rejects(async () => {
      for await (const chunk of await gemini.models.generateContentStream({model: 'claude', contents: 'hi'})) {
        assert.notEqual(chunk.candidates?.[0]?.finishReason, 'STOP');
      }
    });
  }
  upstreams.openrouter.always(stream(
      [
        ': OPENROUTER PROCESSING\n\n',
        'data: {"id":"g","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Half"},"finish_reason":null}]}\n\n',
        'data: {"id":"g","object":"chat.completion.chunk","created":1,"model":"m","error":{"code":502,"message":"Provider gone"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n',
      ]));
  await assert.rejects(
      async () => {
        for await (const chunk of await gemini.models.generateContentStream({model: 'router', contents: 'hi'})) {
          assert.notEqual(chunk.candidates?.[0]?.finishReason, 'STOP');
        }
      },
      /Provider gone/);
  upstreams.bedrock.always(async (x) => {
    const frames = [
      awsFrame({':message-type': 'event', ':event-type': 'messageStart'}, {role: 'assistant'}),
      awsFrame({':message-type': 'event', ':event-type': 'contentBlockDelta'}, {contentBlockIndex: 0, delta: {text: 'Half'}}),
      awsFrame({':message-type': 'exception', ':exception-type': 'throttlingException'}, {message: 'Too many tokens'}),
    ];
    await stream(frames, {headers: {'content-type': 'application/vnd.amazon.eventstream'}})(x);
  });
  const fromBedrock = claude.messages.stream({model: 'bedrock', messages: [kQuestion], max_tokens: 9});
  await assert.rejects(fromBedrock.finalMessage(), /Too many tokens/);
});

test('8: schemas with references, unions of types, const and recursion', async () => {
  const schema = {
    type: 'object',
    properties: {
      node: {$ref: '#/$defs/node'},
      kind: {const: 'tree'},
      size: {type: ['integer', 'null']},
    },
    required: ['node'],
    $defs: {
      node: {
        type: 'object',
        properties: {name: {type: 'string', minLength: 1}, children: {type: 'array', items: {$ref: '#/$defs/node'}}},
        required: ['name'],
      }
    },
  };
  const ask = (to) => openai.chat.completions.create({
    model: to,
    max_tokens: 9,
    messages: [
      kQuestion, {role: 'assistant', content: null, tool_calls: [kChatCall('call_1', 'Paris')]},
      {role: 'tool', tool_call_id: 'call_1', content: '{"$ref":"#/x","degrees":21}'}
    ],
    tools: [{type: 'function', function: {name: 'get_weather', parameters: schema}}],
  });
  upstreams.gemini.always(json(candidate([{text: 'a'}])));
  await ask('gemini');
  const [declaration] = sent('gemini').tools[0].functionDeclarations;
  assert.ok(declaration.parametersJsonSchema ?? declaration.parameters);
  const response = sent('gemini').contents[2].parts[0].functionResponse.response;
  assert.ok(!('$ref' in response), 'Gemini takes $ref in a result for a reference of its own');
  assert.match(JSON.stringify(response), /21/);
  upstreams.anthropic.always(json(messageOf([{type: 'text', text: 'a'}], {stop_reason: 'end_turn'})));
  await ask('claude');
  assert.deepEqual(sent('anthropic').tools[0].input_schema.properties.kind, {const: 'tree'});
});

test('9: cache hints become cache points on system, tools, results and answers', async () => {
  const cache = {cache_control: {type: 'ephemeral'}};
  upstreams.bedrock.always(json({
    output: {message: {role: 'assistant', content: [{text: 'a'}]}},
    stopReason: 'end_turn',
    usage: {inputTokens: 1, outputTokens: 1, totalTokens: 2},
    metrics: {latencyMs: 1},
  }));
  await claude.messages.create({
    model: 'bedrock',
    max_tokens: 9,
    system: [{type: 'text', text: 'Be brief.', ...cache}],
    tools: [{name: 'get_weather', input_schema: kTool, ...cache}],
    messages: [
      {role: 'user', content: 'The weather?'},
      {role: 'assistant', content: [{type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {city: 'Paris'}, ...cache}]},
      {role: 'user', content: [{type: 'tool_result', tool_use_id: 'toolu_1', content: '21', ...cache}]},
    ],
  });
  const body = sent('bedrock');
  const points = (blocks) => blocks.filter((block) => block.cachePoint).length;
  assert.deepEqual(
      [points(body.system), points(body.toolConfig.tools), points(body.messages[1].content), points(body.messages[2].content)],
      [1, 1, 1, 1]);
});

test('10: a schema with the caller\'s tools while streaming: the tool in between does not show', async () => {
  const answerSchema = {type: 'object', properties: {answer: {type: 'integer'}}, required: ['answer'], additionalProperties: false};
  let name;
  upstreams.bedrock.always(async (x) => {
    const body = x.request.json;
    // Whichever way the model is told: natively it answers in text, else through a tool of ours.
    name = body.outputConfig ? null : body.toolConfig.tools.map((t) => t.toolSpec?.name).find((n) => n && n !== 'get_weather');
    const event = (type, data) => awsFrame({':message-type': 'event', ':event-type': type}, data);
    const delta = (text) => (name ? {toolUse: {input: text}} : {text});
    await stream(
        [
          event('messageStart', {role: 'assistant'}),
          ...(name ? [event('contentBlockStart', {contentBlockIndex: 0, start: {toolUse: {toolUseId: 't1', name}}})] : []),
          event('contentBlockDelta', {contentBlockIndex: 0, delta: delta('{"answer"')}),
          event('contentBlockDelta', {contentBlockIndex: 0, delta: delta(':42}')}),
          event('contentBlockStop', {contentBlockIndex: 0}),
          event('messageStop', {stopReason: name ? 'tool_use' : 'end_turn'}),
          event('metadata', {usage: {inputTokens: 1, outputTokens: 2, totalTokens: 3}, metrics: {latencyMs: 1}}),
        ],
        {headers: {'content-type': 'application/vnd.amazon.eventstream'}})(x);
  });
  const chat = await openai.chat.completions
                   .stream({
                     model: 'bedrock',
                     messages: [kQuestion],
                     tools: kChatTools,
                     response_format: {type: 'json_schema', json_schema: {name: 'a', strict: true, schema: answerSchema}},
                   })
                   .finalChatCompletion();
  assert.equal(chat.choices[0].message.content, '{"answer":42}');
  assert.equal(chat.choices[0].message.tool_calls?.length ?? 0, 0);
  assert.equal(chat.choices[0].finish_reason, 'stop');
});

test('11: Anthropic in front of OpenAI: order of events, system texts in mid-conversation', async () => {
  const chunk = (delta, finish = null) => ({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-5-mini',
    choices: [{index: 0, delta, finish_reason: finish}]
  });
  upstreams.openai.always(stream([
    `data: ${JSON.stringify({...chunk({}), choices: []})}\n\n`,
    `data: ${JSON.stringify(chunk({role: 'assistant', content: ''}))}\n\n`,
    `data: ${JSON.stringify(chunk({content: 'Hel'}))}\n\n`,
    `data: ${JSON.stringify(chunk({content: 'lo'}))}\n\n`,
    `data: ${JSON.stringify(chunk({}, 'stop'))}\n\n`,
    `data: ${JSON.stringify({...chunk({}), choices: [], usage: {prompt_tokens: 7, completion_tokens: 2, total_tokens: 9}})}\n\n`,
  ]));
  const seen = [];
  const messages = claude.messages.stream({
    model: 'openai',
    max_tokens: 20,
    messages: [{role: 'user', content: 'Hi'}, {role: 'assistant', content: 'Yes?'}, {role: 'system', content: 'Now in French.'}, {role: 'user', content: 'Go on'}],
  });
  messages.on('streamEvent', (event) => seen.push(event.type));
  const message = await messages.finalMessage();
  assert.equal(seen[0], 'message_start');
  assert.equal(seen.at(-1), 'message_stop');
  assert.equal(message.content[0].text, 'Hello');
  assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens], [7, 2]);
  const roles = sent('openai').messages.map((m) => m.role);
  assert.equal(roles.length, 4);
  assert.ok(['system', 'developer'].includes(roles[2]), roles.join());
});

test('12: opaque state goes to who can read it and to nobody else; ids are hashed, not cut', async () => {
  upstreams.anthropic.always(json(messageOf([
    {type: 'thinking', thinking: 'Hm.', signature: 'c2VjcmV0LXNpZ25hdHVyZQ=='},
    {type: 'tool_use', id: 'toolu_0123456789a', name: 'get_weather', input: {city: 'Paris'}},
    {type: 'tool_use', id: 'toolu_0123456789b', name: 'get_weather', input: {city: 'Oslo'}},
  ])));
  const first = await openai.chat.completions.create(
      {model: 'claude', messages: [kQuestion], tools: kChatTools, reasoning_effort: 'low', max_tokens: 9000});
  const said = first.choices[0].message;
  const messages = [
    kQuestion, said, {role: 'tool', tool_call_id: 'toolu_0123456789a', content: '21'},
    {role: 'tool', tool_call_id: 'toolu_0123456789b', content: '12'}
  ];
  const ask = (to) => openai.chat.completions.create({model: to, messages, tools: kChatTools, max_tokens: 9000});
  upstreams.gemini.always(json(candidate([{text: 'a'}])));
  await ask('gemini3');
  assert.doesNotMatch(upstreams.gemini.requests[0].body.toString(), /c2VjcmV0LXNpZ25hdHVyZQ/);
  upstreams.mistral.always(json({
    id: 'm',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{index: 0, message: {role: 'assistant', content: 'a'}, finish_reason: 'stop'}],
    usage: {prompt_tokens: 1, completion_tokens: 1, total_tokens: 2},
  }));
  // Gemini's client in front, so that nothing passes as it is.
  await gemini.models.generateContent({
    model: 'mistral',
    contents: [
      {role: 'user', parts: [{text: 'The weather?'}]},
      {
        role: 'model',
        parts: [
          {functionCall: {id: 'toolu_0123456789a', name: 'get_weather', args: {city: 'Paris'}}},
          {functionCall: {id: 'toolu_0123456789b', name: 'get_weather', args: {city: 'Oslo'}}}
        ]
      },
      {
        role: 'user',
        parts: [
          {functionResponse: {id: 'toolu_0123456789a', name: 'get_weather', response: {output: '21'}}},
          {functionResponse: {id: 'toolu_0123456789b', name: 'get_weather', response: {output: '12'}}}
        ]
      },
    ],
  });
  const body = sent('mistral');
  const ids = body.messages.flatMap((m) => m.tool_calls ?? []).map((c) => c.id);
  assert.equal(new Set(ids).size, 2);
  for (const id of ids) assert.match(id, /^[a-zA-Z0-9]{9}$/);
  assert.deepEqual(body.messages.filter((m) => m.role === 'tool').map((m) => m.tool_call_id), ids);
});
