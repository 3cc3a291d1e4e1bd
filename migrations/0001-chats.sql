-- One row a chat. The table keeps the name, columns, key and indexes of the seed; a database that already has the
-- seed's own table gets it upgraded in place, so that foreign keys and views of its owner stay valid.

-- A row that a policy hides from this role would lose its conversation: an error instead.
set local row_security = off;

create table if not exists chats (
  chat_id    text primary key,
  user_id    text not null,
  title      text,
  is_active  boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);

update chats set
  is_active  = coalesce(is_active, true),
  created_at = coalesce(created_at, updated_at, clock_timestamp()),
  updated_at = coalesce(updated_at, created_at, clock_timestamp())
where is_active is null or created_at is null or updated_at is null;

-- Only where it is another type: a view or a policy on the column forbids the change, even to the type it has.
do $$
declare
  other name;
begin
  for other in
    select attname from pg_attribute
    where attrelid = 'chats'::regclass and attname in ('chat_id', 'user_id', 'title') and atttypid <> 'text'::regtype
  loop
    execute format('alter table chats alter column %I type text', other);
  end loop;
end $$;

alter table chats
  alter column is_active set not null,
  alter column is_active set default true,
  alter column created_at set not null,
  alter column created_at set default clock_timestamp(),
  alter column updated_at set not null,
  alter column updated_at set default clock_timestamp(),
  -- The position of the next item. Its row lock orders concurrent writers; a position is never used twice.
  add column next_position bigint not null default 0;

create index if not exists idx_user_chats on chats (user_id, created_at);
create index if not exists idx_active_chats on chats (user_id, is_active);
create index if not exists idx_recent_chats on chats (user_id, updated_at desc, chat_id desc) where is_active;
