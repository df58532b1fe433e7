-- The turns of a session in the order they were started, and the roots that may be purged.
CREATE INDEX idx_runs_session_roots ON runs(session_id, created_at DESC, run_id DESC, workflow_id)
  WHERE parent_run_id IS NULL;
CREATE INDEX idx_runs_drafts ON runs(updated_at DESC, run_id DESC, workflow_id)
  WHERE is_draft = 1 AND parent_run_id IS NULL;
