DROP TABLE runs_before;
CREATE INDEX idx_runs_status_updated ON runs(status, updated_at DESC);
CREATE INDEX idx_runs_workflow_updated ON runs(workflow_id, updated_at DESC);
CREATE INDEX idx_runs_parent ON runs(parent_run_id, created_at, run_id);
CREATE INDEX idx_runs_waiting ON runs(status, wait_reason, wait_until);
-- One index a way of listing. The last columns are there so that hidden rows are passed over inside the index.
CREATE INDEX idx_runs_updated ON runs(updated_at DESC, run_id DESC, is_draft, workflow_id, status);
CREATE INDEX idx_runs_roots ON runs(updated_at DESC, run_id DESC, is_draft, workflow_id, status)
  WHERE parent_run_id IS NULL;
CREATE INDEX idx_runs_session
  ON runs(session_id, updated_at DESC, run_id DESC, is_draft, workflow_id, status, parent_run_id);
