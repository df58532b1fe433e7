//! The flows the tests run: one bundle, `it@1.0.0`.

use serde_json::{Value, json};
use tests::{Bundle, flow, node};

/// The bundle.
pub(crate) fn bundle() -> Bundle {
    let flows: [(&str, Value); 11] = [
        ("echo", echo()),
        ("ask", ask()),
        ("timer", timer()),
        ("broken", broken()),
        ("model", model()),
        ("talk", talk()),
        ("listen", listen()),
        ("spin", spin()),
        ("parent", parent("ask")),
        ("model_parent", parent("model")),
        ("tale", tale()),
    ];
    Bundle::new("it", "1.0.0", &flows)
}

fn start(outputs: &[&str]) -> Value {
    node("s", "on_flow_start", &[], outputs, json!({}))
}

fn end(inputs: &[&str]) -> Value {
    node("e", "on_flow_end", inputs, &[], json!({}))
}

/// Gives back its `text`.
pub(crate) fn echo() -> Value {
    flow("echo", &[start(&["text"]), end(&["text"])], &["s>e", "s.text>e.text"])
}

/// Asks who is there, says it, and ends with it as `name`.
fn ask() -> Value {
    let question = json!({"pinDefaults": {"prompt": "who are you ?", "choices": ["alice", "bob"]}});
    let nodes = [
        start(&[]),
        node("q", "ask_user", &["prompt", "choices"], &["response"], question),
        node("a", "answer_user", &["message"], &[], json!({})),
        end(&["name"]),
    ];
    flow("ask", &nodes, &["s>q", "q>a", "a>e", "q.response>a.message", "q.response>e.name"])
}

/// Says something so many `times`.
pub(crate) fn talk() -> Value {
    let mut count =
        node("l", "for", &["start", "end", "step"], &["i"], json!({"pinDefaults": {"start": 0, "step": 1}}));
    let exits = ["loop", "done"].map(|id| json!({"id": id, "type": "execution"}));
    count["data"]["outputs"].as_array_mut().unwrap().splice(0..1, exits);
    let say = node("a", "answer_user", &["message"], &[], json!({}));
    let edges = ["s>l", "l.loop>a", "l.done>e", "s.times>l.end", "l.i>a.message"];
    flow("talk", &[start(&["times"]), count, say, end(&[])], &edges)
}

/// Goes round for ever and does nothing.
fn spin() -> Value {
    let mut round = node("l", "while", &["condition"], &[], json!({"pinDefaults": {"condition": true}}));
    let exits = ["loop", "done"].map(|id| json!({"id": id, "type": "execution"}));
    round["data"]["outputs"].as_array_mut().unwrap().splice(0..1, exits);
    let set = node("v", "set_var", &["name", "value"], &["value"], json!({"pinDefaults": {"name": "x", "value": 1}}));
    flow("spin", &[start(&[]), round, set, end(&[])], &["s>l", "l.loop>v", "l.done>e"])
}

/// Waits for the event `key`, and ends with its payload.
fn listen() -> Value {
    let wait = node("w", "wait_event", &["event_key"], &["event_data"], json!({}));
    flow(
        "listen",
        &[start(&["key"]), wait, end(&["heard"])],
        &["s>w", "w>e", "s.key>w.event_key", "w.event_data>e.heard"],
    )
}

/// Waits so many `seconds`.
fn timer() -> Value {
    let wait = json!({"effectConfig": {"durationType": "seconds"}});
    let nodes = [start(&["seconds"]), node("w", "wait_until", &["duration"], &[], wait), end(&[])];
    flow("timer", &nodes, &["s>w", "w>e", "s.seconds>w.duration"])
}

/// Fails at its first step: what it waits for is no moment.
fn broken() -> Value {
    let wait = json!({"eventConfig": {"schedule": "no moment", "recurrent": false}});
    flow("broken", &[start(&[]), node("w", "on_schedule", &[], &[], wait), end(&[])], &["s>w", "w>e"])
}

/// Asks the model its `prompt`, and ends with the answer as `answer`.
fn model() -> Value {
    let route = json!({"pinDefaults": {"provider": "openai-compatible", "model": "m"}});
    let nodes = [
        start(&["prompt"]),
        node("m", "llm_call", &["prompt", "provider", "model"], &["response"], route),
        end(&["answer"]),
    ];
    flow("model", &nodes, &["s>m", "m>e", "s.prompt>m.prompt", "m.response>e.answer"])
}

/// Runs another flow as its child.
fn parent(child: &str) -> Value {
    let nodes = [
        start(&[]),
        node("c", "subflow", &["prompt"], &["name"], json!({"subflowId": child, "pinDefaults": {"prompt": "hi"}})),
        end(&["name"]),
    ];
    flow("parent", &nodes, &["s>c", "c>e", "c.name>e.name"])
}

/// Asks who is there, asks the model its `prompt`, says something twice, has a child ask who is there, and ends with all of
/// it.
fn tale() -> Value {
    let question = json!({"pinDefaults": {"prompt": "who are you?"}});
    let route = json!({"pinDefaults": {"provider": "openai-compatible", "model": "m"}});
    let times = json!({"pinDefaults": {"start": 0, "end": 2, "step": 1}});
    let mut round = node("l", "for", &["start", "end", "step"], &["i"], times);
    let exits = ["loop", "done"].map(|id| json!({"id": id, "type": "execution"}));
    round["data"]["outputs"].as_array_mut().unwrap().splice(0..1, exits);
    let nodes = [
        start(&["prompt"]),
        node("q", "ask_user", &["prompt"], &["response"], question),
        node("m", "llm_call", &["prompt", "provider", "model"], &["response"], route),
        round,
        node("a", "answer_user", &["message"], &[], json!({})),
        node("c", "subflow", &[], &["name"], json!({"subflowId": "ask"})),
        end(&["name", "answer", "kid"]),
    ];
    let steps = ["s>q", "q>m", "m>l", "l.loop>a", "l.done>c", "c>e"];
    let data = ["s.prompt>m.prompt", "l.i>a.message", "q.response>e.name", "m.response>e.answer", "c.name>e.kid"];
    flow("tale", &nodes, &[steps.as_slice(), &data].concat())
}
