//! The variables (contract 01, part 5), one row each. A row names the field it fills, so that no variable is read in two
//! places and none is documented that is not read.

use std::path::PathBuf;

use super::secret::Secret;
use super::spec::Words::{B1, B2, B3, B4};
use super::spec::{Env, Fill, Spec, flag, integer, list, lower, number, path, positive, secret, secrets, text};

/// Declares a group of settings: the struct, how it is read, and its rows, all from one place.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident in $group:literal {
            $( $(#[doc = $field_doc:literal])+ $field:ident : $kind:ty = $spec:expr ),* $(,)?
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug)]
            pub struct $name { $( $(#[doc = $field_doc])+ pub $field: $kind, )* }

            impl $name {
                /// Reads the group.
                pub(super) fn read(env: &Env<'_>) -> Self {
                    Self { $( $field: <$kind as Fill>::fill(&$spec, env), )* }
                }

                fn rows() -> Vec<Spec> {
                    vec![ $( $spec.named(concat!($group, ".", stringify!($field)), concat!($($field_doc, "\n"),+).trim_ascii()), )* ]
                }
            }
        )+

        /// Every row.
        pub(super) fn rows() -> Vec<Spec> {
            [$( $name::rows() ),+].concat()
        }
    };
}

const MOST: i64 = i64::MAX;
const LOCAL_PAGES: &str = "http://localhost:*,http://127.0.0.1:*";

settings! {
    /// The HTTP face.
    HttpSettings in "http" {
        /// Whether the security layer is on.
        security: bool = flag(B1, "1", &["ABSTRACTGATEWAY_SECURITY", "ABSTRACTFLOW_GATEWAY_SECURITY"]),
        /// Whether reading needs a credential.
        protect_read: bool = flag(B1, "1", &["ABSTRACTGATEWAY_PROTECT_READ", "ABSTRACTFLOW_GATEWAY_PROTECT_READ"]),
        /// Whether writing needs a credential.
        protect_write: bool = flag(B1, "1", &["ABSTRACTGATEWAY_PROTECT_WRITE", "ABSTRACTFLOW_GATEWAY_PROTECT_WRITE"]),
        /// Whether readers on the loopback interface need no credential.
        dev_read_no_auth: bool = flag(B1, "0", &["ABSTRACTGATEWAY_DEV_READ_NO_AUTH", "ABSTRACTFLOW_GATEWAY_DEV_READ_NO_AUTH"]),
        /// Pages that may use the gateway, as shell globs.
        allowed_origins: Vec<String> = list(LOCAL_PAGES, &["ABSTRACTGATEWAY_ALLOWED_ORIGINS", "ABSTRACTFLOW_GATEWAY_ALLOWED_ORIGINS"]),
        /// Whether the client's address is taken from `X-Forwarded-For`.
        trust_proxy: bool = flag(B1, "0", &["ABSTRACTGATEWAY_TRUST_PROXY", "ABSTRACTFLOW_GATEWAY_TRUST_PROXY"]),
        /// Addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
        trusted_proxies: Vec<String> = list("", &["ABSTRACTGATEWAY_TRUSTED_PROXIES", "FORWARDED_ALLOW_IPS"]),
        /// Largest request body; 0 is unlimited.
        max_body_bytes: u64 = integer(0, MOST, "256000", &["ABSTRACTGATEWAY_MAX_BODY_BYTES", "ABSTRACTFLOW_GATEWAY_MAX_BODY_BYTES"]),
        /// Largest upload body; 0 follows the file limits.
        max_upload_body_bytes: u64 = integer(0, MOST, "0", &["ABSTRACTGATEWAY_MAX_UPLOAD_BODY_BYTES", "ABSTRACTFLOW_GATEWAY_MAX_UPLOAD_BODY_BYTES"]),
        /// Largest attachment.
        max_attachment_bytes: u64 = positive("26214400", &["ABSTRACTGATEWAY_MAX_ATTACHMENT_BYTES", "ABSTRACTFLOW_GATEWAY_MAX_ATTACHMENT_BYTES"]),
        /// Largest bundle.
        max_bundle_bytes: u64 = positive("78643200", &["ABSTRACTGATEWAY_MAX_BUNDLE_BYTES", "ABSTRACTFLOW_GATEWAY_MAX_BUNDLE_BYTES"]),
        /// Requests at work at once.
        max_concurrency: usize = integer(1, 1_000_000, "64", &["ABSTRACTGATEWAY_MAX_CONCURRENCY", "ABSTRACTFLOW_GATEWAY_MAX_CONCURRENCY"]),
        /// Streams open at once.
        max_sse: usize = integer(1, 1_000_000, "32", &["ABSTRACTGATEWAY_MAX_SSE", "ABSTRACTFLOW_GATEWAY_MAX_SSE"]),
        /// The session cookie.
        session_cookie: String = text("abstractgateway_session", &["ABSTRACTGATEWAY_SESSION_COOKIE"]),
        /// The CSRF cookie.
        csrf_cookie: String = text("abstractgateway_csrf", &["ABSTRACTGATEWAY_CSRF_COOKIE"]),
        /// The session header, in lower case.
        session_header: String = lower("x-abstractgateway-session", &["ABSTRACTGATEWAY_SESSION_HEADER"]),
        /// The CSRF header, in lower case.
        csrf_header: String = lower("x-abstractgateway-csrf", &["ABSTRACTGATEWAY_CSRF_HEADER"]),
        /// How long a client may take to send its request head, in milliseconds.
        header_timeout_ms: u64 = integer(100, 600_000, "10000", &["ABSTRACTGATEWAY_HEADER_TIMEOUT_MS"]),
        /// How long a body may pause between two pieces, in milliseconds.
        body_timeout_ms: u64 = integer(100, 3_600_000, "30000", &["ABSTRACTGATEWAY_BODY_TIMEOUT_MS"]),
        /// Connections open at once.
        max_connections: usize = integer(1, 1_000_000, "4096", &["ABSTRACTGATEWAY_MAX_CONNECTIONS"]),
        /// How long open requests may go on after a stop signal, in milliseconds.
        drain_ms: u64 = integer(0, 600_000, "5000", &["ABSTRACTGATEWAY_DRAIN_MS"]),
    }

    /// Who may come in.
    AuthSettings in "auth" {
        /// Tokens of the local admin; comma lists of both variables together.
        static_tokens: Vec<Secret> = secrets(&[
            "ABSTRACTGATEWAY_AUTH_TOKEN", "ABSTRACTFLOW_GATEWAY_AUTH_TOKEN",
            "ABSTRACTGATEWAY_AUTH_TOKENS", "ABSTRACTFLOW_GATEWAY_AUTH_TOKENS",
        ]),
        /// Whether users of the registry may come in; an unknown word means no.
        user_auth: Option<String> = text("", &["ABSTRACTGATEWAY_USER_AUTH", "ABSTRACTGATEWAY_MULTI_USER", "ABSTRACTFLOW_GATEWAY_USER_AUTH"]),
        /// `users` or `legacy`, when the variable above is unset.
        auth_mode: Option<String> = lower("", &["ABSTRACTGATEWAY_AUTH_MODE"]),
        /// Whether the mere existence of the registry file lets its users in, when both above are unset.
        user_auth_auto: bool = flag(B1, "0", &["ABSTRACTGATEWAY_USER_AUTH_AUTO"]),
        /// The user registry; `<data_dir>/auth/users.json` when unset.
        users_file: Option<PathBuf> = path(&["ABSTRACTGATEWAY_USERS_FILE"]),
        /// Whether `default/admin` works on the root data directory.
        admin_uses_default_runtime: bool = flag(B3, "1", &["ABSTRACTGATEWAY_ADMIN_USES_DEFAULT_RUNTIME"]),
        /// Whether `serve` makes a first admin.
        bootstrap_admin: bool = flag(B2, "1", &["ABSTRACTGATEWAY_BOOTSTRAP_ADMIN"]),
        /// The same under another name; both must agree.
        auto_bootstrap_admin: bool = flag(B2, "1", &["ABSTRACTGATEWAY_AUTO_BOOTSTRAP_ADMIN"]),
        /// The first admin's token.
        bootstrap_admin_token: Option<Secret> = secret(&["ABSTRACTGATEWAY_BOOTSTRAP_ADMIN_TOKEN"]),
        /// Where the first admin's token is written; `<data_dir>/auth/bootstrap-admin-token` when unset.
        bootstrap_admin_token_file: Option<PathBuf> = path(&["ABSTRACTGATEWAY_BOOTSTRAP_ADMIN_TOKEN_FILE"]),
        /// Whether a newly made admin token is printed even when listening beyond the loopback interface.
        bootstrap_print_token: bool = flag(B4, "0", &["ABSTRACTGATEWAY_BOOTSTRAP_PRINT_TOKEN"]),
        /// Browser sessions; `<data_dir>/auth/sessions.json` when unset.
        sessions_file: Option<PathBuf> = path(&["ABSTRACTGATEWAY_SESSIONS_FILE"]),
        /// The key browser sessions are signed with.
        session_secret: Option<Secret> = secret(&["ABSTRACTGATEWAY_SESSION_SECRET"]),
        /// The file with that key; `<data_dir>/auth/session_secret` when unset.
        session_secret_file: Option<PathBuf> = path(&["ABSTRACTGATEWAY_SESSION_SECRET_FILE"]),
        /// How long a browser session lives, in seconds.
        session_ttl_s: i64 = integer(60, 604_800, "28800", &["ABSTRACTGATEWAY_SESSION_TTL_S"]),
        /// How long a remembered browser session lives, in seconds.
        remember_session_ttl_s: i64 = integer(60, 7_776_000, "2592000", &["ABSTRACTGATEWAY_REMEMBER_SESSION_TTL_S"]),
        /// Browser sessions kept.
        max_sessions: usize = integer(10, 10_000, "1000", &["ABSTRACTGATEWAY_MAX_SESSIONS"]),
        /// Wrong credentials of one address until it is locked out.
        lockout_after: u32 = integer(1, 1_000_000, "5", &["ABSTRACTGATEWAY_LOCKOUT_AFTER", "ABSTRACTFLOW_GATEWAY_LOCKOUT_AFTER"]),
        /// The first lock, in seconds; each further one is twice as long. 0 never locks.
        lockout_base_s: f64 = number(0.0, 86_400.0, "1.0", &["ABSTRACTGATEWAY_LOCKOUT_BASE_S", "ABSTRACTFLOW_GATEWAY_LOCKOUT_BASE_S"]),
        /// The longest lock, in seconds; 0 sets no bound.
        lockout_max_s: f64 = number(0.0, 1e9, "60.0", &["ABSTRACTGATEWAY_LOCKOUT_MAX_S", "ABSTRACTFLOW_GATEWAY_LOCKOUT_MAX_S"]),
    }

    /// The audit log.
    AuditSettings in "audit" {
        /// Whether it is written; follows the security layer when unset.
        enabled: Option<bool> = flag(B1, "", &["ABSTRACTGATEWAY_AUDIT_LOG"]),
        /// The size at which a new file is begun; 0 is never.
        max_bytes: u64 = integer(0, MOST, "52428800", &["ABSTRACTGATEWAY_AUDIT_LOG_MAX_BYTES"]),
        /// Old files kept; 0 keeps all.
        rotations: usize = integer(0, 200, "10", &["ABSTRACTGATEWAY_AUDIT_LOG_ROTATIONS"]),
        /// Request headers written, in lower case.
        headers: Vec<String> = list("x-client-id,x-client-version,x-forwarded-for", &["ABSTRACTGATEWAY_AUDIT_LOG_HEADERS"]),
    }

    /// Storage, runner, engine.
    RuntimeSettings in "runtime" {
        /// The bundles of the default data plane.
        flows_dir: Option<PathBuf> = path(&["ABSTRACTGATEWAY_FLOWS_DIR", "ABSTRACTFRAMEWORK_WORKFLOWS_DIR", "ABSTRACTFLOW_FLOWS_DIR"]),
        /// `file` or `sqlite`.
        store_backend: String = lower("file", &["ABSTRACTGATEWAY_STORE_BACKEND"]),
        /// The database of the default data plane; `<data_dir>/gateway.sqlite3` when unset.
        db_path: Option<PathBuf> = path(&["ABSTRACTGATEWAY_DB_PATH"]),
        /// Whether the first start imports the runs that the Python gateway kept in files.
        import: bool = flag(B1, "1", &["ABSTRACTGATEWAY_IMPORT"]),
        /// `bundle`; nothing else is supported.
        workflow_source: String = lower("bundle", &["ABSTRACTGATEWAY_WORKFLOW_SOURCE"]),
        /// Whether this process runs workflows.
        runner: bool = flag(B1, "1", &["ABSTRACTGATEWAY_RUNNER", "ABSTRACTFLOW_GATEWAY_RUNNER"]),
        /// Kept for old environments; nothing is polled.
        poll_s: f64 = number(0.0, 3600.0, "0.25", &["ABSTRACTGATEWAY_POLL_S", "ABSTRACTFLOW_GATEWAY_POLL_S"]),
        /// Steps at work at once.
        tick_workers: usize = integer(1, 4096, "4", &["ABSTRACTGATEWAY_TICK_WORKERS", "ABSTRACTFLOW_GATEWAY_TICK_WORKERS"]),
        /// Steps a run takes before others get a turn.
        tick_max_steps: usize = integer(1, 1_000_000, "100", &["ABSTRACTGATEWAY_TICK_MAX_STEPS", "ABSTRACTFLOW_GATEWAY_TICK_MAX_STEPS"]),
        /// Commands taken at once.
        command_batch_limit: usize = integer(1, 1_000_000, "200", &["ABSTRACTGATEWAY_COMMAND_BATCH_LIMIT", "ABSTRACTFLOW_GATEWAY_COMMAND_BATCH_LIMIT"]),
        /// Runs taken at once.
        run_scan_limit: usize = integer(1, 1_000_000, "200", &["ABSTRACTGATEWAY_RUN_SCAN_LIMIT", "ABSTRACTFLOW_GATEWAY_RUN_SCAN_LIMIT"]),
        /// The size from which values of runs and ledger are kept outside the row; 0 keeps all inside.
        max_inline_bytes: usize = integer(0, MOST, "262144", &["ABSTRACTRUNTIME_MAX_INLINE_BYTES"]),
        /// How often a model call or a tool that changes nothing is made in total, where a flow does not say it.
        retry_max_attempts: u32 = integer(1, 100, "1", &["ABSTRACTGATEWAY_RETRY_MAX_ATTEMPTS"]),
        /// The time before the second attempt, in seconds; each further one is twice as long.
        retry_initial_backoff_s: f64 = number(0.0, 86_400.0, "1", &["ABSTRACTGATEWAY_RETRY_INITIAL_BACKOFF_S"]),
        /// The longest time between two attempts, in seconds.
        retry_max_backoff_s: f64 = number(0.0, 86_400.0, "60", &["ABSTRACTGATEWAY_RETRY_MAX_BACKOFF_S"]),
        /// What is worth another attempt: of `transport,timeout,rate_limited,server_error,invalid_response,refused,tool`.
        retry_on: Vec<String> = list("transport,timeout,rate_limited,server_error", &["ABSTRACTGATEWAY_RETRY_ON"]),
        /// What happens when no attempt is left: `fail` fails the run, `pause` lets it wait for a person.
        retry_on_exhausted: String = lower("fail", &["ABSTRACTGATEWAY_RETRY_ON_EXHAUSTED"]),
        /// What happens to a tool that was at work when the gateway died and may have changed something: `wait` for a person, `retry` or `fail`.
        interrupted: String = lower("wait", &["ABSTRACTGATEWAY_INTERRUPTED"]),
        /// Largest attachment of a run that does not say itself.
        max_attachment_bytes: u64 = positive("26214400", &["ABSTRACTRUNTIME_MAX_ATTACHMENT_BYTES"]),
        /// Days after which ended runs are deleted with all that belongs to them; 0 keeps them.
        run_retention_days: u64 = integer(0, 36_500, "0", &["ABSTRACTGATEWAY_RUN_RETENTION_DAYS"]),
        /// Bytes kept free on the disk: below, no new run is taken; 0 takes runs until the disk is full.
        disk_reserve_bytes: u64 = integer(0, MOST, "67108864", &["ABSTRACTGATEWAY_DISK_RESERVE_BYTES"]),
        /// Whether runs that do not say themselves use the prompt cache.
        prompt_cache: bool = flag(B4, "0", &["ABSTRACTRUNTIME_PROMPT_CACHE"]),
        /// Whether code nodes run without a sandbox.
        code_full_access: bool = flag(B4, "0", &["ABSTRACTRUNTIME_CODE_FULL_ACCESS"]),
        /// What the grounding text tells a model: of `local_datetime,timezone,country,user,display`; all when unset.
        grounding_fields: Vec<String> = list("", &["ABSTRACTRUNTIME_GROUNDING_PROMPT_FIELDS"]),
        /// The person, for the grounding text.
        user: Option<String> = text("", &["ABSTRACT_USER", "ABSTRACTFRAMEWORK_USER", "USER", "LOGNAME"]),
        /// The country, for the grounding text.
        country: Option<String> = text("", &["ABSTRACT_COUNTRY", "ABSTRACTFRAMEWORK_COUNTRY"]),
        /// The time zone, for the grounding text.
        timezone: Option<String> = text("", &["TZ"]),
        /// The locale, for the grounding text.
        locale: Option<String> = text("", &["LC_ALL", "LANG", "LC_CTYPE"]),
        /// The run that owns notes of the global scope.
        global_memory_run_id: String = text("global_memory", &["ABSTRACTRUNTIME_GLOBAL_MEMORY_RUN_ID"]),
    }

    /// Workflows, workspaces, tools.
    WorkflowSettings in "workflows" {
        /// The catalog; `<data_dir>/workflow_catalog.json` when unset.
        catalog_file: Option<PathBuf> = path(&["ABSTRACTGATEWAY_WORKFLOW_CATALOG_FILE"]),
        /// The catalog's bundles; `<data_dir>/workflow_catalog/bundles` when unset.
        catalog_bundles_dir: Option<PathBuf> = path(&["ABSTRACTGATEWAY_WORKFLOW_CATALOG_BUNDLES_DIR"]),
        /// The key run policies are signed with.
        policy_secret: Option<Secret> = secret(&["ABSTRACTGATEWAY_WORKFLOW_POLICY_SECRET"]),
        /// The file with that key; `<data_dir>/.workflow_policy_secret` when unset.
        policy_secret_file: Option<PathBuf> = path(&["ABSTRACTGATEWAY_WORKFLOW_POLICY_SECRET_FILE"]),
        /// Drawn workflows; below the data plane when unset, shared by all when set.
        visualflows_dir: Option<PathBuf> = path(&["ABSTRACTGATEWAY_VISUALFLOWS_DIR"]),
        /// The root of server files.
        workspace_dir: Option<PathBuf> = path(&["ABSTRACTGATEWAY_WORKSPACE_DIR"]),
        /// The base of relative workspaces.
        workspace_base_dir: Option<PathBuf> = path(&["ABSTRACT_WORKSPACE_BASE_DIR", "ABSTRACTFLOW_WORKSPACE_BASE_DIR"]),
        /// Further roots, one `name=/absolute/path` a line.
        workspace_mounts: String = text("", &["ABSTRACTGATEWAY_WORKSPACE_MOUNTS"]),
        /// Whether a client may name its workspace.
        allow_client_workspace_scope: bool = flag(B3, "0", &["ABSTRACTGATEWAY_ALLOW_CLIENT_WORKSPACE_SCOPE"]),
        /// The same under another name; one is enough.
        trust_client_workspace_scope: bool = flag(B3, "0", &["ABSTRACTGATEWAY_TRUST_CLIENT_WORKSPACE_SCOPE"]),
        /// How long a file index is good, in seconds.
        file_index_ttl_s: u64 = integer(1, 86_400, "30", &["ABSTRACTGATEWAY_FILE_INDEX_TTL_S"]),
        /// Files in an index.
        file_index_max_files: usize = integer(1000, 10_000_000, "50000", &["ABSTRACTGATEWAY_FILE_INDEX_MAX_FILES"]),
        /// `approval`, `local` or `delegated`; anything else asks for every tool.
        tool_mode: String = lower("approval", &["ABSTRACTGATEWAY_TOOL_MODE"]),
        /// Whether new runs use the prompt cache; runs decide when unset.
        prompt_cache: Option<bool> = flag(B2, "", &["ABSTRACTGATEWAY_PROMPT_CACHE"]),
        /// Age at which draft runs are removed, in seconds.
        draft_run_ttl_s: u64 = integer(0, MOST, "604800", &["ABSTRACTGATEWAY_DRAFT_RUN_RETENTION_TTL_S", "ABSTRACTGATEWAY_DRAFT_RUN_TTL_S"]),
    }

    /// Knowledge-graph memory.
    MemorySettings in "memory" {
        /// `lancedb`, `sqlite` or `memory`.
        backend: String = lower("lancedb", &["ABSTRACTGATEWAY_MEMORY_STORE_BACKEND", "ABSTRACTGATEWAY_MEMORY_BACKEND"]),
        /// Where it lies; below the data plane when unset, shared by all when set.
        path: Option<PathBuf> = path(&["ABSTRACTGATEWAY_MEMORY_STORE_PATH", "ABSTRACTGATEWAY_MEMORY_PATH"]),
        /// Whether it is an error when semantic search is not available.
        require_vector: bool = flag(B4, "0", &["ABSTRACTGATEWAY_MEMORY_REQUIRE_VECTOR"]),
    }

    /// Sizes that are not the HTTP face's.
    LimitSettings in "limits" {
        /// Largest saved chat thread.
        max_chat_thread_bytes: u64 = positive("750000", &["ABSTRACTGATEWAY_MAX_CHAT_THREAD_BYTES"]),
        /// Largest attachment of the backlog.
        max_backlog_attachment_bytes: u64 = positive("26214400", &["ABSTRACTGATEWAY_MAX_BACKLOG_ATTACHMENT_BYTES"]),
        /// Largest generated image.
        image_max_bytes: u64 = integer(1, 200_000_000, "20000000", &["ABSTRACTGATEWAY_IMAGE_MAX_BYTES", "ABSTRACTCORE_IMAGE_MAX_BYTES"]),
    }

    /// Model endpoints and keys.
    ModelEnv in "models" {
        /// A server that hosts the models instead of this process.
        core_server_base_url: Option<String> = text("", &["ABSTRACTCORE_SERVER_BASE_URL"]),
        /// The bearer token for it.
        core_server_token: Option<Secret> = secret(&[
            "ABSTRACTGATEWAY_ABSTRACTCORE_SERVER_AUTH_TOKEN", "ABSTRACTGATEWAY_ABSTRACTCORE_SERVER_API_KEY",
            "ABSTRACTCORE_AUTH_TOKEN", "ABSTRACTCORE_SERVER_API_KEY",
        ]),
        /// OpenAI's key.
        openai_api_key: Option<Secret> = secret(&["OPENAI_API_KEY"]),
        /// OpenAI's URL.
        openai_base_url: Option<String> = text("", &["OPENAI_BASE_URL"]),
        /// Anthropic's key.
        anthropic_api_key: Option<Secret> = secret(&["ANTHROPIC_API_KEY"]),
        /// Anthropic's URL.
        anthropic_base_url: Option<String> = text("", &["ANTHROPIC_BASE_URL"]),
        /// OpenRouter's key.
        openrouter_api_key: Option<Secret> = secret(&["OPENROUTER_API_KEY"]),
        /// OpenRouter's URL.
        openrouter_base_url: Option<String> = text("", &["OPENROUTER_BASE_URL"]),
        /// The site OpenRouter is told.
        openrouter_site_url: Option<String> = text("", &["OPENROUTER_SITE_URL"]),
        /// The application OpenRouter is told.
        openrouter_app_name: Option<String> = text("", &["OPENROUTER_APP_NAME"]),
        /// Portkey's key.
        portkey_api_key: Option<Secret> = secret(&["PORTKEY_API_KEY"]),
        /// Portkey's URL.
        portkey_base_url: Option<String> = text("", &["PORTKEY_BASE_URL"]),
        /// Portkey's configuration id.
        portkey_config: Option<String> = text("", &["PORTKEY_CONFIG"]),
        /// The provider behind Portkey.
        portkey_provider: Option<String> = text("", &["PORTKEY_PROVIDER"]),
        /// The key of the provider behind Portkey.
        portkey_provider_api_key: Option<Secret> = secret(&["PORTKEY_PROVIDER_API_KEY"]),
        /// Portkey's virtual key.
        portkey_virtual_key: Option<Secret> = secret(&["PORTKEY_VIRTUAL_KEY"]),
        /// LM Studio's URL.
        lmstudio_base_url: String = text("http://localhost:1234/v1", &["LMSTUDIO_BASE_URL"]),
        /// Ollama's URL.
        ollama_base_url: String = text("http://localhost:11434", &["OLLAMA_BASE_URL", "OLLAMA_HOST"]),
        /// vLLM's URL.
        vllm_base_url: Option<String> = text("", &["VLLM_BASE_URL"]),
        /// vLLM's key.
        vllm_api_key: Option<Secret> = secret(&["VLLM_API_KEY"]),
        /// Google's key.
        google_api_key: Option<Secret> = secret(&["GOOGLE_API_KEY"]),
        /// How long listing a provider's models may take, in seconds.
        list_timeout_s: f64 = number(1.0, 60.0, "30", &[
            "ABSTRACTGATEWAY_PROVIDER_MODELS_TIMEOUT_S", "ABSTRACTCORE_PROVIDER_MODELS_TIMEOUT_S",
            "ABSTRACTGATEWAY_DISCOVERY_MODEL_TIMEOUT_S", "ABSTRACTCORE_DISCOVERY_MODEL_TIMEOUT_S",
        ]),
        /// How long the probe of a local provider may take, in seconds.
        probe_timeout_s: f64 = number(0.2, 5.0, "1.5", &["ABSTRACTGATEWAY_PROVIDER_AUTOPROBE_TIMEOUT_S"]),
        /// `auto nvidia nvidia-smi ioreg macos`, or `off`.
        gpu_metrics_provider: String = lower("auto", &["ABSTRACTGATEWAY_GPU_METRICS_PROVIDER"]),
        /// The provider configuration of a single user.
        core_config_file: Option<PathBuf> = path(&["ABSTRACTCORE_CONFIG_FILE"]),
        /// The folder it lies in, when the file is not named.
        core_config_dir: Option<PathBuf> = path(&["ABSTRACTCORE_CONFIG_DIR"]),
    }

    /// Logging.
    LogSettings in "log" {
        /// `DEBUG INFO WARNING ERROR CRITICAL NONE`.
        level: String = text("ERROR", &["ABSTRACTGATEWAY_CONSOLE_LOG_LEVEL", "ABSTRACTGATEWAY_LOG_LEVEL", "LOG_LEVEL"]),
        /// For proofs of durability: the process kills itself at this fail point, such as `run.stored:3`; see `abstractgateway selftest chaos`.
        fail_point: String = text("", &["ABSTRACTGATEWAY_FAIL_POINT"]),
        /// Whether answered requests for GPU metrics stay out of the access log.
        silence_gpu_metrics: bool = flag(B1, "1", &["ABSTRACTGATEWAY_SILENCE_GPU_METRICS_ACCESS_LOG"]),
    }
}
