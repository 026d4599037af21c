//! From settings to a running service, and back to rest.

mod background;

use std::fs::{File, OpenOptions, TryLockError};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::ServiceExt;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use pal_attribution::roles::RoleData;
use pal_store::{SqliteStore, Store};
use pal_usage::{HomeError, Intake};
use tokio::net::TcpSocket;
use tower::util::MapRequest;

use crate::app::{Clock, SystemClock, store_options};
use crate::config::{Http, Settings};
use crate::connection::{
    Addresses, AnonymousLimiter, ClientTimeouts, ConnectionLimiter, HEADERS, MonitoringAcceptor,
};
use crate::http::normalise;
use crate::limits::Limits;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::portal::Portal;
use crate::seals::{PageSeal, Pseudonyms};
use crate::signing::{KeyFolder, SigningError};
use crate::work::Workload;
use crate::{App, identity, router, scrape, tls};
use background::{last_checkpoint, spawn_stop, spawn_upkeep, spawn_watch};

/// A request as the socket gives it.
type Wire = axum::http::Request<hyper::body::Incoming>;

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder.
    #[error("cannot use the data folder {folder}: {why}")]
    Folder {
        folder: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The address.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        address: SocketAddr,
        /// The system's words.
        error: std::io::Error,
    },
    #[error(transparent)]
    Store(#[from] pal_store::StoreError),
    /// Certificates.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// Issuers and keys.
    #[error(transparent)]
    Identity(#[from] identity::IdentityError),
    /// The secret of pseudonyms.
    #[error(transparent)]
    Secret(#[from] SigningError),
    /// The home of charge files.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// What ships with the program is damaged.
    #[error("the shipped role tables cannot be read: {0}")]
    Roles(#[from] serde_json::Error),
    /// Serving ended by itself.
    #[error("serving ended: {0}")]
    Ended(#[from] std::io::Error),
}

/// What a service that is ready says of itself.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Its public address, without a slash at the end.
    pub url: String,
    /// The certificate authority to trust, where it made its own.
    pub ca: Option<PathBuf>,
    /// That, and the public roots.
    pub bundle: Option<PathBuf>,
    pub embedded_issuer: bool,
    /// The portal, where it is on.
    pub portal: Option<PortalReady>,
}

#[derive(Debug, Clone)]
pub enum PortalReady {
    /// Its pages, at this address.
    At(String),
    /// Its server side only: the program was built without the pages.
    WithoutPages,
}

impl PortalReady {
    fn of(portal: &Portal, base: &str) -> Self {
        if portal.has_pages() { Self::At(format!("{base}/portal/")) } else { Self::WithoutPages }
    }

    /// How pages come into a program without them.
    pub const MISSING: &'static str = "the portal's pages are not in this program; 'cargo xtask dev' \
         builds them and the program, or 'cargo xtask portal' builds them for the next build of the \
         program";
}

/// Serves until the process is told to stop (SIGTERM, SIGINT); `ready` is called once requests are
/// answered.
///
/// # Errors
/// The service cannot be started, or ended by itself.
pub async fn serve(settings: Settings, ready: impl FnOnce(&Ready)) -> Result<(), ServeError> {
    let folder = settings.data_dir.clone();
    let _lock = claim(&folder)?;
    let clock = SystemClock;
    let store = Arc::new(SqliteStore::open(&folder, store_options())?);
    store.begin_serving(clock.now()).await?;
    let listener = listen(settings.http.listen)?;
    let address = listener.local_addr()?;
    let base = settings.base(address);
    let prepared = if settings.http.plain_http {
        None
    } else {
        Some(tls::prepare(&settings, &base, clock.now())?)
    };
    let (app, portal) = app(&settings, store.clone(), base)?;
    let handle = Handle::new();
    let anonymous = AnonymousLimiter::new(settings.limits.anonymous_per_minute);
    spawn_upkeep(app.clone(), store.clone(), KeyFolder::of(&folder), anonymous.clone());
    spawn_watch(app.clone(), &settings);
    spawn_stop(handle.clone(), Duration::from_secs(settings.http.shutdown_seconds));
    if let Some(address) = settings.metrics.listen {
        let listener = listen(address)?;
        let routes = scrape::routes(app.clone());
        tokio::spawn(async move {
            let served = axum_server::from_tcp(listener);
            let Ok(server) = served else { return };
            let _ = server.serve(routes.into_make_service()).await;
        });
    }
    let said = Ready {
        url: app.base.clone(),
        ca: prepared.as_ref().and_then(|p| p.ca.clone()),
        bundle: prepared.as_ref().and_then(|p| p.bundle.clone()),
        embedded_issuer: app.issuer.is_some(),
        portal: portal.as_ref().map(|portal| PortalReady::of(portal, &app.base)),
    };
    // The socket takes connections from here on; they wait for the loop below.
    ready(&said);
    tracing::info!(url = %said.url, "serving");
    let bounds = settings.http.bounds(settings.http.max_body_bytes);
    let refused = app.metrics.connections_refused.clone();
    let service = MapRequest::new(router(app, portal, bounds), normalise as fn(Wire) -> Wire);
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let addresses = Addresses::new(
        settings.http.max_connections_per_address,
        settings.http.trusted_proxies.clone(),
    );
    let limiter = ConnectionLimiter::new(settings.http.max_connections, addresses.clone(), refused);
    let request = Duration::from_secs(settings.http.header_seconds);
    let timeouts =
        ClientTimeouts { request, piece: Duration::from_secs(settings.http.body_seconds) };
    let server = axum_server::from_tcp(listener)?.handle(handle);
    let done = match prepared {
        Some(prepared) => {
            let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(prepared.config))
                .handshake_timeout(request)
                .acceptor(limiter);
            let acceptor = MonitoringAcceptor::new(acceptor, timeouts, addresses, anonymous);
            let mut server = server.acceptor(acceptor);
            bound(server.http_builder(), &settings.http);
            server.serve(service).await
        }
        None => {
            let acceptor = MonitoringAcceptor::new(limiter, timeouts, addresses, anonymous);
            let mut server = server.acceptor(acceptor);
            bound(server.http_builder(), &settings.http);
            server.serve(service).await
        }
    };
    last_checkpoint(store, clock.now()).await?;
    tracing::info!("stopped");
    Ok(done?)
}

/// Limits on heads and streams. Without a timer there is no limit at all on slow heads (T62).
pub fn bound(builder: &mut Builder<TokioExecutor>, http: &Http) {
    let largest = u32::try_from(http.max_header_bytes).unwrap_or(u32::MAX);
    let mut http1 = builder.http1();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(http.header_seconds))
        .max_buf_size(http.max_header_bytes)
        .max_headers(HEADERS);
    let mut http2 = builder.http2();
    http2
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .max_header_list_size(largest)
        .max_concurrent_streams(32)
        .max_send_buf_size(8 << 10)
        .max_pending_accept_reset_streams(20);
}

fn app(
    settings: &Settings,
    store: Arc<SqliteStore>,
    base: String,
) -> Result<(Arc<App>, Option<Arc<Portal>>), ServeError> {
    let prepared = identity::prepare(settings, store.clone(), &base, SystemClock.now())?;
    let roles = Arc::new(RoleData::shipped()?);
    let secret = KeyFolder::of(&settings.data_dir).pseudonyms(&*prepared.random)?;
    let portal = identity::portal(settings, &prepared, &secret)?;
    let dynamic: Arc<dyn Store> = store;
    let app = App {
        verifier: prepared.verifier,
        issuer: prepared.issuer,
        clock: Arc::new(SystemClock),
        random: prepared.random,
        loopback: settings.is_loopback(),
        authority: identity::authority(settings, &base),
        base,
        partners: settings.partner_rules(),
        limits: Limits::new(settings.quotas()),
        operators: settings.operators(),
        pseudonyms: Pseudonyms::new(&secret),
        pages: PageSeal::new(&secret),
        facts_body: settings.http.bounds(settings.http.max_facts_bytes),
        policies: settings.data_dir.join("policies"),
        metrics: Metrics::default(),
        work: Workload::new(std::thread::available_parallelism().map_or(1, usize::from)),
        max_upload_bytes: settings.usage.max_upload_mib.saturating_mul(1 << 20),
        live: Live::new(
            Intake::new(dynamic.clone(), &settings.data_dir, settings.decoder()?)
                .at_home_in(settings.home()?)
                .with_settings(settings.counting()),
            roles,
        ),
        store: dynamic,
    };
    Ok((Arc::new(app), portal.map(Arc::new)))
}

/// One service for one folder: the lock goes with the process, however it ends.
fn claim(folder: &Path) -> Result<File, ServeError> {
    let refuse = |why: String| ServeError::Folder { folder: folder.to_owned(), why };
    std::fs::create_dir_all(folder).map_err(|error| refuse(error.to_string()))?;
    private(folder).map_err(|error| refuse(error.to_string()))?;
    let path = folder.join("serving.lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(|error| refuse(error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(refuse("another service runs on it; stop that one, or take another folder".into()))
        }
        Err(TryLockError::Error(error)) => Err(refuse(error.to_string())),
    }
}

#[cfg(unix)]
fn private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Connections that the system keeps until they are accepted. The library's 128 are few: of a thousand
/// that come at once the others would try again after a second.
const NOT_YET_ACCEPTED: u32 = 4_096;

fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let listener = socket.and_then(|socket| {
        // A restart must not wait for what is left of old connections.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(NOT_YET_ACCEPTED)?.into_std()
    });
    listener.map_err(|error| ServeError::Listen { address, error })
}
