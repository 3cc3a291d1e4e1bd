-- What was said by what it means, for those who give an embedder: without one nothing writes or reads these tables.

-- How far the embeddings of a chat go, as `search_chats` says it of its words.
create table search_embedded (
  user_id text not null,
  chat_id text not null,
  format text not null,               -- of which model they are
  version timestamptz not null,
  last_position bigint not null,
  is_complete boolean not null,
  claimed_until timestamptz not null, -- who embeds a chat has it alone until then
  primary key (user_id, chat_id)
);

create table search_embeddings (
  user_id text not null,
  chat_id text not null,
  position bigint not null,
  hash text not null,                 -- of the text that was embedded: of another one it says nothing
  bits bit varying not null,          -- the sign of each number: what is near is looked for by these
  vector bytea not null,              -- the numbers, one byte each: what was found is put in order by these
  primary key (user_id, chat_id, position)
);

do $$
declare
  is_distributed boolean := false;
  follows text := 'on update cascade';
begin
  if to_regclass('pg_catalog.pg_dist_partition') is not null then
    execute 'select exists (select from pg_dist_partition where logicalrelid = to_regclass(''chats''))' into is_distributed;
  end if;
  if is_distributed then
    perform create_distributed_table('search_embedded', 'user_id', colocate_with => 'chats');
    perform create_distributed_table('search_embeddings', 'user_id', colocate_with => 'chats');
    follows := '';
  end if;
  execute format('alter table search_embedded add constraint search_embedded_of_chat
    foreign key (user_id, chat_id) references chats (user_id, chat_id) %s on delete cascade', follows);
  execute format('alter table search_embeddings add constraint search_embeddings_of_chat
    foreign key (user_id, chat_id) references search_embedded (user_id, chat_id) %s on delete cascade', follows);
end $$;
