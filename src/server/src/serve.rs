//! The accept loop: sockets become requests, responses become bytes, and a stop lets what is open end well. Knows hyper
//! and warp; knows nothing of operations or checks.
//!
//! The invariants: there are never more connections than allowed, a connection that says nothing is closed, and a stop
//! ends within its deadline whatever clients do.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, Method};
use http_body::{Body, Frame, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use service::Services;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warp::Filter;

use crate::body::Incoming;
use crate::dispatch::{Gateway, dispatch};
use crate::edge;
use crate::request::{Peer, Request, decode};
use crate::slots::Held;
use crate::uploads::Uploads;

/// How long the loop rests when the system gives no more sockets.
const ACCEPT_REST: Duration = Duration::from_millis(50);
/// The most bytes of a request head.
const HEAD_BYTES_MOST: usize = 64 * 1024;

/// Where to listen.
#[derive(Clone, Debug)]
pub enum Listen {
    /// A host name or address and a port; port 0 takes a free one.
    Tcp(String, u16),
    /// A socket file, readable by its owner.
    Unix(PathBuf),
}

/// A socket that is listened on.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener, SocketAddr),
    Unix(UnixListener, PathBuf),
}

/// Why a server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody else listens there.
    #[error("{place} is in use")]
    InUse {
        /// The address or file.
        place: String,
    },
    /// The system refuses.
    #[error("cannot listen on {place}: {source}")]
    Listen {
        /// The address or file.
        place: String,
        /// Why.
        source: io::Error,
    },
    /// Files that arrive cannot be stored.
    #[error("uploads cannot be stored in '{place}': {source}", place = .place.display())]
    Uploads {
        /// The folder.
        place: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Two operations want the same path. A bug.
    #[error("the routes contradict each other: {0}")]
    Routes(String),
}

impl Listener {
    /// The address, when it is TCP.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Socket::Tcp(_, address) => Some(*address),
            Socket::Unix(..) => None,
        }
    }
}

/// Takes the socket. Nothing is answered before [`serve`].
///
/// # Errors
/// When the place is in use or cannot be listened on.
pub async fn bind(listen: &Listen) -> Result<Listener, ServeError> {
    match listen {
        Listen::Tcp(host, port) => {
            let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            let bound = TcpListener::bind((host.trim_matches(['[', ']']), *port)).await;
            let bound = bound.and_then(|socket| Ok((socket.local_addr()?, socket)));
            match bound {
                Ok((address, socket)) => Ok(Listener { socket: Socket::Tcp(socket, address) }),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(ServeError::InUse { place }),
                Err(source) => Err(ServeError::Listen { place, source }),
            }
        }
        Listen::Unix(path) => {
            let socket = bind_unix(path).await?;
            Ok(Listener { socket: Socket::Unix(socket, path.clone()) })
        }
    }
}

/// A socket file that nobody answers on was left by a process that died: it is replaced.
async fn bind_unix(path: &Path) -> Result<UnixListener, ServeError> {
    use std::os::unix::fs::PermissionsExt as _;
    let place = path.display().to_string();
    let refused = |source| ServeError::Listen { place: place.clone(), source };
    if path.exists() {
        if tokio::net::UnixStream::connect(path).await.is_ok() {
            return Err(ServeError::InUse { place });
        }
        std::fs::remove_file(path).map_err(refused)?;
    }
    let socket = UnixListener::bind(path).map_err(refused)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(refused)?;
    Ok(socket)
}

/// Serves until `stop` resolves, then lets open requests end, streams first, within the configured deadline.
///
/// # Errors
/// When the operations contradict each other, or files that arrive cannot be stored.
pub async fn serve(
    listener: Listener,
    services: Arc<Services>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let http = services.settings.http.clone();
    let (stopping, connections, writes) = (CancellationToken::new(), TaskTracker::new(), TaskTracker::new());
    let place = services.settings.data_dir.join("uploads");
    let uploads = Uploads::open(&place).map_err(|source| ServeError::Uploads { place, source })?;
    let gateway = Gateway::new(services, uploads, stopping.clone(), writes.clone()).map_err(ServeError::Routes)?;
    let gateway = Arc::new(gateway);
    let builder = {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_millis(http.header_timeout_ms))
            .max_buf_size(HEAD_BYTES_MOST)
            .half_close(false);
        builder
    };
    let places = Arc::new(Semaphore::new(http.max_connections.min(Semaphore::MAX_PERMITS)));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let (stream, peer, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(error = %error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_REST).await;
                continue;
            }
        };
        let served = connection(builder.clone(), stream, peer, gateway.clone(), stopping.clone());
        connections.spawn(async move {
            served.await;
            drop(place);
        });
    }
    stopping.cancel();
    connections.close();
    writes.close();
    let ended = async {
        connections.wait().await;
        writes.wait().await;
    };
    if tokio::time::timeout(Duration::from_millis(http.drain_ms), ended).await.is_err() {
        tracing::warn!(connections = connections.len(), writes = writes.len(), "some requests did not end in time");
    }
    if let Socket::Unix(_, path) = &listener.socket
        && let Err(error) = std::fs::remove_file(path)
    {
        tracing::warn!(error = %error, path = %path.display(), "the socket file could not be removed");
    }
    Ok(())
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type Accepted = (Box<dyn Stream>, Peer, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is a place for it.
async fn accept(listener: &Listener, places: &Arc<Semaphore>) -> io::Result<Accepted> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    match &listener.socket {
        Socket::Tcp(socket, _) => {
            let (stream, address) = socket.accept().await?;
            // Small answers must not wait for the next packet.
            stream.set_nodelay(true)?;
            Ok((Box::new(stream), Peer::Tcp(address), place))
        }
        Socket::Unix(socket, _) => {
            let (stream, _) = socket.accept().await?;
            Ok((Box::new(stream), Peer::Unix, place))
        }
    }
}

/// One connection: requests one after the other, until either side has enough.
async fn connection(
    builder: http1::Builder,
    stream: Box<dyn Stream>,
    peer: Peer,
    gateway: Arc<Gateway>,
    stopping: CancellationToken,
) {
    let filter = warp::method()
        .and(warp::path::full())
        .and(warp::query::raw().or_else(async |_| Ok::<_, Infallible>((String::new(),))))
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(move |method: Method, path: warp::path::FullPath, query: String, headers: HeaderMap, chunks| {
            let request = Request {
                path: decode(path.as_str()),
                raw_path: path.as_str().to_owned(),
                query,
                body: Incoming::new(&headers, chunks),
                id: edge::request_id(&headers),
                client: gateway.proxies.client(peer, &headers),
                secure: edge::secure(&headers),
                method,
                headers,
            };
            dispatch(gateway.clone(), request)
        });
    let service = TowerToHyperService::new(Guarded { inner: warp::service(filter) });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

/// Moves the place a response holds into its body, so that it is given back when the last byte is out.
#[derive(Clone)]
struct Guarded<S> {
    inner: S,
}

impl<S, B, R> tower_service::Service<http::Request<B>> for Guarded<S>
where
    S: tower_service::Service<http::Request<B>, Response = http::Response<R>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = http::Response<HeldBody<R>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, ctx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(ctx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let response = self.inner.call(request);
        Box::pin(async move {
            let mut response = response.await?;
            let held = response.extensions_mut().remove::<Held>();
            Ok(response.map(|body| HeldBody { body, _held: held }))
        })
    }
}

/// A response body and the place it holds.
struct HeldBody<B> {
    body: B,
    _held: Option<Held>,
}

impl<B: Body + Unpin> Body for HeldBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(ctx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
