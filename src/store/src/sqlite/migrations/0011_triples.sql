-- The knowledge graph: assertions, append-only. `object_key` is what an object is compared by, whatever its case.
-- `twin` is empty for an assertion that is kept once, and its own id for one that was wanted beside its equals.
CREATE TABLE triples (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, assertion_id TEXT NOT NULL UNIQUE,
  subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL, object_key TEXT NOT NULL,
  scope TEXT NOT NULL, owner_id TEXT NOT NULL, observed_at TEXT NOT NULL, valid_from TEXT, valid_until TEXT,
  confidence REAL, provenance_json TEXT NOT NULL, attributes_json TEXT NOT NULL, text TEXT NOT NULL,
  twin TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX idx_triples_once ON triples(owner_id, scope, subject, predicate, object_key, twin);
CREATE INDEX idx_triples_owner ON triples(owner_id, scope, observed_at, seq);
CREATE INDEX idx_triples_scope ON triples(scope, observed_at, seq);
CREATE INDEX idx_triples_subject ON triples(subject, owner_id, scope, observed_at, seq);
CREATE INDEX idx_triples_predicate ON triples(predicate, observed_at, seq);
CREATE INDEX idx_triples_object ON triples(object_key, owner_id, scope, observed_at, seq);
CREATE INDEX idx_triples_observed ON triples(observed_at, seq);
-- The words of each assertion; those of its object also by themselves.
CREATE VIRTUAL TABLE triples_words USING fts5(
  object, text, content = 'triples', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER triples_words_added AFTER INSERT ON triples BEGIN
  INSERT INTO triples_words(rowid, object, text) VALUES (new.seq, new.object, new.text);
END;
CREATE TRIGGER triples_words_removed AFTER DELETE ON triples BEGIN
  INSERT INTO triples_words(triples_words, rowid, object, text) VALUES ('delete', old.seq, old.object, old.text);
END;
