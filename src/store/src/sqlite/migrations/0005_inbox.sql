-- What became of a command. Those the Python runner's cursor has passed were applied by it.
ALTER TABLE commands ADD COLUMN outcome TEXT NOT NULL DEFAULT 'pending';
ALTER TABLE commands ADD COLUMN error TEXT;
ALTER TABLE commands ADD COLUMN decided_at TEXT;
UPDATE commands SET outcome = 'applied'
  WHERE seq <= COALESCE((SELECT cursor FROM command_cursors WHERE consumer_id = 'gateway_runner'), 0);
CREATE INDEX idx_commands_pending ON commands(seq) WHERE outcome = 'pending';
-- Events on their way to a run.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, wait_key TEXT NOT NULL, envelope_json TEXT NOT NULL);
CREATE INDEX idx_deliveries_run ON deliveries(run_id, id);
-- Starts that must not happen twice.
CREATE TABLE start_keys (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, run_id TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX idx_start_keys_run ON start_keys(run_id);
-- Written by health checks only.
CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB);
