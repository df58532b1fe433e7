-- What a commit needs of a run (its version, the engine's own state) and what a list needs (its summary).
-- The table is built anew because SQLite reads a row front to back: a column behind a large run_json costs the reading
-- of all its overflow pages, and lists must not pay for that. The rows are copied by the program, which knows how to
-- read them.
DROP INDEX idx_runs_status_updated;
DROP INDEX idx_runs_workflow_updated;
DROP INDEX idx_runs_parent;
DROP INDEX idx_runs_waiting;
ALTER TABLE runs RENAME TO runs_before;
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY, workflow_id TEXT NOT NULL, status TEXT NOT NULL,
  wait_reason TEXT, wait_until TEXT, parent_run_id TEXT, actor_id TEXT, session_id TEXT,
  created_at TEXT, updated_at TEXT,
  version INTEGER NOT NULL DEFAULT 0, wait_key TEXT, paused INTEGER NOT NULL DEFAULT 0,
  is_draft INTEGER NOT NULL DEFAULT 0,
  summary_json TEXT, output_json TEXT, private_json TEXT, run_json TEXT NOT NULL);
