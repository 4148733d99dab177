// Callers who speak Anthropic's and Gemini's dialect to providers that do: bytes pass, what policy takes out does not,
// wherever a stream is cut, and an answer that is stopped ends so that the official clients take it for what it is.
import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import {GoogleGenAI} from '@google/genai';

import {answer, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, provider, providerKey} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey, eventData} from './lib/http.mjs';

const card = '4111 1111 1111 1111';
const iban = 'DE89 3704 0044 0532 0130 00';
const email = 'erika.mustermann@example.org';
const json = (value) => JSON.stringify(value);

let upstream;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => upstream.reset());

async function withGateway(guards, body) {
  const gateway = await startGateway(configuration({
    upstream,
    providers: [
      provider(upstream, {name: 'claude', kind: 'anthropic', path: ''}),
      provider(upstream, {name: 'google', kind: 'gemini', path: ''}),
    ],
    models: [model('claude-m', 'claude-m', {provider: 'claude'}), model('gemini-m', 'gemini-m', {provider: 'google'})],
    semantic: {enabled: false},  // patterns alone: what they find is known to the letter
    policies: [{name: 'p', guards}],
  }));
  try {
    return await body(gateway);
  } finally {
    await gateway.stop();
  }
}

// --- Anthropic's

const event = (type, more = {}) => `event: ${type}\ndata: ${json({type, ...more})}\n\n`;
const start = event('message_start', {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-m',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {input_tokens: 9, output_tokens: 1}
  }
});
const open = (index, block) => event('content_block_start', {index, content_block: block});
const grow = (index, delta) => event('content_block_delta', {index, delta});
const close = (index) => event('content_block_stop', {index});
const end = (reason = 'end_turn') =>
    event('message_delta', {delta: {stop_reason: reason, stop_sequence: null}, usage: {output_tokens: 7}}) +
    event('message_stop');
const message = (content, reason = 'end_turn') => json({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-m',
  content,
  stop_reason: reason,
  stop_sequence: null,
  usage: {input_tokens: 9, output_tokens: 7}
});
const read = (data, member) => data.map((d) => JSON.parse(d).delta?.[member] ?? '').join('');

// --- Gemini's

const chunkOf = (parts, more = {}) => `data: ${json({
  candidates: [{content: {parts, role: 'model'}, index: 0, ...more}],
  usageMetadata: {promptTokenCount: 9, candidatesTokenCount: 3, totalTokenCount: 12},
  modelVersion: 'gemini-m',
  responseId: 'r-1'
})}\r\n\r\n`;
const parts = (data) => data.flatMap((d) => JSON.parse(d).candidates?.[0]?.content?.parts ?? []);

// Ways in which a text reaches the caller: the events of an answer that says `pieces`, what the caller read of them, and
// the reason with which it is told to be stopped.
const anthropic = {
  path: '/v1/messages',
  headers: [['x-api-key', callerKey], ['anthropic-version', '2023-06-01']],
  request: {model: 'claude-m', max_tokens: 50, stream: true, messages: [{role: 'user', content: 'x'}]},
  reason: (data) => JSON.parse(data.at(-2)).delta.stop_reason,
  stopped: 'refusal',
};
const gemini = {
  path: '/v1beta/models/gemini-m:streamGenerateContent?alt=sse',
  headers: [['x-goog-api-key', callerKey]],
  request: {contents: [{role: 'user', parts: [{text: 'x'}]}]},
  reason: (data) => JSON.parse(data.at(-1)).candidates[0].finishReason,
  stopped: 'SAFETY',
};
const channels = {
  'text of a message': {
    ...anthropic,
    events: (pieces) =>
        [start, open(0, {type: 'text', text: ''}), event('ping'),
         ...pieces.map((text) => grow(0, {type: 'text_delta', text})), close(0), end()],
    read: (data) => read(data, 'text'),
  },
  'thinking of a message': {
    ...anthropic,
    events: (pieces) =>
        [start, open(0, {type: 'thinking', thinking: '', signature: ''}),
         ...pieces.map((thinking) => grow(0, {type: 'thinking_delta', thinking})),
         grow(0, {type: 'signature_delta', signature: 'EqQB'}), close(0), end()],
    read: (data) => read(data, 'thinking'),
  },
  'arguments of a message': {
    ...anthropic,
    json: true,
    events: (pieces) =>
        [start, open(0, {type: 'tool_use', id: 'toolu_1', name: 'f', input: {}}),
         ...['{"to":"', ...pieces, '"}'].map((partial_json) => grow(0, {type: 'input_json_delta', partial_json})),
         close(0), end('tool_use')],
    read: (data) => read(data, 'partial_json'),
  },
  'text of a candidate': {
    ...gemini,
    events: (pieces) => [...pieces.map((text) => chunkOf([{text}])), chunkOf([], {finishReason: 'STOP'})],
    read: (data) => parts(data).map((p) => p.text ?? '').join(''),
  },
  'thoughts of a candidate': {
    ...gemini,
    events: (pieces) =>
        [...pieces.map((text) => chunkOf([{text, thought: true}])), chunkOf([], {finishReason: 'STOP'})],
    read: (data) => parts(data).filter((p) => p.thought).map((p) => p.text ?? '').join(''),
  },
};
const ask = (gateway, channel, more = {}) => call(gateway.api, {
  path: channel.path,
  headers: [...channel.headers, ['Content-Type', 'application/json']],
  body: json({...channel.request, ...more}),
});

describe('answers, cut at every byte', () => {
  for (const [where, channel] of Object.entries(channels)) {
    test(`${where}: nothing of a value comes through`, () => withGateway({pii: {response: 'redact'}}, async (gateway) => {
      for (const value of [card, iban]) {
        const text = `The thing is ${value}, as asked.`;
        const at = text.indexOf(value);
        const cuts = [...Array(value.length + 1).keys()].map((i) => [text.slice(0, at + i), text.slice(at + i)]);
        cuts.push([...text]);
        for (const pieces of cuts) {
          upstream.always(stream(channel.events(pieces.filter((p) => p !== ''))));
          const got = await ask(gateway, channel);
          const raw = got.body.toString();
          assert.equal(got.status, 200, raw);
          const said = channel.read(eventData(got.body));
          assert.ok(!raw.includes(value), `${where}: ${raw}`);
          for (let i = 0; i + 8 <= value.length; ++i) {
            assert.ok(!said.includes(value.slice(i, i + 8)), `${where} cut ${json(pieces)}: ${said}`);
          }
          const framed = channel.json ? JSON.parse(said).to : said;
          assert.match(framed, /^The thing is \[[A-Z_0-9]+\], as asked\.$/, `${where} cut ${json(pieces)}`);
        }
      }
    }));

    test(`${where}: a blocked answer ends in order before the value`, () => withGateway({pii: {response: 'block'}}, async (gateway) => {
      upstream.always(stream(channel.events(['The thing ', 'is 4111 11', '11 1111 ', '1111 now', ' and more'])));
      const got = await ask(gateway, channel);
      const data = eventData(got.body);
      assert.ok(!got.body.toString().includes('1111'), got.body.toString());
      assert.equal(channel.reason(data), channel.stopped);
      assert.equal(got.headers['x-gatehouse-guard'], 'allow');  // as the head went out before
    }));
  }

  test('clean streams pass byte for byte', () => withGateway({pii: {response: 'redact'}, secrets: {}, unsafe_output: {}}, async (gateway) => {
    for (const channel of Object.values(channels)) {
      const events = channel.events(['Once upon', ' a ti', 'me there was', ' a gateway.']);
      upstream.always(stream(events));
      const got = await ask(gateway, channel);
      assert.equal(got.body.toString(), events.join(''));
    }
  }));

  test('whole answers take the same way', () => withGateway({pii: {response: 'redact', entities: {IBAN: 'block'}}}, async (gateway) => {
    const body = message([{type: 'text', text: `Your card is ${card}.`}, {type: 'tool_use', id: 't', name: 'f', input: {a: card}}]);
    upstream.always(answer({body}));
    const got = await ask(gateway, anthropic, {stream: false});
    assert.equal(got.body.toString(), body.replaceAll(card, '[CREDIT_CARD]'));
    upstream.always(answer({body: message([{type: 'text', text: iban}])}));
    const blocked = await ask(gateway, anthropic, {stream: false});
    assert.equal(blocked.status, 403);
    assert.equal(JSON.parse(blocked.body).error.type, 'permission_error');
    assert.equal(JSON.parse(blocked.body).error.code, 'content_blocked');
  }));
});

describe('requests', () => {
  test('what is redacted never leaves, in whatever place; the rest passes byte for byte', () => withGateway({pii: {request: 'redact'}}, async (gateway) => {
    upstream.always(answer({body: message([{type: 'text', text: 'ok'}])}));
    const body = `{"model": "claude-m", "max_tokens":5, "system": [ {"type":"text","text":"Ask ${email}"} ],
      "messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"sent to ${email}"},
      {"type":"document","source":{"type":"text","media_type":"text/plain","data":"by ${email}"},"title":"of ${email}"}]},
      {"role":"assistant","content":[{"type":"thinking","thinking":"mail ${email}","signature":"EqQB"},
      {"type":"tool_use","id":"t","name":"f","input":{"to":"${email}"}}]}], "new": {"deep":"${email}"}, "x": 1e2}`;
    const got = await call(gateway.api, {path: '/v1/messages', headers: [...anthropic.headers, ['Content-Type', 'application/json']], body});
    assert.equal(got.status, 200, got.body.toString());
    assert.equal(upstream.requests[0].body.toString(), body.replaceAll(email, '[EMAIL]'));

    upstream.reset();
    upstream.always(answer({body: json({candidates: [{content: {parts: [{text: 'ok'}], role: 'model'}, finishReason: 'STOP'}]})}));
    const contents = `{"contents":[{"role":"user","parts":[{"text":"to ${email}"},{"functionResponse":{"name":"f","response":{"a":["${email}"]}}}]}],
      "systemInstruction":{"parts":[{"text":"Ask ${email}"}]}, "new": {"deep":"${email}"}, "x": 1e2}`;
    const path = `/v1beta/models/gemini-m:generateContent?key=${callerKey}`;
    const told = await call(gateway.api, {path, headers: [['Content-Type', 'application/json']], body: contents});
    assert.equal(told.status, 200, told.body.toString());
    assert.equal(upstream.requests[0].body.toString(), contents.replaceAll(email, '[EMAIL]'));
    // The caller's key went no further, and into no record.
    const received = Buffer.concat(upstream.connections.flatMap((c) => c.received)).toString();
    assert.ok(!received.includes(callerKey), received);
    assert.ok(received.includes(providerKey));
    assert.ok(!gateway.log.includes(callerKey));
  }));
});

describe('official clients', () => {
  test('a stream that is stopped is a refusal to Anthropic’s', () => withGateway({pii: {response: 'block'}}, async (gateway) => {
    upstream.always(stream(channels['text of a message'].events(['The thing ', `is ${card} now`, ' and more'])));
    const client = new Anthropic({baseURL: gateway.url, apiKey: callerKey, maxRetries: 0});
    const made = await client.messages.stream({model: 'claude-m', max_tokens: 50, messages: [{role: 'user', content: 'x'}]}).finalMessage();
    assert.equal(made.stop_reason, 'refusal');
    assert.ok(!json(made).includes('4111'));
    // Of a call that is stopped nothing is made.
    upstream.always(stream(channels['arguments of a message'].events([`is ${card} now`])));
    const calls = client.messages.stream({model: 'claude-m', max_tokens: 50, messages: [{role: 'user', content: 'x'}]});
    const closed = [];
    calls.on('contentBlock', (block) => closed.push(block.type));
    assert.equal((await calls.finalMessage()).stop_reason, 'refusal');
    assert.deepEqual(closed, []);
  }));

  test('a stream that is stopped ended for safety to Google’s', () => withGateway({pii: {response: 'block'}}, async (gateway) => {
    upstream.always(stream(channels['text of a candidate'].events(['The thing ', `is ${card} now`, ' and more'])));
    const client = new GoogleGenAI({apiKey: callerKey, httpOptions: {baseUrl: gateway.url}});
    let last;
    let text = '';
    for await (const chunk of await client.models.generateContentStream({model: 'gemini-m', contents: 'x'})) {
      last = chunk;
      text += chunk.text ?? '';
    }
    assert.equal(last.candidates[0].finishReason, 'SAFETY');
    assert.ok(!text.includes('4111'), text);
  }));

  test('refusals are their own errors', () => withGateway({pii: {request: 'block'}}, async (gateway) => {
    const claude = new Anthropic({baseURL: gateway.url, apiKey: callerKey, maxRetries: 0});
    await assert.rejects(
        claude.messages.create({model: 'claude-m', max_tokens: 5, messages: [{role: 'user', content: card}]}),
        (error) => error instanceof Anthropic.PermissionDeniedError && error.error.error.code === 'content_blocked');
    await assert.rejects(
        claude.messages.create({model: 'none', max_tokens: 5, messages: []}), (error) => error instanceof Anthropic.NotFoundError);
    const google = new GoogleGenAI({apiKey: callerKey, httpOptions: {baseUrl: gateway.url}});
    await assert.rejects(
        google.models.generateContent({model: 'gemini-m', contents: card}),
        (error) => error.status === 403 && /content_blocked/.test(error.message));
    const listed = [];
    for await (const one of claude.models.list()) listed.push(one.id);
    assert.deepEqual(listed, ['claude-m', 'gemini-m']);
    const pager = await google.models.list();
    assert.equal(pager.page[0].name, 'models/claude-m');
    assert.equal(upstream.requests.length, 0);
  }));
});
