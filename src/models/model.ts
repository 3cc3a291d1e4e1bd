import type { Model, ModelProvider } from '@openai/agents-core';
import { QuestlogError } from '../errors.ts';
import { OFFLINE_MODEL_NAME, OfflineModel } from './offline/offline-model.ts';

/** The model that is used with a key or base URL and without a name: the default of the Agents SDK 0.20. */
export const DEFAULT_MODEL_NAME = 'gpt-5.6-luna';

/**
 * The longest that one model call may take, its retries included, in milliseconds. For `modelSettings.timeoutMs` of
 * an agent: the OpenAI client alone waits for ten minutes, three times.
 */
export const MODEL_TIMEOUT_MS = 180_000;

/** The server that is asked when no other is named. */
export const OPENAI_URL = 'https://api.openai.com/v1';
/** The OpenAI client insists on a key and would look for one in the environment. Local servers ignore it. */
const NO_KEY = 'no-key';

/** Which model to use. Without key and base URL: the offline model. */
export interface ModelConfig {
  apiKey?: string;
  /** An OpenAI-compatible server, such as `http://127.0.0.1:11434/v1`; OpenAI itself by default. */
  baseUrl?: string;
  /** `DEFAULT_MODEL_NAME` by default. */
  model?: string;
  /** By default `responses` for OpenAI itself, `chat_completions` for any other server. */
  api?: 'responses' | 'chat_completions';
}

/** A model that is ready to use. */
export interface ChosenModel {
  readonly model: Model;
  /** Gives models by their names, and this one where none is named. Offline there is no other. */
  readonly provider: ModelProvider;
  readonly name: string;
  readonly offline: boolean;
  /** For people, such as `gpt-4.1 through api.openai.com (responses)`: never holds the key. */
  readonly description: string;
}

/**
 * Creates the model that a configuration asks for, without calling it.
 *
 * @throws QuestlogError `invalid_configuration` for a base URL that cannot be one.
 */
export async function createModel(config: ModelConfig): Promise<ChosenModel> {
  if (!config.apiKey && !config.baseUrl) {
    const description = 'the offline model (set OPENAI_API_KEY for a real one)';
    const model = new OfflineModel();
    return {
      model,
      provider: { getModel: () => model },
      name: OFFLINE_MODEL_NAME,
      offline: true,
      description,
    };
  }
  const baseURL = config.baseUrl || OPENAI_URL;
  const { host } = parseBaseUrl(baseURL);
  const api = config.api ?? (host === 'api.openai.com' ? 'responses' : 'chat_completions');
  const name = config.model || DEFAULT_MODEL_NAME;
  const { OpenAIProvider } = await import('@openai/agents-openai');
  const openai = new OpenAIProvider({
    apiKey: config.apiKey || NO_KEY,
    baseURL,
    useResponses: api === 'responses',
  });
  // Its own name for it is private with one of the APIs, and what it used is counted by it.
  const model = Object.assign(await openai.getModel(name), { modelName: name });
  const provider: ModelProvider = { getModel: (named) => (named ? openai.getModel(named) : model) };
  return { model, provider, name, offline: false, description: `${name} through ${host} (${api})` };
}

function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new QuestlogError(
      'invalid_configuration',
      'the base URL of the model must be an http or https URL',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new QuestlogError('invalid_configuration', 'the base URL of the model must not hold credentials');
  }
  return url;
}
