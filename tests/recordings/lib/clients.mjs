// The four fronts as their callers have them: the official client for translated answers, the bytes for plain ones.
import {callerKey} from '../../e2e/lib/http.mjs';
import {Anthropic, GoogleGenAI, OpenAI} from '../../e2e/lib/packages.mjs';

import {readers} from './readers.mjs';

const kTimeout = 20_000;
const kSchema = {
  type: 'object'
};

// Each has `dialect`, `path(alias, streamed)`, `body(alias, { streamed, tools })` for a small question of its dialect
// (the client's own parameters are the same but for Gemini) and `ask(alias, question)`, which gives what a reader
// gives.

class Chat {
  dialect = 'openai_chat';
  constructor(url) {
    this.client = new OpenAI({baseURL: `${url}/v1`, apiKey: callerKey, maxRetries: 0, timeout: kTimeout});
  }
  path = () => '/v1/chat/completions';
  body(model, {streamed, tools}) {
    return {
      model,
      messages: [{role: 'user', content: 'Hello'}],
      max_tokens: 1000,
      ...(tools.length && {tools: tools.map((name) => ({type: 'function', function: {name, parameters: kSchema}}))}),
      ...(streamed && {stream: true, stream_options: {include_usage: true}}),
    };
  }
  async ask(model, question) {
    const {stream, ...body} = this.body(model, question);
    if (!stream) return readers.openai_chat.whole(await this.client.chat.completions.create(body));
    const chunks = [];
    const run = this.client.chat.completions.stream(body).on('chunk', (chunk) => chunks.push(structuredClone(chunk)));
    try {
      const read = readers.openai_chat.whole(await run.finalChatCompletion());
      // The helper knows OpenAI's own members only, and keeps the last piece of any other.
      return {...read, thinking: readers.openai_chat.events(chunks).thinking};
    } catch (error) {
      // The helper takes an answer that was cut short for an error; what it was cut from is whole.
      if (!/LengthFinishReason|ContentFilterFinishReason/.test(error.constructor.name)) throw error;
      return readers.openai_chat.events(chunks);
    }
  }
}

class Responses {
  dialect = 'openai_responses';
  constructor(url) {
    this.client = new OpenAI({baseURL: `${url}/v1`, apiKey: callerKey, maxRetries: 0, timeout: kTimeout});
  }
  path = () => '/v1/responses';
  body(model, {streamed, tools}) {
    return {
      model,
      input: 'Hello',
      max_output_tokens: 1000,
      ...(tools.length && {tools: tools.map((name) => ({type: 'function', name, parameters: kSchema, strict: false}))}),
      ...(streamed && {stream: true}),
    };
  }
  async ask(model, question) {
    const {stream, ...body} = this.body(model, question);
    return readers.openai_responses.whole(
        stream ? await this.client.responses.stream(body).finalResponse() : await this.client.responses.create(body));
  }
}

class Messages {
  dialect = 'anthropic';
  constructor(url) {
    this.client = new Anthropic({baseURL: url, apiKey: callerKey, maxRetries: 0, timeout: kTimeout});
  }
  path = () => '/v1/messages';
  body(model, {streamed, tools}) {
    return {
      model,
      messages: [{role: 'user', content: 'Hello'}],
      max_tokens: 1000,
      ...(tools.length && {tools: tools.map((name) => ({name, input_schema: kSchema}))}),
      ...(streamed && {stream: true}),
    };
  }
  async ask(model, question) {
    const {stream, ...body} = this.body(model, question);
    return readers.anthropic.whole(
        stream ? await this.client.messages.stream(body).finalMessage() : await this.client.messages.create(body));
  }
}

class GenerateContent {
  dialect = 'gemini';
  constructor(url) {
    this.client = new GoogleGenAI(
        {apiKey: callerKey, httpOptions: {baseUrl: url, timeout: kTimeout, retryOptions: {attempts: 1}}});
  }
  path = (model, streamed) => `/v1beta/models/${model}:${streamed ? 'streamGenerateContent' : 'generateContent'}`;
  #tools = (tools) =>
      (tools.length ? {tools: [{functionDeclarations: tools.map((name) => ({name, parametersJsonSchema: kSchema}))}]} :
                      {});
  body(model, {tools}) {
    return {
      contents: [{role: 'user', parts: [{text: 'Hello'}]}],
      generationConfig: {maxOutputTokens: 1000},
      ...this.#tools(tools),
    };
  }
  async ask(model, {streamed, tools}) {
    const question = {model, contents: 'Hello', config: {maxOutputTokens: 1000, ...this.#tools(tools)}};
    if (!streamed) return readers.gemini.whole(await this.client.models.generateContent(question));
    const chunks = [];
    for await (const chunk of await this.client.models.generateContentStream(question)) chunks.push(chunk);
    return readers.gemini.events(chunks);
  }
}

export const clients = (url) => [new Chat(url), new Responses(url), new Messages(url), new GenerateContent(url)];

// Everything that a client's error says, the provider's own message among it.
export function saidBy(error) {
  const said = [error.message, error.error?.message, error.error?.error?.message];
  try {
    said.push(JSON.parse(error.message).error.message);
  } catch {
    // Not JSON.
  }
  return said.filter((text) => typeof text === 'string').join('\n');
}
