// The packages that this folder pins, for programs beside it, which Node.js would not look for them here.
export {default as Anthropic} from '@anthropic-ai/sdk';
export {GoogleGenAI} from '@google/genai';
export {default as OpenAI} from 'openai';
export {parse as parseYaml} from 'yaml';
