-- Roots stay out of the index of children: listing roots would otherwise read all of them by it and sort them, because
-- "no parent" looks like a lookup of one parent.
DROP INDEX idx_runs_parent;
CREATE INDEX idx_runs_parent ON runs(parent_run_id, created_at, run_id) WHERE parent_run_id IS NOT NULL;
