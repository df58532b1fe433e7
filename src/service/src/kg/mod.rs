//! The knowledge graph of the caller's data plane, asked from outside a run (contract 07, section 5).
//!
//! The one invariant: whatever owner is named, the answer comes from the caller's own data plane.

use std::path::Path;

use memory::graph::{item, terms};
use model::api::kg::{GraphAnswer, QueryGraph};
use model::id::session_owner_run_id;
use model::{Code, Error, RunId, Value};
use serde_json::json;
use store::{FoundTriple, TripleQuery};

use crate::memory::graph::Graph;
use crate::planes::Plane;
use crate::runs::not_found;
use crate::{Answer, Call, Handle, Services};

/// Assertions one answer may hold.
const ANSWER_MAX: usize = 10_000;

const NO_VECTORS: &str = "Semantic KG query is not available for memory backend 'sqlite'. No embedding model serves the \
knowledge graph; use words to search by words, or omit query_text.";

/// Scope and owner to look at; without an owner, at all of them.
type Target = (&'static str, Option<String>);

impl Handle<QueryGraph> for Services {
    async fn handle(&self, call: Call, input: QueryGraph) -> Result<Answer<GraphAnswer>, Error> {
        let wish = Wish::read(&input)?;
        let plane = self.plane(&call.principal).await?;
        let mut warnings = Vec::new();
        let targets = wish.targets(&plane, &mut warnings).await?;
        let owner_id =
            if let [(scope, owner)] = targets.as_slice() { owner.clone().filter(|_| *scope != "all") } else { None };
        let words = input.words.as_deref().map(terms::words);
        let mut found = if words.as_ref().is_some_and(Vec::is_empty) {
            Vec::new()
        } else {
            ask(&plane, &input, words.as_deref().unwrap_or_default(), targets).await?
        };
        let ascending = ascending(&input);
        let by_time = |a: &FoundTriple, b: &FoundTriple| {
            let newest = b.triple.observed_at.cmp(&a.triple.observed_at);
            if ascending { newest.reverse() } else { newest }
        };
        found.sort_by(|a, b| b.words_found.cmp(&a.words_found).then_with(|| by_time(a, b)));
        let limit = limit(&input);
        if limit == ANSWER_MAX && found.len() > limit {
            warnings.push(format!("there are more than {ANSWER_MAX} assertions; narrow the query to see the others"));
        }
        found.truncate(limit);
        let count = words.as_ref().map_or(0, Vec::len);
        let items: Vec<Value> = found.iter().map(|f| item(f, count)).collect();
        let database = plane.key.database(&self.settings)?;
        let warnings = Some(warnings).filter(|w| !w.is_empty());
        let scope = wish.scope.to_owned();
        Ok(GraphAnswer { ok: true, scope, owner_id, count: items.len(), items, warnings, store: store(&database) }
            .into())
    }
}

fn ascending(input: &QueryGraph) -> bool {
    input.order.trim().eq_ignore_ascii_case("asc")
}

fn limit(input: &QueryGraph) -> usize {
    usize::try_from(input.limit).ok().filter(|limit| *limit > 0).unwrap_or(ANSWER_MAX).min(ANSWER_MAX)
}

fn filled(text: Option<&String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

async fn ask(
    plane: &Plane,
    input: &QueryGraph,
    words: &[String],
    targets: Vec<Target>,
) -> Result<Vec<FoundTriple>, Error> {
    let term = |text: Option<&String>| filled(text).map(|t| t.to_lowercase());
    let mut found = Vec::new();
    for (scope, owner_id) in targets {
        let query = TripleQuery {
            subject: term(input.subject.as_ref()),
            predicates: term(input.predicate.as_ref()).into_iter().collect(),
            object: term(input.object.as_ref()),
            scope: Some(scope.to_owned()),
            owner_id,
            since: filled(input.since.as_ref()),
            until: filled(input.until.as_ref()),
            active_at: filled(input.active_at.as_ref()),
            words: words.to_vec(),
            words_of_object: false,
            oldest_first: ascending(input),
            // One more than is shown says that there are more.
            limit: limit(input) + 1,
        };
        found.append(&mut plane.store.triples(query).await.map_err(engine::store_error)?);
    }
    Ok(found)
}

fn store(database: &Path) -> Value {
    json!({
        "backend": "sqlite", "path": database.display().to_string(), "require_vector": false,
        "capabilities": {
            "persistent": true, "structured_query": true, "vector_capable": false, "semantic_query": false,
            "query_vector": false, "embedder_configured": false,
        },
        "warnings": [],
    })
}

/// Whose memory is meant.
struct Wish {
    scope: &'static str,
    run_id: Option<String>,
    session_id: Option<String>,
    owner_id: Option<String>,
    all_owners: bool,
}

fn refused(text: &str) -> Error {
    Error::new(Code::BadRequest, text)
}

impl Wish {
    fn read(input: &QueryGraph) -> Result<Self, Error> {
        let scope = match input.scope.trim().to_lowercase().as_str() {
            "run" => "run",
            "" | "session" => "session",
            "global" => "global",
            "all" => "all",
            _ => return Err(refused("scope must be one of run|session|global|all")),
        };
        let owner_id = filled(input.owner_id.as_ref());
        if scope == "all" && owner_id.is_some() {
            return Err(refused("owner_id is not supported when scope=all"));
        }
        if input.all_owners && owner_id.is_some() {
            return Err(refused("all_owners cannot be combined with owner_id"));
        }
        if filled(input.query_text.as_ref()).is_some() {
            return Err(refused(NO_VECTORS));
        }
        let (run_id, session_id) = (filled(input.run_id.as_ref()), filled(input.session_id.as_ref()));
        Ok(Self { scope, run_id, session_id, owner_id, all_owners: input.all_owners })
    }

    async fn targets(&self, plane: &Plane, warnings: &mut Vec<String>) -> Result<Vec<Target>, Error> {
        if self.scope == "all" {
            return self.every_scope(plane, warnings).await;
        }
        if self.all_owners {
            return Ok(vec![(self.scope, None)]);
        }
        let owner = match (&self.owner_id, self.scope) {
            (Some(owner), _) => owner.clone(),
            (None, "global") => plane.graph.global_owner().to_owned(),
            (None, "run") => {
                let run = self.run_id.clone();
                run.ok_or_else(|| refused("run_id is required for scope=run (or provide owner_id)"))?
            }
            (None, _) => self.session(plane).await?,
        };
        Ok(vec![(self.scope, Some(owner))])
    }

    async fn session(&self, plane: &Plane) -> Result<String, Error> {
        if let Some(session) = &self.session_id {
            return Ok(session_owner_run_id(session));
        }
        let run = self.run_id.as_deref();
        let run =
            run.ok_or_else(|| refused("run_id or session_id is required for scope=session (or provide owner_id)"))?;
        Ok(owners(plane, run).await?.ok_or_else(|| not_found(run))?.session)
    }

    async fn every_scope(&self, plane: &Plane, warnings: &mut Vec<String>) -> Result<Vec<Target>, Error> {
        if self.all_owners {
            return Ok(["run", "session", "global"].map(|scope| (scope, None)).to_vec());
        }
        if let Some(run) = &self.run_id {
            if let Some(owners) = owners(plane, run).await? {
                let (run, session, global) = (owners.run, owners.session, owners.global);
                return Ok(vec![("run", Some(run)), ("session", Some(session)), ("global", Some(global))]);
            }
            let Some(session) = &self.session_id else { return Err(not_found(run)) };
            warnings.push(format!("Run '{run}' not found; querying session+global only for session_id='{session}'"));
        }
        let session = self.session_id.as_deref();
        let session = session
            .ok_or_else(|| refused("run_id or session_id is required when scope=all (or set all_owners=true)"))?;
        warnings.push("run scope omitted (no run_id available)".into());
        let global = plane.graph.global_owner().to_owned();
        Ok(vec![("session", Some(session_owner_run_id(session))), ("global", Some(global))])
    }
}

/// Whose memory the scopes of a stored run are; none when there is no such run.
async fn owners(plane: &Plane, run_id: &str) -> Result<Option<memory::graph::Owners>, Error> {
    let found = plane.store.run(&RunId::from(run_id)).await.map_err(engine::store_error)?;
    let graph: &Graph = &plane.graph;
    match found {
        Some(snapshot) => graph.owners(&snapshot.run).await.map(Some).map_err(engine::store_error),
        None => Ok(None),
    }
}
