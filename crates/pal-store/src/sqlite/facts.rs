//! Facts with two times: when they hold, and when they were what we knew.
//!
//! # The idea
//!
//! A row of `fact` is never changed, except that a later change may end it (`ended`). To correct a fact is to end its
//! row and add others. A report of what was known at an instant reads the rows that were known then, and stays the
//! same for ever. How a change of many rows is written is in `fact_import`.
//!
//! # Worked example
//!
//! On 1 May we are told "Cem is enabled from 1 March". On 10 July: "Cem is disabled from 9 July".
//! The row of March is ended on 10 July by one that says "from 1 March to 9 July", and a row
//! "disabled from 9 July" is added; both are known from 10 July. Asked on 20 July, Cem is disabled
//! since the 9th. Asked what was known on 9 July, Cem is enabled.

use async_trait::async_trait;
use pal_model::Instant;
use rusqlite::{Connection, params};
use serde_json::json;

use super::evidence::Evidence;
use super::value::ticks;
use super::{SqliteStore, aside, audit, connect, fact_import, facts_read, privacy};
use crate::{
    FactImport, FactImportError, FactStore, FactsAt, FactsPosition, FactsRead, FactsText,
    ImportSummary, PrivacyChange, PrivacyError, StoreError,
};

#[async_trait]
impl FactStore for SqliteStore {
    async fn import_facts(&self, import: FactImport<'_>) -> Result<ImportSummary, FactImportError> {
        let import = fact_import::Import::new(import);
        let (path, writer) = (self.path.clone(), self.writer.clone());
        let done = tokio::task::spawn_blocking(move || import.run(&path, &writer)).await;
        done.unwrap_or_else(|error| Err(StoreError::Unknown(error.to_string()).into()))
    }

    async fn read_facts(
        &self,
        after: Option<FactsPosition>,
        known_at: Option<Instant>,
    ) -> Result<FactsRead, StoreError> {
        self.pinned(known_at).await?;
        let path = self.path.clone();
        aside(move || facts_read::read(&connect::open(&path)?, after, known_at)).await
    }

    async fn pin(&self, at: Instant) -> Result<(), StoreError> {
        self.pinned(Some(at)).await
    }

    async fn facts(&self, at: FactsAt) -> Result<FactsText, StoreError> {
        self.pinned(at.known_at).await?;
        let path = self.path.clone();
        aside(move || facts_read::snapshot(&connect::open(&path)?, at)).await
    }

    async fn set_privacy(&self, change: PrivacyChange) -> Result<bool, PrivacyError> {
        self.writer.write(move |c| privacy::set(c, &change)).await
    }
}

/// Since when the store serves.
pub fn begin_serving(c: &Connection, at: Instant) -> Result<(), StoreError> {
    let since = ticks(at);
    let begun = c.execute(
        "UPDATE counter SET serving_since = ?1 WHERE id = 1 AND serving_since IS NULL",
        params![since],
    )?;
    if begun > 0 {
        let detail = json!({ "change": "serving", "since": since });
        audit::append_state(c, since, &detail, Evidence::default())?;
    }
    Ok(())
}
