// Libraries that many applications are written with, behind one face, as they are: each thinks that it speaks to the
// provider of its dialect. `ask` and `stream` answer { text, calls: [{ name, arguments }], finish,
// usage: { input, output } }, `loop` runs the tools and gives the last text, `shape` gives an answer of kShape. What
// the library raises is raised.
import {createAnthropic} from '@ai-sdk/anthropic';
import {createGoogleGenerativeAI} from '@ai-sdk/google';
import {createOpenAI} from '@ai-sdk/openai';
import {ChatAnthropic} from '@langchain/anthropic';
import {HumanMessage, SystemMessage, ToolMessage} from '@langchain/core/messages';
import {ChatGoogleGenerativeAI} from '@langchain/google-genai';
import {ChatOpenAI} from '@langchain/openai';
import {generateText, isStepCount, jsonSchema, Output, streamText, tool} from 'ai';

import {callerKey} from './http.mjs';

const kInput = {
  type: 'object',
  properties: {city: {type: 'string'}},
  required: ['city'],
  additionalProperties: false
};
const kShape = {
  type: 'object',
  properties: {answer: {type: 'integer'}},
  required: ['answer'],
  additionalProperties: false
};

// A question: { text, image, tools: { name: function of the input }, heard: called with each piece of a stream's text
// }.

class Vercel {
  constructor(name, dialect, model) {
    this.name = name;
    this.dialect = dialect;
    this.model = model;
  }

  #request(model, {text, image, tools}) {
    const content = [{type: 'text', text}];
    if (image) content.push({type: 'image', image, mediaType: 'image/png'});
    return {
      model: this.model(model),
      instructions: 'Be brief.',
      messages: [{role: 'user', content}],
      maxOutputTokens: 200,
      maxRetries: 0,
      ...(tools && {
        tools: Object.fromEntries(Object.entries(tools).map(([name, execute]) => [name, tool({
                                                                                    description: 'Weather of a city',
                                                                                    inputSchema: jsonSchema(kInput),
                                                                                    ...(execute && {execute}),
                                                                                  })]))
      }),
    };
  }

  async ask(model, question) {
    const got = await generateText(this.#request(model, question));
    return {
      text: got.text,
      calls: got.toolCalls.map((call) => ({name: call.toolName, arguments: call.input})),
      finish: got.finishReason,
      usage: {input: got.usage.inputTokens, output: got.usage.outputTokens},
    };
  }

  async stream(model, question) {
    const run = streamText({...this.#request(model, question), onError: () => {}});
    let text = '';
    const calls = [];
    for await (const part of run.fullStream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'text-delta') {
        text += part.text;
        question.heard?.(part.text);
      }
      if (part.type === 'tool-call') calls.push({name: part.toolName, arguments: part.input});
    }
    const {inputTokens: input, outputTokens: output} = await run.usage;
    return {text, calls, finish: await run.finishReason, usage: {input, output}};
  }

  async loop(model, question) {
    const run = streamText({...this.#request(model, question), stopWhen: isStepCount(3), onError: () => {}});
    let text = '';
    for await (const part of run.fullStream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'text-delta') text += part.text;
    }
    assertSteps((await run.steps).length);
    return text;
  }

  async shape(model, question) {
    const got = await generateText(
        {...this.#request(model, question), output: Output.object({name: 'answer', schema: jsonSchema(kShape)})});
    return got.output;
  }

  finishes = {stop: 'stop', calls: 'tool-calls'};
}

function assertSteps(count) {
  if (count !== 2) throw new Error(`${count} steps, where a call and an answer are two`);
}

class LangChain {
  constructor(name, dialect, model) {
    this.name = name;
    this.dialect = dialect;
    this.model = model;
  }

  #messages({text, image}) {
    const content = [{type: 'text', text}];
    if (image) content.push({type: 'image_url', image_url: {url: `data:image/png;base64,${image}`}});
    return [new SystemMessage('Be brief.'), new HumanMessage({content})];
  }

  #bound(model, {tools}) {
    const bare = this.model(model);
    if (!tools) return bare;
    return bare.bindTools(Object.keys(tools).map(
        (name) => ({type: 'function', function: {name, description: 'Weather of a city', parameters: kInput}})));
  }

  #read(message) {
    const told = message.response_metadata;
    return {
      text: message.text,
      calls: message.tool_calls.map((call) => ({name: call.name, arguments: call.args})),
      finish: told.finish_reason ?? told.finishReason ?? told.stop_reason ?? message.additional_kwargs.stop_reason ??
          message.additional_kwargs.finishReason ?? told.status,
      usage: {input: message.usage_metadata?.input_tokens, output: message.usage_metadata?.output_tokens},
    };
  }

  async ask(model, question) {
    return this.#read(await this.#bound(model, question).invoke(this.#messages(question)));
  }

  async #streamed(bound, messages, heard) {
    let whole;
    for await (const chunk of await bound.stream(messages)) {
      whole = whole ? whole.concat(chunk) : chunk;
      heard?.(chunk.text);
    }
    return whole;
  }

  async stream(model, question) {
    const read =
        this.#read(await this.#streamed(this.#bound(model, question), this.#messages(question), question.heard));
    // It takes a stream's input from its first event, where only Anthropic itself can know it; not from the last.
    if (this.dialect === 'anthropic') delete read.usage.input;
    return read;
  }

  async loop(model, question) {
    const bound = this.#bound(model, question);
    const messages = this.#messages(question);
    const said = await this.#streamed(bound, messages);
    messages.push(said);
    for (const call of said.tool_calls) {
      const content = await question.tools[call.name](call.args);
      messages.push(new ToolMessage({tool_call_id: call.id, name: call.name, content}));
    }
    return (await this.#streamed(bound, messages)).text;
  }

  async shape(model, question) {
    const shaped = this.model(model).withStructuredOutput({title: 'answer', ...kShape}, {name: 'answer'});
    return shaped.invoke(this.#messages(question));
  }

  finishes = {
    openai_chat: {stop: 'stop', calls: 'tool_calls'},
    openai_responses: {stop: 'completed', calls: 'completed'},
    anthropic: {stop: 'end_turn', calls: 'tool_use'},
    gemini: {stop: 'STOP', calls: 'STOP'},
  };
}

export function sdks(url) {
  const key = {apiKey: callerKey};
  const openai = createOpenAI({baseURL: `${url}/v1`, ...key});
  const anthropic = createAnthropic({baseURL: `${url}/v1`, ...key});
  const google = createGoogleGenerativeAI({baseURL: `${url}/v1beta`, ...key});
  const common = {...key, maxRetries: 0};
  const chain = (name, dialect, make) => {
    const made = new LangChain(name, dialect, make);
    made.finishes = made.finishes[dialect];
    return made;
  };
  return [
    new Vercel('ai, openai chat', 'openai_chat', (model) => openai.chat(model)),
    new Vercel('ai, openai responses', 'openai_responses', (model) => openai.responses(model)),
    new Vercel('ai, anthropic', 'anthropic', (model) => anthropic(model)),
    new Vercel('ai, google', 'gemini', (model) => google(model)),
    chain(
        'langchain, openai chat', 'openai_chat',
        (model) => new ChatOpenAI({model, ...common, maxTokens: 200, configuration: {baseURL: `${url}/v1`}})),
    chain(
        'langchain, openai responses', 'openai_responses',
        (model) => new ChatOpenAI(
            {model, ...common, maxTokens: 200, useResponsesApi: true, configuration: {baseURL: `${url}/v1`}})),
    chain(
        'langchain, anthropic', 'anthropic',
        (model) => new ChatAnthropic({model, ...common, maxTokens: 200, anthropicApiUrl: url})),
    chain(
        'langchain, google', 'gemini',
        (model) => new ChatGoogleGenerativeAI({model, ...common, maxOutputTokens: 200, baseUrl: url})),
  ];
}
