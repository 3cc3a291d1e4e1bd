import type { ApiItem } from './responses-faults.ts';

/** `user go`, `call pay`, `result pay paid`, `assistant Done.`: what the model was told, in short. */
export function inShort(input: readonly ApiItem[] | undefined): string[] {
  const names = new Map(
    input?.flatMap((item) => (item.name === undefined ? [] : [[item.call_id, item.name]])),
  );
  return (input ?? []).map((item) => {
    if (item.type === 'function_call') return `call ${item.name}`;
    const text = /"text":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(item))?.[1];
    const plain =
      typeof item.output === 'string' ? item.output : typeof item.content === 'string' ? item.content : text;
    if (item.type === 'function_call_output') return `result ${names.get(item.call_id)} ${plain}`;
    return item.type === 'reasoning' ? 'reasoning' : `${item.role} ${plain}`;
  });
}
