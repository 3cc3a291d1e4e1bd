-- What the models of a run were used for, by day (of UTC) and model. No reference to chats and runs: what was used stays
-- counted when they are removed. Each row has one writer, whose calls are numbered: none is counted twice.
create table model_usage (
  user_id text not null,
  day date not null,
  run_id text not null,
  model text not null,
  writer text not null,
  last_call bigint not null,             -- the number of the writer's last call that is counted here
  chat_id text,                          -- null: of a run without memory
  requests bigint not null,
  unpriced_requests bigint not null,     -- those whose cost is not known: without a price, or without their tokens
  input_tokens bigint not null,
  cached_input_tokens bigint not null,   -- of the input tokens
  output_tokens bigint not null,
  reasoning_tokens bigint not null,      -- of the output tokens
  total_tokens bigint not null,
  cost numeric not null,                 -- of the others, by the prices of the day
  primary key (user_id, day, run_id, model, writer)
);

-- What a user has used in a day, for limits: all of the above, and how many runs have begun under one.
create table usage_days (
  user_id text not null,
  day date not null,
  runs bigint not null default 0,
  tokens bigint not null default 0,
  cost numeric not null default 0,
  primary key (user_id, day)
);

do $$
declare
  is_distributed boolean := false;
begin
  if to_regclass('pg_catalog.pg_dist_partition') is not null then
    execute 'select exists (select from pg_dist_partition where logicalrelid = to_regclass(''chats''))' into is_distributed;
  end if;
  if is_distributed then
    perform create_distributed_table('model_usage', 'user_id', colocate_with => 'chats');
    perform create_distributed_table('usage_days', 'user_id', colocate_with => 'chats');
  end if;
end $$;
