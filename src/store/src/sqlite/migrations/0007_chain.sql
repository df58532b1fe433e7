-- The end of each ledger's hash chain, and the place of its first record. NULL: the chain has not begun; it begins with
-- the next record.
ALTER TABLE ledger_heads ADD COLUMN head_hash TEXT;
ALTER TABLE ledger_heads ADD COLUMN chained_from INTEGER;
