//! Reports, triage, backlog, processes, mail and chat bridges: what operators run beside the gateway. It uses the services
//! like any face; it may not reach below them. Nothing is here yet.
