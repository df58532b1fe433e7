//! HTTP and nothing else: accept loop, security layers, dispatch over the operation rows, streams, uploads, pages,
//! OpenAPI. A handler here is parse, one call into `service`, render; no rule of the product may stand here. Nothing is
//! here yet: the operations are reached in process.
