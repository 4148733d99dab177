// The commands, and what the admin port shows.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readdirSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {configuration, sandboxConfiguration} from './lib/config.mjs';
import {runGatehouse, startGateway, temporaryFolder} from './lib/gateway.mjs';
import {call, callerKey, chat, eventData, hello} from './lib/http.mjs';
import {eventually} from './lib/wait.mjs';

const kGood = `# A configuration as a person would write it.
listen: { api: 127.0.0.1:0, admin: 127.0.0.1:0 }
providers:
  - name: openai
    kind: openai
    api_key: "\${SOME_PROVIDER_KEY:-not-a-real-key}"
models:
  - name: default
    targets: [ { provider: openai, model: gpt-5.6-mini, weight: 3 } ]
keys:
  - { name: ci, key: "\${SOME_CALLER_KEY}", team: support, models: [default] }
`;

describe('gatehouse check', () => {
  const dir = temporaryFolder();
  after(() => rmSync(dir, {recursive: true}));
  const env = {SOME_CALLER_KEY: 'a-key-from-the-environment'};

  async function check(text, ...more) {
    const file = path.join(dir, 'gatehouse.yaml');
    writeFileSync(file, text);
    return runGatehouse(['check', '--config', file, ...more], {env, dir});
  }

  test('a good file: 0', async () => {
    const got = await check(kGood);
    assert.equal(got.code, 0, got.stderr);
    assert.ok(!(got.stdout + got.stderr).includes('a-key-from-the-environment'));
  });

  const wrong = {
    'an unknown key, with the nearest that exists': [kGood.replace('api_key:', 'api_kye:'), 6, 5, /api_kye[^]*api_key/],
    'an unknown section': [kGood.replace('models:\n', 'modles:\n'), 7, 1, /modles[^]*models/],
    'a target that goes nowhere': [kGood.replace('provider: openai,', 'provider: opanai,'), 9, 28, /opanai[^]*openai/],
    'a value that is none of the choices': [kGood.replace('kind: openai', 'kind: openia'), 5, 11, /openia[^]*openai/],
    'a number that is text': [kGood.replace('weight: 3', 'weight: heavy'), 9, 65, /weight/],
    'a variable that is not set': [kGood.replace('SOME_CALLER_KEY', 'SOME_MISSING_KEY'), 11, 22, /SOME_MISSING_KEY/],
    'the same key twice': [kGood.replace('    kind: openai\n', '    kind: openai\n    kind: openai\n'), 6, 5, /kind/],
    'no YAML': [kGood.replace('keys:', 'keys: [ }'), 10, null, /./],
  };
  for (const [name, [text, line, column, says]] of Object.entries(wrong)) {
    test(`${name}: file, line and column, and 1`, async () => {
      assert.notEqual(text, kGood);
      const got = await check(text);
      assert.equal(got.code, 1, got.stdout + got.stderr);
      const said = got.stdout + got.stderr;
      assert.match(said, new RegExp(`gatehouse\\.yaml:${line}:${column ?? '\\d+'}: `));
      assert.match(said, says);
      assert.ok(!said.includes('a-key-from-the-environment'));
    });
  }

  test('all that is wrong is said at once', async () => {
    const got = await check(kGood.replace('api_key:', 'api_kye:').replace('weight: 3', 'weight: heavy'));
    const said = got.stdout + got.stderr;
    assert.match(said, /gatehouse\.yaml:6:5:/);
    assert.match(said, /gatehouse\.yaml:9:/);
  });

  test('--json', async () => {
    const good = await check(kGood, '--json');
    assert.equal(good.code, 0);
    assert.deepEqual(JSON.parse(good.stdout).problems, []);
    const bad = await check(kGood.replace('api_key:', 'api_kye:'), '--json');
    assert.equal(bad.code, 1);
    const [problem] = JSON.parse(bad.stdout).problems;
    assert.match(problem.file, /gatehouse\.yaml$/);
    assert.equal(problem.line, 6);
    assert.equal(problem.column, 5);
    assert.match(problem.message, /api_key/);
  });

  test('a file that is not there: 2', async () => {
    const got = await runGatehouse(['check', '--config', path.join(dir, 'nowhere.yaml')]);
    assert.equal(got.code, 2, got.stdout + got.stderr);
    assert.match(got.stdout + got.stderr, /nowhere\.yaml/);
  });

  test('serve refuses a wrong file with the same words', async () => {
    const file = path.join(dir, 'gatehouse.yaml');
    writeFileSync(file, kGood.replace('api_key:', 'api_kye:'));
    const got = await runGatehouse(['serve', '--config', file], {env, dir});
    assert.notEqual(got.code, 0);
    assert.match(got.stderr, /gatehouse\.yaml:6:5/);
  });
});

describe('the command line', () => {
  test('--help and --version', async () => {
    const help = await runGatehouse(['--help']);
    assert.equal(help.code, 0);
    for (const command of ['serve', 'check']) assert.match(help.stdout, new RegExp(`\\b${command}\\b`));
    const version = await runGatehouse(['--version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /\d+\.\d+\.\d+/);
  });

  test('a command that does not exist: 2', async () => {
    const got = await runGatehouse(['sreve']);
    assert.equal(got.code, 2);
    assert.match(got.stderr, /help/);
  });
});

// Without a configuration it takes the ports of the public surface, which somebody else may have on this machine.
async function portIsFree(port) {
  const server = net.createServer();
  try {
    await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}
const kPortsFree = await portIsFree(8080) && await portIsFree(8081);
describe('with no configuration', {skip: kPortsFree ? false : 'port 8080 or 8081 is taken on this machine'}, () => {
  let gateway;
  before(async () => {
    gateway = await startGateway(null);
  });
  after(() => gateway?.stop());

  test('the sandbox answers without a key', async () => {
    const got = await call(
        gateway.api, {body: JSON.stringify(hello('sandbox')), headers: {'Content-Type': 'application/json'}});
    assert.equal(got.status, 200);
    assert.equal(JSON.parse(got.body).choices[0].message.role, 'assistant');
    assert.equal(got.headers['x-gatehouse-provider'], 'sandbox');
  });

  test('it listens on loopback only, on the ports that are promised', () => {
    assert.deepEqual([gateway.api, gateway.admin], [{host: '127.0.0.1', port: 8080}, {host: '127.0.0.1', port: 8081}]);
  });

  test('it says what it chose for itself', () => {
    assert.match(gateway.stderr, /sandbox/);
    assert.match(gateway.stderr, /key/i, 'that nobody needs a key is said');
  });

  test('it leaves nothing in the folder', () => {
    assert.deepEqual(readdirSync(gateway.dir), []);
  });
});

describe('the admin port', () => {
  let gateway;
  before(async () => {
    gateway = await startGateway(sandboxConfiguration());
  });
  after(() => gateway?.stop());

  test('/healthz and /readyz', async () => {
    for (const where of ['/healthz', '/readyz']) {
      const got = await call(gateway.admin, {method: 'GET', path: where});
      assert.equal(got.status, 200, where);
    }
  });

  test('they are not on the data plane\'s port, nor is the data plane here', async () => {
    const key = {Authorization: `Bearer ${callerKey}`};
    assert.equal((await call(gateway.api, {method: 'GET', path: '/metrics', headers: key})).status, 404);
    assert.equal(
        (await call(
             gateway.admin, {path: '/v1/chat/completions', body: JSON.stringify(hello('sandbox')), headers: key}))
            .status,
        404);
  });

  // Prometheus' text format: every sample belongs to a family with HELP and TYPE, and every value is a number.
  test('/metrics can be read by Prometheus, and counts', async () => {
    assert.equal((await chat(gateway.api, hello('sandbox'))).status, 200);
    const streamed = await chat(gateway.api, hello('sandbox', {stream: true}));
    assert.equal(eventData(streamed.body).at(-1), '[DONE]');
    assert.equal((await chat(gateway.api, hello('nobody-has-"this\\one'))).status, 404);
    // A request is counted when it has ended, which is after its caller has the answer.
    const got = await eventually('all three counted', async () => {
      const page = await call(gateway.admin, {method: 'GET', path: '/metrics'});
      return /^gatehouse_request_duration_seconds_count\{[^}]*chat_completions[^}]*\} 3$/m.test(page.body) && page;
    });
    assert.equal(got.status, 200);
    assert.match(got.headers['content-type'], /^(text\/plain; version=0\.0\.4|application\/openmetrics-text)/);
    const types = new Map();
    const samples = [];
    for (const line of got.body.toString().split('\n').filter(Boolean)) {
      const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
      if (comment) {
        if (comment[1] === 'TYPE') types.set(comment[2], comment[3]);
        continue;
      }
      const sample = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\["\\n])*",?)*\})? (\S+)$/.exec(line);
      assert.ok(sample, `not a sample: ${line}`);
      assert.ok(Number.isFinite(Number(sample[3])) || sample[3] === '+Inf' || sample[3] === 'NaN', line);
      const family = sample[1].replace(/_(bucket|sum|count)$/, '');
      assert.ok(types.has(sample[1]) || types.get(family) === 'histogram', `${line} has no TYPE`);
      samples.push({name: sample[1], labels: sample[2] ?? '', value: Number(sample[3])});
    }
    const sum = (name, ...labels) => samples.filter((s) => s.name === name && labels.every((l) => s.labels.includes(l)))
                                         .reduce((total, s) => total + s.value, 0);
    assert.equal(sum('gatehouse_requests_total', 'model="sandbox"', 'status="200"'), 2);
    assert.equal(sum('gatehouse_requests_total', 'operation="chat_completions"', 'status="404"'), 1);
    assert.ok(!got.body.includes('nobody-has'), 'a name that a caller made up is no label');
    assert.equal(sum('gatehouse_request_duration_seconds_count', 'operation="chat_completions"'), 3);
    assert.ok(sum('gatehouse_tokens_total', 'model="sandbox"') > 0);
    assert.equal(sum('gatehouse_streams_open'), 0);
    assert.equal(samples.filter((s) => s.name === 'gatehouse_build_info').length, 1);
    assert.ok(!got.body.includes(callerKey));
  });

  test(
      'promtool agrees', {
        skip: spawnSync('promtool', ['--version']).error ?
            'promtool (of the Debian package prometheus) is not installed' :
            false
      },
      async () => {
        const got = await call(gateway.admin, {method: 'GET', path: '/metrics'});
        const check = spawnSync('promtool', ['check', 'metrics'], {input: got.body, encoding: 'utf8'});
        assert.equal(check.status, 0, check.stdout + check.stderr);
      });
});

describe('keys in the configuration', () => {
  test('a key opens the models and operations it names, until it expires', async () => {
    const gateway = await startGateway(sandboxConfiguration({
      keys: [
        {name: 'all', key: callerKey},
        {name: 'one-model', key: 'key-for-one-model', models: ['sandbox']},
        {name: 'one-operation', key: 'key-for-one-operation', operations: ['embeddings']},
        {name: 'expired', key: 'key-of-yesterday', expires: '2020-01-01'},
      ]
    }));
    try {
      const as = async (key, model) => (await call(gateway.api, {
                                         body: JSON.stringify(hello(model)),
                                         headers: {Authorization: `Bearer ${key}`, 'Content-Type': 'application/json'}
                                       })).status;
      assert.equal(await as (callerKey, 'sandbox'), 200);
      assert.equal(await as ('key-for-one-model', 'sandbox'), 200);
      assert.equal(await as ('key-for-one-model', 'sandbox-slow'), 403);
      assert.equal(await as ('key-for-one-operation', 'sandbox'), 403);
      assert.equal(await as ('key-of-yesterday', 'sandbox'), 401);
    } finally {
      await gateway.stop();
    }
  });

  test('what a key is labelled with stands in its records', async () => {
    const metadata = {owner: 'search', 'cost "centre"': '12\u00b7b'};
    const gateway = await startGateway(sandboxConfiguration({keys: [{name: 'labelled', key: callerKey, metadata}]}));
    try {
      await chat(gateway.api, hello('sandbox'));
      const record = await gateway.until('the record', () => gateway.records.find((r) => r.key === 'labelled'));
      assert.deepEqual(record.metadata, metadata);
    } finally {
      await gateway.stop();
    }
  });
});
