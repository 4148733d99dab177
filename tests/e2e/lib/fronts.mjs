// The official clients of the four dialects behind one face, so that a scenario is written once. Each answers
// { text, calls: [{ name, arguments }], finish, usage: { prompt, completion } }, as its own client parsed it.
import Anthropic from '@anthropic-ai/sdk';
import {GoogleGenAI} from '@google/genai';
import OpenAI from 'openai';

import {callerKey} from './http.mjs';

const kTool = {
  name: 'get_weather',
  description: 'Weather of a city',
  schema: {type: 'object', properties: {city: {type: 'string'}}, required: ['city']},
};
const kAnswerSchema = {
  type: 'object',
  properties: {answer: {type: 'integer'}},
  required: ['answer'],
  additionalProperties: false,
};
// One red pixel.
export const kPixel =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

// A question: { text, image, tools, schema, history: [{ calls, results }] } with what is not wanted left out. Calls have
// { id, name, arguments (an object) }, results { id, name, text }.

class OpenAiChat {
  name = 'openai_chat';
  constructor(url) {
    this.client = new OpenAI({baseURL: `${url}/v1`, apiKey: callerKey, maxRetries: 0});
  }
  body(model, {text, image, tools, schema, history = []}) {
    const content = image ?
        [{type: 'text', text}, {type: 'image_url', image_url: {url: `data:image/png;base64,${image}`}}] :
        text;
    const messages = [{role: 'system', content: 'Be brief.'}, {role: 'user', content}];
    for (const {calls, results} of history) {
      messages.push({
        role: 'assistant',
        content: null,
        tool_calls: calls.map((call) => ({
                                id: call.id,
                                type: 'function',
                                function: {name: call.name, arguments: JSON.stringify(call.arguments)}
                              })),
      });
      for (const result of results) messages.push({role: 'tool', tool_call_id: result.id, content: result.text});
    }
    return {
      model,
      messages,
      max_tokens: 200,
      ...(tools && {
        tools: [{type: 'function', function: {name: kTool.name, description: kTool.description, parameters: kTool.schema}}]
      }),
      ...(schema &&
          {response_format: {type: 'json_schema', json_schema: {name: 'answer', strict: true, schema: kAnswerSchema}}}),
    };
  }
  async ask(model, question) {
    return this.read(await this.client.chat.completions.create(this.body(model, question)));
  }
  async stream(model, question) {
    const stream =
        this.client.chat.completions.stream({...this.body(model, question), stream_options: {include_usage: true}});
    return this.read(await stream.finalChatCompletion());
  }
  read(answer) {
    const {message, finish_reason: finish} = answer.choices[0];
    return {
      text: message.content ?? '',
      calls: (message.tool_calls ?? [])
                 .map((call) => ({name: call.function.name, arguments: JSON.parse(call.function.arguments), id: call.id})),
      finish,
      usage: {prompt: answer.usage?.prompt_tokens, completion: answer.usage?.completion_tokens},
    };
  }
  finishes = {stop: 'stop', calls: 'tool_calls'};
}

class OpenAiResponses {
  name = 'openai_responses';
  constructor(url) {
    this.client = new OpenAI({baseURL: `${url}/v1`, apiKey: callerKey, maxRetries: 0});
  }
  body(model, {text, image, tools, schema, history = []}) {
    const content = [{type: 'input_text', text}];
    if (image) content.push({type: 'input_image', image_url: `data:image/png;base64,${image}`, detail: 'auto'});
    const input = [{role: 'user', content}];
    for (const {calls, results} of history) {
      for (const call of calls) {
        input.push(
            {type: 'function_call', call_id: call.id, name: call.name, arguments: JSON.stringify(call.arguments)});
      }
      for (const result of results) input.push({type: 'function_call_output', call_id: result.id, output: result.text});
    }
    return {
      model,
      input,
      instructions: 'Be brief.',
      max_output_tokens: 200,
      store: false,
      ...(tools && {
        tools: [{
          type: 'function',
          name: kTool.name,
          description: kTool.description,
          parameters: kTool.schema,
          strict: false
        }]
      }),
      ...(schema && {text: {format: {type: 'json_schema', name: 'answer', strict: true, schema: kAnswerSchema}}}),
    };
  }
  async ask(model, question) {
    return this.read(await this.client.responses.create(this.body(model, question)));
  }
  async stream(model, question) {
    return this.read(await this.client.responses.stream(this.body(model, question)).finalResponse());
  }
  read(answer) {
    return {
      text: answer.output_text,
      calls: answer.output.filter((item) => item.type === 'function_call')
                 .map((call) => ({name: call.name, arguments: JSON.parse(call.arguments), id: call.call_id})),
      finish: answer.status,
      usage: {prompt: answer.usage?.input_tokens, completion: answer.usage?.output_tokens},
    };
  }
  finishes = {stop: 'completed', calls: 'completed'};
}

class AnthropicMessages {
  name = 'anthropic';
  constructor(url) {
    this.client = new Anthropic({baseURL: url, apiKey: callerKey, maxRetries: 0});
  }
  body(model, {text, image, tools, schema, history = []}) {
    const content = [{type: 'text', text}];
    if (image) content.push({type: 'image', source: {type: 'base64', media_type: 'image/png', data: image}});
    const messages = [{role: 'user', content}];
    for (const {calls, results} of history) {
      messages.push({
        role: 'assistant',
        content: calls.map((call) => ({type: 'tool_use', id: call.id, name: call.name, input: call.arguments})),
      });
      messages.push({
        role: 'user',
        content: results.map((result) => ({type: 'tool_result', tool_use_id: result.id, content: result.text})),
      });
    }
    return {
      model,
      messages,
      system: 'Be brief.',
      max_tokens: 200,
      ...(tools && {tools: [{name: kTool.name, description: kTool.description, input_schema: kTool.schema}]}),
      ...(schema && {output_config: {format: {type: 'json_schema', schema: kAnswerSchema}}}),
    };
  }
  async ask(model, question) {
    return this.read(await this.client.messages.create(this.body(model, question)));
  }
  async stream(model, question) {
    return this.read(await this.client.messages.stream(this.body(model, question)).finalMessage());
  }
  read(answer) {
    return {
      text: answer.content.filter((block) => block.type === 'text').map((block) => block.text).join(''),
      calls: answer.content.filter((block) => block.type === 'tool_use')
                 .map((block) => ({name: block.name, arguments: block.input, id: block.id})),
      finish: answer.stop_reason,
      usage: {prompt: answer.usage?.input_tokens, completion: answer.usage?.output_tokens},
    };
  }
  finishes = {stop: 'end_turn', calls: 'tool_use'};
}

class Gemini {
  name = 'gemini';
  constructor(url) {
    this.client = new GoogleGenAI({apiKey: callerKey, httpOptions: {baseUrl: url, retryOptions: {attempts: 1}}});
  }
  body(model, {text, image, tools, schema, history = []}) {
    const parts = [{text}];
    if (image) parts.push({inlineData: {mimeType: 'image/png', data: image}});
    const contents = [{role: 'user', parts}];
    for (const {calls, results} of history) {
      contents.push({
        role: 'model',
        parts: calls.map((call) => ({functionCall: {id: call.id, name: call.name, args: call.arguments}})),
      });
      contents.push({
        role: 'user',
        parts: results.map(
            (result) => ({functionResponse: {id: result.id, name: result.name, response: {output: result.text}}})),
      });
    }
    return {
      model,
      contents,
      config: {
        systemInstruction: 'Be brief.',
        maxOutputTokens: 200,
        ...(tools && {
          tools: [{
            functionDeclarations:
                [{name: kTool.name, description: kTool.description, parametersJsonSchema: kTool.schema}]
          }]
        }),
        ...(schema && {responseMimeType: 'application/json', responseJsonSchema: kAnswerSchema}),
      },
    };
  }
  async ask(model, question) {
    return this.read([await this.client.models.generateContent(this.body(model, question))]);
  }
  async stream(model, question) {
    const chunks = [];
    for await (const chunk of await this.client.models.generateContentStream(this.body(model, question))) {
      chunks.push(chunk);
    }
    return this.read(chunks);
  }
  read(chunks) {
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
    const usage = chunks.map((chunk) => chunk.usageMetadata).filter(Boolean).at(-1);
    return {
      text: parts.filter((part) => part.text && !part.thought).map((part) => part.text).join(''),
      calls: parts.filter((part) => part.functionCall)
                 .map(({functionCall: call}) => ({name: call.name, arguments: call.args, id: call.id})),
      finish: chunks.map((chunk) => chunk.candidates?.[0]?.finishReason).filter(Boolean).at(-1),
      usage: {prompt: usage?.promptTokenCount, completion: usage?.candidatesTokenCount},
    };
  }
  finishes = {stop: 'STOP', calls: 'STOP'};
}

export const fronts = (url) => [new OpenAiChat(url), new OpenAiResponses(url), new AnthropicMessages(url), new Gemini(url)];
