-- One row an item, so that an append costs the same at any length. `json`, not `jsonb`: it keeps the text as the SDK
-- wrote it, with its key order, \u0000 and lone surrogates.

create table chat_items (
  chat_id    text not null references chats on delete cascade,
  position   bigint not null,
  user_id    text not null,
  item       json not null,
  run_id     text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (chat_id, position)
);

-- The seed's conversation column becomes rows: a list item by item, anything else as one item, null as none.
do $$
declare
  column_type text := (
    select format_type(atttypid, null) from pg_attribute
    where attrelid = 'chats'::regclass and attname = 'conversation' and not attisdropped);
begin
  if column_type is null then return; end if;
  execute format($move$
    insert into chat_items (chat_id, position, user_id, item, created_at)
    select c.chat_id, e.place - 1, c.user_id, e.value::json, c.updated_at
    from chats c, %1$s_array_elements(
      case when %1$s_typeof(c.conversation) = 'array' then c.conversation
           else %1$s_build_array(c.conversation) end) with ordinality as e(value, place)
    where c.conversation is not null and %1$s_typeof(c.conversation) <> 'null'
  $move$, column_type);
  update chats set next_position = counted.items
    from (select chat_id, count(*) as items from chat_items group by chat_id) as counted
    where chats.chat_id = counted.chat_id;
  alter table chats drop column conversation;
end $$;

-- After the upgrade, which keeps the seed's timestamps. Never the same twice for one chat: it is the chat's version.
create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end $$;

create trigger touch_updated_at before update on chats
  for each row execute function touch_updated_at();

-- `jsonb` takes neither \u0000 nor a lone surrogate: they become U+FFFD, here and only here. First what looks alike is
-- set aside behind control characters, which cannot stand in JSON text: a doubled backslash (chr 1), so that a literal
-- backslash-u stays what it is, and each half of a proper pair of surrogates (chr 2). No lookaround: with one,
-- regexp_replace takes time with the square of the length.
create function to_safe_jsonb(item json) returns jsonb language sql immutable strict parallel safe as $$
  select case when item::text !~ '\\u(0000|[dD][89a-fA-F])' then item::jsonb
  else replace(replace(regexp_replace(regexp_replace(replace(item::text, '\\', chr(1)),
    '\\(u[dD][89abAB][0-9a-fA-F]{2})\\(u[dD][c-fC-F])', chr(2) || '\1' || chr(2) || '\2', 'g'),
    '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\ufffd', 'g'), chr(2), '\'), chr(1), '\\')::jsonb end
$$;

-- The seed's column, computed: `select c.conversation from chats c`.
create function conversation(chat chats) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(to_safe_jsonb(i.item) order by i.position), '[]'::jsonb)
  from chat_items i where i.chat_id = chat.chat_id
$$;
