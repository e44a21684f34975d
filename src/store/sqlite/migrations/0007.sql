-- Live rows are found by their sources: every row was in this index as well as in the one of all.
DROP INDEX history_live;
