//! Nodes that change the run's variables (contract 04, 15.5). None of them changes the ambient payload.

use model::run::write_path;
use model::workflow::{PlanError, StepPlan};
use model::{Map, Run, Value};
use serde_json::json;

use super::inputs::Style;
use super::{Step, plan_error, shallow};
use crate::compile::Variable;
use crate::python::py_str;

/// Parts a variable's path may have.
const MAX_PATH: usize = 20;

impl Step<'_> {
    pub(super) fn variable(&mut self, run: &mut Run, variable: Variable) -> Result<StepPlan, PlanError> {
        self.receive(run, Style::Plain).map_err(plan_error)?;
        let payload = &self.payload;
        let text = |key: &str| payload.given(key).map(|v| py_str(v).trim().to_owned()).unwrap_or_default();
        let outcome = match variable {
            Variable::Set => self.set(run, &text("name")),
            Variable::SetProperty => set_property(run, &text("name"), &text("key"), payload.get("value")),
            Variable::SetMany => set_many(run, payload.get("updates")),
            Variable::AddMessage => Ok(self.add_message(run, text("role"), payload.get("content"))),
        };
        match outcome {
            Err(why) => Ok(self.soft(run, &why)),
            Ok(output) => Ok(self.changed(run, variable, output)),
        }
    }

    fn changed(&mut self, run: &mut Run, variable: Variable, output: Value) -> StepPlan {
        if let Some(next) = self.node().exits.next() {
            self.remember(run, output);
            return self.goto(next);
        }
        let last = self.ambient(run).clone();
        let terminal = match variable {
            Variable::SetProperty => json!({"success": true, "value": output["value"], "result": last}),
            Variable::AddMessage => json!({"success": true, "message": output["message"]}),
            Variable::SetMany => json!({"success": true, "updates": output["updates"], "result": last}),
            Variable::Set => json!({"success": true, "result": last}),
        };
        self.remember(run, output);
        self.finish(run, terminal)
    }

    fn set(&self, run: &mut Run, name: &str) -> Result<Value, String> {
        check(name)?;
        let empty = || match self.node().value_kind.as_deref() {
            Some("boolean") => Value::Bool(false),
            Some("number") => json!(0),
            Some("string") => json!(""),
            _ => Value::Null,
        };
        let value = self.payload.get("value").cloned().unwrap_or_else(empty);
        shallow(&value)?;
        write_path(&mut run.vars, name, value.clone());
        Ok(json!({ "value": value }))
    }

    fn add_message(&self, run: &mut Run, role: String, content: Option<&Value>) -> Value {
        let content = content.filter(|c| !c.is_null()).map(py_str).unwrap_or_default();
        let message = json!({
            "role": if role.is_empty() { "user".to_owned() } else { role }, "content": content,
            "timestamp": self.ctx.now, "metadata": {"message_id": format!("msg_{}", self.ctx.random_hex())},
        });
        let context = run.namespace("context");
        if !context.get("messages").is_some_and(Value::is_array) {
            context.insert("messages".into(), json!([]));
        }
        if let Some(messages) = context.get_mut("messages").and_then(Value::as_array_mut) {
            messages.push(message.clone());
        }
        // The conversation may be long: it is copied only where a wire asks for it.
        let mut output = json!({ "message": message });
        let node = self.node();
        if node.wants(&["context", "task", "messages", "result", "output"]) {
            output["task"] = context.get("task").filter(|t| !t.is_null()).map(py_str).unwrap_or_default().into();
            output["messages"] = context.get("messages").cloned().unwrap_or(Value::Null);
            output["context"] = Value::Object(context.clone());
        }
        output
    }
}

fn check(name: &str) -> Result<(), String> {
    if name.split('.').all(str::is_empty) {
        return Err("Set Variable requires a non-empty variable name.".into());
    }
    if name.starts_with('_') {
        return Err(format!("Invalid variable name '{name}': names starting with '_' are reserved."));
    }
    if name.split('.').count() > MAX_PATH {
        return Err(format!("Invalid variable name: more than {MAX_PATH} parts."));
    }
    Ok(())
}

fn set_property(run: &mut Run, name: &str, key: &str, value: Option<&Value>) -> Result<Value, String> {
    check(name)?;
    if key.split('.').all(str::is_empty) {
        return Err("Set Variable Property requires a non-empty key.".into());
    }
    let mut object = match model::run::read_path(&run.vars, name) {
        Some(Value::Object(object)) => object.clone(),
        _ => Map::new(),
    };
    if key.split('.').count() > MAX_PATH {
        return Err(format!("Invalid key: more than {MAX_PATH} parts."));
    }
    write_path(&mut object, key, value.cloned().unwrap_or(Value::Null));
    let object = Value::Object(object);
    shallow(&object)?;
    write_path(&mut run.vars, name, object.clone());
    Ok(json!({ "value": object }))
}

fn set_many(run: &mut Run, updates: Option<&Value>) -> Result<Value, String> {
    let updates = match updates {
        Some(Value::Object(updates)) => updates.clone(),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(updates)) => updates,
            _ => Map::new(),
        },
        _ => Map::new(),
    };
    if updates.keys().any(|name| name.trim().is_empty()) {
        return Err("Set Variables requires non-empty variable names in updates.".into());
    }
    updates.keys().try_for_each(|name| check(name.trim()))?;
    updates.values().try_for_each(shallow)?;
    for (name, value) in &updates {
        write_path(&mut run.vars, name.trim(), value.clone());
    }
    Ok(json!({ "updates": updates }))
}
