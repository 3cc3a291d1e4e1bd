-- How many chats a user has, without counting them. Every new, removed, deleted or restored chat adds a row with what
-- changed, so no two writers wait for each other; Questlog's server adds old rows up to one a user. The number of a
-- user's chats is the sum of the user's rows. An append changes neither column and pays nothing.

-- A row that a policy hides from this role would not be counted: an error instead.
set local row_security = off;

create table chat_counts (
  user_id   text not null,
  -- The row with the sum of earlier changes has the id of zeros.
  change_id uuid not null default gen_random_uuid(),
  active    bigint not null,
  inactive  bigint not null,
  primary key (user_id, change_id)
);

create index idx_chat_count_changes on chat_counts (user_id)
  where change_id <> '00000000-0000-0000-0000-000000000000';

create function count_chat() returns trigger language plpgsql as $$
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
end $$;

create function forget_chat_counts() returns trigger language plpgsql as $$
begin
  delete from chat_counts;
  return null;
end $$;

-- Writers of chats wait from here to the end of the migration: none is counted twice or not at all.
create trigger count_new_chat after insert on chats for each row execute function count_chat();
create trigger count_removed_chat after delete on chats for each row execute function count_chat();
create trigger count_changed_chat after update of is_active, user_id on chats for each row
  when (old.is_active is distinct from new.is_active or old.user_id is distinct from new.user_id)
  execute function count_chat();
create trigger forget_chat_counts after truncate on chats execute function forget_chat_counts();

insert into chat_counts (user_id, change_id, active, inactive)
select user_id, '00000000-0000-0000-0000-000000000000',
  count(*) filter (where is_active), count(*) filter (where not is_active)
from chats group by user_id;
