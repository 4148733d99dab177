// Which provider a recording is of, and how the gateway is told of it.
import {model} from '../../e2e/lib/config.mjs';

const key = {
  api_key: 'test-provider-key-9876543210'
};
const aws = {
  aws: {region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE000000000', secret_access_key: 'not-a-real-secret-key'}
};

// By a piece of the recorded address: the name in the report, and the gateway's kind (the name, where it is left out).
const kByAddress = [
  ['//api.openai.com/', 'openai'],
  ['//api.anthropic.com/', 'anthropic'],
  ['//generativelanguage.googleapis.com/', 'gemini'],
  ['aiplatform.googleapis.com/', 'vertex'],
  ['//bedrock-runtime.', 'bedrock'],
  ['//bedrock-mantle.', 'bedrock_mantle'],
  ['//openrouter.ai/', 'openrouter'],
  ['//api.groq.com/', 'groq'],
  ['//api.mistral.ai/', 'mistral'],
  ['//router.huggingface.co/', 'huggingface'],
  ['//api.deepseek.com/', 'deepseek'],
  ['//api.cohere.com/', 'cohere'],
  ['//api.cerebras.ai/', 'cerebras'],
  ['//api.z.ai/', 'zai'],
  ['.openai.azure.com/', 'azure'],
  ['.snowflakecomputing.com/', 'snowflake', 'openai_compatible'],
  ['.crusoecloud.com/', 'crusoe', 'openai_compatible'],
  ['.heroku.com/', 'heroku', 'openai_compatible'],
  ['.pydantic.workers.dev/', 'others', 'openai_compatible'],
  ['localhost:11434/', 'ollama'],
  ['localhost:8787/openai/', 'openai'],
  ['localhost:8787/groq/', 'groq'],
  ['localhost:8787/google-vertex/', 'vertex'],
  ['localhost:8787/bedrock/', 'bedrock'],
];

// By the folder of a fixture.
const kByFolder = {
  'alibaba': ['dashscope'],
  'amazon-bedrock': ['bedrock'],
  'anthropic': ['anthropic'],
  'azure': ['azure'],
  'cohere': ['cohere'],
  'deepseek': ['deepseek'],
  'google': ['gemini'],
  'google-vertex': ['vertex'],
  'groq': ['groq'],
  'mistral': ['mistral'],
  'moonshotai': ['moonshot'],
  'open-responses': ['lmstudio'],
  'openai': ['openai'],
  'openai-compatible': ['others', 'openai_compatible'],
  'perplexity': ['perplexity'],
  'xai': ['xai'],
};

const named = ([name, kind = name]) => ({name, kind});

export function providerOfAddress(address) {
  const row = kByAddress.find(([piece]) => address.includes(piece));
  return row && named(row.slice(1));
}

export function providerOfFolder(folder) {
  return kByFolder[folder] && named(kByFolder[folder]);
}

// The dialect of a request, or nothing where it is not a conversation.
export function dialectOfPath(path) {
  if (/\/chat\/completions$/.test(path)) return 'openai_chat';
  if (/\/responses$/.test(path)) return 'openai_responses';
  if (/\/messages$/.test(path)) return 'anthropic';
  if (/:(generateContent|streamGenerateContent)$/.test(path)) return 'gemini';
  if (/\/model\/[^/]+\/converse(-stream)?$/.test(path)) return 'bedrock';
  if (/\/v2\/chat$/.test(path)) return 'cohere';
  return undefined;
}

// How the path ends at which the provider has to be asked.
export function pathEnd({dialect, streamed}) {
  return {
    openai_chat: '/chat/completions',
    openai_responses: '/responses',
    anthropic: '/messages',
    gemini: streamed ? ':streamGenerateContent' : ':generateContent',
    bedrock: streamed ? '/converse-stream' : '/converse',
    cohere: '/v2/chat',
  }[dialect];
}

const kVersioned = new Set(['anthropic', 'gemini', 'vertex', 'bedrock', 'cohere', 'ollama', 'azure']);
// Those that are spoken to in the recorded dialect only if they are told so: every other caller is then translated.
const kOfOneDialect = new Set(['anthropic', 'gemini', 'bedrock', 'cohere', 'mistral', 'openai_compatible']);

// Gives every recording the name under which callers ask for its model, and returns the gateway's sections.
export function sections(recordings, upstreamUrl) {
  const providers = new Map();
  const models = new Map();
  for (const recording of recordings) {
    const {kind} = recording.provider;
    const provider = `${kind}-${recording.dialect}`;
    if (!providers.has(provider)) {
      providers.set(provider, {
        name: provider,
        kind,
        base_url: upstreamUrl + (kVersioned.has(kind) ? '' : '/v1'),
        stream_usage: false,
        ...(kind === 'vertex' && {project: 'p', location: 'europe-west4'}),
        ...(kind === 'bedrock' ? aws : key),
        ...(!kOfOneDialect.has(kind) && {speaks: [recording.dialect]}),
      });
    }
    const asked = `${provider} ${recording.model}`;
    if (!models.has(asked)) models.set(asked, model(`m-${models.size}`, recording.model, {provider}));
    recording.alias = models.get(asked).name;
  }
  return {providers: [...providers.values()], models: [...models.values()]};
}
