-- What live updates read: every change of a chat can be told from its row alone, whoever wrote it and whenever.

alter table chats
  -- The version at which it was last soft-deleted or restored.
  add column switched_at timestamptz,
  -- The version at which its history last changed other than by an append, and the first position that did.
  add column rewritten_at timestamptz,
  add column rewritten_from bigint;

-- `rewritten_at` is set by note_rewrite below, and gets the version of that change here.
create or replace function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  if new.is_active <> old.is_active then new.switched_at := new.updated_at; end if;
  if new.rewritten_at is distinct from old.rewritten_at then new.rewritten_at := new.updated_at; end if;
  return new;
end $$;

-- Within a minute the first position only goes down, so whoever was up to date less than a minute ago knows from it how
-- far back to read, however many changes there were.
create function note_rewrite() returns trigger language plpgsql as $$
begin
  update chats c set rewritten_at = clock_timestamp(),
    rewritten_from = case when c.rewritten_at > clock_timestamp() - interval '1 minute'
      then least(c.rewritten_from, r.first) else r.first end
  from (select chat_id, min(position) as first from rewritten group by chat_id) as r
  where c.chat_id = r.chat_id;
  return null;
end $$;

create trigger note_deletion after delete on chat_items
  referencing old table as rewritten for each statement execute function note_rewrite();
create trigger note_replacement after update on chat_items
  referencing new table as rewritten for each statement execute function note_rewrite();

-- Beside idx_recent_chats, which has the active ones.
create index idx_deleted_chats on chats (user_id, updated_at desc) where not is_active;

-- Chats that were removed for good: so that whoever was away learns of it. Kept for some days.
create table removed_chats (
  user_id    text not null,
  chat_id    text not null,
  removed_at timestamptz not null default clock_timestamp(),
  primary key (user_id, chat_id)
);
create index idx_removed_chats on removed_chats (user_id, removed_at);

create function note_removal() returns trigger language plpgsql as $$
begin
  insert into removed_chats (user_id, chat_id) select user_id, chat_id from removed order by user_id, chat_id
  on conflict (user_id, chat_id) do update set removed_at = excluded.removed_at;
  return null;
end $$;

create trigger note_removal after delete on chats
  referencing old table as removed for each statement execute function note_removal();
