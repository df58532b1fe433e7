//! Nodes that change the run's variables (contract 04, 15.5). None of them changes the ambient payload.

use model::run::{object_at, write_path};
use model::workflow::{PlanError, StepPlan};
use model::{Map, Run, Value};
use serde_json::json;

use super::Step;
use crate::compile::Variable;
use crate::python::py_str;

impl Step<'_> {
    pub(super) fn variable(mut self, run: &mut Run, variable: Variable) -> Result<StepPlan, PlanError> {
        let payload = self.inputs(run, false).map_err(PlanError::value)?;
        let text = |key: &str| payload.get(key).filter(|v| !v.is_null()).map(|v| py_str(v).trim().to_owned());
        let outcome = match variable {
            Variable::Set => self.set(run, text("name").unwrap_or_default(), payload.get("value")),
            Variable::SetProperty => set_property(
                run,
                &text("name").unwrap_or_default(),
                &text("key").unwrap_or_default(),
                payload.get("value"),
            ),
            Variable::SetMany => set_many(run, payload.get("updates")),
            Variable::AddMessage => Ok(self.add_message(run, text("role"), payload.get("content"))),
        };
        match outcome {
            Err(why) => Ok(self.soft(run, &why)),
            Ok(output) => {
                self.remember(run, output.clone());
                match self.node().exits.next() {
                    Some(next) => Ok(StepPlan::Goto(self.id_of(next))),
                    None => {
                        let last = run.vars.get("_last_output").cloned().unwrap_or(Value::Null);
                        let terminal = match variable {
                            Variable::SetProperty => json!({"success": true, "value": output["value"], "result": last}),
                            Variable::AddMessage => json!({"success": true, "message": output["message"]}),
                            Variable::Set | Variable::SetMany => json!({"success": true, "result": last}),
                        };
                        Ok(self.finish(run, terminal))
                    }
                }
            }
        }
    }

    fn set(&self, run: &mut Run, name: String, value: Option<&Value>) -> Result<Value, String> {
        check(&name)?;
        let value = value.cloned().unwrap_or_else(|| match self.node().input_kinds.get("value").map(String::as_str) {
            Some("boolean") => Value::Bool(false),
            Some("number") => json!(0),
            Some("string") => json!(""),
            _ => Value::Null,
        });
        write_path(&mut run.vars, &name, value.clone());
        Ok(json!({ "value": value }))
    }

    fn add_message(&self, run: &mut Run, role: Option<String>, content: Option<&Value>) -> Value {
        let content = content.filter(|c| !c.is_null()).map(py_str).unwrap_or_default();
        let message = json!({
            "role": role.filter(|r| !r.is_empty()).unwrap_or_else(|| "user".into()), "content": content,
            "timestamp": self.ctx.now, "metadata": {"message_id": format!("msg_{}", self.ctx.random_hex())},
        });
        let context = run.namespace("context");
        if !context.get("messages").is_some_and(Value::is_array) {
            context.insert("messages".into(), json!([]));
        }
        if let Some(messages) = context.get_mut("messages").and_then(Value::as_array_mut) {
            messages.push(message.clone());
        }
        let task = context.get("task").map(py_str).unwrap_or_default();
        json!({"message": message, "context": context.clone(), "task": task, "messages": context["messages"]})
    }
}

fn check(name: &str) -> Result<(), String> {
    if name.split('.').all(str::is_empty) {
        return Err("Set Variable requires a non-empty variable name.".into());
    }
    if name.starts_with('_') {
        return Err(format!("Invalid variable name '{name}': names starting with '_' are reserved."));
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
    write_path(&mut object, key, value.cloned().unwrap_or(Value::Null));
    write_path(&mut run.vars, name, Value::Object(object.clone()));
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
    for (name, value) in &updates {
        write_path(&mut run.vars, name.trim(), value.clone());
    }
    // An update of `context` must stay the object agents expect.
    if updates.contains_key("context") {
        object_at(&mut run.vars, "context");
    }
    Ok(json!({ "updates": updates }))
}
