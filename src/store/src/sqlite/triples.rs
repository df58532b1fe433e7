//! The knowledge graph in its table: appended by a commit, read through indexes.
//!
//! May not know what an assertion means. The invariant: of two equal assertions of one owner and scope the second is
//! stored only where it was wanted beside the first.

use model::Map;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::encode::{decode_value, text};
use crate::{Error, FoundTriple, NewTriple, Triple, TripleKey, TripleQuery};

/// An assertion as columns.
pub(crate) struct EncodedTriple {
    triple: Triple,
    object_key: String,
    provenance_json: String,
    attributes_json: String,
    twin: String,
}

impl EncodedTriple {
    pub(crate) fn of(new: NewTriple) -> Result<Self, Error> {
        let triple = new.triple;
        Ok(Self {
            object_key: triple.object.to_lowercase(),
            provenance_json: text(&triple.provenance)?,
            attributes_json: text(&triple.attributes)?,
            twin: if new.beside_equal { triple.assertion_id.clone() } else { String::new() },
            triple,
        })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.triple.text.len() * 2 + self.provenance_json.len() + self.attributes_json.len()
    }
}

/// Appends an assertion, unless its equal is there.
pub(crate) fn append(conn: &Connection, new: &EncodedTriple) -> rusqlite::Result<()> {
    let triple = &new.triple;
    conn.prepare_cached(
        "INSERT INTO triples(assertion_id, subject, predicate, object, object_key, scope, owner_id, observed_at,
           valid_from, valid_until, confidence, provenance_json, attributes_json, text, twin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT(owner_id, scope, subject, predicate, object_key, twin) DO NOTHING",
    )?
    .execute(params![
        triple.assertion_id,
        triple.subject,
        triple.predicate,
        triple.object,
        new.object_key,
        triple.scope,
        triple.owner_id,
        triple.observed_at,
        triple.valid_from,
        triple.valid_until,
        triple.confidence,
        new.provenance_json,
        new.attributes_json,
        triple.text,
        new.twin,
    ])?;
    Ok(())
}

const KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM triples
  WHERE owner_id = ?1 AND scope = ?2 AND subject = ?3 AND predicate = ?4 AND object_key = ?5)";

/// Whether an equal assertion is there, for each key.
pub(crate) fn known(conn: &Connection, keys: &[TripleKey]) -> rusqlite::Result<Vec<bool>> {
    let mut find = conn.prepare_cached(KNOWN)?;
    let known = |key: &TripleKey| {
        find.query_row(params![key.owner_id, key.scope, key.subject, key.predicate, key.object], |row| row.get(0))
    };
    keys.iter().map(known).collect()
}

/// The assertions a query wants.
pub(crate) fn query(conn: &Connection, query: &TripleQuery) -> rusqlite::Result<Vec<FoundTriple>> {
    let (sql, values) = sql(query);
    // Not cached: there are many shapes, and they would drive out the statements that every step needs.
    let mut find = conn.prepare(&sql)?;
    find.query_map(params_from_iter(values), |row| read(row, !query.words.is_empty()))?.collect()
}

const COLUMNS: &str = "t.assertion_id, t.subject, t.predicate, t.object, t.scope, t.owner_id, t.observed_at,
  t.valid_from, t.valid_until, t.confidence, t.provenance_json, t.attributes_json, t.text";

fn sql(query: &TripleQuery) -> (String, Vec<Sql>) {
    let mut values: Vec<Sql> = Vec::new();
    let mut bind = |value: &str| {
        values.push(value.to_owned().into());
        format!("?{}", values.len())
    };
    let (mut from, mut order) = ("triples t".to_owned(), "t.observed_at DESC, t.seq DESC");
    let mut shown = COLUMNS.to_owned();
    if !query.words.is_empty() {
        // Each word by itself, so that an assertion is ranked by how many of them it has. The words come first (that is
        // what CROSS says): what they find is less than what an owner has.
        let word = |word: &String| {
            let column = if query.words_of_object { "object" } else { "text" };
            let quoted = format!("{column} : \"{}\"", word.replace('"', "\"\""));
            format!("SELECT rowid AS seq FROM triples_words WHERE triples_words MATCH {}", bind(&quoted))
        };
        let hits: Vec<_> = query.words.iter().take(TripleQuery::WORDS_MAX).map(word).collect();
        from = format!(
            "(SELECT seq, COUNT(*) AS found FROM ({}) GROUP BY seq) h CROSS JOIN triples t ON t.seq = h.seq",
            hits.join(" UNION ALL ")
        );
        shown.push_str(", h.found");
        order = "h.found DESC, t.observed_at DESC, t.seq DESC";
    } else if query.oldest_first {
        order = "t.observed_at, t.seq";
    }
    let mut wheres = vec!["TRUE".to_owned()];
    let plain = [
        ("t.owner_id =", &query.owner_id),
        ("t.scope =", &query.scope),
        ("t.subject =", &query.subject),
        ("t.object_key =", &query.object),
        ("t.observed_at >=", &query.since),
        ("t.observed_at <=", &query.until),
    ];
    wheres.extend(plain.into_iter().filter_map(|(test, value)| Some(format!("{test} {}", bind(value.as_deref()?)))));
    if !query.predicates.is_empty() {
        let list: Vec<_> = query.predicates.iter().map(|p| bind(p)).collect();
        wheres.push(format!("t.predicate IN ({})", list.join(", ")));
    }
    if let Some(moment) = &query.active_at {
        let moment = bind(moment);
        wheres.push(format!("(t.valid_from IS NULL OR t.valid_from <= {moment})"));
        wheres.push(format!("(t.valid_until IS NULL OR t.valid_until > {moment})"));
    }
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let wheres = wheres.join(" AND ");
    (format!("SELECT {shown} FROM {from} WHERE {wheres} ORDER BY {order} LIMIT {limit}"), values)
}

fn read(row: &Row<'_>, ranked: bool) -> rusqlite::Result<FoundTriple> {
    let map = |column: usize| -> rusqlite::Result<Map> {
        let stored: String = row.get(column)?;
        Ok(decode_value(&stored).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default())
    };
    let triple = Triple {
        assertion_id: row.get(0)?,
        subject: row.get(1)?,
        predicate: row.get(2)?,
        object: row.get(3)?,
        scope: row.get(4)?,
        owner_id: row.get(5)?,
        observed_at: row.get(6)?,
        valid_from: row.get(7)?,
        valid_until: row.get(8)?,
        confidence: row.get(9)?,
        provenance: map(10)?,
        attributes: map(11)?,
        text: row.get(12)?,
    };
    let words_found = if ranked { Some(usize::try_from(row.get::<_, i64>(13)?).unwrap_or(0)) } else { None };
    Ok(FoundTriple { triple, words_found })
}

#[cfg(test)]
#[path = "triples_tests.rs"]
mod tests;
