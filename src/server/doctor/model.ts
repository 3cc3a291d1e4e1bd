import { DEFAULT_MODEL_NAME, type ModelConfig, OPENAI_URL } from '../../models/model.ts';
import { explain, type Finding } from './finding.ts';

const name = 'model';
const TIMEOUT_MS = 8_000;
/** Lists of a gateway have some hundred kilobytes. */
const MAX_BYTES = 10_000_000;

/** Whether the server of the model answers, takes the key and knows the models. It is not called. */
export async function checkModel(config: ModelConfig, titleModel?: string): Promise<readonly Finding[]> {
  if (!config.apiKey && !config.baseUrl)
    return [{ name, status: 'ok', found: 'the offline model (set OPENAI_API_KEY for a real one)' }];
  const url = `${(config.baseUrl || OPENAI_URL).replace(/\/$/, '')}/models`;
  try {
    const response = await fetch(url, {
      headers: config.apiKey ? { authorization: `Bearer ${config.apiKey}` } : {},
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const models = [config.model || DEFAULT_MODEL_NAME, ...(titleModel === undefined ? [] : [titleModel])];
    return [describeReply(url, response.status, await readText(response), models)];
  } catch (error) {
    const found = `${url} cannot be reached: ${explain(error)}`;
    return [{ name, status: 'fail', found, remedy: 'see OPENAI_BASE_URL, and whether that server runs' }];
  }
}

function describeReply(url: string, status: number, text: string, models: readonly string[]): Finding {
  if (status === 401 || status === 403)
    return {
      name,
      status: 'fail',
      found: `${url} refuses the key (${status})`,
      remedy: 'see OPENAI_API_KEY',
    };
  const names = status === 200 ? namesIn(text) : undefined;
  if (names === undefined) {
    const found = `${url} answers ${status} and no list of models`;
    return { name, status: 'warn', found, remedy: 'see OPENAI_BASE_URL: many servers have it end in /v1' };
  }
  const unknown = models.filter((model) => !names.includes(model));
  if (unknown.length === 0) return { name, status: 'ok', found: `${models.join(' and ')} at ${url}` };
  const found = `${url} does not list ${unknown.join(' and ')}`;
  const remedy = `see OPENAI_MODEL and QUESTLOG_TITLE_MODEL; it lists ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
  return { name, status: 'warn', found, remedy };
}

/** Undefined: it is no list of models. */
function namesIn(text: string): string[] | undefined {
  try {
    const { data } = Object(JSON.parse(text));
    return Array.isArray(data) ? data.map((model) => String(Object(model).id)) : undefined;
  } catch {
    return undefined;
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`it answers with more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
