-- What a compaction or a replacement took out of a chat's history: kept, under the position it had.
create table archived_items (
  chat_id     text not null references chats on delete cascade,
  position    bigint not null,
  user_id     text not null,
  item        json not null,
  run_id      text,
  created_at  timestamptz not null,
  archived_at timestamptz not null default clock_timestamp(),
  primary key (chat_id, position)
);

-- The operations that a chat's history has seen, so that a repeated one changes nothing.
create table history_operations (
  chat_id      text not null references chats on delete cascade,
  operation_id text not null,
  user_id      text not null,
  fingerprint  text not null,
  created_at   timestamptz not null default clock_timestamp(),
  primary key (chat_id, operation_id)
);
