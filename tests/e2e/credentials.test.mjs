// Credentials that have to be asked for: tokens, signatures; what of them and of the caller's own reaches a provider.
import assert from 'node:assert/strict';
import {createHash, createHmac, generateKeyPairSync, verify} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, beforeEach, test} from 'node:test';

import {answer, completion, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration, model} from './lib/config.mjs';
import {startGateway, temporaryFolder} from './lib/gateway.mjs';
import {callerKey, chat, hello} from './lib/http.mjs';
import {eventually} from './lib/wait.mjs';

const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
let upstream;
let identity;
let gateway;

before(async () => {
  upstream = await ScriptedUpstream.start();
  identity = await ScriptedUpstream.start();
  const dir = temporaryFolder();
  const account = path.join(dir, 'account.json');
  writeFileSync(account, JSON.stringify({
    type: 'service_account',
    client_email: 'gateway@example.iam',
    private_key_id: 'k-1',
    private_key: privateKey.export({type: 'pkcs8', format: 'pem'}),
    token_uri: `${identity.url}/google`,
  }));
  let tokens = 0;
  const token = () => answer({body: JSON.stringify({access_token: `token-${++tokens}`, expires_in: 3600})});
  identity.always((exchange) => token()(exchange));
  identity.when('/refused', answer({status: 401, body: '{"error":"invalid_client"}'}));
  const at = (name, more) => ({name, base_url: upstream.url, ...more});
  const client = (where) => ({token_url: identity.url + where, client_id: 'client-1', client_secret: 'secret-1'});
  gateway = await startGateway(configuration({
    providers: [
      at('entra', {kind: 'azure', oauth: client('/entra')}),
      at('refused', {kind: 'vllm', base_url: `${upstream.url}/v1`, oauth: client('/refused'), timeouts: {connect: '50ms'}}),
      at('aws', {
        kind: 'bedrock_mantle',
        aws: {region: 'eu-west-1', access_key_id: 'AKIAEXAMPLEEXAMPLE', secret_access_key: 'aws-secret-aws-secret'},
      }),
      at('ibm', {
        kind: 'watsonx', location: 'us-south', project: 'p-1', api_key: 'ibm-key', oauth: {token_url: `${identity.url}/iam`},
      }),
      at('google', {
        kind: 'vertex', project: 'p-1', location: 'global', credentials: `file:${account}`, speaks: ['openai_chat'],
      }),
    ],
    models: [
      model('entra', 'd', {provider: 'entra'}), model('aws', 'openai.gpt-oss-120b', {provider: 'aws'}),
      model('refused', 'r', {provider: 'refused'}), model('google', 'meta/llama', {provider: 'google'}),
    ],
  }));
});
after(async () => {
  await gateway?.stop();
  await upstream.close();
  await identity.close();
});
beforeEach(() => {
  upstream.reset();
  upstream.always(answer({body: completion('ok')}));
});

const form = (request) => Object.fromEntries(new URLSearchParams(request.body.toString()));

test('an access token takes the place of the secret, for every caller', async () => {
  for (let i = 0; i < 4; i += 1) assert.equal((await chat(gateway.api, hello('entra'))).status, 200);
  assert.equal(identity.requests.filter((r) => r.target === '/entra').length, 1);
  const asked = form(identity.requests.find((r) => r.target === '/entra'));
  assert.equal(asked.grant_type, 'client_credentials');
  assert.equal(asked.client_secret, 'secret-1');
  const tokens = new Set(upstream.requests.map((r) => r.header('authorization')));
  assert.equal(tokens.size, 1);
  assert.match([...tokens][0], /^Bearer token-\d+$/);
  for (const request of upstream.requests) {
    assert.equal(request.target, '/openai/v1/chat/completions');
    assert.ok(!request.headBytes.includes('secret-1') && !request.headBytes.includes(callerKey));
  }
});

test('a service account signs its assertion', async () => {
  assert.equal((await chat(gateway.api, hello('google'))).status, 200);
  const asked = form(identity.requests.find((r) => r.target === '/google'));
  const [head, claims, signature] = asked.assertion.split('.');
  assert.ok(verify('RSA-SHA256', `${head}.${claims}`, publicKey, Buffer.from(signature, 'base64url')));
  const said = JSON.parse(Buffer.from(claims, 'base64url'));
  assert.equal(said.iss, 'gateway@example.iam');
  assert.equal(said.aud, `${identity.url}/google`);
  assert.equal(said.exp - said.iat, 3600);
  assert.equal(upstream.requests[0].target, '/v1/projects/p-1/locations/global/endpoints/openapi/chat/completions');
  assert.match(upstream.requests[0].header('authorization'), /^Bearer token-/);
});

test('IBM sells a token for the key', async () => {
  const asked = await eventually('the request', () => identity.requests.find((r) => r.target === '/iam'));
  assert.equal(form(asked).apikey, 'ibm-key');
});

test('AWS gets a signature over what it receives', async () => {
  assert.equal((await chat(gateway.api, hello('aws'))).status, 200);
  const [request] = upstream.requests;
  const [, scope, fields, signature] = request.header('authorization').match(
      /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/);
  assert.match(scope, /^\d{8}\/eu-west-1\/bedrock-mantle\/aws4_request$/);
  // Signed once more, by https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
  const hash = (text) => createHash('sha256').update(text).digest('hex');
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
  const lines = fields.split(';').map((name) => `${name}:${request.header(name)}\n`).join('');
  const canonical = `POST\n${request.target}\n\n${lines}\n${fields}\n${hash(request.body)}`;
  const toSign = `AWS4-HMAC-SHA256\n${request.header('x-amz-date')}\n${scope}\n${hash(canonical)}`;
  const key = scope.split('/').reduce(hmac, 'AWS4aws-secret-aws-secret');
  assert.equal(signature, hmac(key, toSign).toString('hex'));
  assert.ok(!request.headBytes.includes('aws-secret') && !request.headBytes.includes(callerKey));
});

test('without a token nothing goes out, and the caller is told whose fault it is', async () => {
  const got = await chat(gateway.api, hello('refused'));
  assert.equal(got.status, 502);
  assert.match(got.body.toString(), /upstream_credentials/);
  assert.ok(!got.body.includes('invalid_client') && !got.body.includes('secret-1'));
  assert.equal(upstream.requests.length, 0);
  assert.equal(identity.requests.find((r) => r.target === '/refused').method, 'POST');
});
