-- The lists of a user's runs that name no chat: all of them, and those that wait for an approval.

create index idx_runs_of_user on runs (user_id, started_at desc, run_id desc);
create index idx_waiting_runs on runs (user_id, started_at desc, run_id desc) where status = 'awaiting_approval';
