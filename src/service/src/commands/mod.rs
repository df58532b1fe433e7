//! The command operation: a durable inbox whose answers are honest (contract 02, section 8).

use model::api::commands::{CommandTaken, SendCommand};
use model::{Code, Command, CommandKind, Error};

use crate::{Answer, Call, Handle, Services, clock};

impl Handle<SendCommand> for Services {
    async fn handle(&self, call: Call, input: SendCommand) -> Result<Answer<CommandTaken>, Error> {
        let command = read(input)?;
        let plane = self.plane(&call.principal).await?;
        let sent = plane.engine.send(command).await?;
        Ok(CommandTaken { accepted: !sent.duplicate, duplicate: sent.duplicate, seq: sent.seq }.into())
    }
}

fn read(input: SendCommand) -> Result<Command, Error> {
    let Some(kind) = CommandKind::parse(&input.kind) else {
        let words = CommandKind::ALL.map(CommandKind::as_str).join("|");
        return Err(Error::new(Code::BadRequest, format!("type must be one of {words}")));
    };
    if input.run_id.trim().is_empty() {
        return Err(Error::new(Code::BadRequest, "run_id must name a run (for emit_event: a run or a session)"));
    }
    let command_id = input.command_id.trim();
    Ok(Command {
        command_id: if command_id.is_empty() {
            uuid::Uuid::new_v4().simple().to_string()
        } else {
            command_id.to_owned()
        },
        run_id: input.run_id.trim().to_owned(),
        kind,
        payload: input.payload,
        ts: input.ts.filter(|ts| !ts.is_empty()).unwrap_or_else(|| clock::now().to_string()),
        client_id: input.client_id,
        seq: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(kind: &str, run_id: &str) -> SendCommand {
        SendCommand {
            command_id: String::new(),
            run_id: run_id.into(),
            kind: kind.into(),
            payload: model::Map::new(),
            ts: None,
            client_id: None,
        }
    }

    #[test]
    fn kinds_are_exact_and_ids_are_made_up() {
        assert_eq!(read(input(" cancel ", "r")).unwrap().command_id.len(), 32);
        for (kind, run_id) in [("Cancel", "r"), ("", "r"), ("cancel", "  ")] {
            assert_eq!(read(input(kind, run_id)).unwrap_err().code, Code::BadRequest, "{kind} {run_id}");
        }
    }
}
