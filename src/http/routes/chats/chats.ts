import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import Type from 'typebox';
import { type Database, mustBeDatabase } from '../../../database/database.ts';
import type { Queryable } from '../../../driver/driver.ts';
import { checkOptions } from '../../../options.ts';
import { assertIdle } from '../../../run/lifecycle/begin.ts';
import { checkSettings, type SearchSettings } from '../../../search/search-settings.ts';
import {
  type Chat,
  deleteChat,
  getChat,
  hardDeleteChat,
  restoreChat,
  updateChat,
} from '../../../store/chats/chats.ts';
import { createChat } from '../../../store/chats/create-chat.ts';
import {
  type OpenConversation,
  openConversation,
  toConversation,
} from '../../../store/chats/read-conversations.ts';
import { type EncodedItems, NO_ITEMS } from '../../../store/items/encoded-items.ts';
import { PAGE_BYTES } from '../../../store/items/item-page.ts';
import * as wire from '../../../wire/chats.ts';
import { BodyMemory } from '../../body/body-memory.ts';
import { problems, problemsOfChange, reply as replySchema } from '../../problem-schemas.ts';
import { chatsJson, sendJson } from '../../replies/chat-json.ts';
import { findKnownTag, matchingVersion, toETag } from '../../replies/etag.ts';
import { prepareRouter, type Router, type RouterOptions, userOf } from '../../router.ts';
import { routeSearch } from '../../search/route-search.ts';
import { routeExport } from '../carry/export.ts';
import { routeImport } from '../carry/import.ts';
import { routeAlternatives } from './alternatives.ts';
import { type ReadBody, readChatBody } from './body.ts';
import { chatNotFound } from './change-idle.ts';
import { routeExpiry } from './expiry.ts';
import { routeFeedback } from './feedback.ts';
import { routeFork } from './fork.ts';
import { routeItems } from './items.ts';
import { routeList } from './list.ts';
import { routeRuns } from './runs.ts';

/** Whose chats are served, and within which limits. */
export interface ChatStorageOptions extends RouterOptions {
  /** Where the chats are. */
  readonly db: Database;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
  /** How searches find; give the `SearchIndexer` the same. */
  readonly search?: SearchSettings | undefined;
}

/**
 * The chats of the user who asks. Register it with a prefix.
 *
 * @example
 * await app.register(chatStorageRouter, { prefix: '/chats', db, authenticate });
 */
export const chatStorageRouter: FastifyPluginAsync<ChatStorageOptions> = async (fastify, options) => {
  const { bodyMemory = new BodyMemory(), maxItemBytes, search, db } = options;
  checkOptions({ db }, { db: mustBeDatabase });
  checkSettings(search);
  const router = prepareRouter(fastify, { ...options, bodyMemory });
  const readBody = readChatBody(bodyMemory.turns, maxItemBytes);
  routeCreation(router, options, readBody);
  routeList(router, options.db);
  routeSearch(router, options.db, search);
  routeReading(router, options);
  routeUpdate(router, options, readBody);
  routeDeletion(router, options);
  routeItems(router, options.db);
  routeFeedback(router, options.db);
  routeAlternatives(router, options.db);
  routeRuns(router, options.db);
  routeExpiry(router, options.db);
  routeFork(router, options.db);
  routeExport(router, options.db);
  routeImport(router, { ...options, bodyMemory });
};

function routeCreation(router: Router, { db }: ChatStorageOptions, readBody: ReadBody): void {
  router.post(
    '/',
    {
      schema: {
        tags: ['chats'],
        operationId: 'createChat',
        summary: 'Create a chat',
        body: wire.ChatCreate,
        response: { 201: replySchema(wire.ChatResponse, 'The new chat'), ...problemsOfChange() },
      },
    },
    async (request, reply) => {
      const created = await readBody(userOf(request), request.body);
      const chat = await createChat(db, userOf(request), created);
      reply.code(201).header('location', `${router.prefix}/${chat.chatId}`);
      return sendChat(reply, await openWritten(db, chat, created.conversation ?? NO_ITEMS));
    },
  );
}

function routeReading(router: Router, { db }: ChatStorageOptions): void {
  router.get(
    '/:chat_id',
    {
      schema: {
        tags: ['chats'],
        operationId: 'getChat',
        summary: 'Get a chat with its conversation',
        params: wire.ChatParams,
        querystring: wire.ChatQuery,
        headers: Type.Object({ 'if-none-match': Type.Optional(Type.String()) }),
        response: {
          200: replySchema(wire.ChatResponse, 'The chat; `ETag` is its version'),
          304: { description: 'The client has this version (`If-None-Match`)', type: 'null' },
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const { chat_id: chatId } = request.params;
      const userId = userOf(request);
      const activeOnly = request.query.active_only ?? true;
      const known = request.headers['if-none-match'];
      const seen = known === undefined ? undefined : await getChat(db, chatId, userId, { activeOnly });
      const knownTag = seen && findKnownTag(known, seen);
      reply.header('cache-control', 'private, no-cache');
      if (knownTag !== undefined) return reply.header('etag', knownTag).code(304).send();
      const conversation = await openConversation(db, userId, chatId);
      return sendChat(reply, found(conversation?.chat.isActive || !activeOnly ? conversation : undefined));
    },
  );
}

function routeUpdate(router: Router, { db }: ChatStorageOptions, readBody: ReadBody): void {
  router.put(
    '/:chat_id',
    {
      schema: {
        tags: ['chats'],
        operationId: 'updateChat',
        summary: 'Change a chat',
        description:
          '`If-Match` with the `ETag` of a read: the change is refused when the chat changed since (412)',
        params: wire.ChatParams,
        headers: Type.Object({ 'if-match': Type.Optional(Type.String()) }),
        body: wire.ChatUpdate,
        response: {
          200: replySchema(wire.ChatResponse, 'The changed chat'),
          ...problemsOfChange(404, 409, 412),
        },
      },
    },
    async (request, reply) => {
      const { chat_id: chatId } = request.params;
      const userId = userOf(request);
      const changes = await readBody(userId, request.body);
      const ifMatch = request.headers['if-match'];
      const ifVersion = ifMatch && matchingVersion(ifMatch, found(await getChat(db, chatId, userId)));
      const mayReplace = (tx: Queryable) => assertIdle(tx, userId, chatId);
      const chat = found(await updateChat(db, chatId, userId, changes, { ifVersion, mayReplace }));
      const written = changes.conversation === null ? NO_ITEMS : changes.conversation;
      return sendChat(reply, await openWritten(db, chat, written));
    },
  );
}

function routeDeletion(router: Router, { db }: ChatStorageOptions): void {
  router.delete(
    '/:chat_id',
    {
      schema: {
        tags: ['chats'],
        operationId: 'deleteChat',
        summary: 'Delete a chat: softly, or for good',
        params: wire.ChatParams,
        querystring: wire.ChatDeleteQuery,
        response: { 204: { description: 'It is deleted', type: 'null' }, ...problemsOfChange(404) },
      },
    },
    async (request, reply) => {
      const remove = request.query.permanent ? hardDeleteChat : deleteChat;
      if (!(await remove(db, request.params.chat_id, userOf(request)))) throw chatNotFound();
      return reply.code(204).send();
    },
  );
  router.post(
    '/:chat_id/restore',
    {
      schema: {
        tags: ['chats'],
        operationId: 'restoreChat',
        summary: 'Take a soft delete back',
        params: wire.ChatParams,
        response: { 200: replySchema(wire.ChatResponse, 'The chat, active again'), ...problemsOfChange(404) },
      },
    },
    async (request, reply) => {
      const userId = userOf(request);
      const chat = found(await restoreChat(db, request.params.chat_id, userId));
      return sendChat(reply, found(await openConversation(db, userId, chat.chatId)));
    },
  );
}

/** A chat that was just written, with the items that it was given; undefined: it keeps those that it had. */
async function openWritten(
  db: Queryable,
  chat: Chat,
  items: EncodedItems | undefined,
): Promise<OpenConversation> {
  if (items !== undefined && items.characters <= PAGE_BYTES) return toConversation(chat, items);
  return found(await openConversation(db, chat.userId, chat.chatId));
}

function sendChat(reply: FastifyReply, { chat, nextPage }: OpenConversation): Promise<FastifyReply> {
  reply.header('etag', toETag(chat));
  return sendJson(reply, chatsJson(nextPage));
}

function found<Found>(what: Found | undefined): Found {
  if (what === undefined) throw chatNotFound();
  return what;
}
