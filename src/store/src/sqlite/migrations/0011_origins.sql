-- The states that the later states of a run can be worked out from: the first one (ordinal 0), and what changed a run's
-- variables without standing in its ledger. Runs of earlier versions have none.
CREATE TABLE run_origins (
  run_id TEXT NOT NULL, ordinal INTEGER NOT NULL, state_json TEXT NOT NULL, PRIMARY KEY (run_id, ordinal)) WITHOUT ROWID;
