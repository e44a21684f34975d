-- What a search finds its rows by: the runs of three letters in them. A document is a moment, all rows of the same four
-- milliseconds, so that documents stand in the order of history; the texts themselves are in `search`.
CREATE VIRTUAL TABLE moments USING fts5 (
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);

-- Moments whose rows have come or changed since they were indexed.
CREATE TABLE moments_due (moment INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO moments_due (moment)
    SELECT unixepoch(timestamp) * 250 + CAST(substr(timestamp, 21, 6) AS INTEGER) / 4000 FROM search;
