# class: deployment-failure
# tool: knex
# ecosystem: node
# step: Knex migrate
# needs: npm:knex@3.1.0 npm:sqlite3@5.1.7
# proof: The migration directory is corrupt, the following files are missing
cat >package.json <<'END'
{"name": "slip-booking", "version": "1.0.0", "private": true, "dependencies": {"knex": "3.1.0", "sqlite3": "5.1.7"}}
END
cat >knexfile.js <<'END'
module.exports = { client: 'sqlite3', connection: { filename: './slips.db' }, useNullAsDefault: true };
END
mkdir migrations
cat >migrations/20240502_slips.js <<'END'
exports.up = (knex) => knex.schema.createTable('slips', (table) => table.increments());
exports.down = (knex) => knex.schema.dropTable('slips');
END
python3 - <<'END'
import sqlite3
base = sqlite3.connect("slips.db")
base.execute("CREATE TABLE knex_migrations (id integer PRIMARY KEY, name varchar(255), batch integer, migration_time datetime)")
base.execute("CREATE TABLE knex_migrations_lock (`index` integer PRIMARY KEY, is_locked integer)")
base.execute("INSERT INTO knex_migrations (name, batch) VALUES ('20240401_moorings.js', 1)")
base.execute("INSERT INTO knex_migrations_lock (is_locked) VALUES (0)")
base.commit()
END
#%% step
knex migrate:latest --env production
