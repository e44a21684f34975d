-- One index for class, source and doubt together: every combination of them stands in the order of history, and what a
-- filter leaves open is merged. All rows in that order are in `search` already.
DROP INDEX history_all;
DROP INDEX history_class;
DROP INDEX history_source;
DROP INDEX history_uncertain;
CREATE INDEX history_kind ON log_entries (label, event_source, uncertain, timestamp, id) WHERE is_parent = 0;
