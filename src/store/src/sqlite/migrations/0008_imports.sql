-- What an import from the file layout of the Python gateway has done, so that it can go on after a kill: a row for each
-- file that is stored, and what was left aside.
CREATE TABLE imports (
  name TEXT PRIMARY KEY, stamp TEXT NOT NULL, runs INTEGER NOT NULL, records INTEGER NOT NULL, commands INTEGER NOT NULL);
CREATE TABLE import_problems (name TEXT NOT NULL, line INTEGER, why TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX idx_import_problems_name ON import_problems(name);
