//! Figures for whoever watches the service; no tenant, no person, ever (T66).
//!
//! They are in a registry of the service's own, so that two services in one process do not count for each other. What is
//! counted where it happens is a counter here; what something else knows already is read when somebody asks
//! (`scrape.rs`).

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry};

/// Names of labels with their values.
type Labels<const N: usize> = [(&'static str, String); N];

/// Seconds that requests take.
const REQUESTS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
/// Seconds that reports take: no answer takes longer than a minute.
const REPORTS: [f64; 10] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0];

type Histograms = Family<Labels<1>, Histogram, fn() -> Histogram>;

/// A metric, as its readers know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricDescription {
    pub name: &'static str,
    pub kind: &'static str,
    pub help: &'static str,
}

/// All metrics.
pub struct Metrics {
    registry: Registry,
    described: Vec<MetricDescription>,
    requests: Family<Labels<3>, Counter>,
    request_seconds: Histograms,
    report_seconds: Histograms,
    link_writes: Family<Labels<2>, Counter>,
    /// Connections that were closed at once, because there were too many.
    pub connections_refused: Counter,
    pub(crate) log_lines_lost: Counter,
    pub(crate) report_shares: Family<Labels<1>, Counter>,
    pub(crate) work_refused: Family<Labels<1>, Counter>,
    pub(crate) decoder_failures: Family<Labels<1>, Counter>,
    pub(crate) queue_length: Family<Labels<1>, Gauge>,
    pub(crate) facts: Gauge,
    pub(crate) links: Gauge,
    pub(crate) imports: Family<Labels<1>, Counter>,
    pub(crate) import_rows: Counter,
    pub(crate) last_import: Family<Labels<1>, Gauge>,
    pub(crate) audit_records: Counter,
    pub(crate) audit_unsigned: Gauge,
    pub(crate) checkpoint_age: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut names = MetricRegistry::default();
        names.of("openpal_build_info", "info", "The version of the program", |name| {
            // The library adds the end of the name.
            (name.trim_end_matches("_info"), Info::new([("version", env!("CARGO_PKG_VERSION"))]))
        });
        Self {
            requests: names.counter("openpal_http_requests_total", "Requests that were answered, by method, route and class of status"),
            request_seconds: names.histogram("openpal_http_request_duration_seconds", "Time from the head of a request to the head of its answer, by route", || Histogram::new(REQUESTS)),
            report_seconds: names.histogram("openpal_report_duration_seconds", "Time from a request for a report to its first row, by form", || Histogram::new(REPORTS)),
            link_writes: names.counter("openpal_link_writes_total", "Changes of links that were asked for, by action and outcome"),
            connections_refused: names.counter("openpal_connections_refused_total", "Connections that were closed at once because too many were open"),
            log_lines_lost: names.counter("openpal_log_lines_lost_total", "Lines of the log that nobody read in time"),
            report_shares: names.counter("openpal_report_shares_total", "Parts of reports that were taken from those kept, or made from usage"),
            work_refused: names.counter("openpal_work_refused_total", "Requests that were told to come again because a queue was full, by queue"),
            decoder_failures: names.counter("openpal_decoder_failures_total", "Imports of usage that failed in the decoder: files refused, decoder ended by a limit or a fault, decoder broken by its surroundings"),
            queue_length: names.gauge("openpal_queue_length", "What waits for its turn, by queue; for work, what is being done as well"),
            facts: names.gauge("openpal_facts", "Facts that are not superseded"),
            links: names.gauge("openpal_links", "Links that are active"),
            imports: names.counter("openpal_usage_imports_total", "Imports of usage, by state"),
            import_rows: names.counter("openpal_usage_import_rows_total", "Rows that were read by imports of usage"),
            last_import: names.gauge("openpal_usage_last_import_timestamp_seconds", "When usage was last imported, by state, in seconds since 1970"),
            audit_records: names.counter("openpal_audit_records_total", "Records of the audit log"),
            audit_unsigned: names.gauge("openpal_audit_unsigned_records", "Records of the audit log after the last checkpoint"),
            checkpoint_age: names.gauge("openpal_audit_checkpoint_age_seconds", "Time since the last checkpoint of the audit log was signed; -1 if there is none"),
            registry: names.registry,
            described: names.described,
        }
    }
}

/// Registers, and remembers what was.
#[derive(Default)]
struct MetricRegistry {
    registry: Registry,
    described: Vec<MetricDescription>,
}

impl MetricRegistry {
    fn of<M: Metric>(
        &mut self,
        name: &'static str,
        kind: &'static str,
        help: &'static str,
        make: impl FnOnce(&'static str) -> (&'static str, M),
    ) {
        let (registered, metric) = make(name);
        self.registry.register(registered, help, metric);
        self.described.push(MetricDescription { name, kind, help });
    }

    fn plain<M: Metric + Clone>(
        &mut self,
        name: &'static str,
        kind: &'static str,
        help: &'static str,
        metric: M,
    ) -> M {
        // The library adds the end of a counter's name.
        self.of(name, kind, help, |name| (name.trim_end_matches("_total"), metric.clone()));
        metric
    }

    fn counter<M: Metric + Clone + Default>(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> M {
        self.plain(name, "counter", help, M::default())
    }

    fn gauge<M: Metric + Clone + Default>(&mut self, name: &'static str, help: &'static str) -> M {
        self.plain(name, "gauge", help, M::default())
    }

    fn histogram(
        &mut self,
        name: &'static str,
        help: &'static str,
        make: fn() -> Histogram,
    ) -> Histograms {
        self.plain(name, "histogram", help, Family::new_with_constructor(make))
    }
}

impl Metrics {
    /// What there is.
    pub fn described(&self) -> &[MetricDescription] {
        &self.described
    }

    /// The text for Prometheus.
    ///
    /// # Errors
    /// A value cannot be written.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// A request was answered.
    pub fn request(&self, method: &str, route: &str, class: &str, took: Duration) {
        let label = |name, value: &str| (name, value.to_owned());
        let labels = [label("method", method), label("route", route), label("status", class)];
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.get_or_create(&[label("route", route)]).observe(took.as_secs_f64());
    }

    /// The first row of a report is there.
    pub fn report(&self, form: &str, took: Duration) {
        let labels = [("form", form.to_owned())];
        self.report_seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Somebody has asked to change a link.
    pub fn link_write(&self, action: &str, outcome: &str) {
        let labels = [("action", action.to_owned()), ("outcome", outcome.to_owned())];
        self.link_writes.get_or_create(&labels).inc();
    }
}
