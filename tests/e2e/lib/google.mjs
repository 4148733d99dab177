// Google's Files API, its batches and generateContent as ai.google.dev/api documents them, played on a scripted
// upstream: what does not come as documented is answered with an error, and a file can be used only once it is whole.
import {answer} from '../../fakes/scripted_upstream.mjs';

import {providerKey} from './config.mjs';

export const kUploadPath = '/upload/v1beta/files';
const kGranularity = 256 * 1024;  // parts but the last are multiples of it

const json = (value, {status = 200, headers = {}} = {}) =>
    answer({status, headers: {'content-type': 'application/json; charset=UTF-8', ...headers}, body: JSON.stringify(value)});
const error = (code, status, message) => json({error: {code, message, status}}, {status: code});

export class Google {
  files = new Map();    // name -> resource
  bytes = new Map();    // name -> content
  batches = new Map();  // name -> operation
  sessions = new Map();
  asked = [];  // generateContent bodies
  // Replaced by tests that want another answer to the first step: (the true address) => headers.
  address = (url) => ({'X-Goog-Upload-URL': url});

  constructor(upstream) {
    this.upstream = upstream;
    upstream.always((x) => this.#play(x.request)(x));
  }

  #play(request) {
    const url = new URL(request.target, this.upstream.url);
    if (request.header('x-goog-api-key') !== providerKey) return error(400, 'INVALID_ARGUMENT', 'API key not valid.');
    if (url.searchParams.has('key')) return error(400, 'INVALID_ARGUMENT', 'Two keys.');
    if (url.pathname === kUploadPath) {
      return url.searchParams.has('upload_id') ? this.#part(request, url) : this.#start(request, url);
    }
    const path = url.pathname.replace('/v1beta/', '');
    const made = /^models\/([^/:]+):(\w+)$/.exec(path);
    if (made && request.method === 'POST') return this.#method(made[1], made[2], request);
    if (path === 'files') return this.#list('files', this.files, url);
    if (path === 'batches') return this.#list('operations', this.batches, url);
    if (/^files\/[^/:]+$/.test(path)) return this.#resource(path, this.files, request);
    if (/^batches\/[^/:]+$/.test(path)) return this.#resource(path, this.batches, request);
    const download = /^(files\/[^/:]+):download$/.exec(path);
    if (download && this.bytes.has(download[1]) && url.searchParams.get('alt') === 'media') {
      return answer({headers: {'content-type': 'application/octet-stream'}, body: this.bytes.get(download[1])});
    }
    const cancelled = /^(batches\/[^/:]+):cancel$/.exec(path);
    if (cancelled && this.batches.has(cancelled[1]) && request.method === 'POST') {
      this.batches.get(cancelled[1]).metadata.state = 'BATCH_STATE_CANCELLED';
      return json({});
    }
    return error(404, 'NOT_FOUND', `${request.method} ${path}`);
  }

  #start(request, url) {
    if (request.header('x-goog-upload-protocol') !== 'resumable' || request.header('x-goog-upload-command') !== 'start') {
      return error(400, 'INVALID_ARGUMENT', 'Not the start of an upload.');
    }
    if (url.search !== '') return error(400, 'INVALID_ARGUMENT', `Parameters: ${url.search}`);
    const id = `session-${this.sessions.size + 1}_${'x'.repeat(80)}`;
    this.sessions.set(id, {
      described: request.json.file,
      size: Number(request.header('x-goog-upload-header-content-length')),
      type: request.header('x-goog-upload-header-content-type'),
      parts: [],
      received: 0,
    });
    const true_ = `${this.upstream.url}${kUploadPath}?upload_id=${id}&upload_protocol=resumable`;
    return answer({
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'X-Goog-Upload-Status': 'active',
        'X-Goog-Upload-Chunk-Granularity': String(kGranularity),
        'X-Goog-Upload-Control-URL': true_,
        ...this.address(true_),
      },
      body: '',
    });
  }

  #part(request, url) {
    const session = this.sessions.get(url.searchParams.get('upload_id'));
    if (!session || url.searchParams.get('upload_protocol') !== 'resumable') {
      return error(404, 'NOT_FOUND', 'No such upload.');
    }
    const commands = request.header('x-goog-upload-command').split(',').map((word) => word.trim());
    if (commands.includes('query')) {
      return answer({
        headers: {'X-Goog-Upload-Status': 'active', 'X-Goog-Upload-Size-Received': String(session.received)},
        body: '',
      });
    }
    if (commands.includes('cancel')) {
      this.sessions.delete(url.searchParams.get('upload_id'));
      return answer({headers: {'X-Goog-Upload-Status': 'cancelled'}, body: ''});
    }
    if (commands.includes('upload')) {
      if (Number(request.header('x-goog-upload-offset')) !== session.received) {
        return error(400, 'INVALID_ARGUMENT', 'Another offset was expected.');
      }
      const last = commands.includes('finalize');
      if (!last && request.body.length % kGranularity !== 0) return error(400, 'INVALID_ARGUMENT', 'An odd part.');
      session.parts.push(request.body);
      session.received += request.body.length;
    }
    if (!commands.includes('finalize')) return answer({headers: {'X-Goog-Upload-Status': 'active'}, body: ''});
    if (session.received !== session.size) return error(400, 'INVALID_ARGUMENT', 'The file is not whole.');
    const name = session.described.name ?? `files/f${this.files.size + 1}`;
    const file = {
      name,
      displayName: session.described.displayName,
      mimeType: session.type,
      sizeBytes: String(session.received),
      state: 'ACTIVE',
      uri: `https://generativelanguage.googleapis.com/v1beta/${name}`,
    };
    this.files.set(name, file);
    this.bytes.set(name, Buffer.concat(session.parts));
    this.sessions.delete(url.searchParams.get('upload_id'));
    return json({file}, {headers: {'X-Goog-Upload-Status': 'final'}});
  }

  #list(member, all, url) {
    const size = Number(url.searchParams.get('pageSize') ?? 50);
    const from = Number(url.searchParams.get('pageToken') ?? 0);
    const page = [...all.values()].slice(from, from + size);
    return json({[member]: page, ...(from + size < all.size && {nextPageToken: String(from + size)})});
  }

  #resource(name, all, request) {
    if (!all.has(name)) return error(404, 'NOT_FOUND', `${name} was not found.`);
    if (request.method === 'GET') return json(all.get(name));
    if (request.method !== 'DELETE') return error(405, 'INVALID_ARGUMENT', 'No such method.');
    all.delete(name);
    return json({});
  }

  #method(model, verb, request) {
    const body = request.json;
    if (verb === 'generateContent') {
      this.asked.push(body);
      const uris = body.contents.flatMap(({parts}) => parts.flatMap((p) => p.fileData?.fileUri ?? []));
      for (const uri of uris) {
        if (![...this.files.values()].some((file) => file.uri === uri)) return error(403, 'PERMISSION_DENIED', uri);
      }
      return json({
        candidates: [{content: {role: 'model', parts: [{text: `read ${uris.length}`}]}, finishReason: 'STOP', index: 0}],
        usageMetadata: {promptTokenCount: 7, candidatesTokenCount: 2, totalTokenCount: 9},
        modelVersion: model,
      });
    }
    if (verb !== 'batchGenerateContent' && verb !== 'asyncBatchEmbedContent') return error(404, 'NOT_FOUND', verb);
    const {displayName, inputConfig, input_config: snake} = body.batch;
    const input = inputConfig ?? snake;
    const file = input.fileName ?? input.file_name;
    if (file && !this.files.has(file)) return error(404, 'NOT_FOUND', `${file} was not found.`);
    const name = `batches/b${this.batches.size + 1}`;
    const operation = {
      name,
      metadata: {
        '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch',
        model: `models/${model}`,
        displayName,
        state: 'BATCH_STATE_SUCCEEDED',
        createTime: '2026-01-01T00:00:00Z',
        batchStats: {requestCount: String(input.requests?.requests?.length ?? 1)},
        ...(input.requests && {
          output: {
            inlinedResponses: {
              inlinedResponses: input.requests.requests.map(({request: one, metadata}) => ({
                response: {
                  candidates: [{
                    content: {role: 'model', parts: [{text: `echo ${one.contents?.[0].parts[0].text}`}]},
                    finishReason: 'STOP',
                  }],
                },
                metadata,
              })),
            },
          },
        }),
      },
      done: true,
    };
    this.batches.set(name, operation);
    return json(operation);
  }
}
