-- What the person thinks of an answer: {"rating": "up" or "down", "comment": text or null}. Beside the item, which stays the
-- text that the SDK wrote and a model gets; it goes where the item goes.
alter table chat_items add column feedback json;
alter table archived_items add column feedback json;
