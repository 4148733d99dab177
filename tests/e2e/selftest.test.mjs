// `gatehouse selftest` as an operator runs it: against a configuration, a running gateway, and one whose provider
// breaks.
import {LLMock} from '@copilotkit/aimock';
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {answer, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, provider, providerKey, sandboxConfiguration} from './lib/config.mjs';
import {runGatehouse, startGateway, temporaryFolder} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';

const kFronts = ['openai_chat', 'openai_responses', 'anthropic', 'gemini'];
const selftest = async (...args) => {
  const run = await runGatehouse(['selftest', '--json', '--timeout', '15', ...args]);
  return {...run, report: run.stdout ? JSON.parse(run.stdout) : null};
};
const told = (run) => JSON.stringify(run.report?.results.filter((row) => row.result !== 'ok'), null, 1) + run.stderr;
const results = (run, front, scenario) =>
    run.report.results.filter((row) => row.front === front && row.scenario === scenario);

// In the words of every dialect: each takes its own. Without, aimock tells nought.
const usage = {
  prompt_tokens: 9,
  completion_tokens: 6,
  total_tokens: 15,
  input_tokens: 9,
  output_tokens: 6,
  promptTokenCount: 9,
  candidatesTokenCount: 6,
  totalTokenCount: 15,
};

const mock = new LLMock({port: 0, chunkSize: 4, auth: {apiKeys: [providerKey]}});
let upstream;
before(async () => {
  for (const id of ['call_paris1', 'call_oslo22'])
    mock.onToolResult(id, {content: 'Paris 21 degrees, Oslo 12:30.', usage});
  mock.onMessage(/get_weather/, {
    toolCalls: [
      {id: 'call_paris1', name: 'get_weather', arguments: '{"city":"Paris"}'},
      {id: 'call_oslo22', name: 'get_time', arguments: '{"city":"Oslo"}'},
    ],
    usage,
  });
  mock.onMessage(/inhabitants/, {content: '{"city":"Oslo","inhabitants":700000}', usage});
  mock.onMessage(/.*/, {content: 'Hello there.', usage});
  await mock.start();
  upstream = await ScriptedUpstream.start();
});
after(async () => {
  await mock.stop();
  await upstream.close();
});

test('a configuration of the sandbox, in a gateway of its own', async () => {
  const file = path.join(temporaryFolder(), 'gatehouse.yaml');
  // Its ports are not taken, nor is its access log written.
  writeFileSync(file, JSON.stringify(sandboxConfiguration({listen: {api: '127.0.0.1:1', admin: '127.0.0.1:2'}})));
  const run = await selftest('--config', file, '--model', 'sandbox');
  assert.equal(run.code, 0, told(run));
  assert.equal(run.report.results.length, 40);
  assert.ok(run.report.results.every((row) => row.result === 'ok' || row.reason), told(run));
  assert.match(run.stderr, /costs money: 1 models in 4 dialects/);
  for (const front of kFronts) {
    for (const scenario of ['chat', 'stream', 'tools', 'tools_stream', 'tool_result', 'schema', 'translation']) {
      assert.equal(results(run, front, scenario)[0].result, 'ok', told(run));
    }
  }
  assert.ok(run.report.dropped.length > 0, 'what another dialect has no word for');
  assert.ok(run.report.prompt_tokens > 0 && run.report.completion_tokens > 0);
});

test('a running gateway, with back ends of other dialects', async () => {
  const kinds = [
    ['openai_compatible', 'gpt-4o', '/v1'], ['anthropic', 'claude-haiku-4-5', ''], ['gemini', 'gemini-2.5-flash', '']
  ];
  const gateway = await startGateway(configuration({
    providers: kinds.map(([kind, , at]) => ({name: kind, kind, base_url: mock.url + at, api_key: providerKey})),
    models: kinds.map(([kind, name]) => model(`to-${kind}`, name, {provider: kind})),
  }));
  try {
    const run = await selftest('--url', gateway.url, '--key', callerKey);
    assert.equal(run.code, 0, told(run));
    assert.equal(run.report.results.length, 120);
    for (const scenario
             of ['chat', 'stream', 'tools', 'tools_stream', 'tool_result', 'schema', 'image', 'wrong_model']) {
      for (const front of kFronts) {
        assert.deepEqual(results(run, front, scenario).map((row) => row.result), ['ok', 'ok', 'ok'], told(run));
      }
    }
    const one = await selftest(
        '--url', gateway.url, '--key', callerKey, '--front', 'anthropic', '--front', 'gemini', '--model', 'to-gemini');
    assert.equal(one.report.results.length, 20);
    const wrongKey = await selftest('--url', gateway.url, '--key', 'no-such-key-at-all');
    assert.equal(wrongKey.code, 2);
    assert.match(wrongKey.stderr, /status 401/);
  } finally {
    await gateway.stop();
  }
});

test('what a provider leaves out of its own dialect is found where its bytes pass', async () => {
  // aimock does not number the events of responses.
  const gateway = await startGateway(configuration({
    providers: [{name: 'openai', kind: 'openai', base_url: `${mock.url}/v1`, api_key: providerKey}],
    models: [model('gpt-4o', 'gpt-4o', {provider: 'openai'})],
  }));
  try {
    const run = await selftest('--url', gateway.url, '--key', callerKey, '--front', 'openai_responses');
    assert.equal(run.code, 1, told(run));
    assert.equal(results(run, 'openai_responses', 'chat')[0].result, 'ok', told(run));
    assert.match(results(run, 'openai_responses', 'stream')[0].reason, /sequence_number/);
  } finally {
    await gateway.stop();
  }
});

test('a provider that breaks off its streams fails the run', async () => {
  const chunk = {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{index: 0, delta: {role: 'assistant', content: 'Hel'}, finish_reason: null}],
  };
  const whole = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{index: 0, message: {role: 'assistant', content: 'Hello.'}, finish_reason: 'stop'}],
    usage: {prompt_tokens: 3, completion_tokens: 2, total_tokens: 5},
  };
  const json = {'content-type': 'application/json'};
  upstream.always(async (exchange) => {
    const streamed = exchange.request.json?.stream === true;
    const play = streamed ? stream([`data: ${JSON.stringify(chunk)}\n\n`]) :
                            answer({headers: json, body: JSON.stringify(whole)});
    return play(exchange);
  });
  const gateway = await startGateway(configuration({providers: [provider(upstream, {speaks: ['openai_chat']})], models: [model('m')]}));
  try {
    const run = await selftest('--url', gateway.url, '--key', callerKey);
    assert.equal(run.code, 1, told(run));
    assert.equal(run.report.ok, false);
    for (const front of kFronts) {
      assert.equal(results(run, front, 'chat')[0].result, 'ok', told(run));
      assert.equal(results(run, front, 'stream')[0].result, 'failed', told(run));
      assert.ok(results(run, front, 'stream')[0].reason);
    }
  } finally {
    await gateway.stop();
  }
});

test('what cannot run says so', async () => {
  const gone = await selftest('--url', 'http://127.0.0.1:1', '--key', callerKey);
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /no gateway answers there/);
  const plain = await selftest('--url', 'http://example.com', '--key', callerKey);
  assert.equal(plain.code, 2);
  const file = path.join(temporaryFolder(), 'gatehouse.yaml');
  writeFileSync(file, 'models: 7\n');
  const broken = await selftest('--config', file);
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /did not start/);
});
