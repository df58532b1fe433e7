//! What runs remember: spans of conversation, notes, the knowledge graph, vectors. It may use the store for durability and
//! `llm` for embeddings; it may not know runs' state machines or HTTP.

pub mod graph;
pub mod spans;
