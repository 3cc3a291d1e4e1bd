-- The ways in which a conversation has gone on from one of its points. The items of those that are set aside are in the
-- archive, under their alternative; what has none there is archived for good.
create table alternatives (
  user_id text not null,
  chat_id text not null,
  alternative_id bigint not null,     -- a position that nothing else of the chat has
  after_position bigint not null,     -- its point: behind the last item up to there; -1: before the first one
  inside bigint,                      -- the alternative that is set aside and has this point; null: the history has it
  is_current boolean not null,        -- of the alternatives of its point, the one that the history, or `inside`, goes on with
  created_at timestamptz not null default clock_timestamp(),
  primary key (user_id, chat_id, alternative_id)
);

alter table archived_items add column alternative_id bigint;
create index idx_alternative_items on archived_items (user_id, chat_id, alternative_id, position)
  where alternative_id is not null;

-- On a cluster its rows are where those of its chat are, and no reference follows a change of the owner.
do $$
declare
  is_distributed boolean := false;
begin
  if to_regclass('pg_catalog.pg_dist_partition') is not null then
    execute 'select exists (select from pg_dist_partition where logicalrelid = to_regclass(''chats''))' into is_distributed;
  end if;
  if is_distributed then
    perform create_distributed_table('alternatives', 'user_id', colocate_with => 'chats');
    alter table alternatives add constraint alternatives_of_chat
      foreign key (user_id, chat_id) references chats (user_id, chat_id) on delete cascade;
  else
    alter table alternatives add constraint alternatives_of_chat
      foreign key (user_id, chat_id) references chats (user_id, chat_id) on update cascade on delete cascade;
  end if;
end $$;
