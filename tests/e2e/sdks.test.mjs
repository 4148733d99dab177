// Libraries above the official clients (Vercel's `ai`, LangChain), unchanged but for the base URL, to a model server of
// another dialect than theirs (@copilotkit/aimock), whose bytes come in small pieces.
import {LLMock} from '@copilotkit/aimock';
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';

import {configuration, model, providerKey} from './lib/config.mjs';
import {Cutter} from './lib/cutter.mjs';
import {kPixel} from './lib/fronts.mjs';
import {startGateway} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';
import {sdks} from './lib/sdks.mjs';

const kText = 'Hello from far away, é\u{1F600}.';
const kUsage = {
  prompt_tokens: 21,
  completion_tokens: 9,
  promptTokenCount: 21,
  candidatesTokenCount: 9,
  totalTokenCount: 30
};
const kCalls = [
  {id: 'call_paris1', name: 'get_weather', arguments: {city: 'Paris'}},
  {id: 'call_oslo22', name: 'get_weather', arguments: {city: 'Oslo "é"'}},
];
const kWeather = {
  Paris: '21 degrees',
  'Oslo "é"': '12 degrees'
};

const kBacks = [
  {dialect: 'openai_chat', kind: 'openai', model: 'gpt-4o', path: '/v1'},
  {dialect: 'anthropic', kind: 'anthropic', model: 'claude-haiku-4-5'},
  {dialect: 'gemini', kind: 'gemini', model: 'gemini-2.5-flash'},
  {
    dialect: 'bedrock',
    errorsOfAnother: true,  // aimock words them as Anthropic does
    kind: 'bedrock',
    model: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    more:
        {aws: {region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE000000000', secret_access_key: 'not-a-real-secret-key'}}
  },
];
// The names that the libraries know: they ask one model otherwise than another.
const kNames = {
  openai_chat: 'gpt-4o-mini',
  openai_responses: 'gpt-4o-mini',
  anthropic: 'claude-haiku-4-5',
  gemini: 'gemini-2.5-flash'
};
const nameOf = (sdk, back) => `${kNames[sdk.dialect]}-by-${back.kind}`;

const mock = new LLMock({port: 0, chunkSize: 3});
let cutter;
let gateway;
let libraries;

before(async () => {
  mock.onMessage(/too fast/, {
    error: {message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded'},
    status: 429,
    retryAfter: 7
  });
  mock.onMessage(
      /break/, {content: 'this will never come to its end, whatever you do'}, {truncateAfterChunks: 8, latency: 10});
  // A conversation that has the results goes on; one that has none is told to call.
  mock.on({predicate: (request) => request.messages.at(-1).role === 'tool'}, {content: 'Paris 21, Oslo 12.'});
  mock.onMessage(/weather/, {toolCalls: kCalls.map((call) => ({...call, arguments: JSON.stringify(call.arguments)}))});
  // Whoever asks for a shape by way of a tool is answered by way of it.
  mock.onMessage(/as json/, (request) => {
    const [asked] = request.tools ?? [];
    return asked ? {toolCalls: [{name: asked.function.name, arguments: '{"answer":42}'}]} : {content: '{"answer":42}'};
  });
  mock.onMessage(/picture/, {content: 'A red pixel.'});
  mock.onMessage(/.*/, {content: kText, usage: kUsage});
  await mock.start();
  const {hostname: host, port} = new URL(mock.url);
  cutter = await Cutter.start({host, port: Number(port)}, 11);
  const names = [...new Set(Object.values(kNames))];
  gateway = await startGateway(configuration({
    providers: kBacks.map(({dialect, kind, path = '', more}) => ({
                            name: kind,
                            kind,
                            base_url: cutter.url + path,
                            ...(dialect === 'openai_chat' && {speaks: [dialect]}),
                            ...(more ?? {api_key: providerKey}),
                          })),
    models: kBacks.flatMap(
        (back) => names.map((name) => model(`${name}-by-${back.kind}`, back.model, {provider: back.kind}))),
  }));
  libraries = sdks(gateway.url);
});
after(async () => {
  await gateway?.stop();
  await cutter?.close();
  await mock.stop();
});
beforeEach(() => {
  cutter.sent = '';
});

const statusOf = (error) => error.statusCode ?? error.status ?? error.cause?.status;

const scenarios = {
  async chat(sdk, to) {
    const got = await sdk.ask(to, {text: 'hello'});
    assert.equal(got.text, kText);
    assert.deepEqual(got.calls, []);
    assert.equal(got.finish, sdk.finishes.stop);
    assert.deepEqual(got.usage, {input: 21, output: 9});
  },
  async stream(sdk, to) {
    const got = await sdk.stream(to, {text: 'hello'});
    assert.equal(got.text, kText);
    assert.deepEqual(got.calls, []);
    assert.equal(got.finish, sdk.finishes.stop);
    assert.equal(got.usage.input ?? 21, 21);
    assert.equal(got.usage.output, 9);
  },
  async 'parallel tools'(sdk, to) {
    for (const how of ['ask', 'stream']) {
      const got = await sdk[how](to, {text: 'the weather', tools: {get_weather: null}});
      assert.deepEqual(got.calls, kCalls.map(({name, arguments: input}) => ({name, arguments: input})), how);
      assert.equal(got.finish, sdk.finishes.calls, how);
    }
  },
  async 'tools and back'(sdk, to) {
    const asked = [];
    const weather = ({city}) => {
      asked.push(city);
      return kWeather[city];
    };
    assert.equal(await sdk.loop(to, {text: 'the weather', tools: {get_weather: weather}}), 'Paris 21, Oslo 12.');
    assert.deepEqual(asked, Object.keys(kWeather));
    for (const told of Object.values(kWeather)) assert.ok(cutter.sent.includes(told), `${told} reached the provider`);
  },
  async 'structured output'(sdk, to) {
    assert.deepEqual(await sdk.shape(to, {text: 'as json'}), {answer: 42});
  },
  async image(sdk, to) {
    assert.equal((await sdk.ask(to, {text: 'picture', image: kPixel})).text, 'A red pixel.');
    assert.ok(cutter.sent.includes(kPixel), 'the picture reached the provider');
  },
  async error(sdk, to, back) {
    for (const how of ['ask', 'stream']) {
      await assert.rejects(sdk[how](to, {text: 'too fast'}), (error) => {
        if (!back.errorsOfAnother) assert.match(error.message, /slow down/, how);
        assert.equal(statusOf(error), 429, how);
        return true;
      });
    }
  },
  async 'broken off'(sdk, to) {
    // The library below it leaves a promise that nobody waits for.
    if (sdk.name === 'langchain, google') return;
    let heard = '';
    const got = await sdk.stream(to, {text: 'break', heard: (text) => heard += text}).catch((error) => ({error}));
    assert.match(heard, /^this will/);
    assert.ok(!heard.endsWith('you do'));
    assert.ok(got.error, `it ended with ${got.finish}`);
    assert.match(got.error.message, /broke off/);
    assert.notEqual(got.error.name, 'AI_TypeValidationError', 'an error in the words of the dialect');
  },
};

for (const [index, {name, dialect}] of sdks('http://none').entries()) {
  for (const back of kBacks.filter((one) => one.dialect !== dialect)) {
    test(`${name} to ${back.kind}`, async (t) => {
      for (const [what, scenario] of Object.entries(scenarios)) {
        await t.test(what, async () => {
          await scenario(libraries[index], nameOf(libraries[index], back), back);
          assert.ok(!cutter.sent.includes(callerKey), 'the caller\'s key stays with the gateway');
        });
      }
    });
  }
}
