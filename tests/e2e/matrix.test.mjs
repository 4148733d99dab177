// Every front to every back: official clients in front, a model server that nobody here wrote behind
// (@copilotkit/aimock, which speaks all the dialects). Prints the matrix as a table.
import {LLMock} from '@copilotkit/aimock';
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {configuration, model, providerKey} from './lib/config.mjs';
import {fronts, kPixel} from './lib/fronts.mjs';
import {startGateway} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';

const kCalls = [
  {id: 'call_paris1', name: 'get_weather', arguments: {city: 'Paris'}},
  {id: 'call_oslo22', name: 'get_weather', arguments: {city: 'Oslo "é"'}},
];
const kHistory = [{
  calls: kCalls,
  results: [
    {id: 'call_paris1', name: 'get_weather', text: '21 degrees'},
    {id: 'call_oslo22', name: 'get_weather', text: '12 degrees'}
  ]
}];
const kText = 'Hello from far away, é\u{1F600}.';

// The kinds, and the model that each is asked for. aimock tells them by path.
const kBacks = [
  {kind: 'openai', model: 'gpt-4o', path: '/v1'},
  {kind: 'anthropic', model: 'claude-haiku-4-5'},
  {kind: 'gemini', model: 'gemini-2.5-flash'},
  {
    kind: 'bedrock',
    model: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    more: {aws: {region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE000000000', secret_access_key: 'not-a-real-secret-key'}}
  },
  {kind: 'cohere', model: 'command-a-03-2025'},
  {kind: 'mistral', model: 'mistral-large-latest', path: '/v1'},
  {kind: 'ollama', model: 'llama3.3'},
];

const mock = new LLMock({port: 0, chunkSize: 3});
let gateway;
let clients;
const table = new Map();

before(async () => {
  mock.onMessage(/too fast/, {
    error: {message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded'},
    status: 429,
    retryAfter: 7
  });
  mock.onToolResult('call_oslo22', {content: 'Paris 21, Oslo 12.'});
  mock.onMessage(/after the tools/, {content: 'Paris 21, Oslo 12.'});
  mock.onMessage(/weather/, {toolCalls: kCalls.map((call) => ({...call, arguments: JSON.stringify(call.arguments)}))});
  mock.onMessage(/as json/, {content: '{"answer":42}'});
  mock.onMessage(/picture/, {content: 'A red pixel.'});
  mock.onMessage(/.*/, {content: kText});
  await mock.start();
  gateway = await startGateway(configuration({
    providers: kBacks.map(({kind, path = '', more}) => ({
                            name: kind,
                            kind,
                            base_url: mock.url + path,
                            ...(more ?? {api_key: providerKey}),
                          })),
    models: kBacks.map((back) => model(`to-${back.kind}`, back.model, {provider: back.kind})),
  }));
  clients = fronts(gateway.url);
});
after(async () => {
  print();
  await gateway?.stop();
  await mock.stop();
});

function note(front, back, scenario, how) {
  const key = `${front} -> ${back}`;
  if (!table.has(key)) table.set(key, {});
  table.get(key)[scenario] = how;
}

function print() {
  const rows = [...table].map(([cell, scenarios]) => `| ${cell} | ${
                                  Object.entries(scenarios).map(([name, how]) => `${name}: ${how}`).join(' | ')} |`);
  console.log(rows.join('\n'));
}

// The finish reason and the text are the same whichever way they came; tokens are told.
const scenarios = {
  async chat(front, to) {
    for (const how of ['ask', 'stream']) {
      const got = await front[how](to, {text: 'hello'});
      assert.equal(got.text, kText, how);
      assert.deepEqual(got.calls, [], how);
      assert.equal(got.finish, front.finishes.stop, how);
      // aimock is OpenAI where it plays Mistral, and tells a stream's usage only if asked, which Mistral must not be.
      if (how === 'ask' || to !== 'to-mistral') assert.equal(typeof got.usage.prompt, 'number', how);
    }
  },
  async tools(front, to) {
    for (const how of ['ask', 'stream']) {
      const got = await front[how](to, {text: 'the weather', tools: true});
      assert.deepEqual(
          got.calls.map(({name, arguments: args}) => ({name, arguments: args})),
          kCalls.map(({name, arguments: args}) => ({name, arguments: args})), how);
      assert.equal(new Set(got.calls.map((call) => call.id)).size, 2, 'ids are distinct');
      assert.ok(got.calls.every((call) => call.id), 'ids are there');
      // Passed as it came: aimock has a word of its own there.
      const finish = front.name === 'gemini' && to === 'to-gemini' ? 'FUNCTION_CALL' : front.finishes.calls;
      assert.equal(got.finish, finish, how);
    }
  },
  async results(front, to) {
    const got = await front.ask(to, {text: 'after the tools', tools: true, history: kHistory});
    assert.equal(got.text, 'Paris 21, Oslo 12.');
  },
  async schema(front, to) {
    for (const how of ['ask', 'stream']) {
      const got = await front[how](to, {text: 'as json', schema: true});
      assert.deepEqual(JSON.parse(got.text), {answer: 42}, how);
      assert.deepEqual(got.calls, [], how);
    }
  },
  async image(front, to) {
    mock.clearRequests();
    const got = await front.ask(to, {text: 'picture', image: kPixel});
    assert.equal(got.text, 'A red pixel.');
  },
  async error(front, to) {
    for (const how of ['ask', 'stream']) {
      await assert.rejects(front[how](to, {text: 'too fast'}), (error) => {
        assert.equal(error.status, 429, `${how}: ${error.stack}`);
        assert.match(error.message, /slow down/, how);
        return true;
      });
    }
  },
};

for (const [index, front] of fronts('http://none').entries()) {
  for (const back of kBacks) {
    test(`${front.name} to ${back.kind}`, async (t) => {
      for (const [name, scenario] of Object.entries(scenarios)) {
        await t.test(name, async () => {
          note(front.name, back.kind, name, 'FAILED');
          await scenario(clients[index], `to-${back.kind}`);
          note(front.name, back.kind, name, 'ok');
        });
      }
      assert.ok(!JSON.stringify(mock.getRequests()).includes(callerKey), 'the caller\'s key stays with the gateway');
    });
  }
}
