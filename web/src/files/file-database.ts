import { ownName } from '../config.ts';

const FILES = 'files';

/** Reads a value that `keepValue` has kept. Like all here it rejects where the browser keeps nothing. */
export function readValue<Value>(key: string): Promise<Value | undefined> {
  return inStore('readonly', (store) => store.get(key));
}

/** Keeps a value that is too large for `localStorage`, for all tabs. No `Blob`: Safari keeps none in private windows. */
export async function keepValue(key: string, value: unknown): Promise<void> {
  await inStore('readwrite', (store) => store.put(value, key));
}

export async function removeValue(key: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(key));
}

export function listKeys(): Promise<IDBValidKey[]> {
  return inStore('readonly', (store) => store.getAllKeys());
}

/** Forgets all: the next person at this browser must not find it. */
export async function removeAllValues(): Promise<void> {
  await inStore('readwrite', (store) => store.clear()).catch(() => undefined);
}

async function inStore<Result>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await open();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const transaction = database.transaction(FILES, mode);
      const request = work(transaction.objectStore(FILES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

async function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(ownName(''), 1);
    request.onupgradeneeded = () => request.result.createObjectStore(FILES);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
