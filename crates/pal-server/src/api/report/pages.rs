//! A report in pages. Each page is made of the whole report.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use axum::http::StatusCode;
use axum::response::Response;
use pal_api::{Reach, ReportLine, ReportRow};
use pal_attribution::engine::{EngineError, UnjudgedDenies, UnjudgedDeny};
use pal_attribution::output::{Format, Writer};
use pal_model::{KeyColumn, Row};
use pal_usage::Freshness;
use serde_json::Map;

use super::question::Question;
use super::{duplicates, unprocessable, unreadable};
use crate::App;
use crate::http::{Answer, HttpError, Page, Part, Role, joined};
use crate::live::Snapshot;
use crate::work::Place;

/// Most rows of a report that is read in pages: each page is made of all of it.
const IN_PAGES: usize = 200_000;

pub async fn in_page(
    app: &Arc<App>,
    place: Place,
    question: Question,
    snapshot: Snapshot,
    fresh: Freshness,
    page: &Page,
) -> Result<Response, HttpError> {
    let (own, asked) = (app.clone(), page.clone());
    let without_duplicates = question.view.without_duplicates;
    let role = question.role;
    let unjudged = Arc::new(UnjudgedDenies::default());
    let told = unjudged.clone();
    let made = place.run(move |stop| part(&question, &own, &snapshot, (&told, stop), &asked)).await;
    let part = joined(made)?;
    let reach = Reach {
        complete_until: fresh.complete_until.map(Into::into),
        known_at: fresh.known_at.into(),
        revision: fresh.revision,
        duplicates: duplicates(without_duplicates).into(),
        warnings: warnings(&unjudged.take(), role),
    };
    Ok(page.list(app, reach, part).respond())
}

/// The part of the rows that a page has, each as it is written to a file.
fn part(
    question: &Question,
    app: &App,
    snapshot: &Snapshot,
    (unjudged, stop): (&UnjudgedDenies, &AtomicBool),
    page: &Page,
) -> Result<Part<ReportLine>, HttpError> {
    let mut out = Vec::new();
    let Some(keys) = &question.keys else {
        let written =
            question.write(app, snapshot, (Format::Json, stop), unjudged, Box::new(&mut out));
        written.map_err(|error| unreadable(&error, question.role))?;
        return page.part(values(&out)?, |line| format!("{line:?}"));
    };
    let rows = rows(question, app, snapshot, keys, (unjudged, stop))?;
    let part = page.part(rows, |row| format!("{row:?}"))?;
    let money = !question.view.without_money;
    let written = (|| {
        let out = Box::new(&mut out);
        let mut writer = Writer::report(Format::Json, keys, money, &question.origin(), out)?;
        for row in &part.values {
            let keys: Vec<Option<&str>> = row.keys.iter().map(Option::as_deref).collect();
            writer.row(&keys, row.charges, row.cost, row.credited_cost)?;
        }
        writer.finish()
    })();
    written.map_err(|error| unprocessable(&error))?;
    let mut shown = values(&out)?.into_iter();
    Ok(part.map(|_| shown.next().unwrap_or_else(|| ReportLine::Row(ReportRow(Map::new())))))
}

/// What could not be judged. Where a deny assignment is, and which, is the directory's own and the
/// operator's to know; a partner asks for an explanation, which tells what concerns it.
fn warnings(unjudged: &[UnjudgedDeny], role: Role) -> Vec<String> {
    match (unjudged.len(), role) {
        (0, _) => Vec::new(),
        (count, Role::Partner) => vec![format!(
            "deny assignments that cannot be judged: {count}; the roles that they are about count \
             as not denied"
        )],
        _ => unjudged.iter().map(ToString::to_string).collect(),
    }
}

fn rows(
    question: &Question,
    app: &App,
    snapshot: &Snapshot,
    keys: &[KeyColumn],
    (unjudged, stop): (&UnjudgedDenies, &AtomicBool),
) -> Result<Vec<Row>, HttpError> {
    let counter = AtomicU64::new(0);
    let mut options = question.options(&counter, stop);
    options.unjudged = Some(unjudged);
    let basis = question.basis(app, &app.live.roles, snapshot);
    let mut rows = Vec::new();
    let mut too_many = false;
    let made =
        app.live.composer.report(basis, keys, &options, &mut |keys, charges, cost, credit| {
            if rows.len() == IN_PAGES {
                too_many = true;
                return Err(EngineError::Io(std::io::ErrorKind::FileTooLarge.into()));
            }
            let keys = keys.iter().map(|key| key.map(str::to_owned)).collect();
            rows.push(Row { keys, charges, cost, credited_cost: credit });
            Ok(())
        });
    if too_many {
        return Err(HttpError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "TooManyRows",
            format!(
                "The report has more than {IN_PAGES} rows, too many for pages. Group by fewer \
                 columns, ask for one month, or download it whole with format=csv or parquet."
            ),
        ));
    }
    made.map_err(|error| unreadable(&error, question.role))?;
    Ok(rows)
}

/// Rows as they were written.
fn values(json: &[u8]) -> Result<Vec<ReportLine>, HttpError> {
    serde_json::from_slice(json).map_err(|error| {
        tracing::error!(%error, "rows cannot be read");
        HttpError::internal()
    })
}
