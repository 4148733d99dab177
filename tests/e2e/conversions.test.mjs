// Vectors, reranking and token counts asked of providers that have other words for them. The fakes answer as the
// providers' references have it; what reached them is looked at.
import Anthropic from '@anthropic-ai/sdk';
import {GoogleGenAI} from '@google/genai';
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';
import OpenAI from 'openai';

import {answer, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, providerKey} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, callerKey} from './lib/http.mjs';

const upstream = await ScriptedUpstream.start();
const aws = {region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE000000000', secret_access_key: 'not-a-real-secret-key'};
let gateway;
let openai;

before(async () => {
  const at = (kind, more = {api_key: providerKey}) => ({name: kind, kind, base_url: upstream.url, ...more});
  gateway = await startGateway(configuration({
    providers: [at('gemini'), at('cohere'), at('bedrock', {aws}), {...at('openai'), base_url: `${upstream.url}/v1`}],
    models: [
      model('g', 'gemini-embedding-001', {provider: 'gemini'}), model('c', 'embed-v4.0', {provider: 'cohere'}),
      model('t', 'amazon.titan-embed-text-v2:0', {provider: 'bedrock'}),
      model('rerank', 'rerank-v3.5', {provider: 'cohere'}), model('chat', 'gpt-4o', {provider: 'openai'}),
      model('small', 'text-embedding-3-small', {provider: 'openai'})
    ],
  }));
  openai = new OpenAI({baseURL: `${gateway.url}/v1`, apiKey: callerKey, maxRetries: 0});
});
after(async () => {
  await gateway?.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const json = (value, status = 200) => answer({status, body: JSON.stringify(value)});
const kVectors = [[0.25, -0.5], [1, 0.125]];

test('vectors of Gemini and Cohere for OpenAI\'s client, which asks for base64', async () => {
  upstream.when('/v1beta/models/gemini-embedding-001:batchEmbedContents', json({embeddings: kVectors.map((values) => ({values}))}));
  upstream.when('/v2/embed', json({id: 'e', embeddings: {float: kVectors}, meta: {billed_units: {input_tokens: 4}}}));
  for (const name of ['g', 'c']) {
    const got = await openai.embeddings.create({model: name, input: ['one', 'two é']});
    assert.deepEqual(got.data.map((entry) => entry.embedding), kVectors, name);
    assert.deepEqual(got.data.map((entry) => entry.index), [0, 1], name);
  }
  assert.deepEqual(upstream.requests.map((request) => request.target), [
    '/v1beta/models/gemini-embedding-001:batchEmbedContents', '/v2/embed'
  ]);
  assert.ok(upstream.requests.every((request) => request.body.includes('two é')));
  assert.ok(upstream.requests.every((request) => !request.headBytes.includes(callerKey)));
});

test('a model that takes one text a call is called once a text, and the usage is the sum', async () => {
  let next = 0;
  upstream.always((x) => json({embedding: kVectors[next++], inputTextTokenCount: 3})(x));
  const got = await openai.embeddings.create({model: 't', input: ['one', 'two']});
  assert.deepEqual(got.data.map((entry) => entry.embedding), kVectors);
  assert.equal(got.usage.prompt_tokens, 6);
  assert.equal(upstream.requests.length, 2);
  assert.ok(upstream.requests.every((request) => request.target === '/model/amazon.titan-embed-text-v2%3A0/invoke'));
  assert.ok(upstream.requests.every((request) => request.header('authorization').startsWith('AWS4-HMAC-SHA256 ')));
});

test('Gemini\'s client gets vectors of OpenAI\'s model', async () => {
  upstream.always(json({
    object: 'list',
    model: 'text-embedding-3-small',
    data: kVectors.map((embedding, index) => ({object: 'embedding', index, embedding})),
    usage: {prompt_tokens: 4, total_tokens: 4}
  }));
  const client = new GoogleGenAI({apiKey: callerKey, httpOptions: {baseUrl: gateway.url, retryOptions: {attempts: 1}}});
  const got = await client.models.embedContent({model: 'small', contents: ['one', 'two']});
  assert.deepEqual(got.embeddings.map((entry) => entry.values), kVectors);
});

test('an error of the provider keeps its status and words', async () => {
  upstream.always(json({message: 'too many texts'}, 400));
  await assert.rejects(openai.embeddings.create({model: 'c', input: 'x'}), (error) => {
    assert.equal(error.status, 400);
    assert.match(error.message, /too many texts/);
    return true;
  });
});

test('documents in the order in which they answer', async () => {
  upstream.when('/v2/rerank', json({
    id: 'r',
    results: [{index: 1, relevance_score: 0.9}, {index: 0, relevance_score: 0.1}],
    meta: {billed_units: {search_units: 1}}
  }));
  const got = await call(gateway.api, {
    path: '/v1/rerank',
    headers: [['authorization', `Bearer ${callerKey}`], ['content-type', 'application/json']],
    body: JSON.stringify({model: 'rerank', query: 'which?', documents: ['a', 'b'], top_n: 2, return_documents: true}),
  });
  assert.equal(got.status, 200);
  const {results} = JSON.parse(got.body);
  assert.deepEqual(results.map((result) => [result.index, result.relevance_score, result.document.text]), [[1, 0.9, 'b'], [0, 0.1, 'a']]);
});

test('tokens are counted by the gateway where the provider cannot be asked', async () => {
  const claude = new Anthropic({baseURL: gateway.url, apiKey: callerKey, maxRetries: 0});
  const counted = await claude.messages.countTokens({model: 'chat', messages: [{role: 'user', content: 'Hello, world'}]});
  assert.ok(counted.input_tokens >= 3 && counted.input_tokens < 30, `${counted.input_tokens}`);
  const google = new GoogleGenAI({apiKey: callerKey, httpOptions: {baseUrl: gateway.url, retryOptions: {attempts: 1}}});
  const total = await google.models.countTokens({model: 'chat', contents: 'Hello, world'});
  assert.ok(total.totalTokens >= 3 && total.totalTokens < 30, `${total.totalTokens}`);
  assert.equal(upstream.requests.length, 0);
});
