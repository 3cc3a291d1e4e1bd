-- Every key begins with the user: a statement that names its user finds all it needs there, and so does a cluster that
-- keeps the rows of one user on one node. Chats keep the key of the seed beside that. What takes long comes first: who
-- reads waits only for the exchange of the keys, at the end. A chat that gets another owner by hand takes its rows along.

-- Rows of a chat whose owner was changed by hand.
update chat_items r set user_id = c.user_id from chats c where c.chat_id = r.chat_id and c.user_id <> r.user_id;
update archived_items r set user_id = c.user_id from chats c where c.chat_id = r.chat_id and c.user_id <> r.user_id;
update history_operations r set user_id = c.user_id from chats c where c.chat_id = r.chat_id and c.user_id <> r.user_id;
update campaign_notes r set user_id = c.user_id from chats c where c.chat_id = r.chat_id and c.user_id <> r.user_id;
-- Its runs, with what refers to them, in one statement: references hold at its end. Another user's keys are not taken along.
with moved as (
  select r.user_id, r.run_id, c.user_id as owner from runs r join chats c on c.chat_id = r.chat_id where c.user_id <> r.user_id
), moved_runs as (
  update runs r set user_id = m.owner from moved m where r.user_id = m.user_id and r.run_id = m.run_id
), moved_events as (
  update run_events e set user_id = m.owner from moved m where e.user_id = m.user_id and e.run_id = m.run_id
), moved_states as (
  update run_states s set user_id = m.owner from moved m where s.user_id = m.user_id and s.run_id = m.run_id
)
delete from idempotency_keys k using moved m where k.user_id = m.user_id and k.run_id = m.run_id;

create unique index chats_of_user on chats (user_id, chat_id);
create unique index chat_items_by_user on chat_items (user_id, chat_id, position);
create unique index archived_items_by_user on archived_items (user_id, chat_id, position);
create unique index history_operations_by_user on history_operations (user_id, chat_id, operation_id);
create unique index campaign_notes_by_user on campaign_notes (user_id, chat_id, note_id);

alter table chat_items add constraint chat_items_of_chat
  foreign key (user_id, chat_id) references chats (user_id, chat_id) on update cascade on delete cascade not valid;
alter table archived_items add constraint archived_items_of_chat
  foreign key (user_id, chat_id) references chats (user_id, chat_id) on update cascade on delete cascade not valid;
alter table history_operations add constraint history_operations_of_chat
  foreign key (user_id, chat_id) references chats (user_id, chat_id) on update cascade on delete cascade not valid;
alter table campaign_notes add constraint campaign_notes_of_chat
  foreign key (user_id, chat_id) references chats (user_id, chat_id) on update cascade on delete cascade not valid;
alter table runs add constraint runs_of_chat
  foreign key (user_id, chat_id) references chats (user_id, chat_id) on update cascade on delete cascade not valid;
alter table run_events add constraint run_events_of_run
  foreign key (user_id, run_id) references runs (user_id, run_id) on update cascade on delete cascade not valid;
alter table run_states add constraint run_states_of_run
  foreign key (user_id, run_id) references runs (user_id, run_id) on update cascade on delete cascade not valid;
alter table idempotency_keys add constraint idempotency_keys_of_run
  foreign key (user_id, run_id) references runs (user_id, run_id) on update cascade on delete cascade not valid;

alter table chat_items validate constraint chat_items_of_chat;
alter table archived_items validate constraint archived_items_of_chat;
alter table history_operations validate constraint history_operations_of_chat;
alter table campaign_notes validate constraint campaign_notes_of_chat;
alter table runs validate constraint runs_of_chat;
alter table run_events validate constraint run_events_of_run;
alter table run_states validate constraint run_states_of_run;
alter table idempotency_keys validate constraint idempotency_keys_of_run;

alter table chat_items drop constraint chat_items_chat_id_fkey, drop constraint chat_items_pkey,
  add constraint chat_items_pkey primary key using index chat_items_by_user;
alter table archived_items drop constraint archived_items_chat_id_fkey, drop constraint archived_items_pkey,
  add constraint archived_items_pkey primary key using index archived_items_by_user;
alter table history_operations drop constraint history_operations_chat_id_fkey, drop constraint history_operations_pkey,
  add constraint history_operations_pkey primary key using index history_operations_by_user;
alter table campaign_notes drop constraint campaign_notes_chat_id_fkey, drop constraint campaign_notes_pkey,
  add constraint campaign_notes_pkey primary key using index campaign_notes_by_user;
alter table runs drop constraint runs_chat_id_fkey;
alter table run_events drop constraint run_events_user_id_run_id_fkey;
alter table run_states drop constraint run_states_user_id_run_id_fkey;
alter table idempotency_keys drop constraint idempotency_keys_user_id_run_id_fkey;

-- By its name, statements find the key in both layouts. A table that was there before Questlog may have named it otherwise.
do $$
declare
  key name := (select conname from pg_constraint where conrelid = 'chats'::regclass and contype = 'p');
begin
  if key <> 'chats_pkey' then execute format('alter table chats rename constraint %I to chats_pkey', key); end if;
end $$;

-- Statements that come often set the version themselves, and pay for no function. Whatever else is written, it grows.
drop trigger touch_updated_at on chats;
create trigger touch_updated_at before update on chats for each row
  when ((new.updated_at between old.updated_at + interval '1 microsecond' and clock_timestamp()) is not true
    or new.is_active <> old.is_active or new.rewritten_at is distinct from old.rewritten_at)
  execute function touch_updated_at();
