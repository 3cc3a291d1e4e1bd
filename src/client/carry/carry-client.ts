import type { ExportFormat, ImportReport } from '../../wire/carry/carry.ts';
import type { CallOptions } from '../call-options.ts';
import { ChatClient } from '../chat-client.ts';
import { ApiError } from '../errors.ts';
import { linesOfList, splitConversations, splitExport } from './split.ts';
import { NO_REPORT, sum } from './sum-reports.ts';

/** How a chat is exported. */
export interface ExportChatOptions extends CallOptions {
  /** JSON Lines (the default) and JSON can be imported again; Markdown is to be read. */
  readonly format?: ExportFormat | undefined;
}

/** How chats are imported. */
export interface ImportChatsOptions extends CallOptions {
  /** Say what would be imported, and change nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Called after each request with what was reported so far. */
  readonly onProgress?: ((report: ImportReport) => void) | undefined;
  /** The most characters in a request; a chat with more goes alone. Default: 4,000,000, for a server that takes 10 MB. */
  readonly maxCharacters?: number | undefined;
}

/** Chats on their way out and in. */
export class CarryClient extends ChatClient {
  /** All chats of the user, as JSON Lines: read it as it comes, or `new Response(stream).blob()`. */
  exportChats({ signal }: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#read('/chats/export', {}, signal);
  }

  /** One chat, in one of the forms. */
  exportChat(
    chatId: string,
    { format, signal }: ExportChatOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return this.#read(`/chats/${encodeURIComponent(chatId)}/export`, { format }, signal);
  }

  /**
   * Imports an export of Questlog, or `conversations.json` of ChatGPT's, in as many requests as it takes. A chat that is
   * there already stays as it is, so what was broken off is imported again.
   *
   * @throws ApiError `unexpected_reply` for what is neither.
   */
  async importChats(text: string, options: ImportChatsOptions = {}): Promise<ImportReport> {
    const { dryRun, onProgress, maxCharacters = 4_000_000, signal } = options;
    const lines = text.trimStart().startsWith('[') ? linesOfList(text) : text;
    const isList = lines === undefined;
    const parts = isList ? splitConversations(text, maxCharacters) : splitExport(lines, maxCharacters);
    if (parts === undefined) throw new ApiError('unexpected_reply', 'this is no export of chats');
    let report: ImportReport = { ...NO_REPORT, dry_run: dryRun ?? false };
    for (const part of parts) {
      const request = {
        method: 'POST',
        path: '/chats/import',
        query: { dry_run: dryRun || undefined },
      } as const;
      const body = isList
        ? { body: part }
        : { text: String(part), headers: { 'content-type': 'application/x-ndjson' } };
      report = sum(report, await this.connection.json<ImportReport>({ ...request, ...body, signal }));
      onProgress?.(report);
    }
    return report;
  }

  async #read(
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal | undefined,
  ): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.connection.send({ method: 'GET', path, query, signal });
    return body ?? new Blob([]).stream();
  }
}
