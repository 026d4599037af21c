-- Which accounts have changed their link since an instant: readers that keep facts and links ask for it.
CREATE INDEX link_history_known ON link_history (known);
