//! The description of the API, made from the operation rows: nothing in it is written by hand. Pure. The invariant: what a
//! row says of a field, the description says in the same words.

use model::api::{Access, BodyKind, Field, Kind, PREFIX, Place, Row, Slot};
use model::{Code, Map, Value};
use serde_json::json;

/// The version of the contract spoken, as clients know it.
pub const CONTRACT_VERSION: &str = "0.2.27";

const SCHEME: &str = "gatewayBearerAuth";

/// The OpenAPI 3.1 document of `rows`.
#[must_use]
pub fn document(rows: &[Row]) -> Value {
    let mut paths = Map::new();
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| (row.path, row.method.as_str()));
    for row in sorted {
        let path = row.path.replace("{*", "{");
        let methods = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(row.method.as_str().to_ascii_lowercase(), operation(row));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "AbstractGateway",
            "version": CONTRACT_VERSION,
            "description": "A durable run gateway for AI workflows and agents.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {SCHEME: {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": error_schema(), "ValidationError": validation_schema()},
        },
    })
}

fn operation(row: &Row) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".into(), row.name.into());
    operation.insert("summary".into(), row.doc.trim().into());
    operation.insert("tags".into(), json!([row.noun()]));
    if let Access::Admin(class) = row.access {
        operation.insert("description".into(), format!("For admins only (resource class `{class}`).").into());
    }
    if row.path.starts_with(PREFIX) {
        operation.insert("security".into(), json!([{SCHEME: []}]));
    }
    let parameters: Vec<Value> = row.fields.iter().filter_map(parameter).collect();
    if !parameters.is_empty() {
        operation.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = request_body(row) {
        operation.insert("requestBody".into(), body);
    }
    operation.insert("responses".into(), responses(row));
    Value::Object(operation)
}

fn parameter(field: &Field) -> Option<Value> {
    let place = match field.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Body | Place::File => return None,
    };
    Some(json!({
        "name": field.name, "in": place, "required": field.required || field.place == Place::Path,
        "description": field.doc.trim(), "schema": schema(field),
    }))
}

fn request_body(row: &Row) -> Option<Value> {
    let media_type = match row.body {
        BodyKind::None => return None,
        BodyKind::Json | BodyKind::StrictJson => "application/json",
        BodyKind::Multipart => "multipart/form-data",
    };
    let members: Vec<&Field> = row.fields.iter().filter(|f| matches!(f.place, Place::Body | Place::File)).collect();
    let required: Vec<&str> = members.iter().filter(|f| f.required).map(|f| f.name).collect();
    let properties: Map = members.iter().map(|f| (f.name.to_owned(), described(f))).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if row.body == BodyKind::StrictJson {
        schema["additionalProperties"] = json!(false);
    }
    Some(json!({"required": !required.is_empty(), "content": {media_type: {"schema": schema}}}))
}

fn described(field: &Field) -> Value {
    let mut schema = schema(field);
    schema["description"] = field.doc.trim().into();
    schema
}

fn schema(field: &Field) -> Value {
    let kind = match field.kind {
        Kind::Text => "string",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Object => "object",
        Kind::List | Kind::TextList => "array",
        Kind::File => "string",
        Kind::Any => return json!({}),
    };
    let mut schema = Map::new();
    schema.insert("type".into(), if field.nullable { json!([kind, "null"]) } else { json!(kind) });
    match field.kind {
        Kind::List => drop(schema.insert("items".into(), json!({}))),
        Kind::TextList => drop(schema.insert("items".into(), json!({"type": "string"}))),
        Kind::File => drop(schema.insert("format".into(), json!("binary"))),
        _ => {}
    }
    let (least, most) = match field.kind {
        Kind::Text => ("minLength", "maxLength"),
        Kind::List | Kind::TextList => ("minItems", "maxItems"),
        _ => ("minimum", "maximum"),
    };
    schema.extend(field.min.map(|min| (least.to_owned(), json!(min))));
    schema.extend(field.max.map(|max| (most.to_owned(), json!(max))));
    schema.extend(field.default.and_then(|text| Some(("default".to_owned(), serde_json::from_str(text).ok()?))));
    if field.secret {
        schema.insert("format".into(), json!("password"));
    }
    Value::Object(schema)
}

fn responses(row: &Row) -> Value {
    let media_type = if row.slot == Slot::Stream { "text/event-stream" } else { "application/json" };
    let mut responses = Map::new();
    let content = json!({media_type: {"schema": {}}});
    responses.insert("200".into(), json!({"description": "Done.", "content": content}));
    if !row.fields.is_empty() {
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/ValidationError"}}});
        responses.insert("422".into(), json!({"description": "Fields are missing or wrong.", "content": content}));
    }
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}});
    responses.insert("default".into(), json!({"description": "Refused or failed.", "content": content}));
    Value::Object(responses)
}

fn error_schema() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({"type": "object", "required": ["detail"], "properties": {
        "detail": {"type": "string", "description": "What happened, why, and what to do."},
        "code": {"type": "string", "enum": codes, "description": "What to branch on."},
    }})
}

fn validation_schema() -> Value {
    json!({"type": "object", "required": ["detail"], "properties": {"detail": {"type": "array", "items": {
        "type": "object", "required": ["loc", "msg", "type"], "properties": {
            "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
            "msg": {"type": "string"}, "type": {"type": "string"}, "input": {}, "ctx": {"type": "object"},
        },
    }}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_described_with_its_access() {
        let rows = model::api::rows();
        let document = document(&rows);
        for row in rows {
            let operation = &document["paths"][row.path.replace("{*", "{")][row.method.as_str().to_ascii_lowercase()];
            assert_eq!(operation["operationId"], row.name);
            assert_eq!(operation["security"].is_array(), row.path.starts_with(PREFIX), "{}", row.name);
            let described = operation["parameters"].as_array().map_or(0, Vec::len)
                + operation["requestBody"]["content"]
                    .as_object()
                    .and_then(|content| content.values().next()?["schema"]["properties"].as_object())
                    .map_or(0, Map::len);
            assert_eq!(described, row.fields.len(), "{}", row.name);
        }
    }
}
