// AWS's own client as the judge of what is said to Bedrock and read from it: its signer signs the received request once
// more, its serialiser writes the received body once more, and it reads the frames that the gateway reads.
import {BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand} from '@aws-sdk/client-bedrock-runtime';
import {NodeHttpHandler} from '@smithy/node-http-handler';
import {SignatureV4} from '@smithy/signature-v4';
import assert from 'node:assert/strict';
import {createHash, createHmac} from 'node:crypto';
import {after, before, test} from 'node:test';

import {answer, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {awsFrame} from './lib/aws_frames.mjs';
import {configuration, model} from './lib/config.mjs';
import {fronts, kPixel} from './lib/fronts.mjs';
import {startGateway} from './lib/gateway.mjs';
import {callerKey} from './lib/http.mjs';

const kRegion = 'eu-west-1';
const kKeys = {
  access_key_id: 'AKIDEXAMPLE000000000',
  secret_access_key: 'not-a-real-secret-key+/=='
};
const kToken = 'a+session/token==';
// Ids as they are in use; the client writes them into the path in its own way.
const kIds = [
  'amazon.nova-lite-v1:0',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'anthropic.claude-sonnet-4-6',
  'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/mi1dadi0g15f',
  'arn:aws:bedrock:eu-west-1:123456789012:imported-model/a+b~c!(d)e$f,g=h@i',
];

let upstream;
let gateway;
let callers;
let judge;
// One client for each of the two sets of keys.
const kSdkKeys = {
  keys: {accessKeyId: kKeys.access_key_id, secretAccessKey: kKeys.secret_access_key},
  session: {accessKeyId: kKeys.access_key_id, secretAccessKey: kKeys.secret_access_key, sessionToken: kToken},
};

before(async () => {
  upstream = await ScriptedUpstream.start();
  const at = (name, more) =>
      ({name, kind: 'bedrock', base_url: upstream.url, aws: {region: kRegion, ...kKeys, ...more}});
  gateway = await startGateway(configuration({
    providers: [at('keys'), at('session', {session_token: kToken})],
    models: ['keys', 'session'].flatMap(
        (provider) => kIds.map((id, index) => model(`${provider}-${index}`, id, {provider}))),
  }));
  callers = fronts(gateway.url);
  judge = new BedrockRuntimeClient({
    region: kRegion,
    endpoint: upstream.url,
    credentials: kSdkKeys.keys,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),  // HTTP/2 is its default, and not needed here
  });
});
after(async () => {
  judge?.destroy();
  await gateway?.stop();
  await upstream?.close();
});
const kStreamHeaders = {
  'content-type': 'application/vnd.amazon.eventstream'
};
const event = (type, data) =>
    awsFrame({':event-type': type, ':content-type': 'application/json', ':message-type': 'event'}, data);

const said = (content, stopReason = 'end_turn') => answer({
  body: JSON.stringify({
    metrics: {latencyMs: 3},
    output: {message: {role: 'assistant', content}},
    stopReason,
    usage: {inputTokens: 10, outputTokens: 5, totalTokens: 15},
  })
});
const streamed = (events, options) =>
    stream(events.map(([type, data]) => event(type, data)), {headers: kStreamHeaders, ...options});

// What the gateway sent, apart.
function received() {
  assert.equal(upstream.requests.length, 1);
  const [request] = upstream.requests;
  const [, scope, fields, signature] =
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE000000000\/(\S+), ?SignedHeaders=(\S+), ?Signature=([0-9a-f]{64})$/.exec(
          request.header('authorization'));
  return {request, scope, fields: fields.split(';'), signature};
}

// The hash that the signer wants to be given.
class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data) {
    this.hash.update(data);
  }
  async digest() {
    return this.hash.digest();
  }
}

// The signature that AWS's signer makes for the request as it arrived.
async function signedAnew({request, fields}, credentials) {
  const signer =
      new SignatureV4({service: 'bedrock', region: kRegion, credentials, sha256: Sha256, applyChecksum: false});
  const [path, query = ''] = request.target.split('?');
  const stamp = request.header('x-amz-date');
  const date = new Date(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const own = new Set(['x-amz-date', 'x-amz-security-token']);  // the signer adds them itself
  const signed = await signer.sign(
      {
        method: request.method,
        protocol: 'http:',
        hostname: upstream.host,
        port: upstream.port,
        path,
        query: Object.fromEntries(new URLSearchParams(query)),
        headers:
            Object.fromEntries(fields.filter((name) => !own.has(name)).map((name) => [name, request.header(name)])),
        body: request.body,
      },
      {signingDate: date});
  return signed.headers;
}

test('the signature is the one that AWS\'s signer makes over what arrived', async () => {
  for (const provider of ['keys', 'session']) {
    for (const index of kIds.keys()) {
      for (const how of ['ask', 'stream']) {
        upstream.reset();
        upstream.always(how === 'ask' ? said([{text: 'Hi'}]) : streamed([
          ['messageStart', {role: 'assistant'}],
          ['contentBlockDelta', {contentBlockIndex: 0, delta: {text: 'Hi'}}],
          ['contentBlockStop', {contentBlockIndex: 0}],
          ['messageStop', {stopReason: 'end_turn'}],
        ]));
        const got = await callers[0][how](`${provider}-${index}`, {text: 'é\u{1F600} "quoted"'});
        assert.equal(got.text, 'Hi');
        const sent = received();
        const anew = await signedAnew(sent, kSdkKeys[provider]);
        const what = `${provider}, ${kIds[index]}, ${how}`;
        assert.equal(sent.request.header('authorization'), anew.authorization, what);
        assert.equal(sent.request.header('x-amz-security-token'), anew['x-amz-security-token'], what);
        assert.ok(sent.fields.includes('host'), what);
        assert.equal(sent.scope, `${sent.request.header('x-amz-date').slice(0, 8)}/${kRegion}/bedrock/aws4_request`);
        assert.ok(
            !sent.request.headBytes.includes(kKeys.secret_access_key) && !sent.request.headBytes.includes(callerKey));
      }
    }
  }
});

test('a changed byte, field or path is another signature', async () => {
  upstream.reset();
  upstream.always(said([{text: 'Hi'}]));
  await callers[0].ask('session-1', {text: 'hello'});
  const sent = received();
  const {request} = sent;
  const signatureOf = async (changed) =>
      (await signedAnew({...sent, request: Object.assign(Object.create(request), changed)}, kSdkKeys.session))
          .authorization;
  const right = request.header('authorization');
  assert.equal(await signatureOf({}), right);
  assert.notEqual(await signatureOf({body: Buffer.concat([request.body, Buffer.from(' ')])}), right);
  assert.notEqual(await signatureOf({target: `${request.target}-stream`}), right);
  assert.notEqual(await signatureOf({header: (name) => (name === 'host' ? 'elsewhere' : request.header(name))}), right);
});

// As the client wants what is bytes.
function withBytes(value) {
  if (Array.isArray(value)) return value.map(withBytes);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(
      ([
        name, inner
      ]) => [name, name === 'bytes' && typeof inner === 'string' ? Buffer.from(inner, 'base64') : withBytes(inner)]));
}

const kCalls = [
  {id: 'call_paris1', name: 'get_weather', arguments: {city: 'Paris'}},
  {id: 'call_oslo22', name: 'get_weather', arguments: {city: 'Oslo "é"'}},
];
const kQuestions = {
  text: {text: 'hello'},
  picture: {text: 'what is it?', image: kPixel},
  tools: {text: 'the weather', tools: true},
  schema: {text: 'as json', schema: true},
  'schema and tools': {text: 'as json', schema: true, tools: true},
  results: {
    text: 'the weather',
    tools: true,
    history: [{
      calls: kCalls,
      results: [
        {id: 'call_paris1', name: 'get_weather', text: '21 degrees'},
        {id: 'call_oslo22', name: 'get_weather', text: '12 degrees'}
      ]
    }]
  },
};

// The client leaves out what is no member of the API, refuses what has a wrong type, and writes the path in its own
// way.
test('AWS\'s client would have sent the same to the same place', async (t) => {
  for (const caller of callers) {
    for (const [what, question] of Object.entries(kQuestions)) {
      await t.test(`${caller.name}, ${what}`, async () => {
        for (const [index, id] of kIds.entries()) {
          upstream.reset();
          upstream.always(said([{text: '{"answer":42}'}]));
          await caller.ask(`keys-${index}`, question);
          const ours = upstream.requests[0];
          await judge.send(new ConverseCommand({modelId: id, ...withBytes(ours.json)}));
          const theirs = upstream.requests[1];
          assert.equal(ours.target, theirs.target);
          assert.equal(ours.method, theirs.method);
          assert.deepEqual(ours.json, theirs.json);
        }
      });
    }
  }
});

// What AWS's client makes of a stream.
async function judged() {
  const {stream: events} = await judge.send(
      new ConverseStreamCommand({modelId: kIds[0], messages: [{role: 'user', content: [{text: 'hello'}]}]}));
  const blocks = [];
  let stop;
  let usage;
  for await (const {contentBlockStart: start, contentBlockDelta: delta, messageStop, metadata} of events) {
    if (start) blocks[start.contentBlockIndex] = {...start.start.toolUse, input: ''};
    if (delta) {
      const block = blocks[delta.contentBlockIndex] ??= {text: ''};
      if (delta.delta.text !== undefined) block.text += delta.delta.text;
      if (delta.delta.toolUse) block.input += delta.delta.toolUse.input;
    }
    stop = messageStop?.stopReason ?? stop;
    usage = metadata?.usage ?? usage;
  }
  return {
    text: blocks.map((block) => block.text ?? '').join(''),
    calls: blocks.filter((block) => block.name).map(({name, input}) => ({name, arguments: JSON.parse(input || '{}')})),
    stop,
    usage: {prompt: usage?.inputTokens, completion: usage?.outputTokens},
  };
}

const kFinishes = {
  end_turn: {openai_chat: 'stop', openai_responses: 'completed', anthropic: 'end_turn', gemini: 'STOP'},
  tool_use: {openai_chat: 'tool_calls', openai_responses: 'completed', anthropic: 'tool_use', gemini: 'STOP'},
  max_tokens: {openai_chat: 'length', openai_responses: 'incomplete', anthropic: 'max_tokens', gemini: 'MAX_TOKENS'},
};

const text = (index, piece) => ['contentBlockDelta', {contentBlockIndex: index, delta: {text: piece}}];
const input = (index, piece) => ['contentBlockDelta', {contentBlockIndex: index, delta: {toolUse: {input: piece}}}];
const thought = (index, delta) => ['contentBlockDelta', {contentBlockIndex: index, delta: {reasoningContent: delta}}];
const use =
    (index,
     id) => ['contentBlockStart', {contentBlockIndex: index, start: {toolUse: {toolUseId: id, name: 'get_weather'}}}];
const stopped = (index) => ['contentBlockStop', {contentBlockIndex: index}];
const usage = (more = {}) =>
    ['metadata', {usage: {inputTokens: 10, outputTokens: 5, totalTokens: 15}, metrics: {latencyMs: 7}, ...more}];
const kStreams = {
  'text, with padding': [
    ['messageStart', {p: 'abcdefgh', role: 'assistant'}],
    ...['Hello ', 'from far ', 'away, é\u{1F600}.'].map((piece) => text(0, piece)),
    stopped(0),
    ['messageStop', {p: 'ab', stopReason: 'end_turn'}],
    usage({p: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ'}),
  ],
  'thoughts before text': [
    ['messageStart', {role: 'assistant'}],
    thought(0, {text: 'Let me '}),
    thought(0, {text: 'think.'}),
    thought(0, {signature: 'c2lnbmF0dXJl'}),
    stopped(0),
    text(1, 'Done.'),
    stopped(1),
    ['messageStop', {stopReason: 'end_turn'}],
    usage(),
  ],
  'parallel calls behind text': [
    ['messageStart', {role: 'assistant'}],
    text(0, 'Looking.'),
    stopped(0),
    use(1, 'tooluse_a'),
    input(1, '{"city":'),
    input(1, '"Paris"}'),
    stopped(1),
    use(2, 'tooluse_b'),
    input(2, '{"city":"Oslo \\"é\\""}'),
    stopped(2),
    ['messageStop', {stopReason: 'tool_use'}],
    usage(),
  ],
  'a call without arguments': [
    ['messageStart', {role: 'assistant'}],
    use(0, 'tooluse_a'),
    stopped(0),
    ['messageStop', {stopReason: 'tool_use'}],
    usage(),
  ],
};

for (const [what, events] of Object.entries(kStreams)) {
  test(`frames: ${what}`, async (t) => {
    for (const pieces of [0, 1, 7]) {
      upstream.reset();
      upstream.always(streamed(events, {pieces}));
      const expected = await judged();
      for (const caller of callers) {
        await t.test(`${caller.name}, ${pieces || 'all'} bytes a write`, async () => {
          const got = await caller.stream('keys-0', {text: 'hello', tools: expected.calls.length > 0});
          assert.equal(got.text, expected.text);
          assert.deepEqual(got.calls.map(({name, arguments: args}) => ({name, arguments: args ?? {}})), expected.calls);
          assert.equal(got.finish, kFinishes[expected.stop][caller.name]);
          assert.deepEqual(got.usage, expected.usage);
        });
      }
    }
  });
}

const kHalf = [['messageStart', {role: 'assistant'}], text(0, 'Half')];
const exception = (type, message) =>
    awsFrame({':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception'}, {message});
const broken = (frame) => {
  const bytes = Buffer.from(frame);
  bytes[bytes.length - 10] ^= 1;
  return bytes;
};

// Where AWS's client raises, every caller's does.
test('frames: what AWS\'s client refuses is no answer to anybody', async (t) => {
  const frames = kHalf.map(([type, data]) => event(type, data));
  const cases = {
    'an exception': [[...frames, exception('throttlingException', 'Too many tokens, alas')], /Too many tokens, alas/],
    'an exception at once': [[exception('validationException', 'No such thing')], /No such thing/],
    'a wrong checksum': [[frames[0], broken(frames[1])], /./],
    'half a frame': [[frames[0], frames[1].subarray(0, 30)], /./],
  };
  for (const [what, [parts, message]] of Object.entries(cases)) {
    upstream.reset();
    upstream.always(stream(parts, {headers: kStreamHeaders}));
    await assert.rejects(judged(), message, `AWS's client takes ${what}`);
    for (const caller of callers) {
      await t.test(`${what}, ${caller.name}`, async () => {
        const asked = caller.stream('keys-0', {text: 'hello'}).then((got) => {
          // A response that failed is a whole one to OpenAI's client.
          assert.equal(got.finish, 'failed');
          return 'failed';
        });
        if (caller.name === 'openai_responses') {
          const end = await asked.catch((error) => error.message);
          assert.ok(end === 'failed' || message.test(end), end);
        } else {
          await assert.rejects(asked, message);
        }
      });
    }
  }
});

test('errors: the status and the message that AWS\'s client reads', async (t) => {
  const cases = [
    [400, 'ValidationException', 'The provided model identifier is invalid.'],
    [403, 'AccessDeniedException', 'You don\'t have access to the model.'],
    [429, 'ThrottlingException', 'Too many requests, please wait.'],
    [424, 'ModelErrorException', 'The model could not.'],
    [503, 'ServiceUnavailableException', 'Bedrock is busy.'],
  ];
  for (const [status, type, message] of cases) {
    upstream.reset();
    upstream.always(answer({
      status,
      headers: {'content-type': 'application/json', 'x-amzn-errortype': `${type}:http://internal.amazon.com/`},
      body: JSON.stringify({message})
    }));
    await assert.rejects(
        judged(),
        (error) => error.name === type && error.message === message && error.$metadata.httpStatusCode === status);
    for (const caller of callers) {
      for (const how of ['ask', 'stream']) {
        await t.test(`${type}, ${caller.name}, ${how}`, async () => {
          await assert.rejects(caller[how]('keys-0', {text: 'hello'}), (error) => {
            assert.equal(error.status, status);
            assert.ok(error.message.includes(message), error.message);
            return true;
          });
        });
      }
    }
  }
});
