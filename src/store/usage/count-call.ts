import { type Queryable, query } from '../../driver/driver.ts';
import { type Callable, textFor } from '../callable.ts';

/** What a model was asked with, and what it gave, in its tokens. */
export interface Tokens {
  readonly input: number;
  /** Of the input: what the provider had in its cache. */
  readonly cachedInput: number;
  readonly output: number;
  /** Of the output. */
  readonly reasoning: number;
  readonly total: number;
}

/** A call of a model, as it is counted. */
export interface CountedCall {
  readonly userId: string;
  /** Of UTC, such as 2026-12-01: the day of the call, also when it is sent again on the next one. */
  readonly day: string;
  readonly runId: string;
  /** Null in a run without memory. */
  readonly chatId: string | null;
  readonly model: string;
  /** Who numbers the calls, and sends one after the other. */
  readonly writer: string;
  /** From 1. */
  readonly number: number;
  readonly requests: number;
  readonly tokens: Tokens;
  /** Decimal digits; null: not known. */
  readonly cost: string | null;
}

const INTO_USAGE = `into model_usage as u (user_id, day, run_id, model, writer, last_call, chat_id, requests,
      unpriced_requests, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, total_tokens, cost)
    select $1, $2::date, $3, $4, $5, $6, $7, $8, case when $14::numeric is null then $8 else 0 end,
      $9, $10, $11, $12, $13, coalesce($14::numeric, 0)
    where exists (select from runs where user_id = $1 and run_id = $3)
      or exists (select from usage_days where user_id = $1 and day = $2::date)
    on conflict (user_id, day, run_id, model, writer) do update set last_call = excluded.last_call,
      requests = u.requests + excluded.requests, unpriced_requests = u.unpriced_requests + excluded.unpriced_requests,
      input_tokens = u.input_tokens + excluded.input_tokens,
      cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
      output_tokens = u.output_tokens + excluded.output_tokens,
      reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
      total_tokens = u.total_tokens + excluded.total_tokens, cost = u.cost + excluded.cost
    where u.last_call < excluded.last_call`;
const ADD_TO_DAY = `on conflict (user_id, day) do update
    set tokens = d.tokens + excluded.tokens, cost = d.cost + excluded.cost`;

/**
 * $1 user_id, $2 day, $3 run_id, $4 model, $5 writer, $6 number, $7 chat_id, $8 requests, $9 to $13 tokens, $14 cost. What is
 * sent again changes nothing. Of a user of whom everything was removed during the call there is no run and no day any more: nothing
 * is stored of them again. A chat that was removed has left its day.
 */
export const COUNT_CALL: Callable = {
  name: 'count_call',
  takes: 'text text text text text bigint text bigint bigint bigint bigint bigint bigint text'.split(' '),
  user: 1,
  gives: 'counted boolean',
  text: `
  with counted as (
    insert ${INTO_USAGE.replaceAll(/\$(6|8|9|10|11|12|13)\b/g, '$&::bigint')}
    returning user_id
  )
  insert into usage_days as d (user_id, day, tokens, cost)
  select user_id, $2::date, $13::bigint, coalesce($14::numeric, 0) from counted where user_id = $1
  ${ADD_TO_DAY}`,
  body: `
    begin
      insert ${INTO_USAGE};
      if not found then return; end if;
      insert into usage_days as d (user_id, day, tokens, cost) values ($1, $2::date, $13, coalesce($14::numeric, 0))
      ${ADD_TO_DAY};
      return;
    end`,
};

/** Counts a call, once however often it is sent. */
export async function countCall(db: Queryable, call: CountedCall): Promise<void> {
  const { userId, tokens } = call;
  await query(db, {
    userId,
    name: COUNT_CALL.name,
    text: textFor(db, COUNT_CALL),
    values: [
      userId,
      call.day,
      call.runId,
      call.model,
      call.writer,
      call.number,
      call.chatId,
      call.requests,
      tokens.input,
      tokens.cachedInput,
      tokens.output,
      tokens.reasoning,
      tokens.total,
      call.cost,
    ],
  });
}
