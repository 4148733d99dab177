// Who may spend what, asked of the upstream's own ledger: nothing is forwarded that nobody could pay for, and nobody is
// refused while there is money left.
import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';

import OpenAI from 'openai';

import {answer, completion, deltaEvent, doneEvent, gate, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, chat, eventData, hello} from './lib/http.mjs';
import {eventually, within} from './lib/wait.mjs';

// A dollar a token, so that money and tokens are the same number. "hello" is 8 prompt tokens by OpenAI's rules.
const kDollarATokens = [{model: '*', input: 1000000, output: 1000000}];
// A model whose tokens are counted exactly; of others the first answers teach how many there are.
const kExact = [{name: 'm', targets: [{provider: 'up', model: 'gpt-4o'}]}];
const kPrompt = 8;
const kCompletion = 5;
const kCost = kPrompt + kCompletion;
const usage = {prompt_tokens: kPrompt, completion_tokens: kCompletion, total_tokens: kCost};
const paid = answer({body: JSON.stringify({...JSON.parse(completion('ok')), usage})});
const usageEvent = `data: ${JSON.stringify({id: 'c', object: 'chat.completion.chunk', choices: [], usage})}\n\n`;

let upstream;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always(paid);
});

async function withGateway(settings, body) {
  const gateway = await startGateway(configuration({upstream, models: kExact, prices: kDollarATokens, ...settings}));
  try {
    return await body(gateway);
  } finally {
    await gateway.stop();
  }
}

const ask = (gateway, more = {}, options) => chat(gateway.api, hello('m', {max_tokens: kCompletion, ...more}), options);
// Requests that the gateway has begun with and not ended.
const inFlight = (gateway, count) => eventually(`${count} requests in flight`, async () => {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  return new RegExp(`^gatehouse_requests_in_flight ${count}$`, 'm').test(text);
});
const code = (got) => JSON.parse(got.body).error.code;

describe('a budget that pays for exactly so many', () => {
  // The daily run is small; 100 of 1,000 is what docs/limits.md claims.
  const kPays = Number(process.env.GATEHOUSE_E2E_PAYS ?? 25);
  const kAsked = Number(process.env.GATEHOUSE_E2E_ASKED ?? 100);
  const scopes = {
    'one level': [{scope: 'key:caller', window: 'month', usd: kPays * kCost}],
    'three levels, the middle one is the tightest': [
      {scope: 'key:caller', window: 'lifetime', usd: 2 * kPays * kCost},
      {scope: 'team:testers', window: 'day', usd: kPays * kCost},
      {scope: 'org:default', window: 'week', usd: 3 * kPays * kCost},
    ],
    'tokens over a rolling hour': [{scope: 'team:testers', window: 'hour', rolling: true, tokens: kPays * kCost}],
    'requests': [{scope: 'org:default', window: 'day', requests: kPays}],
  };
  for (const [name, budgets] of Object.entries(scopes)) {
    test(`${name}: ${kPays} of ${kAsked} at once are forwarded`, () => withGateway({budgets}, async (gateway) => {
           const got = await Promise.all(Array.from({length: kAsked}, () => ask(gateway)));
           assert.equal(upstream.requests.length, kPays);
           assert.equal(got.filter((a) => a.status === 200).length, kPays);
           const refused = got.filter((a) => a.status === 429);
           assert.equal(refused.length, kAsked - kPays);
           for (const a of refused) {
             assert.equal(code(a), 'budget_exceeded');
             assert.equal(a.headers['x-should-retry'], 'false');
           }
         }));
  }

  test('streams among them, and callers who ask for more than they use', () => withGateway(
      {budgets: [{scope: 'team:testers', window: 'month', usd: kPays * kCost}]}, async (gateway) => {
        upstream.when(
            (request) => request.json.stream,
            stream([deltaEvent({content: 'ok'}), deltaEvent({}, {finish: 'stop'}), usageEvent, doneEvent]));
        const got = await Promise.all(Array.from(
            {length: kAsked}, (_, i) => ask(gateway, {stream: i % 2 === 0, max_tokens: kCompletion * (1 + i % 3)})));
        assert.equal(upstream.requests.length, kPays);
        assert.equal(got.filter((a) => a.status === 200).length, kPays);
      }));

  test('what failed before a provider saw it costs nothing', () => withGateway(
      {
        providers: [
          {name: 'up', kind: 'openai_compatible', base_url: `${upstream.url}/v1`},
          {name: 'away', kind: 'openai_compatible', base_url: 'http://127.0.0.1:1/v1'},
        ],
        models: [
          {name: 'm', targets: [{provider: 'up', model: 'gpt-4o'}]},
          {name: 'away', targets: [{provider: 'away', model: 'gpt-4o'}]},
        ],
        budgets: [{scope: 'key:caller', window: 'month', usd: 2 * kCost, requests: 2}],
      },
      async (gateway) => {
        for (let i = 0; i < 5; ++i) {
          assert.equal((await ask(gateway, {model: 'away'})).status, 502);
        }
        assert.equal((await ask(gateway)).status, 200);
        assert.equal((await ask(gateway)).status, 200);
        assert.equal((await ask(gateway)).status, 429);
      }));

  test('embeddings and operations that are passed through pay too', () => withGateway(
      {
        unknown_price: {request: 3},
        budgets: [{scope: 'key:caller', window: 'month', usd: 8}],
      },
      async (gateway) => {
        upstream.always(answer({body: JSON.stringify({object: 'list', data: [], usage: {prompt_tokens: 1, total_tokens: 1}})}));
        const headers = {authorization: `Bearer ${callerKey}`, 'content-type': 'application/json'};
        const embedding = {path: '/v1/embeddings', headers, body: JSON.stringify({model: 'm', input: 'hello'})};
        assert.equal((await call(gateway.api, embedding)).headers['x-gatehouse-cost-usd'], '1');
        const upload = {
          path: '/v1/files',
          headers: {...headers, 'content-type': 'multipart/form-data; boundary=x'},
          body: '--x--\r\n',
        };
        assert.equal((await call(gateway.api, upload)).status, 200);
        assert.equal((await call(gateway.api, upload)).status, 200);
        assert.equal((await call(gateway.api, upload)).status, 429);
        assert.equal(upstream.requests.length, 3);
      }));
});

describe('a completion without a limit of its own', () => {
  test('is bound by what there is money for, and the provider is told', () => withGateway(
      {budgets: [{scope: 'key:caller', window: 'month', usd: kPrompt + 100}]}, async (gateway) => {
        const got = await chat(gateway.api, hello('m'));
        assert.equal(got.status, 200);
        assert.equal(upstream.requests[0].json.max_tokens, 100);
        assert.equal(got.headers['x-gatehouse-cost-usd'], String(kCost));
      }));

  test('nothing is put in where nobody is limited', () => withGateway({}, async (gateway) => {
         await chat(gateway.api, hello('m'));
         assert.deepEqual(upstream.requests[0].json, hello('gpt-4o'));
       }));
});

describe('streams', () => {
  test('the usage that only the gateway asked for is kept from the caller', () => withGateway(
      {budgets: [{scope: 'key:caller', window: 'month', usd: 10 * kCost}]}, async (gateway) => {
        upstream.always(stream([deltaEvent({content: 'ok'}), deltaEvent({}, {finish: 'stop'}), usageEvent, doneEvent]));
        const got = await ask(gateway, {stream: true});
        assert.deepEqual(upstream.requests[0].json.stream_options, {include_usage: true});
        assert.doesNotMatch(got.body.toString(), /prompt_tokens/);
        assert.equal(eventData(got.body).at(-1), '[DONE]');
        const asked = await ask(gateway, {stream: true, stream_options: {include_usage: true}});
        assert.match(asked.body.toString(), /prompt_tokens/);
      }));

  test('one that outgrows its budget ends in order, is paid for, and its provider is stopped', () => withGateway(
      {
        completion: {default_tokens: 20},
        budgets: [{scope: 'key:caller', window: 'month', usd: kPrompt + 200}],
      },
      async (gateway) => {
        // A token each, more of them than anybody paid for; it never ends by itself.
        const endless = () => gate().opened;
        upstream.always(stream([...Array.from({length: 1000}, () => deltaEvent({content: ' word'})), endless]));
        const got = await within(10_000, 'the end', ask(gateway, {stream: true, max_tokens: undefined}));
        const events = eventData(got.body);
        assert.equal(events.at(-1), '[DONE]');
        assert.equal(JSON.parse(events.at(-2)).choices[0].finish_reason, 'length');
        const words = events.filter((data) => data.includes(' word')).length;
        assert.ok(words > 150 && words <= 200, `${words} words`);
        await upstream.until((u) => u.aborted.length === 1);
        const next = await ask(gateway);
        assert.equal(next.status, 429);
      }));

  test('a caller who leaves pays for what he was given', () => withGateway(
      {budgets: [{scope: 'key:caller', window: 'month', usd: 100}]}, async (gateway) => {
        // Settled by the gateway's own count: 8 and 30 words, so 62 are left.
        const endless = () => gate().opened;
        upstream.always(stream([...Array.from({length: 30}, () => deltaEvent({content: ' word'})), endless]));
        const controller = new AbortController();
        const client = new OpenAI({apiKey: callerKey, baseURL: `${gateway.url}/v1`, maxRetries: 0});
        const answered = await client.chat.completions.create(
            {...hello('m'), stream: true, max_tokens: 60}, {signal: controller.signal});
        let seen = 0;
        for await (const part of answered) {
          if (part.choices[0].delta.content) ++seen;
          if (seen === 30) break;
        }
        controller.abort();
        await upstream.until((u) => u.aborted.length === 1);
        upstream.always(paid);
        const got = await within(10_000, 'the money that was given back', (async () => {
          for (;;) {
            const next = await ask(gateway, {max_tokens: 62 - kPrompt});
            if (next.status === 200) return next;
          }
        })());
        assert.equal(upstream.requests.at(-1).json.max_tokens, 62 - kPrompt);
        assert.equal(got.status, 200);
      }));
});

describe('rates, queues and what callers are told', () => {
  test('the headers of the limits', () => withGateway(
      {keys: [{name: 'caller', key: callerKey, limits: {requests_per_minute: 10, tokens_per_minute: 1000}}]},
      async (gateway) => {
        const got = await ask(gateway);
        assert.equal(got.headers['x-ratelimit-limit-requests'], '10');
        assert.equal(got.headers['x-ratelimit-remaining-requests'], '9');
        assert.match(got.headers['x-ratelimit-reset-requests'], /^\d+s$/);
        assert.equal(got.headers['x-ratelimit-limit-tokens'], '1000');
        assert.equal(got.headers['x-ratelimit-remaining-tokens'], String(1000 - kCost));
      }));

  test('the official client backs off by retry-after and succeeds', () => withGateway(
      {
        keys: [{name: 'caller', key: callerKey, limits: {concurrency: 1}}],
        queue: {max_wait: '0s'},
      },
      async (gateway) => {
        const first = gate();
        upstream.when((request) => request.json.user === 'slow', async (exchange) => {
          await first.opened;
          await paid(exchange);
        });
        const slow = ask(gateway, {user: 'slow'});
        await upstream.until((u) => u.requests.length === 1);
        const refused = await ask(gateway);
        assert.equal(refused.status, 429);
        assert.equal(refused.headers['retry-after'], '1');
        assert.equal(code(refused), 'rate_limited');
        const client = new OpenAI({apiKey: callerKey, baseURL: `${gateway.url}/v1`, maxRetries: 5});
        const patient = client.chat.completions.create({...hello('m'), max_tokens: 5});
        await gateway.until('a second refusal', () => gateway.records.filter((r) => r.status === 429).length >= 2);
        first.open();
        assert.equal((await patient).choices[0].message.content, 'ok');
        assert.equal((await slow).status, 200);
      }));

  test('who finds the limit taken waits for his turn, the more urgent first', () => withGateway(
      {
        keys: [
          {name: 'caller', key: callerKey, team: 'testers'},
          {name: 'urgent', key: 'urgent-key-0123456789', team: 'testers', priority: 'critical'},
        ],
        teams: [{name: 'testers', limits: {concurrency: 1}}],
      },
      async (gateway) => {
        const first = gate();
        upstream.when((request) => request.json.user === 'slow', async (exchange) => {
          await first.opened;
          await paid(exchange);
        });
        const slow = ask(gateway, {user: 'slow'});
        await upstream.until((u) => u.requests.length === 1);
        const waiting = ask(gateway, {user: 'patient'});
        await inFlight(gateway, 2);
        const urgent = call(gateway.api, {
          headers: {authorization: 'Bearer urgent-key-0123456789', 'content-type': 'application/json'},
          body: JSON.stringify(hello('m', {max_tokens: kCompletion, user: 'urgent'})),
        });
        await inFlight(gateway, 3);
        first.open();
        const got = await Promise.all([slow, waiting, urgent]);
        assert.deepEqual(got.map((a) => a.status), [200, 200, 200]);
        assert.deepEqual(upstream.requests.map((r) => r.json.user), ['slow', 'urgent', 'patient']);
        assert.match(got[1].headers['x-gatehouse-queued-ms'], /^\d+$/);
      }));

  test('a soft limit warns and puts a cheaper model in place', () => withGateway(
      {
        models: [
          {name: 'm', targets: [{provider: 'up', model: 'gpt-4o'}]},
          {name: 'cheap', targets: [{provider: 'up', model: 'cheap-one'}]},
        ],
        budgets: [{
          scope: 'team:testers',
          window: 'month',
          usd: 10 * kCost,
          soft: 0.5,
          on_soft: {downgrade_to: 'cheap'},
        }],
      },
      async (gateway) => {
        for (let i = 0; i < 5; ++i) await ask(gateway);
        const got = await ask(gateway);
        assert.equal(got.status, 200);
        assert.match(got.headers['x-gatehouse-warning'], /budget nearly used: team testers.*downgraded to cheap/);
        assert.equal(upstream.requests.at(0).json.model, 'gpt-4o');
        assert.equal(upstream.requests.at(-1).json.model, 'cheap-one');
      }));

  test('tags and priorities that cannot be read are refused', () => withGateway({}, async (gateway) => {
         for (const [name, value] of [['x-gatehouse-tags', 'no-equals-sign'], ['x-gatehouse-priority', 'first']]) {
           const got = await ask(gateway, {}, {headers: {[name]: value}});
           assert.equal(got.status, 400);
           assert.match(JSON.parse(got.body).error.message, new RegExp(name));
         }
         assert.equal(upstream.requests.length, 0);
       }));
});
