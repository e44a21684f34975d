# class: resource-exhaustion
# tool: sqlite3
# ecosystem: data
# step: Build search index
# needs: apt:sqlite3
# proof: database or disk is full
mkdir -p /mnt/lab-index
umount -q /mnt/lab-index || true
mount -t tmpfs -o size=2m tmpfs /mnt/lab-index
(sleep 60; umount -l /mnt/lab-index) >/dev/null 2>&1 &
cat >index.sql <<'END'
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT);
INSERT INTO words SELECT value, hex(randomblob(40)) FROM generate_series(1, 60000);
CREATE INDEX words_word ON words (word);
END
#%% step
sqlite3 -bail /mnt/lab-index/search.db < index.sql
