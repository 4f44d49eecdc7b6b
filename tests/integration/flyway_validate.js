// What Flyway's own `validate` would say of a database and a folder, written from its documented
// rules and from nothing of lockkeeper's: node flyway_validate.js PSQL URL "schema"."table" FOLDER
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');

const [psql, url, table, folder] = process.argv.slice(2);
const problems = [];

const query = (sql) =>
  JSON.parse(execFileSync(psql, ['-X', '-At', url, '-c', `SELECT coalesce(json_agg(q), '[]') FROM (${sql}) q`],
    { encoding: 'utf8' }));

// CRC32 of the lines without their ends, without a byte order mark; signed.
function checksum(text) {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.length > 0 && lines[0].startsWith('\uFEFF')) lines[0] = lines[0].slice(1);
  let crc = 0;
  for (const line of lines) crc = zlib.crc32(Buffer.from(line, 'utf8'), crc);
  return crc | 0;
}

const parts = (version) => {
  const list = version.split('.').map(BigInt);
  while (list.length > 1 && list[list.length - 1] === 0n) list.pop();
  return list;
};
function compare(a, b) {
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p, q] = [x[i] ?? 0n, y[i] ?? 0n];
    if (p !== q) return p < q ? -1 : 1;
  }
  return 0;
}

const TYPES = { V: 'SQL', R: 'SQL', B: 'SQL_BASELINE', U: 'UNDO_SQL' };
function resolve(dir) {
  const found = [];
  for (const name of fs.readdirSync(dir, { recursive: true })) {
    const match = /^([VBUR])(.*?)(?:__(.*))?\.sql$/.exec(path.basename(name));
    if (!match) continue;
    const text = fs.readFileSync(path.join(dir, name), 'utf8');
    const filled = text.replace(/\$\{(\w+)\}/g, (whole, key) => process.env[`PLACEHOLDER_${key}`] ?? whole);
    found.push({
      prefix: match[1], version: match[1] === 'R' ? null : match[2].replace(/_/g, '.'),
      description: (match[3] ?? '').replace(/_/g, ' '), script: name, type: TYPES[match[1]],
      checksums: match[1] === 'R' ? [checksum(filled), checksum(text)] : [checksum(text)],
    });
  }
  return found;
}

// The table has to be as Flyway makes it.
const WANTED = ['installed_rank integer not null', 'version character varying(50)',
  'description character varying(200) not null', 'type character varying(20) not null',
  'script character varying(1000) not null', 'checksum integer', 'installed_by character varying(100) not null',
  'installed_on timestamp without time zone not null now()', 'execution_time integer not null',
  'success boolean not null'];
const quoted = table.replace(/'/g, "''");
const columns = query(`SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod),
  CASE WHEN attnotnull THEN 'not null' END, pg_get_expr(adbin, adrelid)) AS it FROM pg_attribute
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attrelid = '${quoted}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`).map((c) => c.it);
if (columns.join('\n') !== WANTED.join('\n')) problems.push(`the table is another one:\n${columns.join('\n')}`);
const name = /"((?:[^"]|"")*)"$/.exec(table)[1].replace(/""/g, '"');
const indexes = query(`SELECT c.relname, i.indisprimary, pg_get_indexdef(i.indexrelid, 1, true) AS col
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '${quoted}'::regclass ORDER BY 1`);
const wantedIndexes = [{ relname: `${name}_pk`, indisprimary: true, col: 'installed_rank' },
  { relname: `${name}_s_idx`, indisprimary: false, col: 'success' }];
if (JSON.stringify(indexes) !== JSON.stringify(wantedIndexes)) problems.push(`indexes: ${JSON.stringify(indexes)}`);

const rows = query(`SELECT * FROM ${table} ORDER BY installed_rank`);
const files = resolve(folder);
const applied = [];
let baseline = null;
rows.forEach((row, i) => {
  const rank = rows[0].type === 'SCHEMA' ? i : i + 1;
  if (row.installed_rank !== rank) problems.push(`rank ${row.installed_rank} is out of line`);
  if (!row.installed_by || row.execution_time < 0) problems.push(`rank ${rank}: who and how long?`);
  const same = (other) => (row.version === null ? other.version === null && other.description === row.description
    : other.version !== null && compare(other.version, row.version) === 0);
  if (row.type === 'SCHEMA') return;
  if (row.type === 'DELETE' || row.type.startsWith('UNDO_')) {
    const last = applied.filter((other) => !other.gone && same(other)).pop();
    if (!last) problems.push(`rank ${rank}: ${row.type} of nothing`);
    else if (row.success) last.gone = true;
    if (!row.success) problems.push(`failed migration: ${row.script}`);
    return;
  }
  if (row.type === 'BASELINE' || row.type === 'SQL_BASELINE')
    if (baseline === null || compare(row.version, baseline) > 0) baseline = row.version;
  if (!row.success) problems.push(`failed migration: ${row.script}`);
  if (row.version === null) applied.filter(same).forEach((other) => { other.superseded = true; });
  applied.push(row);
});

const versions = files.filter((f) => f.prefix === 'V').map((f) => f.version);
const newest = versions.reduce((a, b) => (a === null || compare(b, a) > 0 ? b : a), null);
for (const row of applied) {
  if (row.gone || row.superseded || row.type === 'BASELINE') continue;
  const file = files.find((f) => f.type === row.type && (row.version === null
    ? f.version === null && f.description === row.description
    : f.version !== null && compare(f.version, row.version) === 0));
  if (!file) {
    const future = row.version !== null && newest !== null && compare(row.version, newest) > 0;
    if (row.type === 'SQL' && !future) problems.push(`applied migration not resolved locally: ${row.script}`);
    continue;
  }
  if (row.version !== null && baseline !== null && compare(row.version, baseline) <= 0) continue;
  if (!file.checksums.includes(row.checksum))
    problems.push(`checksum mismatch: ${row.script} has ${row.checksum}, the file ${file.checksums}`);
  if (file.description !== row.description) problems.push(`description mismatch: ${row.script}`);
  if (file.script !== row.script) problems.push(`script: ${row.script}, not ${file.script}`);
}
for (const file of files) {
  if (file.prefix !== 'V' && file.prefix !== 'R') continue;
  if (file.version !== null && baseline !== null && compare(file.version, baseline) <= 0) continue;
  const row = applied.find((r) => !r.gone && r.type === 'SQL' && (file.version === null
    ? r.version === null && r.description === file.description
    : r.version !== null && compare(r.version, file.version) === 0));
  if (!row) problems.push(`resolved migration not applied: ${file.script}`);
}

for (const problem of problems) console.log(problem);
process.exit(problems.length > 0 ? 1 : 0);
