-- When a chat is to be gone; null: it stays until somebody or the retention removes it.
alter table chats add column expires_at timestamptz;
create index idx_expiring_chats on chats (expires_at) where expires_at is not null;

-- What a user wants otherwise than the deployment: shorter.
create table user_retention (
  user_id text primary key,
  inactive_days integer not null check (inactive_days > 0)  -- a chat without activity for so long is removed
);

-- That a user was forgotten, and how many rows of each table that were: nothing of what was in them.
create table erasures (
  erasure_id text primary key,
  erased_user text not null,
  erased_at timestamptz not null default clock_timestamp(),
  rows json not null
);

do $$
declare
  is_distributed boolean := false;
begin
  if to_regclass('pg_catalog.pg_dist_partition') is not null then
    execute 'select exists (select from pg_dist_partition where logicalrelid = to_regclass(''chats''))' into is_distributed;
  end if;
  if is_distributed then
    perform create_distributed_table('user_retention', 'user_id', colocate_with => 'chats');
  end if;
end $$;
