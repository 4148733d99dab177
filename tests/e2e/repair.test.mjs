// Answers that miss their schema are asked for again: the upstream's ledger shows what the model was told, the caller
// gets the last answer only, and every call is paid for.
import assert from 'node:assert/strict';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, completion, deltaEvent, doneEvent, gate, hangUp, inTurn, never, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, provider} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, chat, eventData} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';
import {eventually, within} from './lib/wait.mjs';

const json = (value) => JSON.stringify(value);
const schema = {type: 'object', required: ['city'], properties: {city: {type: 'string'}}, additionalProperties: false};
const good = '{"city":"Bern"}';
const bad = '{"town":"Bern"}';
const worse = 'Bern, of course.';
const repair = {attempts: 1};
// What the model is told names the place and the rule.
const isTold = (text) => {
  assert.match(text, /did not satisfy the JSON Schema/);
  assert.match(text, /At \(root\): has a member that the schema does not allow\./);
};

let upstream;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => upstream.reset());

async function withGateway(guard, body, more = {}) {
  const gateway = await startGateway(configuration({
    upstream,
    providers: [
      provider(upstream),
      provider(upstream, {name: 'claude', kind: 'anthropic', path: ''}),
      provider(upstream, {name: 'google', kind: 'gemini', path: ''}),
    ],
    models: [
      {name: 'm', targets: [{provider: 'up', model: 'gpt-4o'}]}, model('claude-m', 'claude-m', {provider: 'claude'}),
      model('gemini-m', 'gemini-m', {provider: 'google'})
    ],
    policies: [{name: 'p', guards: {schema: guard, ...more.guards}}],
    ...more.settings,
  }));
  try {
    return await body(gateway);
  } finally {
    await gateway.stop();
  }
}

const replies = (...texts) => upstream.always(inTurn(...texts.map((text) => answer({body: completion(text)}))));
const streamed = (text) => stream([...text.match(/.{1,4}/gs).map((content) => deltaEvent({content})), deltaEvent({}, {finish: 'stop'}), doneEvent]);
const messages = [{role: 'system', content: 'Be brief.'}, {role: 'user', content: 'Which city?'}];
const wanted = {model: 'm', messages, response_format: {type: 'json_schema', json_schema: {name: 's', schema}}};
const contentOf = (got) => JSON.parse(got.body).choices[0].message.content;
// The nth access record.
const recordOf = (gateway, count = 1) =>
    gateway.until(`record ${count}`, () => gateway.records.filter((r) => r.request_id && r.path)[count - 1]);

describe('an answer that misses its schema', () => {
  test('is asked for again, and the caller gets the second', () => withGateway({repair}, async (gateway) => {
    replies(bad, good);
    // What stands in the body stays as it is, spaces and all.
    const body = `{"model":"m", "messages" : ${json(messages).replaceAll('},', '} , ')} ,"x":1e2,"response_format":${json(wanted.response_format)}}`;
    const got = await chat(gateway.api, body);
    assert.equal(got.status, 200);
    assert.equal(contentOf(got), good);
    assert.equal(got.headers['x-gatehouse-attempts'], '2');
    assert.equal(got.headers['x-gatehouse-guard'], 'allow');
    assert.equal(upstream.requests.length, 2);
    const [first, second] = upstream.requests.map((r) => r.body.toString());
    assert.equal(first, body.replace('"m"', '"gpt-4o"'));
    const at = first.indexOf(']', first.indexOf('Which city'));
    assert.ok(second.startsWith(first.slice(0, at)) && second.endsWith(first.slice(at)), second);
    const told = JSON.parse(second).messages;
    assert.deepEqual(told.slice(0, 3), [...messages, {role: 'assistant', content: bad}]);
    assert.equal(told.length, 4);
    assert.equal(told[3].role, 'user');
    isTold(told[3].content);
    assert.ok(!told[3].content.includes('town'), "the answer's own words are in the answer");
    const record = await recordOf(gateway);
    assert.equal(record.guard_repair, 'repaired');
    assert.equal(record.guard_repair_attempts, 1);
    assert.equal(record.attempts, 2);
    assert.equal(record.total_tokens, 20);
    assert.deepEqual(record.guard_findings.map((f) => [f.detector, f.action]), [['schema', 'log']]);
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    assert.match(metrics, /^gatehouse_guard_repairs_total\{result="repaired"\} 1$/m);
  }));

  test('twice is blocked, and not asked for a third time', () => withGateway({repair}, async (gateway) => {
    replies(bad, worse, good);
    const got = await chat(gateway.api, wanted);
    assert.equal(got.status, 403);
    assert.equal(JSON.parse(got.body).error.code, 'content_blocked');
    assert.ok(!got.body.includes('Bern'));
    assert.equal(upstream.requests.length, 2);
    const record = await recordOf(gateway);
    assert.equal(record.guard_repair, 'missed');
    assert.equal(record.guard, 'block');
    assert.equal(record.total_tokens, 20);
  }));

  test('is repaired as often as it may; each time the last answer is shown', () => withGateway({repair: {attempts: 3}}, async (gateway) => {
    replies(bad, worse, '[1]', good);
    const got = await chat(gateway.api, wanted);
    assert.equal(contentOf(got), good);
    assert.deepEqual(upstream.requests.slice(1).map((r) => r.json.messages[2].content), [bad, worse, '[1]']);
    assert.deepEqual(upstream.requests.slice(1).map((r) => r.json.messages.length), [4, 4, 4]);
    assert.equal((await recordOf(gateway)).guard_repair_attempts, 3);
  }));

  test('is flagged where that is the action', () => withGateway({repair, action: 'flag'}, async (gateway) => {
    replies(bad, worse);
    const got = await chat(gateway.api, wanted);
    assert.equal(got.status, 200);
    assert.equal(contentOf(got), worse);
    assert.equal(got.headers['x-gatehouse-guard'], 'flag');
  }));

  test('is not asked for again by default, nor by a policy that only watches', async () => {
    for (const guard of [{}, {repair, mode: 'monitor', action: 'block'}]) {
      upstream.reset();
      await withGateway(guard, async (gateway) => {
        replies(bad, good);
        assert.equal((await chat(gateway.api, wanted)).status, guard.mode ? 200 : 403);
        assert.equal(upstream.requests.length, 1);
      });
    }
  });

  test("misses the operator's own, which the model is shown", () => {
    const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-')), 'schema.json');
    writeFileSync(file, json(schema));
    return withGateway({file, repair}, async (gateway) => {
      replies(bad, good);
      assert.equal(contentOf(await chat(gateway.api, {model: 'm', messages})), good);
      assert.ok(upstream.requests[1].json.messages[3].content.includes(json(schema)));
    });
  });

  test('goes on as it is where it cannot be repaired', () => withGateway({repair, action: 'flag'}, async (gateway) => {
    const told = (change) => {
      const body = JSON.parse(completion(bad));
      change(body);
      upstream.always(inTurn(answer({body: json(body)}), answer({body: completion(good)})));
    };
    for (const [why, change, more] of [
           ['cut', (b) => { b.choices[0].finish_reason = 'length'; }],
           ['filtered', (b) => { b.choices[0].finish_reason = 'content_filter'; }],
           ['a call', (b) => {
             b.choices[0].message.tool_calls = [{id: 'c', type: 'function', function: {name: 'f', arguments: '{}'}}];
             b.choices[0].finish_reason = 'tool_calls';
           }],
           ['two choices', () => {}, {n: 2}],
           ['a beginning of the answer', () => {}, {messages: [...messages, {role: 'assistant', content: '{'}]}],
         ]) {
      upstream.reset();
      told(change);
      const got = await chat(gateway.api, {...wanted, ...more});
      assert.equal(contentOf(got), bad, why);
      assert.equal(upstream.requests.length, 1, why);
    }
  }));

  test('counts when the further call comes to nothing', () => withGateway({repair, action: 'flag'}, async (gateway) => {
    let count = 0;
    for (const failing of [
           answer({status: 500, body: '{"error":{"message":"down"}}'}),
           answer({status: 429, body: '{"error":{"message":"later"}}'}),
           hangUp(),
         ]) {
      upstream.reset();
      upstream.always(inTurn(answer({body: completion(bad)}), failing));
      const got = await chat(gateway.api, wanted);
      assert.equal(got.status, 200);
      assert.equal(contentOf(got), bad);
      assert.equal(got.headers['x-gatehouse-guard'], 'flag');
      const record = await recordOf(gateway, ++count);
      assert.equal(record.guard_repair, 'failed');
      assert.equal(record.total_tokens, 10);
    }
  }));

  test('counts when the time for repairs is up', () => withGateway({repair: {attempts: 3, within: '1s'}, action: 'flag'}, async (gateway) => {
    upstream.always(inTurn(answer({body: completion(bad)}), never()));
    const got = await chat(gateway.api, wanted);
    assert.equal(contentOf(got), bad);
    assert.equal(upstream.requests.length, 2);
    assert.equal((await recordOf(gateway)).guard_repair, 'failed');
  }));

  test('what policy takes out does not leave with the second call, and comes back with its answer', () => withGateway(
      {repair},
      async (gateway) => {
        const email = 'erika.mustermann@example.org';
        // The model uses the token that stands for the address.
        const told = (member) => (x) => answer({body: completion(json({[member]: /\[PII:[^\]]*\]/.exec(x.request.json.messages[1].content)[0]}))})(x);
        upstream.always(inTurn(told('town'), told('city')));
        const got = await chat(gateway.api, {...wanted, messages: [messages[0], {role: 'user', content: `Mail ${email}`}]});
        assert.equal(contentOf(got), json({city: email}));
        assert.equal(upstream.requests.length, 2);
        for (const request of upstream.requests) assert.ok(!request.body.includes('erika'), request.body.toString());
      },
      {guards: {pii: {request: 'redact', style: 'token'}}}));
});

describe('a stream', () => {
  test('of a good answer passes byte for byte; of a bad one nothing is seen', () => withGateway({repair}, async (gateway) => {
    upstream.always(streamed(good));
    const passed = await chat(gateway.api, {...wanted, stream: true});
    const untouched = passed.body.toString();
    assert.equal(eventData(passed.body).map((d) => d === '[DONE]' ? '' : JSON.parse(d).choices[0].delta.content ?? '').join(''), good);
    upstream.reset();
    upstream.always(inTurn(streamed(bad), streamed(good)));
    const got = await chat(gateway.api, {...wanted, stream: true});
    assert.equal(got.body.toString(), untouched);
    assert.equal(upstream.requests.length, 2);
    assert.equal(upstream.requests[1].json.stream, true);
    isTold(upstream.requests[1].json.messages[3].content);
    upstream.reset();
    upstream.always(inTurn(streamed(bad), streamed(worse)));
    const stopped = (await chat(gateway.api, {...wanted, stream: true})).body.toString();
    assert.ok(!stopped.includes('Bern') && !stopped.includes('town'), stopped);
    assert.match(stopped, /content_filter/);
  }));

  test('that breaks off in the second call leaves the first', () => withGateway({repair, action: 'flag'}, async (gateway) => {
    upstream.always(inTurn(streamed(bad), async (x) => {
      await stream([deltaEvent({content: '{"ci'})], {done: false})(x);
      x.end();
    }));
    const got = (await chat(gateway.api, {...wanted, stream: true})).body.toString();
    assert.ok(got.includes('[DONE]') && !got.includes('{\\"ci'), got);
    assert.equal((await recordOf(gateway)).guard_repair, 'failed');
  }));
});

describe('other dialects', () => {
  const told = (text) => ({type: 'text', text});
  const claude = (text) => json({
    id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-m', content: [told(text)], stop_reason: 'end_turn',
    stop_sequence: null, usage: {input_tokens: 9, output_tokens: 7}
  });
  const google = (text) => json({
    candidates: [{content: {parts: [{text}], role: 'model'}, index: 0, finishReason: 'STOP'}],
    usageMetadata: {promptTokenCount: 9, candidatesTokenCount: 3, totalTokenCount: 12}, modelVersion: 'gemini-m', responseId: 'r'
  });
  const response = (text) => json({
    id: 'resp_1', object: 'response', status: 'completed', model: 'm', usage: {input_tokens: 1, output_tokens: 1, total_tokens: 2},
    output: [{id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{type: 'output_text', text, annotations: []}]}]
  });
  const bearer = [['Authorization', `Bearer ${callerKey}`]];
  const anthropic = [['x-api-key', callerKey], ['anthropic-version', '2023-06-01']];
  const post = (gateway, path, headers, body) =>
      call(gateway.api, {path, headers: [...headers, ['Content-Type', 'application/json']], body: json(body)});
  const asked = {max_tokens: 50, messages: [{role: 'user', content: 'x'}], output_config: {format: {type: 'json_schema', schema}}};
  const cases = {
    "Anthropic's to its own": {
      ask: (gateway) => post(gateway, '/v1/messages', anthropic, {model: 'claude-m', ...asked}),
      reply: claude,
      more: (body) => body.messages.slice(1).map((m) => [m.role, m.content]),
      roles: ['assistant', 'user'],
    },
    "Gemini's to its own": {
      ask: (gateway) => post(gateway, '/v1beta/models/gemini-m:generateContent', [['x-goog-api-key', callerKey]], {
        contents: [{role: 'user', parts: [{text: 'x'}]}], generationConfig: {responseMimeType: 'application/json', responseJsonSchema: schema}
      }),
      reply: google,
      more: (body) => body.contents.slice(1).map((m) => [m.role, m.parts[0].text]),
      roles: ['model', 'user'],
    },
    'responses to their own': {
      ask: (gateway) => post(gateway, '/v1/responses', bearer, {
        model: 'm', input: 'x', text: {format: {type: 'json_schema', name: 's', schema}}
      }),
      reply: response,
      more: (body) => body.input.slice(1).map((m) => [m.role, m.content]),
      roles: ['assistant', 'user'],
    },
    "Anthropic's to OpenAI's": {
      ask: (gateway) => post(gateway, '/v1/messages', anthropic, {model: 'm', ...asked}),
      reply: (text) => completion(text),
      more: (body) => body.messages.slice(1).map((m) => [m.role, m.content]),
      roles: ['assistant', 'user'],
    },
    "OpenAI's to Anthropic's, streamed": {
      ask: (gateway) => post(gateway, '/v1/chat/completions', bearer, {...wanted, model: 'claude-m', messages: messages.slice(1), stream: true}),
      reply: claude,
      more: (body) => body.messages.slice(1).map((m) => [m.role, typeof m.content === 'string' ? m.content : m.content[0].text]),
      roles: ['assistant', 'user'],
    },
    "responses to Gemini's": {
      ask: (gateway) => post(gateway, '/v1/responses', bearer, {
        model: 'gemini-m', input: 'x', text: {format: {type: 'json_schema', name: 's', schema}}
      }),
      reply: google,
      more: (body) => body.contents.slice(1).map((m) => [m.role, m.parts[0].text]),
      roles: ['model', 'user'],
    },
  };
  for (const [name, at] of Object.entries(cases)) {
    test(name, () => withGateway({repair}, async (gateway) => {
           upstream.always(inTurn(...[bad, good].map((text) => answer({body: at.reply(text)}))));
           const got = await at.ask(gateway);
           assert.equal(got.status, 200, got.body.toString());
           assert.ok(!got.body.includes('town'), got.body.toString());
           const plain = got.body.toString().replaceAll('\\"', '"');
           assert.ok(plain.includes('Bern'), plain);
           assert.equal(upstream.requests.length, 2);
           const more = at.more(upstream.requests[1].json);
           assert.deepEqual(more.map(([role]) => role), at.roles);
           assert.equal(more[0][1], bad);
           isTold(more[1][1]);
           const record = await recordOf(gateway);
           assert.equal(record.guard_repair, 'repaired');
           assert.equal(record.attempts, 2);
         }));
  }
});

describe('every call is paid for', () => {
  // A dollar a token, so that money and tokens are the same number.
  const prices = [{model: '*', input: 1000000, output: 1000000}];
  const usage = {prompt_tokens: 50, completion_tokens: 5, total_tokens: 55};
  const paid = (text) => answer({body: json({...JSON.parse(completion(text)), usage})});
  const asked = {...wanted, max_tokens: 20};
  const budget = (usd) => ({settings: {prices, budgets: [{scope: 'key:caller', window: 'day', usd}]}});

  test('both, as one request', () => withGateway({repair}, async (gateway) => {
    upstream.always(inTurn(paid(bad), paid(good)));
    const got = await chat(gateway.api, asked);
    assert.equal(contentOf(got), good);
    assert.equal(Number(got.headers['x-gatehouse-cost-usd']), 110);
    assert.equal(JSON.parse(got.body).usage.total_tokens, 55, "the caller's answer tells its own");
    assert.equal((await recordOf(gateway)).total_tokens, 110);
    // What is left is what is left after both: else there were room for a third.
    upstream.always(paid(good));
    for (const status of [200, 200, 429]) assert.equal((await chat(gateway.api, asked)).status, status);
  }, budget(250)));

  test('a second one that nobody could pay for is not made', () => withGateway({repair, action: 'flag'}, async (gateway) => {
    upstream.always(inTurn(paid(bad), paid(good)));
    const got = await chat(gateway.api, asked);
    assert.equal(got.status, 200);
    assert.equal(contentOf(got), bad);
    assert.equal(upstream.requests.length, 1);
    assert.equal(Number(got.headers['x-gatehouse-cost-usd']), 55);
    assert.equal((await recordOf(gateway)).guard_repair, 'unaffordable');
  }, budget(130)));

  test('a request is counted once', () => withGateway({repair}, async (gateway) => {
    upstream.always(inTurn(paid(bad), paid(good), paid(good)));
    assert.equal((await chat(gateway.api, asked)).status, 200);
    assert.equal((await chat(gateway.api, asked)).status, 200);
    assert.equal((await chat(gateway.api, asked)).status, 429);
    assert.equal(upstream.requests.length, 3);
  }, {settings: {budgets: [{scope: 'key:caller', window: 'day', requests: 2}]}}));
});

test('a caller who leaves takes the second call along', () => withGateway({repair}, async (gateway) => {
  const arrived = gate();
  upstream.always(inTurn(answer({body: completion(bad)}), (x) => {
    arrived.open();
    return x.gone;
  }));
  const client = await RawClient.connect(gateway.api);
  const body = json(wanted);
  await client.send(`POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${callerKey}\r\n` +
                     `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  await within(5000, 'the second call', arrived.opened);
  client.destroy();
  await eventually('the upstream call to end', async () => upstream.requests[1].abortedAt !== null);
  const record = await recordOf(gateway);
  assert.equal(record.finish, 'client_closed');
  assert.equal(record.attempts, 2);
}));
