-- A gap between head and records would make two records share a cursor.
INSERT INTO ledger_heads(run_id, last_seq) SELECT run_id, MAX(seq) FROM ledger WHERE true GROUP BY run_id
  ON CONFLICT(run_id) DO UPDATE SET last_seq = MAX(last_seq, excluded.last_seq);
-- Counts over completed records, kept while appending. NULL: the ledger is older than the counts and must be read.
ALTER TABLE ledger_heads ADD COLUMN steps INTEGER;
ALTER TABLE ledger_heads ADD COLUMN llm_calls INTEGER;
ALTER TABLE ledger_heads ADD COLUMN tool_calls INTEGER;
ALTER TABLE ledger_heads ADD COLUMN tokens_total INTEGER;
-- The primary key of the table is the same index.
DROP INDEX idx_ledger_run_seq;
