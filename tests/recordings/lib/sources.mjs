// Reads the folder of recordings. Each becomes
//   { id, provider: { name, kind }, dialect, model, streamed, status, contentType, body: Buffer, request }
// where `body` is the answer's and `request` ({ json, query, headers }) is left out where only the answer was kept.
import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

import {awsFrame} from '../../e2e/lib/aws_frames.mjs';
import {parseYaml} from '../../e2e/lib/packages.mjs';

import {dialectOfPath, providerOfAddress, providerOfFolder} from './providers.mjs';

const kEventStream = 'application/vnd.amazon.eventstream';

function files(folder, extension) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, {recursive: true})
      .map(String)
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => path.join(folder, name));
}

const one = (headers, name) => {
  const found = Object.entries(headers ?? {}).find(([n]) => n.toLowerCase() === name)?.[1];
  return Array.isArray(found) ? found[0] : found;
};

// A body as a cassette keeps it: parsed JSON, text, or bytes.
function bytesOf(message) {
  if (message.parsed_body !== undefined) return Buffer.from(JSON.stringify(message.parsed_body));
  const body = message.body?.string ?? message.body ?? '';
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  return Buffer.from(raw ? body : JSON.stringify(body));
}

function jsonOf(bytes) {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

// Cassettes are written in a YAML 1.1 that quotes whatever 1.2 would read otherwise; only its bytes are tagged.
const kYaml = {
  schema: 'core',
  customTags: ['binary'],
  maxAliasCount: -1,
};

function cassette(file, root, skip) {
  const id = path.relative(root, file);
  const {interactions = []} = parseYaml(readFileSync(file, 'utf8'), kYaml);
  return interactions.flatMap((interaction, index) => {
    const {request, response} = interaction;
    const name = `${id}#${index}`;
    if (!request) return skip(name, 'not HTTP');
    const url = new URL(request.uri);
    const dialect = request.method === 'POST' ? dialectOfPath(url.pathname) : undefined;
    if (!dialect) return skip(name, 'not a conversation');
    const provider = providerOfAddress(request.uri);
    if (!provider) return skip(name, `no provider for ${url.host}`);
    const json = jsonOf(bytesOf(request));
    if (!json) return skip(name, 'its request is no JSON');
    const inPath = /\/(?:models|model)\/([^/:]+)/.exec(url.pathname)?.[1];
    const body = bytesOf(response);
    const contentType = one(response.headers, 'content-type') ?? 'application/json';
    if (!/event-?stream/.test(contentType) && !jsonOf(body)) return skip(name, 'its answer is no JSON');
    return [{
      id: name,
      provider,
      dialect,
      model: json.model ?? decodeURIComponent(inPath),
      streamed: json.stream === true || /stream/i.test(url.pathname.split('/').at(-1)),
      status: response.status.code,
      contentType,
      body,
      request: {
        json,
        query: url.search,
        headers: ['anthropic-version', 'anthropic-beta'].flatMap(
            (header) => (one(request.headers, header) ? [[header, one(request.headers, header)]] : [])),
      },
    }];
  });
}

// What kind of answer a fixture's first object is.
function dialectOfAnswer(json, folder) {
  if (json.object === 'chat.completion' || json.object === 'chat.completion.chunk') return 'openai_chat';
  if (json.object === 'response' || json.type?.startsWith?.('response.')) return 'openai_responses';
  if (json.type === 'message' || json.type === 'message_start') return 'anthropic';
  if (json.candidates) return 'gemini';
  if (json.output?.message || json.messageStart || json.contentBlockStart || json.contentBlockDelta) return 'bedrock';
  if ((json.finish_reason && json.message) || json.type === 'message-start') return 'cohere';
  if (json.choices) return 'openai_chat';
  if (json.error) {
    if (folder.includes('responses')) return 'openai_responses';
    if (folder.startsWith('google')) return 'gemini';
    if (folder.includes('chat')) return 'openai_chat';
  }
  return undefined;
}

// The chunks of a stream in the framing of their dialect.
function framed(dialect, chunks) {
  if (dialect === 'bedrock') {
    return Buffer.concat(chunks.map((chunk) => {
      const [type, payload] = Object.entries(JSON.parse(chunk))[0];
      return awsFrame({':event-type': type, ':content-type': 'application/json', ':message-type': 'event'}, payload);
    }));
  }
  const events = chunks.map((chunk) => {
    const {type} = JSON.parse(chunk);
    return `${type && dialect !== 'openai_chat' ? `event: ${type}\n` : ''}data: ${chunk}\n\n`;
  });
  if (dialect === 'openai_chat') events.push('data: [DONE]\n\n');
  return Buffer.from(events.join(''));
}

function statusOf(json) {
  if (!json.error || json.object || json.candidates) return 200;
  return Number.isInteger(json.error.code) ? json.error.code : 400;
}

function fixture(file, root, skip) {
  const id = path.relative(root, file);
  const inside = id.split(path.sep).slice(1);
  const folder = inside.slice(0, -1).join('/');
  const text = readFileSync(file, 'utf8');
  const sse = file.endsWith('.sse');
  const streamed = sse || file.endsWith('.txt');
  const chunks = sse ?
      text.split(/\n\n/).map((event) => event.replace(/^data: /, '')).filter((d) => d && d !== '[DONE]') :
      streamed ? text.split('\n').filter((line) => line.trim()) :
                 [text];
  const first = jsonOf(Buffer.from(chunks[0]));
  // Some hold the answers of a whole conversation, one behind the other.
  const begins = (chunk) => /^\{"type":"(message_start|response\.created)"/.test(chunk);
  const ends = (chunk) => /^\{"type":"(message_stop|message_delta|response\.completed)"/.test(chunk);
  const answers = streamed && !sse ? [] : [chunks];
  for (const [index, chunk] of streamed && !sse ? chunks.entries() : []) {
    if (index === 0 || (begins(chunk) && ends(chunks[index - 1]))) answers.push([]);
    answers.at(-1).push(chunk);
  }
  const dialect = first && dialectOfAnswer(first, folder);
  const provider = providerOfFolder(inside[0]);
  if (!dialect || !provider) return skip(id, 'not a conversation');
  const models = chunks.map((chunk) => jsonOf(Buffer.from(chunk)))
                     .map((json) => json?.model ?? json?.message?.model ?? json?.response?.model ?? json?.modelVersion)
                     .filter(Boolean);
  return answers.map(
      (said, index) => ({
        id: answers.length > 1 ? `${id}#${index}` : id,
        provider,
        dialect,
        model: models[0] || {bedrock: 'anthropic.claude-3-haiku-20240307-v1:0', cohere: 'command-a-03-2025'}[dialect] ||
            'some-model',
        streamed,
        status: streamed ? 200 : statusOf(first),
        contentType: !streamed    ? 'application/json' :
            dialect === 'bedrock' ? kEventStream :
                                    'text/event-stream',
        body: sse    ? Buffer.from(text) :
            streamed ? framed(dialect, said) :
                       Buffer.from(text),
      }));
}

function frames(file, root) {
  return [{
    id: path.relative(root, file),
    provider: providerOfFolder('amazon-bedrock'),
    dialect: 'bedrock',
    model: 'us.amazon.nova-micro-v1:0',
    streamed: true,
    status: 200,
    contentType: kEventStream,
    body: readFileSync(file),
  }];
}

// All recordings of the folder, one of each where the same answer stands in several, and what was left out and why.
export function readRecordings(root) {
  const left = [];
  const skip = (id, why) => {
    left.push({id, why});
    return [];
  };
  const all = [
    ...files(path.join(root, 'pydantic-ai'), '.yaml').flatMap((file) => cassette(file, root, skip)),
    ...['.json', '.chunks.txt', '.sse'].flatMap(
        (extension) => files(path.join(root, 'vercel-ai'), extension).flatMap((file) => fixture(file, root, skip))),
    ...files(path.join(root, 'bedrock-eventstream'), '.bin').flatMap((file) => frames(file, root)),
  ];
  const seen = new Set();
  const recordings = all.filter((recording) => {
    const hash = createHash('sha256')
                     .update(`${recording.dialect} ${recording.request ? JSON.stringify(recording.request) : ''}\n`)
                     .update(recording.body)
                     .digest('hex');
    const again = seen.has(hash);
    seen.add(hash);
    if (again) skip(recording.id, 'the same as another');
    return !again;
  });
  return {recordings, left};
}
