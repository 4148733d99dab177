// Keys made, used, rotated and revoked while the gateway runs; what is shown instead of a key; caller tokens.
import assert from 'node:assert/strict';
import {createHmac, generateKeyPairSync, sign} from 'node:crypto';
import {after, before, beforeEach, describe, test} from 'node:test';

import {answer, completion, deltaEvent, gate, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration} from './lib/config.mjs';
import {startGateway, temporaryFolder} from './lib/gateway.mjs';
import {call, callerKey, chat, hello, requestBytes} from './lib/http.mjs';
import {RawClient} from './lib/raw_client.mjs';
import {eventually} from './lib/wait.mjs';

let upstream;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always(answer({body: completion('ok')}));
});

// What the first owner was shown.
const ownerKey = (gateway) => gateway.until('the first admin key', () => /^\s+(gha-\w+)$/m.exec(gateway.stderr)?.[1]);

class Admin {
  constructor(gateway, key) {
    this.gateway = gateway;
    this.key = key;
  }
  async ask(method, path, body, headers = {}) {
    const response = await fetch(this.gateway.adminUrl + path, {
      method,
      headers: {authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {status: response.status, body: text === '' ? null : JSON.parse(text)};
  }
}

async function withGateway(settings, body) {
  const dir = temporaryFolder();
  const gateway = await startGateway(configuration({upstream, store: 'sqlite:gatehouse.db', ...settings}), {dir});
  try {
    return await body(gateway, new Admin(gateway, await ownerKey(gateway)));
  } finally {
    await gateway.stop();
  }
}

const as = (key) => ({headers: {authorization: `Bearer ${key}`, 'content-type': 'application/json'}});
const ask = (gateway, key, options = {}) =>
    call(gateway.api, {...as(key), body: JSON.stringify(hello('m')), ...options});

describe('keys at run time', () => {
  test('made, used, revoked: within a second, also on a connection that is open', () => withGateway(
      {}, async (gateway, admin) => {
        const team = await admin.ask('POST', '/admin/v1/teams', {id: 'support'});
        assert.equal(team.status, 201, JSON.stringify(team.body));
        const made = await admin.ask('POST', '/admin/v1/keys', {name: 'bot', parent: 'team:support', models: ['m']});
        assert.equal(made.status, 201, JSON.stringify(made.body));
        const key = made.body.key;
        assert.match(key, /^gh-\w{36}$/);
        assert.equal((await ask(gateway, key)).status, 200);
        assert.equal((await ask(gateway, key, {body: JSON.stringify(hello('alias'))})).status, 403);
        // It is shown once and never again.
        const listed = await admin.ask('GET', '/admin/v1/keys');
        assert.ok(!JSON.stringify(listed.body).includes(key));
        assert.ok(JSON.stringify(listed.body).includes('bot'));

        const client = await RawClient.connect(gateway.api);
        const bytes = Buffer.from(
            `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
            `Content-Type: application/json\r\nContent-Length: ${JSON.stringify(hello('m')).length}\r\n\r\n` +
            JSON.stringify(hello('m')));
        client.send(bytes);
        assert.equal((await client.answer()).status, 200);
        assert.equal((await admin.ask('DELETE', `/admin/v1/keys/${made.body.object.id}`)).status, 204);
        const revoked = performance.now();
        await eventually('the refusal', async () => {
          client.send(bytes);
          return (await client.answer()).status === 401;
        }, 1000);
        assert.ok(performance.now() - revoked < 1000);
        client.destroy();
        const count = upstream.requests.length;
        assert.equal((await ask(gateway, key)).status, 401);
        assert.equal(upstream.requests.length, count);
      }));

  test('rotated with an overlap, blocked, offboarded with their team', () => withGateway(
      {}, async (gateway, admin) => {
        await admin.ask('POST', '/admin/v1/teams', {id: 'support'});
        const made = (await admin.ask('POST', '/admin/v1/keys', {name: 'bot', parent: 'team:support'})).body;
        const rotated = await admin.ask('POST', `/admin/v1/keys/${made.object.id}/rotate`, {overlap_seconds: 60});
        assert.equal(rotated.status, 200, JSON.stringify(rotated.body));
        assert.notEqual(rotated.body.key, made.key);
        for (const key of [made.key, rotated.body.key]) assert.equal((await ask(gateway, key)).status, 200);
        await admin.ask('POST', `/admin/v1/keys/${made.object.id}/block`);
        await eventually('the block', async () => (await ask(gateway, rotated.body.key)).status === 401);
        await admin.ask('POST', `/admin/v1/keys/${made.object.id}/unblock`);
        await eventually('the end of the block', async () => (await ask(gateway, rotated.body.key)).status === 200);
        assert.equal((await admin.ask('DELETE', '/admin/v1/teams/support')).status, 204);
        await eventually('the offboarding', async () => (await ask(gateway, rotated.body.key)).status === 401);
        const log = await admin.ask('GET', '/admin/v1/audit');
        const actions = log.body.data.map((line) => line.action);
        assert.ok(actions.some((action) => action.includes('rotate')), actions.join());
        assert.ok(!JSON.stringify(log.body).includes(rotated.body.key));
      }));

  test('what was made outlives a restart, and so does what was spent', async () => {
    const dir = temporaryFolder();
    const settings = configuration({
      upstream,
      store: 'sqlite:gatehouse.db',
      prices: [{model: '*', input: 1000000, output: 1000000}],
      budgets: [{scope: 'team:support', window: 'month', usd: 25}],
    });
    let gateway = await startGateway(settings, {dir});
    const owner = await ownerKey(gateway);
    const admin = new Admin(gateway, owner);
    await admin.ask('POST', '/admin/v1/teams', {id: 'support'});
    const made = (await admin.ask('POST', '/admin/v1/keys', {name: 'bot', parent: 'team:support'})).body;
    const paid = {body: JSON.stringify(hello('m', {max_tokens: 3}))};
    assert.equal((await ask(gateway, made.key, paid)).status, 200);  // 7 + 3 by the provider's count
    gateway.signal('SIGTERM');
    await gateway.ended;

    gateway = await startGateway(settings, {dir});
    assert.doesNotMatch(gateway.stderr, /gha-/, 'an owner is there already');
    assert.equal((await ask(gateway, made.key, paid)).status, 200);
    assert.equal((await ask(gateway, made.key, {body: JSON.stringify(hello('m', {max_tokens: 50}))})).status, 429);
    const usage = await new Admin(gateway, owner).ask('GET', '/admin/v1/usage?by=team');
    assert.equal(usage.status, 200, JSON.stringify(usage.body));
    assert.match(JSON.stringify(usage.body), /support/);
    await gateway.stop();
  });

  test('a stream under way ends when its key is blocked, and so does the provider\'s work', () => withGateway(
      {}, async (gateway, admin) => {
        const made = (await admin.ask('POST', '/admin/v1/keys', {name: 'bot'})).body;
        const second = gate();
        upstream.always(stream([
          deltaEvent({content: 'first'}),
          () => second.opened.then(() => deltaEvent({content: 'second'})),
          () => gate().opened,
        ]));
        const client = await RawClient.connect(gateway.api);
        client.send(requestBytes({...as(made.key), body: JSON.stringify(hello('m', {stream: true}))}));
        await client.until('first"');
        await admin.ask('POST', `/admin/v1/keys/${made.object.id}/block`);
        second.open();
        const rest = (await client.untilClosed()).toString();
        assert.doesNotMatch(rest, /second/);
        assert.match(rest, /"error"/);
        await upstream.until((u) => u.aborted.length === 1);
        client.destroy();
      }));

  test('budgets made at run time hold at once', () => withGateway(
      {prices: [{model: '*', input: 1000000, output: 1000000}]}, async (gateway, admin) => {
        const made = await admin.ask(
            'POST', '/admin/v1/limits', {scope: 'team:testers', resource: 'requests', amount: 1, window: 'day'});
        assert.equal(made.status, 201, JSON.stringify(made.body));
        assert.equal((await ask(gateway, callerKey)).status, 200);
        assert.equal((await ask(gateway, callerKey)).status, 429);
        assert.equal((await admin.ask('DELETE', `/admin/v1/limits/${made.body.id}`)).status, 204);
        assert.equal((await ask(gateway, callerKey)).status, 200);
      }));

  test('LiteLLM\'s routes make keys too', () => withGateway({}, async (gateway, admin) => {
         const made = await admin.ask('POST', '/key/generate', {key_alias: 'mine', models: ['m'], max_budget: 5});
         assert.equal(made.status, 200, JSON.stringify(made.body));
         assert.equal((await ask(gateway, made.body.key)).status, 200);
       }));
});

describe('what is not a key', () => {
  test('is refused, forwarded nowhere and repeated nowhere', () => withGateway({}, async (gateway, admin) => {
         const made = (await admin.ask('POST', '/admin/v1/keys', {name: 'bot'})).body.key;
         const offByOne = made.slice(0, -8) + (made.at(-8) === 'a' ? 'b' : 'a') + made.slice(-7);
         for (const key of ['\' OR \'1\'=\'1', offByOne, made.slice(0, -1), made + 'a', admin.key, '', 'a'.repeat(20_000)]) {
           const got = await call(
               gateway.api, {headers: {authorization: `Bearer ${key}`}, body: JSON.stringify(hello('m'))});
           assert.equal(got.status, 401, key.slice(0, 50));
           assert.ok(key.length < 5 || !got.body.toString().includes(key.slice(0, 200)));
         }
         const huge = await call(
             gateway.api, {headers: {authorization: `Bearer ${'a'.repeat(1 << 20)}`}, body: JSON.stringify(hello('m'))});
         assert.ok([401, 431].includes(huge.status));
         assert.equal(upstream.requests.length, 0);
         // A good key still passes from the address that guessed.
         assert.equal((await ask(gateway, made)).status, 200);
       }));

  test('many failures from one address are slowed down, good keys are not', () => withGateway({}, async (gateway) => {
         await eventually('the back-off', async () => {
           const got = await ask(gateway, 'not-a-key-of-anybody');
           if (got.status === 401) return false;
           assert.equal(got.status, 429);
           assert.match(got.headers['retry-after'], /^\d+$/);
           return true;
         });
         assert.equal((await chat(gateway.api, hello('m'))).status, 200);
       }));

  test('the admin API wants its own keys, a host of its own and no other site\'s requests', () => withGateway(
      {}, async (gateway, admin) => {
        const path = '/admin/v1/keys';
        assert.equal((await new Admin(gateway, callerKey).ask('GET', path)).status, 401);
        assert.equal((await new Admin(gateway, '').ask('GET', path)).status, 401);
        assert.equal((await admin.ask('GET', path)).status, 200);
        const headers = {authorization: `Bearer ${admin.key}`};
        const to = (more, host) => call(gateway.admin, {method: 'GET', path, headers: {...headers, ...more}, host});
        assert.equal((await to({}, '127.0.0.1')).status, 200);
        assert.notEqual((await to({}, 'localhost/#@evil')).status, 200);
        assert.notEqual((await to({}, 'evil.example')).status, 200);
        assert.notEqual((await to({origin: 'http://evil.example'}, '127.0.0.1')).status, 200);
      }));
});

describe('caller tokens', () => {
  const issuer = 'https://id.example/';
  const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
  const jwk = {...publicKey.export({format: 'jwk'}), kid: 'k1', use: 'sig', alg: 'RS256'};
  const now = () => Math.floor(Date.now() / 1000);
  const claims = (more = {}) =>
      ({iss: issuer, aud: 'gatehouse', sub: 'alice', iat: now(), exp: now() + 600, team: 'support', ...more});
  const token = (payload = claims(), header = {alg: 'RS256', kid: 'k1'}) => {
    const text = `${base64(header)}.${base64(payload)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  let keys;
  before(async () => {
    keys = await ScriptedUpstream.start();
  });
  after(() => keys.close());

  const settings = () => ({
    auth: {jwt: [{issuer, jwks_url: `${keys.url}/keys`, audiences: ['gatehouse'], claims: {team: 'team', user: 'sub'}}]},
    teams: [{name: 'support'}],
    users: [{name: 'alice', parent: 'team:support'}],
    budgets: [{scope: 'team:support', window: 'day', requests: 3}],
  });

  test('stand for their team, and pay for it', async () => {
    keys.reset();
    keys.always(answer({body: JSON.stringify({keys: [jwk]})}));
    await withGateway(settings(), async (gateway) => {
      await eventually('the keys of the issuer', async () => (await ask(gateway, token())).status === 200);
      assert.equal((await ask(gateway, token(claims({jti: 'another'})))).status, 200);
      assert.equal((await ask(gateway, token())).status, 200);
      assert.equal((await ask(gateway, token())).status, 429);
      assert.ok(!upstream.requests.some((request) => request.headBytes.includes('eyJ')), 'no token reaches a provider');
    });
  });

  test('forged ones are refused, and a flood of unknown key ids fetches the keys once', async () => {
    keys.reset();
    keys.always(answer({body: JSON.stringify({keys: [jwk]})}));
    await withGateway(settings(), async (gateway) => {
      await eventually('the keys of the issuer', async () => (await ask(gateway, token())).status === 200);
      upstream.requests = [];
      const none = `${base64({alg: 'none'})}.${base64(claims())}.`;
      const hmacText = `${base64({alg: 'HS256', kid: 'k1'})}.${base64(claims())}`;
      const pem = publicKey.export({type: 'spki', format: 'pem'});
      const hmac = `${hmacText}.${createHmac('sha256', pem).update(hmacText).digest('base64url')}`;
      const wrong = [
        none, hmac, token(claims({exp: now() - 600})), token(claims({aud: 'other'})), token(claims({iss: 'https://evil/'})),
        token(claims({sub: 'nobody-here'})), token().slice(0, -4) + 'AAAA',
      ];
      for (const each of wrong) {
        const got = await ask(gateway, each);
        assert.ok([401, 429].includes(got.status), `${got.status} for ${each.slice(0, 30)}`);
      }
      const fetched = keys.requests.length;
      for (let i = 0; i < 40; ++i) await ask(gateway, token(claims(), {alg: 'RS256', kid: `unknown-${i}`}));
      await gateway.until('nothing more', () => true);
      assert.ok(keys.requests.length <= fetched + 1, `${keys.requests.length - fetched} fetches`);
      assert.equal(upstream.requests.length, 0);
    });
  });
});
