-- What the migrations make, from the catalog of a new database. Written by `npm run schema`.

create table alternatives (
  user_id text not null,
  chat_id text not null,
  alternative_id bigint not null,
  after_position bigint not null,
  inside bigint,
  is_current boolean not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint alternatives_pkey PRIMARY KEY (user_id, chat_id, alternative_id),
  constraint alternatives_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table archived_items (
  chat_id text not null,
  "position" bigint not null,
  user_id text not null,
  item json not null,
  run_id text,
  created_at timestamp with time zone not null,
  archived_at timestamp with time zone default clock_timestamp() not null,
  is_blocked boolean default false not null,
  alternative_id bigint,
  feedback json,
  constraint archived_items_pkey PRIMARY KEY (user_id, chat_id, "position"),
  constraint archived_items_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX idx_alternative_items ON archived_items USING btree (user_id, chat_id, alternative_id, "position") WHERE alternative_id IS NOT NULL;

create table campaign_notes (
  chat_id text not null,
  note_id text not null,
  user_id text not null,
  text text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint campaign_notes_pkey PRIMARY KEY (user_id, chat_id, note_id),
  constraint campaign_notes_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table chat_counts (
  user_id text not null,
  change_id uuid default gen_random_uuid() not null,
  active bigint not null,
  inactive bigint not null,
  constraint chat_counts_pkey PRIMARY KEY (user_id, change_id)
);

CREATE INDEX idx_chat_count_changes ON chat_counts USING btree (user_id) WHERE change_id <> '00000000-0000-0000-0000-000000000000'::uuid;

create table chat_items (
  chat_id text not null,
  "position" bigint not null,
  user_id text not null,
  item json not null,
  run_id text,
  created_at timestamp with time zone default clock_timestamp() not null,
  is_blocked boolean default false not null,
  feedback json,
  constraint chat_items_pkey PRIMARY KEY (user_id, chat_id, "position"),
  constraint chat_items_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TRIGGER note_deletion AFTER DELETE ON chat_items REFERENCING OLD TABLE AS rewritten FOR EACH STATEMENT EXECUTE FUNCTION note_rewrite();
CREATE TRIGGER note_replacement AFTER UPDATE ON chat_items REFERENCING NEW TABLE AS rewritten FOR EACH STATEMENT EXECUTE FUNCTION note_rewrite();

create table chats (
  chat_id text not null,
  user_id text not null,
  title text,
  is_active boolean default true not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  updated_at timestamp with time zone default clock_timestamp() not null,
  next_position bigint default 0 not null,
  active_run text,
  run_epoch bigint default 0 not null,
  switched_at timestamp with time zone,
  rewritten_at timestamp with time zone,
  rewritten_from bigint,
  updated_minute timestamp with time zone generated always as (date_bin('00:01:00'::interval, updated_at, '1970-01-01 00:00:00+00'::timestamp with time zone)) stored not null,
  expires_at timestamp with time zone,
  is_pinned boolean default false not null,
  is_archived boolean default false not null,
  tags text[] default '{}'::text[] not null,
  metadata json,
  organised_at timestamp with time zone,
  forked_from json,
  titled_by text,
  constraint chats_pkey PRIMARY KEY (chat_id)
) with (fillfactor=80);

CREATE INDEX idx_active_chats ON chats USING btree (user_id, is_active);
CREATE INDEX idx_archived_chats ON chats USING btree (user_id, updated_minute DESC) WHERE is_active AND is_archived;
CREATE INDEX idx_deleted_chats ON chats USING btree (user_id, updated_minute DESC) WHERE NOT is_active;
CREATE INDEX idx_expiring_chats ON chats USING btree (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX idx_organised_chats ON chats USING btree (user_id, organised_at DESC) WHERE organised_at IS NOT NULL;
CREATE INDEX idx_pinned_chats ON chats USING btree (user_id, updated_minute DESC) WHERE is_active AND is_pinned;
CREATE INDEX idx_recent_chats ON chats USING btree (user_id, updated_minute DESC) WHERE is_active;
CREATE INDEX idx_user_chats ON chats USING btree (user_id, created_at);

CREATE TRIGGER count_changed_chat AFTER UPDATE OF is_active, user_id ON chats FOR EACH ROW WHEN (old.is_active IS DISTINCT FROM new.is_active OR old.user_id IS DISTINCT FROM new.user_id) EXECUTE FUNCTION count_chat();
CREATE TRIGGER count_new_chat AFTER INSERT ON chats FOR EACH ROW EXECUTE FUNCTION count_chat();
CREATE TRIGGER count_removed_chat AFTER DELETE ON chats FOR EACH ROW EXECUTE FUNCTION count_chat();
CREATE TRIGGER forget_chat_counts AFTER TRUNCATE ON chats FOR EACH STATEMENT EXECUTE FUNCTION forget_chat_counts();
CREATE TRIGGER note_removal AFTER DELETE ON chats REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION note_removal();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON chats FOR EACH ROW WHEN ((new.updated_at >= (GREATEST(old.updated_at, old.organised_at) + '00:00:00.000001'::interval) AND new.updated_at <= clock_timestamp()) IS NOT TRUE OR new.is_active <> old.is_active OR new.rewritten_at IS DISTINCT FROM old.rewritten_at OR new.organised_at IS DISTINCT FROM old.organised_at) EXECUTE FUNCTION touch_updated_at();

create table erasures (
  erasure_id text not null,
  erased_user text not null,
  erased_at timestamp with time zone default clock_timestamp() not null,
  rows json not null,
  constraint erasures_pkey PRIMARY KEY (erasure_id)
);

create table history_operations (
  chat_id text not null,
  operation_id text not null,
  user_id text not null,
  fingerprint text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint history_operations_pkey PRIMARY KEY (user_id, chat_id, operation_id),
  constraint history_operations_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table idempotency_keys (
  user_id text not null,
  idempotency_key text not null,
  fingerprint text not null,
  run_id text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (user_id, idempotency_key),
  constraint idempotency_keys_of_run FOREIGN KEY (user_id, run_id) REFERENCES runs(user_id, run_id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX idx_idempotency_age ON idempotency_keys USING btree (created_at);

create table model_usage (
  user_id text not null,
  day date not null,
  run_id text not null,
  model text not null,
  writer text not null,
  last_call bigint not null,
  chat_id text,
  requests bigint not null,
  unpriced_requests bigint not null,
  input_tokens bigint not null,
  cached_input_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  total_tokens bigint not null,
  cost numeric not null,
  constraint model_usage_pkey PRIMARY KEY (user_id, day, run_id, model, writer)
);

create table questlog_migrations (
  number integer not null,
  name text not null,
  applied_at timestamp with time zone default now() not null,
  constraint questlog_migrations_pkey PRIMARY KEY (number)
);

create table removed_chats (
  user_id text not null,
  chat_id text not null,
  removed_at timestamp with time zone default clock_timestamp() not null,
  constraint removed_chats_pkey PRIMARY KEY (user_id, chat_id)
);

CREATE INDEX idx_removed_chats ON removed_chats USING btree (user_id, removed_at);

create table run_events (
  user_id text not null,
  run_id text not null,
  first_event bigint not null,
  last_event bigint not null,
  events json not null,
  constraint run_events_pkey PRIMARY KEY (user_id, run_id, first_event),
  constraint run_events_of_run FOREIGN KEY (user_id, run_id) REFERENCES runs(user_id, run_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table run_states (
  user_id text not null,
  run_id text not null,
  state text not null,
  constraint run_states_pkey PRIMARY KEY (user_id, run_id),
  constraint run_states_of_run FOREIGN KEY (user_id, run_id) REFERENCES runs(user_id, run_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table runs (
  user_id text not null,
  run_id text not null,
  chat_id text,
  agent text not null,
  status text not null,
  epoch bigint not null,
  lease_until timestamp with time zone not null,
  cancel_requested boolean default false not null,
  journal_from bigint,
  last_event bigint default 0 not null,
  usage json,
  outcome json,
  error json,
  pending json,
  started_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  constraint runs_pkey PRIMARY KEY (user_id, run_id),
  constraint runs_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE,
  constraint runs_status_check CHECK (status = ANY (ARRAY['running'::text, 'awaiting_approval'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'interrupted'::text]))
);

CREATE INDEX idx_ended_runs ON runs USING btree (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX idx_running ON runs USING btree (lease_until) WHERE status = 'running'::text;
CREATE INDEX idx_runs_of_chat ON runs USING btree (user_id, chat_id, started_at DESC);
CREATE INDEX idx_runs_of_user ON runs USING btree (user_id, started_at DESC, run_id DESC);
CREATE INDEX idx_waiting_runs ON runs USING btree (user_id, started_at DESC, run_id DESC) WHERE status = 'awaiting_approval'::text;

create table search_chats (
  user_id text not null,
  chat_id text not null,
  format text not null,
  version timestamp with time zone not null,
  last_position bigint not null,
  is_complete boolean not null,
  constraint search_chats_pkey PRIMARY KEY (user_id, chat_id),
  constraint search_chats_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table search_embedded (
  user_id text not null,
  chat_id text not null,
  format text not null,
  version timestamp with time zone not null,
  last_position bigint not null,
  is_complete boolean not null,
  claimed_until timestamp with time zone not null,
  constraint search_embedded_pkey PRIMARY KEY (user_id, chat_id),
  constraint search_embedded_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table search_embeddings (
  user_id text not null,
  chat_id text not null,
  "position" bigint not null,
  hash text not null,
  bits bit varying not null,
  vector bytea not null,
  constraint search_embeddings_pkey PRIMARY KEY (user_id, chat_id, "position"),
  constraint search_embeddings_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES search_embedded(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table search_entries (
  user_id text not null,
  chat_id text not null,
  "position" bigint not null,
  role text not null,
  created_at timestamp with time zone not null,
  words tsvector not null,
  constraint search_entries_pkey PRIMARY KEY (user_id, chat_id, "position"),
  constraint search_entries_of_chat FOREIGN KEY (user_id, chat_id) REFERENCES search_chats(user_id, chat_id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX idx_search_newest ON search_entries USING btree (user_id, created_at DESC);
CREATE INDEX idx_search_words ON search_entries USING gin (words);

create table usage_days (
  user_id text not null,
  day date not null,
  runs bigint default 0 not null,
  tokens bigint default 0 not null,
  cost numeric default 0 not null,
  constraint usage_days_pkey PRIMARY KEY (user_id, day)
);

create table user_retention (
  user_id text not null,
  inactive_days integer not null,
  constraint user_retention_pkey PRIMARY KEY (user_id),
  constraint user_retention_inactive_days_check CHECK (inactive_days > 0)
);

CREATE OR REPLACE FUNCTION conversation(chat chats)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(to_safe_jsonb(i.item) order by i.position), '[]'::jsonb)
  from chat_items i where i.chat_id = chat.chat_id
$function$;

CREATE OR REPLACE FUNCTION count_chat()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if tg_op <> 'INSERT' then
    insert into chat_counts (user_id, active, inactive)
    values (old.user_id, -old.is_active::int, -(not old.is_active)::int);
  end if;
  if tg_op <> 'DELETE' then
    insert into chat_counts (user_id, active, inactive)
    values (new.user_id, new.is_active::int, (not new.is_active)::int);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION forget_chat_counts()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  delete from chat_counts;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_removal()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into removed_chats (user_id, chat_id) select user_id, chat_id from removed order by user_id, chat_id
  on conflict (user_id, chat_id) do update set removed_at = excluded.removed_at;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION note_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update chats c set rewritten_at = clock_timestamp(),
    rewritten_from = case when c.rewritten_at > clock_timestamp() - interval '1 minute'
      then least(c.rewritten_from, r.first) else r.first end
  from (select chat_id, min(position) as first from rewritten group by chat_id) as r
  where c.chat_id = r.chat_id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION to_safe_jsonb(item json)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case when item::text !~ '\\u(0000|[dD][89a-fA-F])' then item::jsonb
  else replace(replace(regexp_replace(regexp_replace(replace(item::text, '\\', chr(1)),
    '\\(u[dD][89abAB][0-9a-fA-F]{2})\\(u[dD][c-fC-F])', chr(2) || '\1' || chr(2) || '\2', 'g'),
    '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\ufffd', 'g'), chr(2), '\'), chr(1), '\\')::jsonb end
$function$;

CREATE OR REPLACE FUNCTION touch_updated_at()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  moment timestamptz := greatest(clock_timestamp(), greatest(old.updated_at, old.organised_at) + interval '1 microsecond');
begin
  -- Whoever only organises says so, with any other moment.
  if new.organised_at is distinct from old.organised_at then
    new.organised_at := moment;
    return new;
  end if;
  new.updated_at := moment;
  if new.is_active <> old.is_active then new.switched_at := new.updated_at; end if;
  if new.rewritten_at is distinct from old.rewritten_at then new.rewritten_at := new.updated_at; end if;
  return new;
end $function$;
