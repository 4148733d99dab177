// One request on a connection of its own, written byte for byte as given.
import {RawClient} from './raw_client.mjs';

// The bytes of a request. `headers`: an object or a list of [name, value]; a length is added unless there is one.
export function requestBytes(
    {method = 'POST', path = '/v1/chat/completions', headers = [], body = '', host = 'gateway.test'} = {}) {
  const list = Array.isArray(headers) ? headers : Object.entries(headers);
  const has = (name) => list.some(([n]) => n.toLowerCase() === name);
  const lines = [`${method} ${path} HTTP/1.1`];
  if (!has('host')) lines.push(`Host: ${host}`);
  for (const [name, value] of list) lines.push(`${name}: ${value}`);
  const bytes = Buffer.from(body);
  if (!has('content-length') && !has('transfer-encoding') && (bytes.length || method === 'POST')) {
    lines.push(`Content-Length: ${bytes.length}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

// Sends one request and gives the whole answer (see RawClient.answer).
export async function call(to, {ms = 10_000, ...request} = {}) {
  const client = await RawClient.connect(to);
  try {
    client.send(requestBytes(request));
    return await client.answer({ms, method: request.method});
  } finally {
    client.destroy();
  }
}

export const callerKey = 'test-caller-key-0123456789';

// A chat request with the key that lib/config.mjs configures. `body`: an object, or the very bytes.
function chatRequest(body, {headers = [], ...rest} = {}) {
  const list = Array.isArray(headers) ? headers : Object.entries(headers);
  return {
    path: '/v1/chat/completions',
    headers: [['Authorization', `Bearer ${callerKey}`], ['Content-Type', 'application/json'], ...list],
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    ...rest,
  };
}

export const chatBytes = (body, options) => requestBytes(chatRequest(body, options));
export const chat = (to, body, options) => call(to, chatRequest(body, options));

export const hello = (model = 'm', more = {}) => ({model, messages: [{role: 'user', content: 'hello'}], ...more});

// The data of every event in an event stream's bytes, in order; comments are left out.
export function eventData(bytes) {
  return bytes.toString('utf8')
      .split(/\r\n\r\n|\n\n|\r\r/)
      .filter(Boolean)
      .map(
          (event) => event.split(/\r\n|\n|\r/)
                         .filter((l) => l.startsWith('data:'))
                         .map((l) => l.slice(5).replace(/^ /, ''))
                         .join('\n'))
      .filter((data) => data !== '');
}
