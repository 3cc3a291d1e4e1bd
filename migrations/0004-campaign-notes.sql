-- What the Dungeon Master was asked to keep. Apart from the history, so that clearing or compacting a chat loses none.
create table campaign_notes (
  chat_id    text not null references chats on delete cascade,
  note_id    text not null,
  user_id    text not null,
  text       text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (chat_id, note_id)
);
