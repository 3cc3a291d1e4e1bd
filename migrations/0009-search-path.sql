-- Functions find the tables of Questlog whatever the search path of the session is that writes: SQL by hand works in any
-- schema, and a temporary table of the same name does not get what is meant for ours.

do $$
declare
  -- Mostly one: the schema in which the migrations ran.
  path text := (select string_agg(distinct relnamespace::regnamespace::text, ', ') from pg_class
    where oid in ('chats'::regclass, 'chat_items'::regclass, 'removed_chats'::regclass, 'chat_counts'::regclass));
  function regprocedure;
begin
  foreach function in array array[
    'touch_updated_at()', 'note_rewrite()', 'note_removal()', 'count_chat()', 'forget_chat_counts()',
    'to_safe_jsonb(json)', 'conversation(chats)']::regprocedure[]
  loop
    execute format('alter function %s set search_path = %s, pg_temp', function, path);
  end loop;
end $$;
