// Plays recorded answers of real providers to the gateway and looks at what its callers get. See README.md.
import {isDeepStrictEqual} from 'node:util';

import {configuration, oneWorker} from '../e2e/lib/config.mjs';
import {startGateway} from '../e2e/lib/gateway.mjs';
import {call, callerKey} from '../e2e/lib/http.mjs';
import {answer, ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {clients, saidBy} from './lib/clients.mjs';
import {pathEnd, sections} from './lib/providers.mjs';
import {readRecording} from './lib/readers.mjs';
import {print} from './lib/report.mjs';
import {readRecordings} from './lib/sources.mjs';

const kPieces = 24;  // into which a streamed answer is cut, wherever the cuts fall

const brief = (value) => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 110)}...${text.slice(-40)}` : text;
};

// The behaviour of the provider that once gave this answer.
function played(recording) {
  const headers = {'content-type': recording.contentType};
  if (!recording.streamed || recording.status !== 200) {
    return answer({status: recording.status, headers, body: recording.body});
  }
  const size = Math.max(50, Math.ceil(recording.body.length / kPieces));
  const pieces = [];
  for (let at = 0; at < recording.body.length; at += size) pieces.push(recording.body.subarray(at, at + size));
  return stream(pieces, {headers});
}

function firstDifference(got, expected) {
  let at = 0;
  while (at < got.length && at < expected.length && got[at] === expected[at]) ++at;
  const from = Math.max(0, at - 30);
  return `differs at byte ${at} of ${expected.length}: expected ${
      JSON.stringify(expected.subarray(from, at + 50).toString('utf8'))}, got ${
      JSON.stringify(got.subarray(from, at + 50).toString('utf8'))}`;
}

// Calls as a front can tell them: where tools have nothing but an object for input, free text stands in a member of it.
function asIn(front, calls) {
  const inObject = front.dialect === 'anthropic' || front.dialect === 'gemini';
  return calls.map(({name, arguments: input, custom}) => ({name, arguments: custom && inObject ? {input} : input}));
}

class Run {
  constructor(gateway, upstream) {
    this.gateway = gateway;
    this.upstream = upstream;
    this.fronts = clients(gateway.url);
  }

  #play(recording) {
    this.upstream.reset();
    this.upstream.always(played(recording));
  }

  // Where the provider was asked, if not where it should be.
  #wrongPath(recording) {
    const [request] = this.upstream.requests;
    if (!request) return 'the provider was not asked';
    const path = request.target.split('?')[0];
    return path.endsWith(pathEnd(recording)) ? undefined : `the provider was asked at ${request.target}`;
  }

  // The provider's own dialect in front: undefined when all bytes pass, else what did not.
  async faithful(recording, front, tools) {
    this.#play(recording);
    const question = front.body(recording.model, {streamed: recording.streamed, tools});
    const json = recording.request?.json ?? question;
    const inBody = json.model !== undefined;
    const sent = JSON.stringify(inBody ? {...json, model: recording.alias} : json);
    const query = recording.request?.query ?? (front.dialect === 'gemini' && recording.streamed ? '?alt=sse' : '');
    const got = await call(this.gateway.api, {
      path: front.path(recording.alias, recording.streamed) + query,
      headers: [
        ['content-type', 'application/json'], ['authorization', `Bearer ${callerKey}`],
        ...(recording.request?.headers ?? [])
      ],
      body: sent,
    });
    const wrong = this.#wrongPath(recording);
    if (wrong) return `${wrong}; the caller got ${got.status} ${brief(got.body.toString('utf8'))}`;
    const {body} = this.upstream.requests[0];
    const expected = Buffer.from(JSON.stringify(inBody ? {...json, model: recording.model} : json));
    if (!body.equals(expected)) return `the request ${firstDifference(body, expected)}`;
    if (got.status !== recording.status) return `status ${got.status} instead of ${recording.status}`;
    if (!got.clean) return 'the answer broke off';
    if (!got.body.equals(recording.body)) return `the answer ${firstDifference(got.body, recording.body)}`;
    return undefined;
  }

  // Another dialect in front: undefined when its client reads what the recording says, else what differs.
  async translated(recording, expected, front, tools) {
    this.#play(recording);
    let got;
    let raised;
    try {
      got = await front.ask(recording.alias, {streamed: recording.streamed, tools});
    } catch (error) {
      raised = error;
    }
    const wrong = this.#wrongPath(recording);
    if (wrong) return `${wrong}; ${raised ? saidBy(raised) : brief(got)}`;
    if (expected.status || expected.error !== undefined) {
      if (!raised && got.error === undefined) return `an error became an answer: ${brief(got)}`;
      const said = raised ? saidBy(raised) : got.error;
      if (expected.status && raised.status !== expected.status)
        return `status ${raised.status} instead of ${expected.status}`;
      return said.includes(expected.error) ? undefined :
                                             `the message ${brief(said)} instead of ${brief(expected.error)}`;
    }
    if (!expected.complete) {
      return raised || got.error !== undefined || got.finish === undefined ?
          undefined :
          `a stream that broke off became an answer: ${brief(got)}`;
    }
    if (raised) return `the client raised ${raised.constructor.name}: ${brief(saidBy(raised))}`;
    const wanted = {...expected, calls: asIn(front, expected.calls)};
    got.calls = got.calls.map(({name, arguments: input}) => ({name, arguments: input}));
    got.text = got.text.replaceAll(/!\[\]\(data:[^)]*\)/g, '');
    // Thoughts may come in parts, with a line between them in some dialects.
    for (const read of [got, wanted]) read.thinking = read.thinking.replaceAll(/\s+/g, '');
    for (const what of ['text', 'calls', 'finish', 'usage', 'thinking']) {
      if (what === 'usage' && !wanted.usage) continue;
      if (isDeepStrictEqual(got[what], wanted[what])) continue;
      return `${what}: expected ${brief(wanted[what])}, got ${brief(got[what])}`;
    }
    return undefined;
  }

  // One recording through every front.
  async all(recording) {
    const expected = readRecording(recording);
    const tools = [...new Set((expected.calls ?? []).map((made) => made.name))];
    const results = [];
    for (const front of this.fronts) {
      const plain = front.dialect === recording.dialect;
      const started = performance.now();
      let reason;
      try {
        reason = plain ? await this.faithful(recording, front, tools) :
                         await this.translated(recording, expected, front, tools);
      } catch (error) {
        reason = `the harness could not tell: ${error.stack}`;
      }
      results.push({
        recording: recording.id,
        provider: recording.provider.name,
        dialect: recording.dialect,
        front: front.dialect,
        streamed: recording.streamed,
        wanted: plain ? 'faithful' : 'translated',
        result: reason === undefined ? (plain ? 'faithful' : 'translated') : 'failed',
        ...(reason !== undefined && {reason}),
        ms: Math.round(performance.now() - started),
      });
    }
    return results;
  }
}

async function main() {
  const {json, only, fronts} = options(process.argv.slice(2));
  const root = process.env.GATEHOUSE_RECORDINGS;
  if (!root) throw new Error('GATEHOUSE_RECORDINGS must name the folder of recordings');
  const {recordings: all, left} = readRecordings(root);
  const recordings =
      all.filter((recording) => !only || recording.id.includes(only) || recording.provider.name === only);
  if (recordings.length === 0) throw new Error(`no recordings in ${root}`);
  const upstream = await ScriptedUpstream.start();
  const gateway = await startGateway(configuration({
    ...sections(recordings, upstream.url),
    ...oneWorker,
    access_log: {path: '/dev/null'},
  }));
  const results = [];
  try {
    const run = new Run(gateway, upstream);
    if (fronts) run.fronts = run.fronts.filter((front) => front.dialect === fronts);
    for (const recording of recordings) results.push(...await run.all(recording));
  } finally {
    await gateway.stop();
    await upstream.close();
  }
  return print(results, {json, recordings: recordings.length, left}) ? 0 : 1;
}

function options(words) {
  const read = {};
  for (const word of words) {
    const [, name, value] = /^--(json|only|front)(?:=(.*))?$/.exec(word) ?? [];
    if (!name) throw new Error(`unknown option ${word}; known are --json, --only=TEXT and --front=DIALECT`);
    read[name === 'front' ? 'fronts' : name] = value ?? true;
  }
  return read;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.stack);
  process.exitCode = 2;
}
