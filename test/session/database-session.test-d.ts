import type {
  RunContext,
  RunContextAwareSession,
  Session,
  SessionHistoryRewriteAwareSession,
  SessionHistoryTransactionAwareSession,
} from '@openai/agents-core';
import { expectTypeOf, it } from 'vitest';
import type { DatabaseSession, DatabaseSessionOptions } from '../../src/index.ts';

interface MyContext {
  readonly tenant: string;
}

it('DatabaseSession is every kind of session that it says it is', () => {
  expectTypeOf<DatabaseSession>().toExtend<Session>();
  expectTypeOf<DatabaseSession>().toExtend<RunContextAwareSession>();
  expectTypeOf<DatabaseSession>().toExtend<SessionHistoryRewriteAwareSession>();
  expectTypeOf<DatabaseSession>().toExtend<SessionHistoryTransactionAwareSession>();
  expectTypeOf<DatabaseSession<MyContext>>().toExtend<Session>();
  expectTypeOf<DatabaseSession<MyContext>>().toExtend<RunContextAwareSession<MyContext>>();
});

it('the user is a text, or comes from the run whose context it knows', () => {
  type UserId = NonNullable<DatabaseSessionOptions<MyContext>['userId']>;
  expectTypeOf<UserId>().toEqualTypeOf<string | ((run: RunContext<MyContext>) => string)>();
  expectTypeOf<null>().not.toExtend<DatabaseSessionOptions['userId']>();
});
