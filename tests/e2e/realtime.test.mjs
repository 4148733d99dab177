// Realtime sessions: the official client through the gateway to a provider that the test plays with another
// implementation of WebSocket. What counts is what reached the provider, and what reached the client.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, beforeEach, describe, test} from 'node:test';

import OpenAI from 'openai';
import {OpenAIRealtimeWS} from 'openai/realtime/ws';
import WebSocket, {WebSocketServer} from 'ws';

import {certificateAuthority} from './lib/certificates.mjs';
import {configuration, providerKey} from './lib/config.mjs';
import {ledgerRows, startGateway, temporaryFolder} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';
import {within} from './lib/wait.mjs';

const kUsage = {
  total_tokens: 30,
  input_tokens: 20,
  output_tokens: 10,
  input_token_details: {cached_tokens: 0, text_tokens: 20, audio_tokens: 0},
  output_token_details: {text_tokens: 10, audio_tokens: 0},
};
const email = 'erika.mustermann@example.org';
const card = '4111 1111 1111 1111';

// A provider: keeps what it was sent; `on(type)` says what it answers an event with.
class RealtimeProvider {
  requests = [];  // of handshakes: {url, headers}
  events = [];    // of all sessions, parsed
  raw = [];
  closes = [];
  refuse = null;  // {status, body} in place of a session
  answers = {};
  sockets = new Set();

  static async start() {
    const self = new RealtimeProvider();
    self.server = createServer((request, response) => response.writeHead(404).end());
    const sockets = new WebSocketServer({noServer: true, perMessageDeflate: true});
    self.server.on('upgrade', (request, socket, head) => {
      self.requests.push({url: request.url, headers: request.headers});
      if (self.refuse) {
        const {status, body} = self.refuse;
        socket.end(`HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\ncontent-length: ${
            Buffer.byteLength(body)}\r\nretry-after: 7\r\nconnection: close\r\n\r\n${body}`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (session) => self.#serve(session));
    });
    await new Promise((resolve) => self.server.listen(0, '127.0.0.1', resolve));
    self.url = `http://127.0.0.1:${self.server.address().port}`;
    return self;
  }

  #serve(session) {
    this.sockets.add(session);
    this.session = session;
    session.on('message', (data) => {
      const event = JSON.parse(data.toString());
      this.raw.push(data.toString());
      this.events.push(event);
      this.answers[event.type]?.(session, event);
    });
    session.on('close', (code, reason) => {
      this.sockets.delete(session);
      this.closes.push({code, reason: reason.toString()});
      this.wake?.();
    });
    session.on('error', () => {});
    session.send(JSON.stringify({type: 'session.created', event_id: 'event_0', session: {id: 'sess_1', type: 'realtime'}}));
  }

  reset() {
    for (const socket of this.sockets) socket.terminate();
    Object.assign(this, {requests: [], events: [], raw: [], closes: [], refuse: null, answers: {}});
  }
  closed() {
    return within(10_000, 'the session\'s end at the provider', new Promise((resolve) => {
      this.wake = () => this.closes.length > 0 && resolve(this.closes[0]);
      this.wake();
    }));
  }
  close() {
    for (const socket of this.sockets) socket.terminate();
    this.server.close();
  }
}

// The events of a response with one text, cut into pieces.
function spoken(pieces, {id = 'resp_1', item = 'item_1', kind = 'output_text', member = 'text', usage = kUsage} = {}) {
  const place = {response_id: id, item_id: item, output_index: 0, content_index: 0};
  const text = pieces.join('');
  const part = kind === 'output_text' ? {type: 'output_text', text} : {type: 'output_audio', transcript: text};
  const whole = {id: item, object: 'realtime.item', type: 'message', role: 'assistant', status: 'completed', content: [part]};
  return [
    {type: 'response.created', event_id: 'e1', response: {id, object: 'realtime.response', status: 'in_progress', output: []}},
    {type: 'response.output_item.added', event_id: 'e2', response_id: id, output_index: 0, item: {...whole, status: 'in_progress', content: []}},
    ...pieces.map((delta, i) => ({type: `response.${kind}.delta`, event_id: `d${i}`, ...place, delta})),
    {type: `response.${kind}.done`, event_id: 'e3', ...place, [member]: text},
    {type: 'response.output_item.done', event_id: 'e4', response_id: id, output_index: 0, item: whole},
    {type: 'response.done', event_id: 'e5', response: {id, object: 'realtime.response', status: 'completed', output: [whole], usage}},
  ];
}
const say = (...events) => (session) => {
  for (const event of events.flat()) session.send(JSON.stringify(event));
};

let upstream;
let authority;
let leaf;
before(async () => {
  upstream = await RealtimeProvider.start();
  authority = certificateAuthority(temporaryFolder());
  leaf = authority.issue('localhost');
});
after(() => upstream.close());
beforeEach(() => upstream.reset());

async function withGateway(settings, body, options) {
  const gateway = await startGateway(configuration({upstream, ...settings}), options);
  try {
    return await body(gateway);
  } finally {
    await gateway.stop();
  }
}

// A client by the frame: its events, and how it ended.
class Session {
  events = [];
  raw = [];
  #wake = new Set();
  constructor(gateway, {model = 'm', key = callerKey, protocols = [], query = `?model=${model}`, headers = {}} = {}) {
    this.socket = new WebSocket(`ws://${gateway.api.host}:${gateway.api.port}/v1/realtime${query}`, protocols, {
      headers: {...(key ? {authorization: `Bearer ${key}`} : {}), ...headers},
    });
    this.socket.on('message', (data) => {
      this.raw.push(data.toString());
      this.events.push(JSON.parse(data.toString()));
      this.#signal();
    });
    this.ended = new Promise((resolve) => this.socket.on('close', (code, reason) => resolve({code, reason: reason.toString()})));
    this.refused = new Promise((resolve) => this.socket.on('unexpected-response', async (request, response) => {
      let text = '';
      for await (const piece of response) text += piece;
      resolve({status: response.statusCode, headers: response.headers, body: text});
    }));
    this.socket.on('error', () => {});
  }
  #signal() {
    for (const wake of this.#wake) wake();
  }
  async opened() {
    await within(10_000, 'an open session', new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      void this.ended.then((how) => reject(new Error(`closed: ${JSON.stringify(how)}`)));
    }));
    return this;
  }
  send(event) {
    this.socket.send(typeof event === 'string' ? event : JSON.stringify(event));
  }
  // The first event of that type, from the place on.
  async event(type, from = 0) {
    let wake;
    try {
      return await within(10_000, `${type} among ${JSON.stringify(this.events)}`, new Promise((resolve) => {
        wake = () => {
          const found = this.events.slice(from).find((event) => event.type === type);
          if (found) resolve(found);
        };
        this.#wake.add(wake);
        wake();
      }));
    } finally {
      this.#wake.delete(wake);
    }
  }
  async close() {
    this.socket.close(1000);
    return await within(10_000, 'the close', this.ended);
  }
}
const record = (gateway) =>
    gateway.until('the access record', () => gateway.records.find((line) => line.path === '/v1/realtime'));
const code = (got) => JSON.parse(got.body).error.code;

describe('the official client', () => {
  test('a conversation of texts, with a call of a tool, under the provider\'s name of the model', async () => {
    const gateway = await startGateway(configuration({upstream, listen: {tls: {cert: leaf.certFile, key: leaf.keyFile}}}));
    try {
      const client = new OpenAI({apiKey: callerKey, baseURL: `https://localhost:${gateway.api.port}/v1`});
      const call = {id: 'item_9', object: 'realtime.item', type: 'function_call', name: 'weather', call_id: 'call_1', arguments: '{"city":"Oslo"}'};
      let turns = 0;
      upstream.answers['response.create'] = (session) => {
        turns += 1;
        if (turns === 1) return say(spoken(['Hel', 'lo, ', 'Erika']))(session);
        const place = {response_id: 'resp_2', item_id: 'item_9', output_index: 0, call_id: 'call_1'};
        say({type: 'response.function_call_arguments.delta', event_id: 'a', ...place, delta: '{"city":'},
            {type: 'response.function_call_arguments.delta', event_id: 'b', ...place, delta: '"Oslo"}'},
            {type: 'response.function_call_arguments.done', event_id: 'c', ...place, name: 'weather', arguments: '{"city":"Oslo"}'},
            {type: 'response.done', event_id: 'd', response: {id: 'resp_2', status: 'completed', output: [call], usage: kUsage}})(session);
      };
      const session = new OpenAIRealtimeWS({model: 'alias', options: {ca: authority.cert}}, client);
      const failed = new Promise((resolve, reject) => session.on('error', reject));
      const next = (type) => within(10_000, type, Promise.race([failed, new Promise((resolve) => session.once(type, resolve))]));
      await next('session.created');
      session.send({type: 'session.update', session: {type: 'realtime', model: 'alias', instructions: 'be kind'}});
      session.send({type: 'conversation.item.create', item: {type: 'message', role: 'user', content: [{type: 'input_text', text: 'hi'}]}});
      let text = '';
      session.on('response.output_text.delta', (event) => { text += event.delta; });
      session.send({type: 'response.create'});
      await next('response.done');
      assert.equal(text, 'Hello, Erika');
      session.send({type: 'response.create'});
      const done = await next('response.done');
      assert.deepEqual(done.response.output[0], call);
      session.close();
      await upstream.closed();
      assert.equal(upstream.requests[0].url, '/v1/realtime?model=mapped-name');
      assert.equal(upstream.requests[0].headers.authorization, `Bearer ${providerKey}`);
      assert.ok(!JSON.stringify(upstream.requests).includes(callerKey));
      assert.equal(upstream.requests[0].headers['sec-websocket-extensions'], undefined);
      assert.equal(upstream.events[0].session.model, 'mapped-name');
      const line = await record(gateway);
      assert.equal(line.status, 101);
      assert.equal(line.operation, 'realtime');
      assert.equal(line.model_sent, 'mapped-name');
      assert.deepEqual([line.tokens?.prompt ?? line.prompt_tokens, line.tokens?.completion ?? line.completion_tokens], [40, 20]);
    } finally {
      await gateway.stop();
    }
  });
});

describe('the handshake', () => {
  test('who is not let in learns it before any upgrade', () => withGateway({}, async (gateway) => {
    assert.deepEqual((({status, body}) => [status, JSON.parse(body).error.code])(await new Session(gateway, {key: null}).refused), [401, 'invalid_api_key']);
    assert.equal((await new Session(gateway, {key: 'gh-wrong'}).refused).status, 401);
    assert.equal((await new Session(gateway, {model: 'unheard-of'}).refused).status, 404);
    assert.equal((await new Session(gateway, {query: ''}).refused).status, 400);
    assert.equal((await new Session(gateway, {query: '?model=m&model=m'}).refused).status, 400);
    assert.equal((await new Session(gateway, {query: '?model=m&%6dodel=x'}).refused).status, 400);
    assert.equal((await fetch(`${gateway.url}/v1/realtime?model=m`, {headers: {authorization: `Bearer ${callerKey}`}})).status, 400);
    const secrets = await fetch(`${gateway.url}/v1/realtime/client_secrets`, {
      method: 'POST', headers: {authorization: `Bearer ${callerKey}`, 'content-type': 'application/json'}, body: '{"session":{"model":"m"}}',
    });
    assert.equal(secrets.status >= 400 && secrets.status < 500, true);
    assert.equal(upstream.requests.length, 0);
  }));

  test('a browser shows its key as a subprotocol, which goes no further', () => withGateway({}, async (gateway) => {
    const session = await new Session(gateway, {key: null, protocols: ['realtime', `openai-insecure-api-key.${callerKey}`]}).opened();
    assert.equal(session.socket.protocol, 'realtime');
    await session.event('session.created');
    await session.close();
    assert.equal(upstream.requests[0].headers['sec-websocket-protocol'], undefined);
    assert.ok(!gateway.log.includes(callerKey));
    assert.equal((await new Session(gateway, {key: null, protocols: ['realtime', 'openai-insecure-api-key.gh-no']}).refused).status, 401);
  }));

  test('a provider that does not open a session is heard', () => withGateway({}, async (gateway) => {
    upstream.refuse = {status: 429, body: '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}'};
    const got = await new Session(gateway).refused;
    assert.equal(got.status, 429);
    assert.equal(got.headers['retry-after'], '7');
    assert.equal(code(got), 'rate_limit_exceeded');
    upstream.refuse = {status: 401, body: '{"error":{"message":"bad key sk-123"}}'};
    const own = await new Session(gateway).refused;
    assert.deepEqual([own.status, code(own)], [502, 'upstream_credentials']);
  }));
});

describe('a session', () => {
  test('passes bytes as they are, large ones, pings, and both closes', () => withGateway({}, async (gateway) => {
    const session = await new Session(gateway).opened();
    await session.event('session.created');
    const odd = `{ "type" : "input_audio_buffer.append", "audio":"${'QUJD'.repeat(100_000)}", "x": 1.50 }`;
    upstream.answers['input_audio_buffer.append'] = (peer) => peer.send(`{"type":"x.echo",  "n": 1e3, "long":"${'y'.repeat(300_000)}"}`);
    session.send(odd);
    await session.event('x.echo');
    assert.equal(upstream.raw[0], odd);
    assert.equal(session.raw[1].length, 300_000 + `{"type":"x.echo",  "n": 1e3, "long":""}`.length);
    const pong = new Promise((resolve) => session.socket.on('pong', (data) => resolve(data.toString())));
    session.socket.ping('are you there');
    assert.equal(await within(5000, 'the pong', pong), 'are you there');
    session.socket.close(4001, 'enough');
    assert.equal((await session.ended).code, 4001);
    assert.equal((await upstream.closed()).code, 4001);
    const other = await new Session(gateway).opened();
    await other.event('session.created');
    upstream.session.close(1001, 'your session hit the maximum duration');
    assert.deepEqual(await other.ended, {code: 1001, reason: 'your session hit the maximum duration'});
  }));

  test('ends at the provider when its client is gone, and at the client when its provider is', () => withGateway({}, async (gateway) => {
    const session = await new Session(gateway).opened();
    await session.event('session.created');
    session.socket.terminate();
    assert.equal((await upstream.closed()).code, 1006);
    assert.equal((await record(gateway)).finish, 'client_closed');
    const other = await new Session(gateway).opened();
    await other.event('session.created');
    upstream.session.terminate();
    const told = await other.event('error');
    assert.equal(told.error.code, 'upstream_broken');
    assert.equal((await other.ended).code, 1011);
  }));

  test('is told when the gateway stops', async () => {
    const gateway = await startGateway(configuration({upstream}));
    const session = await new Session(gateway).opened();
    await session.event('session.created');
    await gateway.stop();
    assert.equal((await session.event('error')).error.code, 'shutting_down');
    assert.equal((await session.ended).code, 1001);
  });

  test('ends with its key, within a second', async () => {
    const gateway = await startGateway(configuration({upstream, store: 'sqlite:gatehouse.db'}), {dir: temporaryFolder()});
    try {
      const owner = await gateway.until('the first admin key', () => /^\s+(gha-\w+)$/m.exec(gateway.stderr)?.[1]);
      const admin = async (method, path, body) => (await fetch(gateway.adminUrl + path, {
        method, headers: {authorization: `Bearer ${owner}`, 'content-type': 'application/json'}, body: JSON.stringify(body),
      })).json();
      const made = await admin('POST', '/admin/v1/keys', {name: 'bot'});
      const session = await new Session(gateway, {key: made.key}).opened();
      await session.event('session.created');
      await admin('POST', `/admin/v1/keys/${made.object.id}/block`);
      const how = await within(1000, 'the end', session.ended);
      assert.equal(how.code, 1008);
      assert.equal((await upstream.closed()).code, 1000);
    } finally {
      await gateway.stop();
    }
  });

  test('may be silent for so long only', () => withGateway({timeouts: {request: '1s'}}, async (gateway) => {
    const session = await new Session(gateway).opened();
    await session.event('session.created');
    assert.equal((await session.event('error')).error.code, 'request_timeout');
    assert.equal((await session.ended).code, 1001);
    await upstream.closed();
  }));

  test('is for the model that it was opened with', () => withGateway({}, async (gateway) => {
    const session = await new Session(gateway).opened();
    session.send({type: 'session.update', event_id: 'mine', session: {model: 'dearer'}});
    const told = await session.event('error');
    assert.deepEqual([told.error.code, told.error.event_id], ['not_allowed', 'mine']);
    session.send({type: 'session.update', session: {model: 'm', instructions: 'x'}});
    session.send({type: 'response.create'});
    await session.close();
    await upstream.closed();
    assert.deepEqual(upstream.events.map((event) => event.type), ['session.update', 'response.create']);
  }));

  test('a frame that breaks the rules ends it with 1002', () => withGateway({}, async (gateway) => {
    const session = await new Session(gateway).opened();
    session.socket._socket.write(Buffer.from([0xc1, 0x81, 1, 2, 3, 4, 5]));
    assert.equal((await session.ended).code, 1002);
    await upstream.closed();
  }));
});

describe('what it costs', () => {
  const settings = {store: 'sqlite:gatehouse.db', prices: [{model: '*', input: 1000000, output: 1000000}]};
  test('usage of all responses is in the record and the ledger', async () => {
    const dir = temporaryFolder();
    const gateway = await startGateway(
        configuration({upstream, ...settings, budgets: [{scope: 'team:testers', window: 'month', usd: 100_000}]}), {dir});
    upstream.answers['response.create'] = say(spoken(['a', 'b']));
    const session = await new Session(gateway).opened();
    for (const turn of [0, 1, 2]) {
      const from = session.events.length;
      session.send({type: 'response.create', event_id: `t${turn}`});
      await session.event('response.done', from);
    }
    await session.close();
    const line = await record(gateway);
    assert.match(JSON.stringify(line), /60/);
    gateway.signal('SIGTERM');
    await gateway.ended;
    const rows = await ledgerRows(dir);
    assert.equal(rows.length, 1);
    const row = JSON.stringify(rows[0]);
    assert.equal(rows[0].prompt_tokens, 60, row);
    assert.equal(rows[0].completion_tokens, 30, row);
  });

  test('a session whose budget ends is told so and closed', () => withGateway(
      {...settings, completion: {default_tokens: 20, least_tokens: 5}, budgets: [{scope: 'team:testers', window: 'month', usd: 50}]},
      async (gateway) => {
        upstream.answers['response.create'] = say(spoken(['a', 'b']));
        const session = await new Session(gateway).opened();
        session.send({type: 'response.create'});  // 30
        await session.event('response.done');
        session.send({type: 'response.create'});  // 60: no more
        assert.equal((await session.event('error')).error.code, 'budget_exceeded');
        assert.equal((await session.ended).code, 1008);
        await upstream.closed();
        const refused = await new Session(gateway).refused;
        assert.deepEqual([refused.status, code(refused)], [429, 'budget_exceeded']);
      }, {dir: temporaryFolder()}));

  test('requests and concurrency are limited as any call\'s', () => withGateway(
      {keys: [{name: 'caller', key: callerKey, limits: {concurrency: 1}}], queue: {max_wait: '50ms'}}, async (gateway) => {
        const first = await new Session(gateway).opened();
        await first.event('session.created');
        assert.equal((await new Session(gateway).refused).status, 429);
        await first.close();
        await record(gateway);
        await (await new Session(gateway).opened()).close();
      }));
});

describe('policy', () => {
  const policy = (guards) => ({policies: [{name: 'p', guards}]});
  const item = (text) => ({type: 'conversation.item.create', event_id: 'mine', item: {type: 'message', role: 'user', content: [{type: 'input_text', text}]}});

  test('an event that is blocked goes no further, one that is redacted goes edited', () => withGateway(
      policy({pii: {request: 'redact', entities: {CREDIT_CARD: 'block'}}}), async (gateway) => {
        const session = await new Session(gateway).opened();
        session.send(item(`pay with ${card}`));
        const told = await session.event('error');
        assert.deepEqual([told.error.code, told.error.event_id], ['content_blocked', 'mine']);
        assert.ok(!JSON.stringify(told).includes('4111'));
        session.send(item(`write to ${email}`));
        session.send({type: 'session.update', session: {instructions: `you serve ${email}`}});
        session.send({type: 'response.create', response: {instructions: `ask \\u0065rika about ${email}`, input: [item(email).item]}});
        session.send('{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"\\u0065rika.mustermann@example.org"}]}}');
        session.send({type: 'input_audio_buffer.append', audio: 'QUJD', more: email});
        session.send({type: 'last'});
        await session.close();
        await upstream.closed();
        const sent = upstream.raw.join('\n');
        assert.ok(!sent.includes('4111') && !sent.includes('mustermann'), sent);
        assert.equal(upstream.events.length, 6);
        assert.equal(upstream.events[0].item.content[0].text, 'write to [EMAIL]');
        assert.equal(upstream.events[1].session.instructions, 'you serve [EMAIL]');
        assert.equal((await record(gateway)).guard, 'block');
      }));

  test('an answer is redacted wherever it is cut', () => withGateway(policy({pii: {response: 'redact'}}), async (gateway) => {
    const text = `Write to ${email}, please.`;
    const session = await new Session(gateway).opened();
    for (const [kind, member] of [['output_text', 'text'], ['output_audio_transcript', 'transcript']]) {
      for (let cut = 1; cut < text.length; ++cut) {
        const from = session.events.length;
        upstream.answers['response.create'] =
            say(spoken([text.slice(0, cut), text.slice(cut)], {id: `resp_${kind}_${cut}`, item: `item_${kind}_${cut}`, kind, member}));
        session.send({type: 'response.create'});
        await session.event('response.done', from);
        const got = session.events.slice(from);
        const shown = got.filter((event) => event.type === `response.${kind}.delta`).map((event) => event.delta).join('');
        assert.equal(shown, 'Write to [EMAIL], please.', `cut at ${cut}`);
        assert.ok(!JSON.stringify(got).includes('mustermann'), `cut at ${cut}: ${JSON.stringify(got)}`);
        assert.deepEqual(got.at(-1).response.usage, kUsage);
      }
    }
    await session.close();
  }));

  test('sound does not say what its transcript may not', () => withGateway(policy({pii: {response: 'redact'}}), async (gateway) => {
    const place = {response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0};
    const sound = (delta) => ({type: 'response.output_audio.delta', ...place, delta});
    const word = (delta) => ({type: 'response.output_audio_transcript.delta', ...place, delta});
    upstream.answers['response.create'] = say(
        sound('AAAA'), word('Call '), sound('BBBB'), word('erika.muster'), sound('CCCC'), word('mann@example.org now. '), sound('DDDD'),
        {type: 'response.output_audio_transcript.done', ...place, transcript: `Call ${email} now. `},
        {type: 'response.done', response: {id: 'resp_1', status: 'completed', output: [], usage: kUsage}});
    const session = await new Session(gateway).opened();
    session.send({type: 'response.create'});
    await session.event('response.done');
    const heard = session.events.filter((event) => event.type === 'response.output_audio.delta').map((event) => event.delta);
    assert.equal(heard[0], 'AAAA');
    assert.ok(!heard.includes('CCCC') && !heard.includes('DDDD'), heard.join());
    assert.ok(!JSON.stringify(session.events).includes('mustermann'));
    await session.close();
  }));

  test('an answer that is blocked is cancelled; the session goes on', () => withGateway(
      policy({secrets: {response: 'block'}}), async (gateway) => {
        const secret = 'ghp_' + 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';
        upstream.answers['response.create'] = say(spoken(['the key is ', secret.slice(0, 9), secret.slice(9), ' as you know']));
        const session = await new Session(gateway).opened();
        session.send({type: 'response.create'});
        const told = await session.event('error');
        assert.equal(told.error.code, 'content_blocked');
        const done = await session.event('response.done');
        assert.equal(done.response.status, 'incomplete');
        assert.equal(done.response.status_details.reason, 'content_filter');
        assert.deepEqual(done.response.usage, kUsage);
        assert.ok(!JSON.stringify(session.events).includes(secret.slice(9)));
        upstream.answers['response.create'] = say(spoken(['all ', 'well'], {id: 'resp_2', item: 'item_2'}));
        const from = session.events.length;
        session.send({type: 'response.create'});
        await session.event('response.done', from);
        assert.equal(session.events.slice(from).filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join(''), 'all well');
        await session.close();
        await upstream.closed();
        assert.ok(upstream.events.some((event) => event.type === 'response.cancel' && event.response_id === 'resp_1'));
      }));

  test('what a caller says is judged when it is written down', () => withGateway(policy({pii: {entities: {CREDIT_CARD: 'block'}, request: 'flag'}}), async (gateway) => {
    upstream.answers['input_audio_buffer.commit'] = say(
        {type: 'conversation.item.input_audio_transcription.delta', item_id: 'item_u', content_index: 0, delta: 'my card is 4111 1111'},
        {type: 'conversation.item.input_audio_transcription.completed', item_id: 'item_u', content_index: 0, transcript: `my card is ${card}`,
         usage: {type: 'tokens', total_tokens: 5, input_tokens: 3, output_tokens: 2}});
    const session = await new Session(gateway).opened();
    session.send({type: 'input_audio_buffer.commit'});
    assert.equal((await session.event('error')).error.code, 'content_blocked');
    await session.close();
    await upstream.closed();
    assert.deepEqual(upstream.events.slice(1).map((event) => event.type), ['response.cancel', 'conversation.item.delete']);
  }));

  test('a policy that a session cannot keep refuses it by name', () => withGateway(policy({pii: {request: 'redact'}, limits: {total_tokens: 100}}), async (gateway) => {
    const got = await new Session(gateway).refused;
    assert.equal(got.status, 403);
    assert.match(JSON.parse(got.body).error.message, /limits of what is said/);
    assert.equal(upstream.requests.length, 0);
  }));
});
