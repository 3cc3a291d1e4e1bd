import type { ChatSummary, ListChatsOptions } from 'questlog/client';
import { useEffect, useState } from 'react';
import { useDataTexts } from '../../texts/data-texts.ts';
import { useWorkspace } from '../../workspace.ts';

interface MetadataTableProps {
  readonly chatId: string;
  /** Undefined: the list does not hold it. */
  readonly listed: ChatSummary | undefined;
  /** The chats with the same are wanted. */
  readonly onShow: (metadata: NonNullable<ListChatsOptions['metadata']>) => void;
}

/** What apps keep about a chat: to be seen, since it is theirs, and to find others by. */
export function MetadataTable({ chatId, listed, onShow }: MetadataTableProps) {
  const { client } = useWorkspace();
  const { details: words } = useDataTexts();
  const [fetched, setFetched] = useState<ChatSummary['metadata']>();
  const isListed = listed !== undefined;
  useEffect(() => {
    if (isListed) return undefined;
    const left = new AbortController();
    client.getChat(chatId, { signal: left.signal }).then(
      ({ metadata }) => setFetched(metadata),
      () => undefined,
    );
    return () => left.abort();
  }, [client, chatId, isListed]);
  const members = Object.entries(listed?.metadata ?? fetched ?? {});
  if (members.length === 0) return null;
  return (
    <section aria-label={words.metadata}>
      <h3>{words.metadata}</h3>
      <div className="table">
        <table>
          <thead>
            <tr>
              <th scope="col">{words.key}</th>
              <th scope="col">{words.value}</th>
            </tr>
          </thead>
          <tbody>
            {members.map(([name, value]) => (
              <tr key={name}>
                <th scope="row" dir="auto">
                  {name}
                </th>
                <td dir="auto">
                  {isSought(value) ? (
                    <button
                      type="button"
                      className="link"
                      title={words.show(`${name}: ${value}`)}
                      onClick={() => onShow({ [name]: value })}
                    >
                      {String(value)}
                    </button>
                  ) : (
                    <code>{JSON.stringify(value)}</code>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Chats are found by these alone. */
function isSought(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
