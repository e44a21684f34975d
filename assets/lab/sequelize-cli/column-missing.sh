# class: deployment-failure
# tool: sequelize-cli
# ecosystem: node
# step: Migrate production database
# needs: npm:sequelize-cli@6.6.3 npm:sequelize@6.37.7 npm:sqlite3@5.1.7
# proof: ERROR: SQLITE_ERROR: no such table: moorings
echo '{"name": "moorings-api", "version": "2.0.0", "private": true, "dependencies": {"sequelize": "6.37.7", "sqlite3": "5.1.7"}, "devDependencies": {"sequelize-cli": "6.6.3"}}' >package.json
mkdir -p config migrations
echo '{"production": {"dialect": "sqlite", "storage": "moorings.sqlite"}}' >config/config.json
cat >migrations/20240510-price.js <<'END'
module.exports = {
  up: (queries, types) => queries.addColumn('moorings', 'price_cents', { type: types.INTEGER, defaultValue: 0 }),
  down: (queries) => queries.removeColumn('moorings', 'price_cents'),
};
END
#%% step
NODE_ENV=production sequelize-cli db:migrate
