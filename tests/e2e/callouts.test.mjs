// External guards: what they are shown, what their verdicts do, and what happens when they fail. The upstream's ledger
// shows what left, the callout's own what it was asked.
import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, completion, deltaEvent, doneEvent, gate, hangUp, never, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration, oneWorker} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, chat, eventData} from './lib/http.mjs';
import {eventually} from './lib/wait.mjs';

const email = 'erika.mustermann@example.org';

let upstream;
let guard;
let second;
before(async () => {
  [upstream, guard, second] = await Promise.all([0, 1, 2].map(() => ScriptedUpstream.start()));
});
after(() => Promise.all([upstream, guard, second].map((server) => server.close())));
beforeEach(() => {
  for (const server of [upstream, guard, second]) server.reset();
  upstream.always(answer({body: completion('ok')}));
  guard.always(verdict({action: 'allow'}));
});

const verdict = (body) => answer({body: JSON.stringify(body)});
const callout = (more = {}, at = guard, name = 'outside') => ({name, url: `${at.url}/judge?v=1`, key: 'callout-key-123', timeout: '2s', ...more});
const settings = (more = {}, guards = {}) => ({
  callouts: [callout(more)],
  policies: [{name: 'p', guards: {callouts: ['outside'], ...guards}}],
});

async function withGateway(more, body) {
  const gateway = await startGateway(configuration({upstream, ...oneWorker, ...more}));
  try {
    return await body(gateway);
  } finally {
    await gateway.stop();
  }
}

const say = (gateway, content, more = {}) => chat(gateway.api, {model: 'm', messages: [{role: 'user', content}], ...more});
const errorOf = (got) => JSON.parse(got.body).error;
const recordOf = (gateway) => gateway.until('the record', () => gateway.records.find((r) => r.guard !== undefined));

describe('requests', () => {
  test('a webhook is asked before anything leaves, and its word counts', () => withGateway(settings(), async (gateway) => {
    assert.equal((await say(gateway, 'hello')).status, 200);
    const [asked] = guard.requests;
    assert.equal(asked.method, 'POST');
    assert.equal(asked.target, '/judge?v=1');
    assert.equal(asked.header('authorization'), 'Bearer callout-key-123');
    assert.equal(asked.header('content-type'), 'application/json');
    assert.equal(asked.json.direction, 'request');
    assert.deepEqual(asked.json.policies, ['p']);
    assert.ok(asked.json.id);
    assert.deepEqual(asked.json.texts.find((t) => t.role === 'user'), {role: 'user', kind: 'text', text: 'hello'});
    assert.ok(!asked.headBytes.toString().includes(callerKey));
    assert.equal(upstream.requests.length, 1);

    guard.always(verdict({action: 'block', detector: 'topics.politics', reason: 'about hello'}));
    const refused = await say(gateway, 'hello again');
    assert.equal(refused.status, 403);
    assert.equal(errorOf(refused).code, 'content_blocked');
    assert.match(errorOf(refused).message, /callout\.outside/);
    assert.ok(!refused.body.toString().includes('about hello'));
    assert.equal(refused.headers['x-gatehouse-guard'], 'block');
    assert.equal(upstream.requests.length, 1);

    const record = await gateway.until('the record', () => gateway.records.find((r) => r.guard === 'block'));
    const [finding] = record.guard_findings;
    assert.equal(finding.detector, 'callout.outside');
    assert.equal(finding.entity, 'topics.politics');
    assert.equal(finding.action, 'block');
    assert.ok(!JSON.stringify(record).includes('about hello'));
  }));

  test('connections are kept', () => withGateway(settings(), async (gateway) => {
    for (let i = 0; i < 3; ++i) assert.equal((await say(gateway, 'hello')).status, 200);
    assert.equal(new Set(guard.requests.map((r) => r.connection)).size, 1);
  }));

  test('flag passes and shows; the configuration bounds what a verdict does', () => withGateway(settings({action: 'flag'}), async (gateway) => {
    for (const action of ['flag', 'block']) {
      guard.always(verdict({action}));
      const got = await say(gateway, 'hello');
      assert.equal(got.status, 200);
      assert.equal(got.headers['x-gatehouse-guard'], 'flag');
    }
    assert.equal(upstream.requests.length, 2);
  }));

  test('it is shown what our own detectors left, and may redact more', () => withGateway(
      settings({}, {pii: {request: 'redact'}}), async (gateway) => {
        guard.always((x) => {
          const index = x.request.json.texts.findIndex((t) => t.role === 'user');
          const {text} = x.request.json.texts[index];
          assert.equal(text, 'mail [EMAIL] about Nightingale, grün');
          const at = (word) => Buffer.byteLength(text.slice(0, text.indexOf(word)));
          return verdict({action: 'redact', replacements: [
            {text: index, begin: at('Nightingale'), end: at('Nightingale') + 11, replacement: '[CODENAME]'},
            {text: index, begin: at('grün'), end: at('grün') + 5, replacement: '[COLOUR]'},
          ]})(x);
        });
        const body = `{"model": "m", "messages":[{"role":"user","content":"mail ${email} about \\u004eightingale, grün"}] , "n":1}`;
        const got = await chat(gateway.api, body);
        assert.equal(got.status, 200);
        assert.ok(!guard.requests[0].body.toString().includes('erika'));
        assert.equal(got.headers['x-gatehouse-guard'], 'redact');
        assert.equal(upstream.requests[0].body.toString(),
                     '{"model": "m", "messages":[{"role":"user","content":"mail [EMAIL] about [CODENAME], [COLOUR]"}] , "n":1}');
      }));

  test('what our own detectors block is not shown', () => withGateway(settings({}, {pii: {request: 'block'}}), async (gateway) => {
    assert.equal((await say(gateway, email)).status, 403);
    assert.equal(guard.requests.length, 0);
  }));

  test('several are asked at the same time, and the strictest wins', () => withGateway(
      {
        callouts: [callout(), callout({}, second, 'other')],
        policies: [{name: 'p', guards: {callouts: ['outside']}}, {name: 'q', guards: {callouts: ['other', 'outside']}}],
      },
      async (gateway) => {
        // Each answers only once the other was asked too.
        const both = gate();
        const meet = (word) => async (x) => {
          if (guard.requests.length + second.requests.length === 2) both.open();
          await both.opened;
          await verdict({action: word})(x);
        };
        guard.always(meet('allow'));
        second.always(meet('block'));
        const got = await say(gateway, 'hello');
        assert.equal(got.status, 403);
        assert.match(errorOf(got).message, /callout\.other/);
        assert.equal(upstream.requests.length, 0);
      }));

  test('policies that do not hold ask nobody; nor do those of answers', () => withGateway(
      {callouts: [callout({request: false, response: true})],
       policies: [{name: 'p', applies_to: {teams: ['elsewhere']}, guards: {callouts: ['outside']}},
                  {name: 'q', applies_to: {tags: ['a=b']}, guards: {callouts: ['outside']}}]},
      async (gateway) => {
        assert.equal((await say(gateway, 'hello')).status, 200);
        assert.equal(guard.requests.length, 0);
      }));

  test('uploads are refused where it may not be passed by', () => withGateway(settings(), async (gateway) => {
    const got = await call(gateway.api, {
      path: '/v1/files',
      headers: [['Authorization', `Bearer ${callerKey}`], ['Content-Type', 'multipart/form-data; boundary=b']],
      body: '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n',
    });
    assert.equal(got.status, 403);
    assert.equal(upstream.requests.length, 0);
  }));
});

describe('OpenAI moderation', () => {
  const result = (scores, flagged) => ({flagged, categories: Object.fromEntries(Object.keys(scores).map((k) => [k, flagged])), category_scores: scores});
  const judged = (of) => (x) => verdict({id: 'modr-1', model: 'omni', results: x.request.json.input.map(of)})(x);

  test('goes by its verdict', () => withGateway(settings({shape: 'openai_moderation', model: 'omni'}), async (gateway) => {
    guard.always(judged((text) => result({violence: text.includes('bad') ? 0.6 : 0.01}, text.includes('bad'))));
    assert.equal((await say(gateway, 'good')).status, 200);
    assert.equal(guard.requests[0].json.model, 'omni');
    assert.ok(guard.requests[0].json.input.includes('good'));
    const got = await say(gateway, 'bad');
    assert.equal(got.status, 403);
    const record = await gateway.until('the record', () => gateway.records.find((r) => r.guard === 'block'));
    assert.equal(record.guard_findings[0].entity, 'violence');
    assert.equal(record.guard_findings[0].score, 0.6);
    assert.equal(upstream.requests.length, 1);
  }));

  test('or by scores', () => withGateway(settings({shape: 'openai_moderation', model: 'omni', threshold: 0.5}), async (gateway) => {
    guard.always(judged(() => result({'harassment/threatening': 0.49}, true)));
    assert.equal((await say(gateway, 'x')).status, 200);
    guard.always(judged(() => result({'harassment/threatening': 0.5}, false)));
    assert.equal((await say(gateway, 'x')).status, 403);
  }));
});

describe('failures', () => {
  const ways = {
    'hangs': () => never(),
    'hangs up': () => hangUp(),
    'resets': () => hangUp({reset: true}),
    'says 500': () => answer({status: 500, body: '{"action":"allow"}'}),
    'redirects': () => answer({status: 307, headers: {location: `${second.url}/`}, body: '{"action":"allow"}'}),
    'says garbage': () => answer({body: 'allow'}),
    'says something else': () => answer({body: '{"ok":true}'}),
    'says nothing': () => answer({body: ''}),
    'says too much': () => answer({body: `{"action":"allow","pad":"${'x'.repeat(5 << 20)}"}`}),
    'says half of it': () => async (x) => {
      await x.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"action":"allow"}');
      x.end();
    },
  };
  for (const mode of ['closed', 'open']) {
    test(`${mode}: ${mode === 'closed' ? 'nothing leaves' : 'it passes'}, and the record says so`, () => withGateway(
        settings({on_failure: mode, timeout: '300ms', breaker_failures: 1000}), async (gateway) => {
          let seen = 0;
          for (const [how, behaviour] of Object.entries(ways)) {
            guard.always(behaviour());
            const sent = upstream.requests.length;
            const got = await say(gateway, 'hello');
            assert.equal(got.status, mode === 'closed' ? 403 : 200, how);
            assert.equal(upstream.requests.length - sent, mode === 'closed' ? 0 : 1, how);
            assert.equal(got.headers['x-gatehouse-guard'], mode === 'closed' ? 'block' : 'allow', how);
            if (mode === 'closed') assert.match(errorOf(got).message, /could not be judged/, how);
            const record = await gateway.until('the record', () => gateway.records.filter((r) => r.guard !== undefined)[seen]);
            ++seen;
            assert.match(record.guard_failure, /^callout\.outside /, how);
            assert.equal(record.guard_findings[0].entity, 'unavailable', how);
            assert.equal(record.guard_findings[0].detector, 'callout.outside', how);
            if (how === 'hangs') assert.match(record.guard_failure, /in time/);
            if (how === 'says 500') assert.match(record.guard_failure, /500/);
          }
          assert.equal(second.requests.length, 0, 'a redirect is not followed');
          const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
          assert.match(metrics, new RegExp(`gatehouse_guard_failures_total\\{[^}]*${mode}[^}]*\\} ${seen}`));
        }));
  }

  test('one that blocks is heard though another fails open', () => withGateway(
      {callouts: [callout({on_failure: 'open', timeout: '200ms'}), callout({}, second, 'other')],
       policies: [{name: 'p', guards: {callouts: ['outside', 'other']}}]},
      async (gateway) => {
        guard.always(never());
        second.always(verdict({action: 'block'}));
        assert.equal((await say(gateway, 'hello')).status, 403);
        assert.equal(upstream.requests.length, 0);
      }));

  test('the breaker opens, asks nobody, and closes again', () => withGateway(
      settings({on_failure: 'open', breaker_failures: 3, breaker_pause: '700ms'}), async (gateway) => {
        guard.always(answer({status: 503}));
        for (let i = 0; i < 3; ++i) assert.equal((await say(gateway, 'hello')).status, 200);
        assert.equal(guard.requests.length, 3);
        const opened = performance.now();
        let skipped = 0;
        for (let i = 0; i < 5; ++i) {
          assert.equal((await say(gateway, 'hello')).status, 200);
          if (performance.now() - opened < 600) skipped = i + 1;
        }
        assert.ok(skipped > 0);
        assert.ok(guard.requests.length <= 3 + 5 - skipped, `${guard.requests.length} calls, ${skipped} while it was open`);
        const record = await gateway.until('a record of it', () => gateway.records.find((r) => /not asked/.test(r.guard_failure ?? '')));
        assert.equal(record.guard, 'allow');
        // Healthy again: the trial closes it, and everybody is judged.
        guard.always(verdict({action: 'block'}));
        await eventually('the breaker to close', async () => (await say(gateway, 'hello')).status === 403);
        for (let i = 0; i < 3; ++i) assert.equal((await say(gateway, 'hello')).status, 403);
      }));

  test('a caller who leaves ends the call', () => withGateway(settings({timeout: '60s'}), async (gateway) => {
    guard.always(never());
    const controller = new AbortController();
    const asking = fetch(`http://127.0.0.1:${gateway.api.port}/v1/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      headers: {authorization: `Bearer ${callerKey}`, 'content-type': 'application/json'},
      body: JSON.stringify({model: 'm', messages: [{role: 'user', content: 'hello'}]}),
    });
    asking.catch(() => {});
    await eventually('the callout to be asked', () => guard.requests.length === 1);
    controller.abort();
    await eventually('its connection to close', () => guard.requests[0].connection.endedAt !== null);
    assert.equal(upstream.requests.length, 0);
  }));

  test('a configuration that would show texts to everybody on the way is refused', async () => {
    for (const more of [{url: 'http://guard.example/judge'}, {url: 'ftp://127.0.0.1/'}, {action: 'redact'}, {request: false}]) {
      await assert.rejects(startGateway(configuration({upstream, ...settings(more)})), JSON.stringify(more));
    }
  });
});

describe('answers', () => {
  const answers = (more = {}, guards = {}) => settings({request: false, response: true, ...more}, guards);
  const words = (pieces) => [...pieces.map((content) => deltaEvent({content})), deltaEvent({}, {finish: 'stop'}), doneEvent];
  const said = (got) => eventData(got.body).filter((d) => d !== '[DONE]').map((d) => JSON.parse(d).choices?.[0]?.delta?.content ?? '').join('');

  test('a whole answer is shown before it is released', () => withGateway(answers({}, {pii: {response: 'redact'}}), async (gateway) => {
    upstream.always(answer({body: completion(`write to ${email}`)}));
    const got = await say(gateway, 'hello');
    assert.equal(JSON.parse(got.body).choices[0].message.content, 'write to [EMAIL]');
    assert.equal(guard.requests.length, 1);
    assert.equal(guard.requests[0].json.direction, 'response');
    assert.ok(guard.requests[0].json.texts.some((t) => t.text === 'write to [EMAIL]' && t.role === 'assistant'));
    guard.always(verdict({action: 'block'}));
    const blocked = await say(gateway, 'hello');
    assert.equal(blocked.status, 403);
    assert.match(errorOf(blocked).message, /callout\.outside/);
    guard.always((x) => verdict({action: 'redact', replacements: [
      {text: x.request.json.texts.findIndex((t) => t.text.startsWith('write')), begin: 0, end: 5, replacement: '[W]'}]})(x));
    const redacted = await say(gateway, 'hello');
    assert.equal(JSON.parse(redacted.body).choices[0].message.content, '[W] to [EMAIL]');
    assert.equal(redacted.headers['x-gatehouse-guard'], 'redact');
  }));

  test('what tokens stand for is never shown to it', () => withGateway(
      answers({}, {pii: {request: 'redact', response: 'redact', style: 'token'}}), async (gateway) => {
        const token = () => /\[PII:EMAIL:tok_[0-9a-z]{12}\]/.exec(upstream.requests.at(-1).body.toString())[0];
        upstream.always((x) => answer({body: completion(`wrote to ${token()}`)})(x));
        const whole = await say(gateway, `write to ${email}`);
        assert.equal(JSON.parse(whole.body).choices[0].message.content, `wrote to ${email}`);
        upstream.always((x) => stream(words([`wrote to ${token().slice(0, 9)}`, token().slice(9)]))(x));
        const streamed = await say(gateway, `write to ${email}`, {stream: true});
        assert.equal(said(streamed), `wrote to ${email}`);
        assert.equal(guard.requests.length, 2);
        for (const asked of guard.requests) assert.ok(!asked.body.toString().includes('erika'), asked.body.toString());
        assert.ok(guard.requests[1].json.texts.some((t) => t.text.includes(token())));
      }));

  test('a stream is held until its end, and passes byte for byte', () => withGateway(answers(), async (gateway) => {
    const events = words(['Once upon', ' a time']);
    const judged = gate();
    upstream.always(stream(events));
    guard.always(async (x) => {
      await judged.opened;
      await verdict({action: 'allow'})(x);
    });
    let done = false;
    const asking = say(gateway, 'hello', {stream: true}).then((got) => {
      done = true;
      return got;
    });
    await eventually('the callout to be asked', () => guard.requests.length === 1);
    assert.ok(!done);
    judged.open();
    const got = await asking;
    assert.equal(got.body.toString(), events.join(''));
    assert.deepEqual(guard.requests[0].json.texts.map((t) => t.text), ['Once upon a time']);
  }));

  test('a stream that is blocked ends in order without a word', () => withGateway(answers(), async (gateway) => {
    for (const word of [{action: 'block'}, {action: 'redact', replacements: [{text: 0, begin: 0, end: 4, replacement: 'x'}]}]) {
      upstream.always(stream([deltaEvent({role: 'assistant'}), ...words(['Once upon', ' a time'])]));
      guard.always(verdict(word));
      const got = await say(gateway, 'hello', {stream: true});
      assert.equal(got.status, 200);
      assert.equal(said(got), '');
      assert.match(got.body.toString(), /"role":"assistant"/);
      assert.match(got.body.toString(), /content_filter/);
      assert.equal(eventData(got.body).at(-1), '[DONE]');
    }
    const record = await recordOf(gateway);
    assert.equal(record.guard, 'block');
  }));

  test('of the responses API too', () => withGateway(answers(), async (gateway) => {
    const event = (type, more) => `event: ${type}\ndata: ${JSON.stringify({type, ...more})}\n\n`;
    const item = {id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{type: 'output_text', text: 'Once upon', annotations: []}]};
    upstream.always(stream([
      event('response.created', {sequence_number: 0, response: {id: 'resp_1', object: 'response', status: 'in_progress', model: 'm', output: []}}),
      event('response.output_text.delta', {sequence_number: 1, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Once '}),
      event('response.output_text.delta', {sequence_number: 2, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'upon'}),
      event('response.output_text.done', {sequence_number: 3, item_id: 'msg_1', output_index: 0, content_index: 0, text: 'Once upon'}),
      event('response.completed', {sequence_number: 4, response: {id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [item]}}),
    ]));
    guard.always(verdict({action: 'block'}));
    const got = await call(gateway.api, {
      path: '/v1/responses',
      headers: [['Authorization', `Bearer ${callerKey}`], ['Content-Type', 'application/json']],
      body: JSON.stringify({model: 'm', stream: true, input: 'x'}),
    });
    assert.ok(!got.body.toString().includes('upon'), got.body.toString());
    const last = JSON.parse(eventData(got.body).at(-1));
    assert.equal(last.type, 'response.incomplete');
    assert.equal(last.response.incomplete_details.reason, 'content_filter');
    assert.deepEqual(guard.requests[0].json.texts.map((t) => t.text), ['Once upon']);
  }));

  test('with `ending: error` it is an error', () => withGateway(answers({}, {ending: 'error'}), async (gateway) => {
    upstream.always(stream(words(['Once upon'])));
    guard.always(verdict({action: 'block'}));
    const got = await say(gateway, 'hello', {stream: true});
    assert.equal(got.status, 403);
    assert.equal(errorOf(got).code, 'content_blocked');
  }));

  test('a callout that fails: closed stops, open passes', async () => {
    for (const mode of ['closed', 'open']) {
      await withGateway(answers({on_failure: mode, timeout: '200ms'}), async (gateway) => {
        guard.always(never());
        const whole = await say(gateway, 'hello');
        assert.equal(whole.status, mode === 'closed' ? 403 : 200);
        upstream.always(stream(words(['Once upon'])));
        const streamed = await say(gateway, 'hello', {stream: true});
        assert.equal(said(streamed), mode === 'closed' ? '' : 'Once upon');
        const record = await recordOf(gateway);
        assert.match(record.guard_failure, /callout\.outside did not answer in time/);
        assert.equal(record.guard, mode === 'closed' ? 'block' : 'allow');
      });
    }
  });
});
