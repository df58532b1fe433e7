-- The states that the later states of a run can be worked out from: the first one (ordinal 0), and what changed a run's
-- variables without standing in its ledger. Runs of earlier versions have none.
CREATE TABLE run_origins (
  run_id TEXT NOT NULL, ordinal INTEGER NOT NULL, state_json TEXT NOT NULL, PRIMARY KEY (run_id, ordinal)) WITHOUT ROWID;
-- The roots of a session and of a workflow: a list of them would otherwise pass over every child.
CREATE INDEX idx_runs_roots_session ON runs(session_id, updated_at DESC, run_id DESC, is_draft, workflow_id, status)
  WHERE parent_run_id IS NULL;
CREATE INDEX idx_runs_roots_workflow ON runs(workflow_id, updated_at DESC, run_id DESC, is_draft, status)
  WHERE parent_run_id IS NULL;
