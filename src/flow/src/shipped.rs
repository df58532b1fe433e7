//! The bundle every gateway comes with: `basic-agent` (contract 04, section 10). Ids, pins and wiring are the contract's;
//! unlike the reference's it names no model of its own, so it runs on the gateway's default.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::bundle::{BundleError, Entrypoint, Manifest, Opened};

/// The bundle's id.
pub const BASIC_AGENT: &str = "basic-agent";
/// Its version.
pub const BASIC_AGENT_VERSION: &str = "0.0.1";
/// The flow that is started.
pub const BASIC_AGENT_FLOW: &str = "81795ea9";

const FLOWS: [(&str, &str); 2] =
    [("15f19f7f", include_str!("shipped/15f19f7f.json")), (BASIC_AGENT_FLOW, include_str!("shipped/81795ea9.json"))];

/// The shipped `basic-agent@0.0.1`.
///
/// # Errors
/// When a flow compiled in is no JSON, which a test rules out.
pub fn basic_agent() -> Result<Opened, BundleError> {
    let mut flows = BTreeMap::new();
    for (id, text) in FLOWS {
        let flow: Value = serde_json::from_str(text)
            .map_err(|e| BundleError { code: "bad_flow", text: format!("shipped flow '{id}' is not JSON: {e}") })?;
        flows.insert(id.to_owned(), flow);
    }
    let manifest = Manifest {
        bundle_id: BASIC_AGENT.into(),
        bundle_version: BASIC_AGENT_VERSION.into(),
        created_at: "2026-01-16T21:48:42.024069+00:00".into(),
        entrypoints: vec![Entrypoint {
            flow_id: BASIC_AGENT_FLOW.into(),
            name: Some(BASIC_AGENT.into()),
            description: String::new(),
            interfaces: vec!["abstractcode.agent.v1".into()],
        }],
        default_entrypoint: Some(BASIC_AGENT_FLOW.into()),
        flows: FLOWS.map(|(id, _)| (id.to_owned(), format!("flows/{id}.json"))).into(),
        metadata: Map::new(),
    };
    Ok(Opened::new(manifest, flows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Bundle;
    use crate::{Document, Program};

    #[test]
    fn the_shipped_bundle_compiles_and_survives_packing() {
        let bundle = basic_agent().unwrap().bundle;
        let again = Bundle::read(&bundle.pack().unwrap()).unwrap();
        assert_eq!((&again.manifest, &again.flows), (&bundle.manifest, &bundle.flows));
        let ids = bundle.flows.keys().cloned().collect();
        for (id, flow) in &bundle.flows {
            let mut flow = flow.value();
            crate::namespace(&mut flow, "basic-agent@0.0.1", id, &ids);
            let program = Program::compile(Document::read(&flow, None).unwrap()).unwrap();
            let agents: Vec<_> = program.agents().map(|(node, loop_id)| (node.to_owned(), loop_id)).collect();
            let expected = "visual_react_agent_basic-agent_0_0_1_81795ea9_node-2";
            let own =
                if id == BASIC_AGENT_FLOW { vec![("node-2".to_owned(), expected.to_owned())] } else { Vec::new() };
            assert_eq!(agents, own);
        }
    }

    #[test]
    fn it_asks_for_a_prompt_only() {
        let bundle = basic_agent().unwrap().bundle;
        let schema = crate::input_schema::input_schema(&bundle.flows[BASIC_AGENT_FLOW].value());
        let required = &schema["input_data_schema"]["required"];
        assert_eq!(*required, serde_json::json!(["context", "system", "prompt", "max_in_tokens", "resp_schema"]));
        assert_eq!(crate::input_schema::default_model(&bundle.flows[BASIC_AGENT_FLOW].value()), None);
    }
}
