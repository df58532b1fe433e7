//! Nodes entered from several places (contract 04, section 14): an internal `join_exec` in front notes which way execution
//! came, and a `path_mux` chooses the value of each pin that differs by way. Both count routes in the same list.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{Map, Value};
use serde_json::json;

use super::CompileError;
use crate::document::{Document, EXEC_IN, EXEC_OUT, Edge, Node, list, text};

/// One way in.
struct Route {
    key: String,
    source: String,
    handle: String,
}

/// Puts joins and muxes in front of the nodes that have a second way in: most flows are large and have none.
pub(super) fn lower(document: &mut Document<'_>) -> Result<(), CompileError> {
    let mut incoming: BTreeMap<&str, Vec<&Edge>> = BTreeMap::new();
    for edge in document.edges.iter().filter(|e| e.target_handle == EXEC_IN) {
        incoming.entry(&edge.target).or_default().push(edge);
    }
    let pair = |edge: &&Edge| (edge.source.clone(), edge.source_handle.clone());
    let several: Vec<(String, Vec<(String, String)>)> = incoming
        .into_iter()
        .filter(|(_, edges)| edges.len() > 1)
        .map(|(target, edges)| (target.to_owned(), edges.iter().map(pair).collect()))
        .collect();
    for (target, edges) in several {
        if let Some(at) = document.nodes.iter().position(|n| n.id == target) {
            let routes = routes(&document.nodes[at], &edges)?;
            insert_join(document, &target, &routes)?;
            insert_muxes(document, at, &routes)?;
        }
    }
    Ok(())
}

fn routes(node: &Node<'_>, edges: &[(String, String)]) -> Result<Vec<Route>, CompileError> {
    let fail = |what: String| Err(CompileError::invalid(format!("Node '{}' {what}", node.id)));
    let authored: Vec<Route> = list(node.data.get("entryRoutes"))
        .iter()
        .filter_map(|item| {
            let source = text(item.get("sourceNodeId")).or_else(|| text(item.get("source")))?;
            let handle = text(item.get("sourceHandle")).unwrap_or_else(|| EXEC_OUT.into());
            let key = text(item.get("key")).unwrap_or_else(|| format!("{source}::{handle}"));
            Some(Route { key, source, handle })
        })
        .collect();
    let derived = authored.is_empty();
    let routes = if derived {
        let route = |(source, handle): &(String, String)| Route {
            key: format!("{source}::{handle}"),
            source: source.clone(),
            handle: handle.clone(),
        };
        edges.iter().map(route).collect()
    } else {
        authored
    };
    for (i, (source, handle)) in edges.iter().enumerate() {
        if edges[..i].contains(&(source.clone(), handle.clone())) {
            return fail(format!(
                "has duplicate incoming exec edges (ambiguous routes): [('{source}', '{handle}')]. Ensure each exec entry is \
                 unique by (source node id, source handle)."
            ));
        }
    }
    for (i, route) in routes.iter().enumerate() {
        if routes[..i].iter().any(|r| r.key == route.key) {
            return fail(format!("has duplicate entryRoutes keys: ['{}']", route.key));
        }
    }
    let has = |s: &str, h: &str| routes.iter().any(|r| r.source == s && r.handle == h);
    let pair = |source: &str, handle: &str| format!("('{source}', '{handle}')");
    let missing: Vec<_> = edges.iter().filter(|(s, h)| !has(s, h)).map(|(s, h)| pair(s, h)).collect();
    let extra: Vec<_> = routes
        .iter()
        .filter(|r| !edges.iter().any(|(s, h)| *s == r.source && *h == r.handle))
        .map(|r| pair(&r.source, &r.handle))
        .collect();
    if !missing.is_empty() || !extra.is_empty() {
        return fail(format!(
            "entryRoutes mismatch with incoming exec edges. missing=[{}] extra=[{}]. Reconnect the exec wires or resave \
             the flow.",
            missing.join(", "),
            extra.join(", ")
        ));
    }
    Ok(routes)
}

fn insert_join(document: &mut Document<'_>, target: &str, routes: &[Route]) -> Result<(), CompileError> {
    let id = format!("__internal_join_exec__{target}");
    if document.nodes.iter().any(|n| n.id == id) {
        return Err(CompileError::invalid(format!("Internal join_exec id collision: '{id}' already exists")));
    }
    let listed: Vec<_> = routes.iter().map(|r| json!({"source": r.source, "handle": r.handle})).collect();
    let data = Map::from_iter([("_internal".into(), true.into()), ("_routes".into(), Value::Array(listed))]);
    document.nodes.push(Node { id: id.clone(), kind: "join_exec".into(), data: Cow::Owned(data) });
    for edge in document.edges.iter_mut().filter(|e| e.target == target && e.target_handle == EXEC_IN) {
        edge.target.clone_from(&id);
    }
    document.edges.push(edge(&id, EXEC_OUT, target, EXEC_IN));
    Ok(())
}

fn edge(source: &str, source_handle: &str, target: &str, target_handle: &str) -> Edge {
    Edge {
        source: source.into(),
        source_handle: source_handle.into(),
        target: target.into(),
        target_handle: target_handle.into(),
    }
}

fn insert_muxes(document: &mut Document<'_>, at: usize, routes: &[Route]) -> Result<(), CompileError> {
    let target = document.nodes[at].id.clone();
    let overrides = document.nodes[at].data.get("inputRouteOverrides").and_then(Value::as_object).cloned();
    let pins: BTreeMap<String, Value> = overrides.unwrap_or_default().into_iter().collect();
    for (pin, by_route) in pins {
        let Some(by_route) = by_route.as_object() else { continue };
        let mux = format!("__internal_path_mux__{target}__{pin}");
        let mut wires = Vec::new();
        for (key, from) in by_route {
            let Some(i) = routes.iter().position(|r| r.key == *key) else {
                return Err(CompileError::invalid(format!(
                    "Node '{target}' override for pin '{pin}' references unknown route '{key}'. Ensure entryRoutes is up to date."
                )));
            };
            let source = text(from.get("sourceNodeId")).or_else(|| text(from.get("source")));
            let handle = text(from.get("sourceHandle")).or_else(|| text(from.get("handle")));
            let (Some(source), Some(handle)) = (source, handle) else { continue };
            if !document.nodes.iter().any(|n| n.id == source) {
                return Err(CompileError::invalid(format!(
                    "Node '{target}' override for pin '{pin}' references missing node '{source}'."
                )));
            }
            wires.push(edge(&source, &handle, &mux, &format!("in{i}")));
        }
        let mut defaults = Map::new();
        let wired: Vec<usize> = document
            .edges
            .iter()
            .enumerate()
            .filter(|(_, e)| e.is_data() && e.target == target && e.target_handle == pin)
            .map(|(i, _)| i)
            .collect();
        match wired.as_slice() {
            [] => {
                let own = document.nodes[at].data.get("pinDefaults").and_then(|d| d.get(&pin)).cloned();
                defaults.extend(own.map(|value| ("fallback".to_owned(), value)));
            }
            [one] => {
                let existing = &mut document.edges[*one];
                existing.target.clone_from(&mux);
                existing.target_handle = "fallback".into();
            }
            _ => {
                return Err(CompileError::invalid(format!(
                    "Node '{target}' has multiple incoming data edges to pin '{pin}'. Use inputRouteOverrides (per-entry \
                     overrides) instead of multi-wiring."
                )));
            }
        }
        let pins = [json!({"id": "select", "type": "number"}), json!({"id": "fallback", "type": "any"})];
        let data = Map::from_iter([
            ("inputs".to_owned(), Value::Array(pins.to_vec())),
            ("outputs".to_owned(), json!([{"id": "out", "type": "any"}])),
            ("pinDefaults".to_owned(), Value::Object(defaults)),
        ]);
        document.nodes.push(Node { id: mux.clone(), kind: "path_mux".into(), data: Cow::Owned(data) });
        document.edges.push(edge(&format!("__internal_join_exec__{target}"), "which", &mux, "select"));
        document.edges.append(&mut wires);
        document.edges.push(edge(&mux, "out", &target, &pin));
    }
    Ok(())
}
