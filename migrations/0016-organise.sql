-- What people put chats in order with, and where a chat comes from that was forked from another one.
alter table chats
  add column is_pinned boolean not null default false,
  add column is_archived boolean not null default false,
  add column tags text[] not null default '{}',
  -- An object, the text as it was given: jsonb would refuse \u0000, and print 1e308 with 309 digits. Null: an empty one.
  add column metadata json,
  -- When these four were last changed, which is no activity: the chat keeps its place in the list. Null: never.
  add column organised_at timestamptz,
  -- {"chatId", "position"}: of a fork, the other chat, which may be gone, and the last item that was copied.
  add column forked_from json,
  -- The run whose input the title was taken from. Null: a person, or a model, has given it since, or there is none.
  add column titled_by text;

create index idx_pinned_chats on chats (user_id, updated_minute desc) where is_active and is_pinned;
create index idx_archived_chats on chats (user_id, updated_minute desc) where is_active and is_archived;
create index idx_organised_chats on chats (user_id, organised_at desc) where organised_at is not null;

-- A chat's version is the later one of `updated_at` and `organised_at`: each change has a later moment than both.
create or replace function touch_updated_at() returns trigger language plpgsql as $$
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
end $$;

do $$
begin
  -- As 0009 has it: a function that is replaced has lost its path.
  execute format('alter function touch_updated_at() set search_path = %s, pg_temp',
    (select relnamespace::regnamespace from pg_class where oid = 'chats'::regclass));
end $$;

-- On a cluster a trigger has to be allowed; elsewhere nobody reads this.
set local citus.enable_unsafe_triggers = on;
drop trigger touch_updated_at on chats;
create trigger touch_updated_at before update on chats for each row
  when ((new.updated_at >= greatest(old.updated_at, old.organised_at) + interval '1 microsecond'
      and new.updated_at <= clock_timestamp()) is not true
    or new.is_active <> old.is_active or new.rewritten_at is distinct from old.rewritten_at
    or new.organised_at is distinct from old.organised_at)
  execute function touch_updated_at();
