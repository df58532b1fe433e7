-- Entries of memory: which notes and archived conversations a run keeps, in the order they were first kept.
CREATE TABLE spans (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, owner_run_id TEXT NOT NULL, span_id TEXT NOT NULL, span_json TEXT NOT NULL);
CREATE UNIQUE INDEX idx_spans_id ON spans(owner_run_id, span_id);
CREATE INDEX idx_spans_owner ON spans(owner_run_id, seq);
