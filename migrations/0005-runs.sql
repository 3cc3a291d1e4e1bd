-- Who may write to a chat as its run: the run's id and how often the chat's owner changed. Both stand in the chat's
-- row, so that one statement checks them and appends, under the row's lock.
alter table chats
  add column active_run text,
  add column run_epoch bigint not null default 0;

-- What an input guardrail refused: shown to people, never sent to a model.
alter table chat_items add column is_blocked boolean not null default false;
alter table archived_items add column is_blocked boolean not null default false;

-- One execution of an agent. Without a chat it is a run without memory.
create table runs (
  user_id          text not null,
  run_id           text not null,
  chat_id          text references chats on delete cascade,
  agent            text not null,
  status           text not null check (status in
    ('running', 'awaiting_approval', 'completed', 'failed', 'cancelled', 'interrupted')),
  epoch            bigint not null,
  -- While it runs: whoever finds the lease expired may end it.
  lease_until      timestamptz not null,
  cancel_requested boolean not null default false,
  -- The first position after the run's input.
  journal_from     bigint,
  last_event       bigint not null default 0,
  usage            json,
  outcome          json,
  error            json,
  pending          json,
  started_at       timestamptz not null default clock_timestamp(),
  ended_at         timestamptz,
  primary key (user_id, run_id)
);

create index idx_runs_of_chat on runs (user_id, chat_id, started_at desc);
create index idx_running on runs (lease_until) where status = 'running';
create index idx_ended_runs on runs (ended_at) where ended_at is not null;

-- The numbered events of a run, several in a row: `events` is the list of their JSON.
create table run_events (
  user_id     text not null,
  run_id      text not null,
  first_event bigint not null,
  last_event  bigint not null,
  events      json not null,
  primary key (user_id, run_id, first_event),
  foreign key (user_id, run_id) references runs on delete cascade
);

-- A run that waits for approvals, as the SDK serialises it. Gone when the run goes on.
create table run_states (
  user_id text not null,
  run_id  text not null,
  state   text not null,
  primary key (user_id, run_id),
  foreign key (user_id, run_id) references runs on delete cascade
);

-- The run that a request with this key began.
create table idempotency_keys (
  user_id         text not null,
  idempotency_key text not null,
  fingerprint     text not null,
  run_id          text not null,
  created_at      timestamptz not null default clock_timestamp(),
  primary key (user_id, idempotency_key),
  foreign key (user_id, run_id) references runs on delete cascade
);
create index idx_idempotency_age on idempotency_keys (created_at);
