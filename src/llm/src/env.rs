//! What the outside tells this crate once, at start: URLs, keys, timeouts, texts. `service::settings` reads the
//! environment and the configuration files and fills it; nothing here reads them.
//!
//! The one invariant: a key never shows in `Debug`.

use std::fmt;
use std::time::Duration;

/// A text that must not be printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a key.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key itself: for a request header, nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a provider is, and the key that belongs to exactly that URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// The base URL; the provider's own default when absent.
    pub base_url: Option<String>,
    /// The key for that URL.
    pub api_key: Option<Secret>,
}

impl Connection {
    /// A connection with a URL and perhaps a key.
    #[must_use]
    pub fn new(base_url: Option<&str>, api_key: Option<&str>) -> Self {
        Self { base_url: base_url.map(str::to_owned), api_key: api_key.map(Secret::new) }
    }
}

/// A saved provider connection, addressed as `endpoint:<id>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The id without `endpoint:`; matched without regard to case.
    pub id: String,
    /// The provider whose protocol it speaks.
    pub provider_family: String,
    /// Its URL and key.
    pub connection: Connection,
}

/// A field of the time grounding that models may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroundingField {
    /// `local_datetime`
    LocalDatetime,
    /// `timezone`
    Timezone,
    /// `country`
    Country,
    /// `user`
    User,
    /// `display`
    Display,
}

impl GroundingField {
    /// Reads the comma-separated list; unknown words are passed over, an empty result is the default list.
    #[must_use]
    pub fn list(text: &str) -> Vec<Self> {
        let fields: Vec<_> = text
            .split(',')
            .filter_map(|word| match word.trim().to_ascii_lowercase().as_str() {
                "local_datetime" => Some(Self::LocalDatetime),
                "timezone" => Some(Self::Timezone),
                "country" => Some(Self::Country),
                "user" => Some(Self::User),
                "display" => Some(Self::Display),
                _ => None,
            })
            .collect();
        if fields.is_empty() { vec![Self::LocalDatetime, Self::Display] } else { fields }
    }
}

/// Everything this crate knows of its surroundings.
#[derive(Clone, Debug)]
pub struct Env {
    /// `OPENAI_BASE_URL`, `OPENAI_API_KEY`. Also serves `openai-compatible` when that one has no URL of its own and
    /// this one has.
    pub openai: Connection,
    /// `api_keys.openai_compatible` of the configuration file; usually empty.
    pub openai_compatible: Connection,
    /// `LMSTUDIO_BASE_URL`.
    pub lmstudio: Connection,
    /// `OLLAMA_BASE_URL`, else `OLLAMA_HOST`.
    pub ollama: Connection,
    /// `VLLM_BASE_URL`, `VLLM_API_KEY`.
    pub vllm: Connection,
    /// `OPENROUTER_BASE_URL`, `OPENROUTER_API_KEY`.
    pub openrouter: Connection,
    /// `PORTKEY_BASE_URL`, `PORTKEY_API_KEY`.
    pub portkey: Connection,
    /// `OPENROUTER_SITE_URL`: sent as `HTTP-Referer`.
    pub openrouter_site_url: Option<String>,
    /// `OPENROUTER_APP_NAME`: sent as `X-Title`.
    pub openrouter_app_name: Option<String>,
    /// `PORTKEY_CONFIG`.
    pub portkey_config: Option<String>,
    /// `PORTKEY_VIRTUAL_KEY`.
    pub portkey_virtual_key: Option<Secret>,
    /// `PORTKEY_PROVIDER`.
    pub portkey_provider: Option<String>,
    /// `PORTKEY_PROVIDER_API_KEY`: replaces `Authorization` when a provider is routed to by name.
    pub portkey_provider_api_key: Option<Secret>,
    /// The saved connections the caller may use.
    pub endpoints: Vec<Endpoint>,
    /// `timeouts.default_timeout` of the configuration file, 7200 s; none is unlimited.
    pub request_timeout: Option<Duration>,
    /// How long a stream may be silent; none is unlimited.
    pub stream_idle_timeout: Option<Duration>,
    /// `ABSTRACTGATEWAY_PROVIDER_MODELS_TIMEOUT_S`: for listing models.
    pub models_timeout: Duration,
    /// `ABSTRACTGATEWAY_PROVIDER_AUTOPROBE_TIMEOUT_S`: for looking at the usual local URLs.
    pub autoprobe_timeout: Duration,
    /// The largest response read, in bytes.
    pub response_bytes_max: usize,
    /// `ABSTRACTRUNTIME_GROUNDING_PROMPT_FIELDS`: which facts are put before the user's text.
    pub grounding_fields: Vec<GroundingField>,
    /// The host's country code, for the grounding.
    pub country: Option<String>,
    /// The user's name, for the grounding.
    pub user: Option<String>,
    /// `TZ`: the name of the host's zone, for the grounding.
    pub timezone: Option<String>,
    /// The host's offset from UTC in minutes.
    pub utc_offset_minutes: i32,
}

impl Default for Env {
    fn default() -> Self {
        Self {
            openai: Connection::default(),
            openai_compatible: Connection::default(),
            lmstudio: Connection::default(),
            ollama: Connection::default(),
            vllm: Connection::default(),
            openrouter: Connection::default(),
            portkey: Connection::default(),
            openrouter_site_url: None,
            openrouter_app_name: None,
            portkey_config: None,
            portkey_virtual_key: None,
            portkey_provider: None,
            portkey_provider_api_key: None,
            endpoints: Vec::new(),
            request_timeout: Some(Duration::from_secs(7200)),
            stream_idle_timeout: Some(Duration::from_secs(600)),
            models_timeout: Duration::from_secs(30),
            autoprobe_timeout: Duration::from_millis(1500),
            response_bytes_max: 64 << 20,
            grounding_fields: GroundingField::list(""),
            country: None,
            user: None,
            timezone: None,
            utc_offset_minutes: 0,
        }
    }
}
