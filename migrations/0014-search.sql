-- What is looked for is looked up here: the words of titles and of what was said, by user. Nothing that writes a chat writes
-- these tables; they are filled afterwards, also with what is there already.

-- How far a chat has been indexed. Without a row, or where `version` is not its `updated_at`, something is left to do.
create table search_chats (
  user_id text not null,
  chat_id text not null,
  format text not null,               -- how its words were made, and for which user
  version timestamptz not null,       -- `updated_at` of the chat as it was read
  last_position bigint not null,      -- items up to there are indexed
  is_complete boolean not null,       -- whether these are all that there were at that version
  primary key (user_id, chat_id)
);

create table search_entries (
  user_id text not null,
  chat_id text not null,
  position bigint not null,           -- of the item; -1: the title
  role text not null,                 -- title, user, assistant or tool
  created_at timestamptz not null,
  words tsvector not null,            -- each begins with a key of its user: those of others are not walked through
  primary key (user_id, chat_id, position)
);
create index idx_search_words on search_entries using gin (words);
create index idx_search_newest on search_entries (user_id, created_at desc);

-- On a cluster the rows are where those of their chat are, and no reference follows a change of the owner.
do $$
declare
  is_distributed boolean := false;
  follows text := 'on update cascade';
begin
  if to_regclass('pg_catalog.pg_dist_partition') is not null then
    execute 'select exists (select from pg_dist_partition where logicalrelid = to_regclass(''chats''))' into is_distributed;
  end if;
  if is_distributed then
    perform create_distributed_table('search_chats', 'user_id', colocate_with => 'chats');
    perform create_distributed_table('search_entries', 'user_id', colocate_with => 'chats');
    follows := '';
  end if;
  execute format('alter table search_chats add constraint search_chats_of_chat
    foreign key (user_id, chat_id) references chats (user_id, chat_id) %s on delete cascade', follows);
  -- To the row that its writer has locked, and not to the chat, which others write.
  execute format('alter table search_entries add constraint search_entries_of_chat
    foreign key (user_id, chat_id) references search_chats (user_id, chat_id) %s on delete cascade', follows);
end $$;
