import type { AgentInputItem, ModelRequest } from '@openai/agents-core';
import { OpenAIChatCompletionsModel, OpenAIResponsesModel } from '@openai/agents-openai';
import type { Api } from '../../../src/run/model-input/model-input.ts';
import { chatFaultOf } from './chat-faults.ts';
import { type ApiItem, faultOf, type Links } from './responses-faults.ts';

/** The APIs of OpenAI, which have a stand-in. */
export type OpenAiApi = Exclude<Api, 'other'>;

type Client = ConstructorParameters<typeof OpenAIResponsesModel>[0] &
  ConstructorParameters<typeof OpenAIChatCompletionsModel>[0];

const CAPTURED = new Error('the request is captured');

/** The items or messages that the SDK's own model would send. Rejects with what its converter throws. */
export async function requestOf(api: OpenAiApi, items: readonly AgentInputItem[]): Promise<ApiItem[]> {
  let sent: ApiItem[] = [];
  const create = (body: { readonly input?: unknown; readonly messages?: unknown }) => {
    sent = JSON.parse(JSON.stringify(body.input ?? body.messages)) as ApiItem[];
    throw CAPTURED;
  };
  const client = { responses: { create }, chat: { completions: { create } } } as unknown as Client;
  const Model = api === 'responses' ? OpenAIResponsesModel : OpenAIChatCompletionsModel;
  const request: ModelRequest = {
    input: [...items],
    modelSettings: {},
    tools: [],
    handoffs: [],
    outputType: 'text',
    tracing: false,
  };
  // An answer that does not stream needs a trace around it.
  await new Model(client, 'strict')
    .getStreamedResponse(request)
    [Symbol.asyncIterator]()
    .next()
    .catch((error: unknown) => {
      if (error !== CAPTURED) throw error;
    });
  return sent;
}

/** Why a model that is asked with these items fails, the SDK's converter included; undefined when it does not. */
export async function faultOfItems(
  api: OpenAiApi,
  items: readonly AgentInputItem[],
  links?: Links,
): Promise<string | undefined> {
  try {
    const request = await requestOf(api, items);
    return api === 'responses' ? faultOf(request, links) : chatFaultOf(request);
  } catch (error) {
    return `The SDK's converter throws: ${error instanceof Error ? error.message : String(error)}`;
  }
}
