-- The catalog of a server as rows: kind, identity, property, value; what extensions brought and what
-- the server made for itself is left out, and so is what its own roles own or may do: whoever applies the
-- migrations is one of them, which a history does not tell. rules/schema/listing.c writes the same of a replay.
WITH space AS (
    SELECT oid, CASE WHEN nspname LIKE 'pg\_temp\_%' THEN 'pg_temp' ELSE nspname END AS name
      FROM pg_namespace
     WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
       AND nspname NOT LIKE 'pg\_toast\_temp\_%'
), member AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), rel AS (
    SELECT c.*, quote_ident(s.name) || '.' || quote_ident(c.relname) AS id
      FROM pg_class c JOIN space s ON s.oid = c.relnamespace
     WHERE c.relkind <> 't'
       AND NOT EXISTS (SELECT FROM member m WHERE (m.classid = 'pg_class'::regclass AND m.objid = c.oid)
                          OR (m.classid = 'pg_type'::regclass AND m.objid = c.reltype))
), typ AS (
    SELECT t.*, quote_ident(s.name) || '.' || quote_ident(t.typname) AS id
      FROM pg_type t JOIN space s ON s.oid = t.typnamespace
     WHERE t.typtype IN ('e', 'd', 'r', 'b')
       AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
       AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
), proc AS (
    SELECT p.*, quote_ident(s.name) || '.' || quote_ident(p.proname) || '(' ||
           oidvectortypes(p.proargtypes) || ')' AS id
      FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
     WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                          AND d.objid = p.oid AND d.deptype = 'i')
), att AS (
    SELECT a.*, r.id || '.' || quote_ident(a.attname) AS id, r.relkind
      FROM pg_attribute a JOIN rel r ON r.oid = a.attrelid
     WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
), con AS (
    SELECT c.*, to_jsonb(c) AS json,
           CASE WHEN c.conrelid = (SELECT a.conrelid FROM pg_constraint a WHERE a.oid = c.conparentid)
                THEN 'derived constraint' ELSE 'constraint' END AS kind,
           CASE WHEN c.conrelid <> 0 THEN r.id ELSE t.id END || '.' || quote_ident(c.conname) AS id
      FROM pg_constraint c LEFT JOIN rel r ON r.oid = c.conrelid LEFT JOIN typ t ON t.oid = c.contypid
     WHERE c.contype <> 't' AND (r.oid IS NOT NULL OR t.oid IS NOT NULL)
), ind AS (
    SELECT i.*, r.id, r.relam, to_jsonb(i) AS json FROM pg_index i JOIN rel r ON r.oid = i.indexrelid
), seq AS (
    SELECT s.*, r.id, r.oid FROM pg_sequence s JOIN rel r ON r.oid = s.seqrelid
), trg AS (
    SELECT t.*, r.id || '.' || quote_ident(t.tgname) AS id
      FROM pg_trigger t JOIN rel r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
), comments AS (
    SELECT d.classoid, d.objoid, d.objsubid, d.description FROM pg_description d
)
SELECT 'schema', quote_ident(name), '', '' FROM space WHERE name <> 'pg_temp'
UNION ALL SELECT 'schema', quote_ident(name), 'comment', d.description
    FROM space JOIN comments d ON d.objoid = space.oid AND d.classoid = 'pg_namespace'::regclass
   WHERE name <> 'public' OR d.description <> 'standard public schema'
UNION ALL SELECT 'relation', id, 'kind',
    CASE relkind WHEN 'I' THEN 'i' ELSE relkind::text END FROM rel
UNION ALL SELECT 'relation', id, 'persistence', relpersistence::text FROM rel WHERE relkind <> 'c'
UNION ALL SELECT 'relation', id, 'parents',
    (SELECT string_agg(p.id, ' ' ORDER BY h.inhseqno) FROM pg_inherits h JOIN rel p ON p.oid = h.inhparent
      WHERE h.inhrelid = rel.oid) FROM rel WHERE relkind IN ('r', 'p', 'f')
UNION ALL SELECT 'relation', id, 'detach pending', 'true' FROM rel JOIN pg_inherits h ON h.inhrelid = rel.oid
    WHERE to_jsonb(h) ->> 'inhdetachpending' = 'true'
UNION ALL SELECT 'relation', id, 'partition',
    CASE WHEN pg_get_expr(relpartbound, oid) = 'DEFAULT' THEN 'default' ELSE 'bound' END
    FROM rel WHERE relispartition AND relkind <> 'i' AND relkind <> 'I'
UNION ALL SELECT 'relation', id, 'partitioned by',
    (SELECT partstrat::text FROM pg_partitioned_table WHERE partrelid = rel.oid) FROM rel WHERE relkind = 'p'
UNION ALL SELECT 'relation', id, 'replica identity', relreplident::text FROM rel WHERE relkind IN ('r', 'p', 'm')
UNION ALL SELECT 'relation', id, 'row security',
    relrowsecurity::text || ' ' || relforcerowsecurity::text FROM rel WHERE relkind IN ('r', 'p')
UNION ALL SELECT 'relation', id, 'comment', d.description FROM rel
    JOIN comments d ON d.objoid = rel.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
UNION ALL SELECT 'relation', id, 'comment', d.description FROM rel
    JOIN comments d ON d.objoid = rel.reltype AND d.classoid = 'pg_type'::regclass WHERE relkind = 'c'
UNION ALL SELECT 'relation', id, 'grants', (SELECT string_agg(g, ' ' ORDER BY g COLLATE "C") FROM (
        SELECT CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee)::text END || '=' ||
               privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END AS g
          FROM aclexplode(relacl)
         WHERE grantee <> relowner AND (grantee = 0 OR grantee > 16383)) AS gs)
    FROM rel WHERE relkind NOT IN ('i', 'I', 'c')
UNION ALL SELECT 'relation', id, 'owner', pg_get_userbyid(relowner) FROM rel
    WHERE relkind NOT IN ('i', 'I') AND relowner > 16383
UNION ALL SELECT 'column', id, 'type', format_type(atttypid, atttypmod) FROM att
UNION ALL SELECT 'column', id, 'position',
    (rank() OVER (PARTITION BY attrelid ORDER BY attnum))::text FROM att
UNION ALL SELECT 'column', id, 'not null', attnotnull::text FROM att WHERE relkind <> 'c'
UNION ALL SELECT 'column', id, 'default', (atthasdef AND attgenerated = '')::text FROM att WHERE relkind <> 'c'
UNION ALL SELECT 'column', id, 'identity', attidentity::text FROM att WHERE attidentity <> ''
UNION ALL SELECT 'column', id, 'generated', attgenerated::text FROM att WHERE attgenerated <> ''
UNION ALL SELECT 'column', id, 'inherited', (NOT attislocal)::text FROM att WHERE relkind IN ('r', 'p', 'f')
UNION ALL SELECT 'column', id, 'collation', (SELECT collname::text FROM pg_collation WHERE oid = attcollation)
    FROM att JOIN pg_type t ON t.oid = atttypid WHERE attcollation <> t.typcollation
UNION ALL SELECT 'column', id, 'comment', d.description FROM att
    JOIN comments d ON d.objoid = attrelid AND d.objsubid = attnum AND d.classoid = 'pg_class'::regclass
UNION ALL SELECT kind, id, 'kind', contype::text FROM con
UNION ALL SELECT kind, id, 'columns',
    (SELECT string_agg(quote_ident(a.attname), ' ' ORDER BY k.n)
       FROM unnest(conkey) WITH ORDINALITY AS k (num, n)
       JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.num) FROM con
    WHERE contype IN ('p', 'u', 'f', 'n')
UNION ALL SELECT kind, id, 'state',
    convalidated::text || ' ' || condeferrable::text || ' ' || condeferred::text || ' ' ||
    (connoinherit AND contype <> 'f')::text || ' ' || COALESCE(json ->> 'conenforced', 'true') FROM con
    WHERE contype IN ('c', 'f', 'n') AND conrelid <> 0
UNION ALL SELECT kind, id, 'inherited', (NOT conislocal)::text FROM con WHERE contype = 'c' AND conrelid <> 0
UNION ALL SELECT kind, id, 'target', (SELECT t.id FROM rel t WHERE t.oid = confrelid) || '(' ||
    (SELECT string_agg(quote_ident(a.attname), ' ' ORDER BY k.n)
       FROM unnest(confkey) WITH ORDINALITY AS k (num, n)
       JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.num) || ') ' ||
    confdeltype::text || confupdtype::text || confmatchtype::text FROM con WHERE contype = 'f'
UNION ALL SELECT kind, id, 'comment', d.description FROM con
    JOIN comments d ON d.objoid = con.oid AND d.classoid = 'pg_constraint'::regclass
UNION ALL SELECT 'index', id, 'table', (SELECT t.id FROM rel t WHERE t.oid = indrelid) FROM ind
UNION ALL SELECT 'index', id, 'keys',
    (SELECT string_agg(COALESCE(quote_ident(a.attname), '-'), ' ' ORDER BY k.n)
       FROM unnest(indkey) WITH ORDINALITY AS k (num, n)
       LEFT JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.num AND k.num > 0) FROM ind
UNION ALL SELECT 'index', id, 'state', indisunique::text || ' ' || indisvalid::text || ' ' ||
    (indpred IS NOT NULL)::text || ' ' || (indnatts - indnkeyatts)::text || ' ' ||
    COALESCE(json ->> 'indnullsnotdistinct', 'false') FROM ind
UNION ALL SELECT 'index', id, 'method', (SELECT amname::text FROM pg_am WHERE oid = ind.relam) FROM ind
UNION ALL SELECT 'sequence', id, 'numbers', seqtypid::regtype::text || ' ' || seqstart || ' ' || seqincrement ||
    ' ' || seqmin || ' ' || seqmax || ' ' || seqcache || ' ' || seqcycle::text FROM seq
UNION ALL SELECT 'sequence', id, 'owned by',
    (SELECT a.id FROM pg_depend d JOIN att a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = seq.oid AND d.deptype IN ('a', 'i')) FROM seq
UNION ALL SELECT 'view', id, 'reads',
    (SELECT string_agg(DISTINCT t.id, ' ' ORDER BY t.id) FROM pg_rewrite w
       JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
       JOIN rel t ON t.oid = d.refobjid
      WHERE w.ev_class = rel.oid AND w.rulename = '_RETURN') FROM rel WHERE relkind IN ('v', 'm')
UNION ALL SELECT 'type', id, 'kind', typtype::text FROM typ
UNION ALL SELECT 'type', id, 'labels', (SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder)
    FROM pg_enum WHERE enumtypid = typ.oid) FROM typ WHERE typtype = 'e'
UNION ALL SELECT 'type', id, 'base', format_type(typbasetype, typtypmod) || ' ' || typnotnull::text || ' ' ||
    (typdefault IS NOT NULL)::text FROM typ WHERE typtype = 'd'
UNION ALL SELECT 'type', id, 'comment', d.description FROM typ
    JOIN comments d ON d.objoid = typ.oid AND d.classoid = 'pg_type'::regclass
UNION ALL SELECT 'function', id, 'kind', prokind::text FROM proc
UNION ALL SELECT 'function', id, 'result', CASE WHEN proretset THEN 'SETOF ' ELSE '' END ||
    format_type(prorettype, -1) FROM proc WHERE prokind <> 'p'
UNION ALL SELECT 'function', id, 'volatility', provolatile::text FROM proc WHERE prokind <> 'a'
UNION ALL SELECT 'function', id, 'comment', d.description FROM proc
    JOIN comments d ON d.objoid = proc.oid AND d.classoid = 'pg_proc'::regclass
UNION ALL SELECT 'trigger', id, 'state', tgenabled::text FROM trg
UNION ALL SELECT 'trigger', id, 'function', (SELECT p.id FROM proc p WHERE p.oid = tgfoid) FROM trg
UNION ALL SELECT 'policy', r.id || '.' || quote_ident(p.polname), '', ''
    FROM pg_policy p JOIN rel r ON r.oid = p.polrelid
UNION ALL SELECT 'rule', r.id || '.' || quote_ident(w.rulename), 'state', w.ev_enabled::text
    FROM pg_rewrite w JOIN rel r ON r.oid = w.ev_class WHERE w.ev_type <> '1'
UNION ALL SELECT 'extension', quote_ident(e.extname), '', '' FROM pg_extension e WHERE e.extname <> 'plpgsql'
UNION ALL SELECT 'publication', quote_ident(pubname), '', '' FROM pg_publication
UNION ALL SELECT 'event trigger', quote_ident(evtname), '', '' FROM pg_event_trigger
UNION ALL SELECT 'role', quote_ident(rolname), '', '' FROM pg_roles WHERE oid > 16383
UNION ALL SELECT 'statistics object', quote_ident(s.name) || '.' || quote_ident(x.stxname), '', ''
    FROM pg_statistic_ext x JOIN space s ON s.oid = x.stxnamespace
UNION ALL SELECT 'operator', quote_ident(s.name) || '.' || o.oprname, '', ''
    FROM pg_operator o JOIN space s ON s.oid = o.oprnamespace
   WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_operator'::regclass AND m.objid = o.oid)
UNION ALL SELECT 'operator class', quote_ident(s.name) || '.' || quote_ident(o.opcname), '', ''
    FROM pg_opclass o JOIN space s ON s.oid = o.opcnamespace
   WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_opclass'::regclass AND m.objid = o.oid)
UNION ALL SELECT 'collation', quote_ident(s.name) || '.' || quote_ident(c.collname), '', ''
    FROM pg_collation c JOIN space s ON s.oid = c.collnamespace
UNION ALL SELECT 'conversion', quote_ident(s.name) || '.' || quote_ident(c.conname), '', ''
    FROM pg_conversion c JOIN space s ON s.oid = c.connamespace
UNION ALL SELECT 'text search configuration', quote_ident(s.name) || '.' || quote_ident(c.cfgname), '', ''
    FROM pg_ts_config c JOIN space s ON s.oid = c.cfgnamespace
UNION ALL SELECT 'text search dictionary', quote_ident(s.name) || '.' || quote_ident(c.dictname), '', ''
    FROM pg_ts_dict c JOIN space s ON s.oid = c.dictnamespace
   WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_ts_dict'::regclass AND m.objid = c.oid)
UNION ALL SELECT 'server', quote_ident(srvname), '', '' FROM pg_foreign_server
UNION ALL SELECT 'foreign-data wrapper', quote_ident(fdwname), '', '' FROM pg_foreign_data_wrapper f
   WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = f.oid)
UNION ALL SELECT 'language', quote_ident(lanname), '', '' FROM pg_language l WHERE l.oid > 16383
     AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_language'::regclass AND m.objid = l.oid)
UNION ALL SELECT 'access method', quote_ident(amname), '', '' FROM pg_am WHERE oid > 16383
