// Lets a migration tool of npm apply what is in a folder: node adopt_tools.js TOOL MODULES HOST DATABASE FOLDER
'use strict';
const path = require('path');

const [tool, modules, host, database, folder] = process.argv.slice(2);
const load = (name) => require(require.resolve(name, { paths: [modules] }));
const connection = { host, user: 'postgres', database };
const url = `postgres://postgres@${encodeURIComponent(host)}/${database}`;

const runs = {
  async knex() {
    const db = load('knex')({ client: 'pg', connection });
    try {
      await db.migrate.latest({ directory: folder });
    } finally {
      await db.destroy();
    }
  },
  async 'node-pg-migrate'() {
    const { runner } = load('node-pg-migrate');
    await runner({ databaseUrl: connection, dir: folder, direction: 'up', count: Infinity,
      migrationsTable: 'pgmigrations', log: () => {} });
  },
  async 'graphile-migrate'() {
    const { migrate } = load('graphile-migrate');
    await migrate({ connectionString: url, migrationsFolder: folder });
  },
};

runs[tool]().catch((error) => {
  console.error(error);
  process.exit(1);
});
