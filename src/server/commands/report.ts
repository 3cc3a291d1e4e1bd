import { QuestlogError } from '../../errors.ts';
import type { Outcome } from './command.ts';

/** Ends the process with what a command has to say: words, or one JSON document. */
export async function report({ lines, document, ok = true }: Outcome, asJson: boolean): Promise<never> {
  await print(asJson ? toJson({ ok, ...document }) : lines.map((line) => `${line}\n`).join(''));
  // What hangs would keep the process.
  process.exit(ok ? 0 : 1);
}

/** The document of a command that failed. */
export async function reportFailure(error: unknown): Promise<void> {
  const code = error instanceof QuestlogError ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  await print(toJson({ ok: false, error: { code, message } }));
}

/** Such as `1 chat` and `2 chats`. */
export function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function toJson(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
