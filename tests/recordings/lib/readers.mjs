// What an answer says, read without the gateway: one small reader a dialect, for recordings and for what the official
// clients made of the gateway's answers alike. Each gives
//   { text, thinking, calls: [{ name, arguments }], finish, usage: { prompt, completion, cached }, complete, error }
// in one vocabulary: `finish` is stop, length, tool_calls or content_filter, counts mean the whole of what they are of,
// `complete` is false where a stream broke off, `error` is the message of an error told in a stream.

const sum = (...counts) => counts.reduce((total, count) => total + (count ?? 0), 0);

function argumentsOf(value) {
  if (value === undefined || value === null || value === '') return {};
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) ?? {};  // some models write null for no arguments
  } catch {
    return value;
  }
}

const finishOf = (words, word, calls) => {
  const finish = word === undefined || word === null ? undefined : words[word] ?? `? ${word}`;
  return finish === 'stop' && calls.length ? 'tool_calls' : finish;
};

// --- OpenAI Chat Completions, and who imitates it

const kChatFinish = {
  stop: 'stop',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  eos: 'stop',
  eos_token: 'stop',
  '': 'stop',  // Snowflake
};

function chatText(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (part.type === 'text' ? part.text ?? '' : '')).join('');
}

// Thoughts by all the names that they go by. Who sends them by two says the same twice.
function thoughtsByName(message) {
  const parts = Array.isArray(message.content) ? message.content.map((part) => part.thinking).filter(Boolean) : [];
  return {
    content: message.reasoning_content ?? '',
    reasoning: typeof message.reasoning === 'string' ? message.reasoning : '',
    details: (message.reasoning_details ?? []).map((one) => one.text ?? one.summary ?? '').join(''),
    // Cohere has a text there, Mistral a list of them.
    parts: parts.flatMap((part) => (typeof part === 'string' ? part : part.map((one) => one.text))).join(''),
  };
}

const firstOf = (thoughts) => Object.values(thoughts).find(Boolean) ?? '';
const chatThinking = (message) => firstOf(thoughtsByName(message));

function chatUsage(usage) {
  if (!usage || usage.prompt_tokens === undefined) return undefined;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  // xAI leaves thoughts out of the completion; the total tells.
  const beside = reasoning > 0 && usage.total_tokens === usage.prompt_tokens + usage.completion_tokens + reasoning;
  return {
    prompt: usage.prompt_tokens,
    completion: sum(usage.completion_tokens, beside ? reasoning : 0),
    cached:
        sum(usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.num_cached_tokens ??
            usage.cached_tokens),
  };
}

function chatCalls(message) {
  const calls = (message.tool_calls ?? []).map((call) => ({
                                                 name: call.function?.name ?? call.custom?.name,
                                                 arguments: argumentsOf(call.function?.arguments ?? call.custom?.input),
                                               }));
  if (message.function_call?.name) {
    calls.push({name: message.function_call.name, arguments: argumentsOf(message.function_call.arguments)});
  }
  return calls;
}

const chat = {
  whole(answer) {
    const choice = answer.choices?.[0] ?? {};
    const message = choice.message ?? {};
    const calls = chatCalls(message);
    return {
      text: chatText(message.content) + (message.refusal ?? ''),
      thinking: chatThinking(message),
      calls,
      finish: message.refusal ? 'content_filter' : finishOf(kChatFinish, choice.finish_reason, calls),
      usage: chatUsage(answer.usage),
      complete: true,
    };
  },
  events(events) {
    const thoughts = {};
    let text = '';
    let refused = false;
    let finish;
    let usage;
    let error;
    const calls = new Map();
    for (const event of events) {
      if (event.error) error = event.error.message;
      usage = chatUsage(event.usage) ?? chatUsage(event.x_groq?.usage) ?? usage;
      const choice = event.choices?.find((c) => (c.index ?? 0) === 0);
      if (!choice) continue;
      const delta = choice.delta ?? choice.message ?? {};
      text += chatText(delta.content) + (delta.refusal ?? '');
      for (const [name, piece] of Object.entries(thoughtsByName(delta)))
        thoughts[name] = (thoughts[name] ?? '') + piece;
      refused ||= Boolean(delta.refusal);
      for (const [at, call] of (delta.tool_calls ?? []).entries()) {
        const index = call.index ?? at;
        if (!calls.has(index)) calls.set(index, {name: '', input: ''});
        const kept = calls.get(index);
        kept.name = call.function?.name || call.custom?.name || kept.name;
        const more = call.function?.arguments ?? call.custom?.input ?? '';
        kept.input = typeof more === 'string' ? kept.input + more : more;
      }
      finish = choice.finish_reason ?? finish;
    }
    const made = [...calls.values()].map(({name, input}) => ({name, arguments: argumentsOf(input)}));
    return {
      text,
      thinking: firstOf(thoughts),
      calls: made,
      finish: refused ? 'content_filter' : finishOf(kChatFinish, finish, made),
      usage,
      complete: finish !== undefined,
      error,
    };
  },
  // OpenRouter's own message only says that there is one of the provider behind it.
  error: (body) => body.error?.metadata?.raw ?? body.error?.message ?? body.message ?? body.detail ?? body.error,
};

// --- OpenAI Responses

function responsesUsage(usage) {
  return usage && usage.input_tokens !== undefined ? {
    prompt: usage.input_tokens,
    completion: usage.output_tokens,
    cached: sum(usage.input_tokens_details?.cached_tokens)
  } :
                                                     undefined;
}

function fromItems(items, response) {
  const calls = items.flatMap((item) => {
    if (item.type === 'function_call') return [{name: item.name, arguments: argumentsOf(item.arguments)}];
    if (item.type === 'custom_tool_call') return [{name: item.name, arguments: item.input, custom: true}];
    return [];
  });
  const parts = items.filter((item) => item.type === 'message').flatMap((item) => item.content ?? []);
  const refused = parts.some((part) => part.type === 'refusal');
  const thoughts = items.filter((item) => item.type === 'reasoning')
                       .flatMap((item) => (item.content?.length ? item.content : item.summary ?? []));
  const word = response.status === 'incomplete' ? response.incomplete_details?.reason : response.status;
  const words = {completed: 'stop', complete: 'stop', max_output_tokens: 'length', content_filter: 'content_filter'};
  return {
    text: parts.map((part) => part.text ?? part.refusal ?? '').join(''),
    thinking: thoughts.map((part) => part.text).join(''),
    calls,
    finish: refused ? 'content_filter' : finishOf(words, word, calls),
    usage: responsesUsage(response.usage),
    complete: !['queued', 'in_progress'].includes(word),
    error: response.status === 'failed' ? response.error?.message ?? 'failed' : undefined,
  };
}

const responses = {
  whole: (answer) => fromItems(answer.output ?? [], answer),
  events(events) {
    const items = [];
    let streamed = '';
    let last;
    let error;
    for (const event of events) {
      if (/^response\.(output_text|refusal)\.delta$/.test(event.type)) streamed += event.delta;
      if (event.type === 'response.output_item.done') items[event.output_index ?? items.length] = event.item;
      if (['response.completed', 'response.incomplete', 'response.failed'].includes(event.type)) last = event.response;
      if (event.type === 'error') error = event.error?.message ?? event.message;
    }
    const said = items.filter(Boolean);
    if (!last) return {...fromItems(said, {}), complete: false, error};
    const read = fromItems(said.length ? said : last.output ?? [], last);
    return {...read, text: streamed || read.text, error: error ?? read.error};
  },
  error: (body) => body.error?.message,
};

// --- Anthropic Messages

const kAnthropicFinish = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
};

function anthropicUsage(usage) {
  return usage && usage.output_tokens !== undefined ? {
    prompt: sum(usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens),
    completion: usage.output_tokens,
    cached: sum(usage.cache_read_input_tokens),
  } :
                                                      undefined;
}

const anthropic = {
  whole(answer) {
    const calls = answer.content.filter((block) => block.type === 'tool_use')
                      .map((block) => ({name: block.name, arguments: argumentsOf(block.input)}));
    // Why it declined stands beside what it said.
    const why = answer.stop_details?.explanation ?? '';
    return {
      text: answer.content.filter((block) => block.type === 'text').map((block) => block.text).join('') + why,
      thinking: answer.content.filter((block) => block.type === 'thinking').map((block) => block.thinking).join(''),
      calls,
      finish: finishOf(kAnthropicFinish, answer.stop_reason, calls),
      usage: anthropicUsage(answer.usage),
      complete: true,
    };
  },
  events(events) {
    const blocks = [];
    const usage = {};
    let stop;
    let details;
    let ended = false;
    let error;
    // What was told later counts, but an absent or null count takes nothing back.
    const count = (told) => {
      for (const [name, value] of Object.entries(told ?? {})) {
        if (typeof value === 'number') usage[name] = value;
      }
    };
    for (const event of events) {
      if (event.type === 'message_start') {
        if (blocks.length) break;  // another message in the middle of this one
        count(event.message.usage);
        // A message that is whole from its start.
        for (const block of event.message.content ?? []) blocks.push({...block, json: ''});
        stop = event.message.stop_reason ?? stop;
      } else if (event.type === 'content_block_start') {
        blocks[event.index] = {...event.content_block, json: ''};
      } else if (event.type === 'content_block_delta') {
        const block = blocks[event.index];
        if (event.delta.type === 'thinking_delta') block.thinking += event.delta.thinking;
        if (event.delta.type === 'text_delta') block.text += event.delta.text;
        if (event.delta.type === 'input_json_delta') block.json += event.delta.partial_json;
      } else if (event.type === 'message_delta') {
        count(event.usage);
        stop = event.delta.stop_reason ?? stop;
        details = event.delta.stop_details ?? details;
      } else if (event.type === 'message_stop') {
        ended = true;
      } else if (event.type === 'error') {
        error = event.error.message;
      }
    }
    const content = blocks.filter(Boolean).map((block) => (block.json ? {...block, input: block.json} : block));
    return {...anthropic.whole({content, stop_reason: stop, stop_details: details, usage}), complete: ended, error};
  },
  error: (body) => body.error?.message,
};

// --- Gemini

const kGeminiFinish = {
  STOP: 'stop',
  FINISH_REASON_UNSPECIFIED: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  MODEL_ARMOR: 'content_filter',
};

function geminiUsage(usage) {
  return usage && usage.promptTokenCount !== undefined ? {
    prompt: sum(usage.promptTokenCount, usage.toolUsePromptTokenCount),
    completion: sum(usage.candidatesTokenCount, usage.thoughtsTokenCount),
    cached: sum(usage.cachedContentTokenCount),
  } :
                                                         undefined;
}

// Puts one piece of streamed arguments where its JSONPath ($.a['b'][0]) says.
function putArgument(target, piece) {
  const steps = [...piece.jsonPath.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[['"](.*?)['"]\]/g)].map(
      ([, name, index, quoted]) => (index !== undefined ? Number(index) : name ?? quoted));
  const last = steps.pop();
  let at = target;
  for (const [depth, step] of steps.entries()) {
    at[step] ??= typeof (steps[depth + 1] ?? last) === 'number' ? [] : {};
    at = at[step];
  }
  if (piece.stringValue !== undefined) {
    at[last] = (typeof at[last] === 'string' ? at[last] : '') + piece.stringValue;
  } else if (piece.numberValue !== undefined) {
    at[last] = piece.numberValue;
  } else if (piece.boolValue !== undefined) {
    at[last] = piece.boolValue;
  } else if ('nullValue' in piece) {
    at[last] = null;
  }
}

const gemini = {
  whole: (answer) => gemini.events([answer]),
  events(events) {
    let text = '';
    let thinking = '';
    let finish;
    let usage;
    let error;
    let open = null;  // a call whose arguments are still coming
    const calls = [];
    for (const event of events) {
      if (event.error) error = event.error.message;
      usage = geminiUsage(event.usageMetadata) ?? usage;
      if (event.promptFeedback?.blockReason) finish = 'SAFETY';
      const candidate = event.candidates?.find((c) => (c.index ?? 0) === 0);
      finish = candidate?.finishReason ?? finish;
      for (const part of candidate?.content?.parts ?? []) {
        if (part.text && part.thought) thinking += part.text;
        if (part.text && !part.thought) text += part.text;
        const call = part.functionCall;
        if (!call) continue;
        if (!open) {
          open = {name: call.name, arguments: call.args ?? {}};
          calls.push(open);
        }
        for (const piece of call.partialArgs ?? []) putArgument(open.arguments, piece);
        if (!call.willContinue) open = null;
      }
    }
    return {
      text,
      thinking,
      calls,
      finish: finishOf(kGeminiFinish, finish, calls),
      usage,
      complete: finish !== undefined,
      error,
    };
  },
  error: (body) => body.error?.message,
};

// --- Bedrock Converse

const kBedrockFinish = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
};

const bedrock = {
  whole(answer) {
    const content = answer.output?.message?.content ?? [];
    // What a tool of the provider's own was asked and answered stands in the same message.
    const calls = content.filter((block) => block.toolUse && block.toolUse.type !== 'server_tool_use')
                      .map(({toolUse}) => ({name: toolUse.name, arguments: argumentsOf(toolUse.input)}));
    const {usage} = answer;
    return {
      text: content.map((block) => block.text ?? '').join(''),
      thinking: content.map((block) => block.reasoningContent?.reasoningText?.text ?? '').join(''),
      calls,
      finish: finishOf(kBedrockFinish, answer.stopReason, calls),
      usage: usage && {
        prompt: sum(usage.inputTokens, usage.cacheReadInputTokens, usage.cacheWriteInputTokens),
        completion: usage.outputTokens,
        cached: sum(usage.cacheReadInputTokens),
      },
      complete: true,
    };
  },
  events(events) {
    const content = [];
    let stop;
    let usage;
    let error;
    for (const event of events) {
      const start = event.contentBlockStart;
      const delta = event.contentBlockDelta;
      if (start?.start.toolUse) content[start.contentBlockIndex] = {toolUse: {...start.start.toolUse, input: ''}};
      if (delta) {
        const block = content[delta.contentBlockIndex] ??= {};
        if (delta.delta.text !== undefined) block.text = (block.text ?? '') + delta.delta.text;
        if (delta.delta.reasoningContent?.text !== undefined) {
          block.reasoningContent ??= {reasoningText: {text: ''}};
          block.reasoningContent.reasoningText.text += delta.delta.reasoningContent.text;
        }
        if (delta.delta.toolUse) block.toolUse.input += delta.delta.toolUse.input;
      }
      stop = event.messageStop?.stopReason ?? stop;
      usage = event.metadata?.usage ?? usage;
      if (event.exception) error = event.exception;
    }
    const read = bedrock.whole({output: {message: {content: content.filter(Boolean)}}, stopReason: stop, usage});
    return {...read, complete: stop !== undefined, error};
  },
  error: (body) => body.message ?? body.Message,
};

// --- Cohere v2

const kCohereFinish = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
};

const cohere = {
  whole(answer) {
    const calls = chatCalls(answer.message ?? {});
    // What is charged; `tokens` counts also what Cohere itself puts into a prompt, and so does `cached_tokens`.
    const tokens = answer.usage?.billed_units ?? answer.usage?.tokens;
    return {
      text: chatText(answer.message?.content),
      thinking: (answer.message?.tool_plan ?? '') + chatThinking(answer.message ?? {}),
      calls,
      finish: finishOf(kCohereFinish, answer.finish_reason, calls),
      usage: tokens && {
        prompt: tokens.input_tokens,
        completion: tokens.output_tokens,
        cached: Math.min(answer.usage.cached_tokens ?? 0, tokens.input_tokens),
      },
      complete: true,
    };
  },
  events(events) {
    const calls = [];
    let text = '';
    let thinking = '';
    let end;
    for (const event of events) {
      const message = event.delta?.message ?? {};
      if (event.type === 'content-start' || event.type === 'content-delta') {
        text += message.content?.text ?? '';
        thinking += message.content?.thinking ?? '';
      }
      thinking += message.tool_plan ?? '';
      if (event.type === 'tool-call-start') {
        calls[event.index] = {function: {...message.tool_calls.function}};
        calls[event.index].function.arguments ??= '';
      }
      if (event.type === 'tool-call-delta')
        calls[event.index].function.arguments += message.tool_calls.function.arguments;
      if (event.type === 'message-end') end = event.delta;
    }
    const message = {content: text, tool_plan: thinking, tool_calls: calls.filter(Boolean)};
    return {...cohere.whole({message, ...end}), complete: end !== undefined};
  },
  error: (body) => body.message,
};

export const readers = {
  openai_chat: chat,
  openai_responses: responses,
  anthropic,
  gemini,
  bedrock,
  cohere,
};

// --- Framings

// The data of each event of an event stream, as JSON.
function sseEvents(bytes) {
  return bytes.toString('utf8').split(/\r\n\r\n|\n\n|\r\r/).flatMap((event) => {
    const data =
        event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
    const text = data.join('\n');
    return text === '' || text === '[DONE]' ? [] : [JSON.parse(text)];
  });
}

// The messages of AWS's event stream as { [event type]: payload }, an exception as { exception: message }.
function awsEvents(bytes) {
  const events = [];
  for (let at = 0; at + 16 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const headLength = bytes.readUInt32BE(at + 4);
    if (at + length > bytes.length) break;
    const headers = {};
    for (let h = at + 12; h < at + 12 + headLength;) {
      const name = bytes.toString('utf8', h + 1, h + 1 + bytes[h]);
      h += 1 + bytes[h];
      if (bytes[h] !== 7) throw new Error(`a header of type ${bytes[h]}`);
      const size = bytes.readUInt16BE(h + 1);
      headers[name] = bytes.toString('utf8', h + 3, h + 3 + size);
      h += 3 + size;
    }
    const payload = JSON.parse(bytes.toString('utf8', at + 12 + headLength, at + length - 4) || '{}');
    events.push(
        headers[':message-type'] === 'exception' ? {exception: payload.message ?? headers[':exception-type']} :
                                                   {[headers[':event-type']]: payload});
    at += length;
  }
  return events;
}

// What a recording says.
export function readRecording({dialect, streamed, contentType, body, status}) {
  const reader = readers[dialect];
  if (status >= 400) return {status, error: String(reader.error(JSON.parse(body.toString('utf8'))))};
  if (!streamed) return reader.whole(JSON.parse(body.toString('utf8')));
  return reader.events(contentType.startsWith('application/vnd.amazon') ? awsEvents(body) : sseEvents(body));
}
