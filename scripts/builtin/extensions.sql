-- What the extensions of a database bring, for scripts/builtin/extensions: extension, kind, name,
-- arguments, result, flags; the last three, written as in queries.sql, of functions and operators;
-- of a domain what it is based on.
\ir common.sql
-- without statistics the query below takes minutes
ANALYZE;

WITH member AS (
    SELECT e.extname, d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname <> 'plpgsql'
)
SELECT extname, kind, name, arguments, result, flags
FROM member JOIN (
    SELECT 'pg_type'::regclass AS classid, t.oid AS objid, 'type' AS kind, t.typname AS name,
           '' AS arguments,
           CASE WHEN t.typbasetype <> 0 THEN pg_temp.type_text(t.typbasetype) ELSE '' END AS result,
           '' AS flags
    FROM pg_type t
    WHERE t.typcategory <> 'A' AND t.typtype <> 'm'
          AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, 'relation', c.relname, '', '', ''
    FROM pg_class c WHERE c.relkind IN ('r', 'v', 'S')
    UNION ALL
    -- what takes or returns internal structures is for the server, not for statements
    SELECT 'pg_proc'::regclass, p.oid, 'function', p.proname,
           (SELECT coalesce(string_agg(pg_temp.type_text(a.type), ',' ORDER BY a.place), '')
            FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, place)),
           pg_temp.type_text(p.prorettype),
           coalesce(nullif(g.aggkind, 'n'), p.prokind)::text || p.provolatile::text
           || CASE WHEN p.proisstrict THEN 's' ELSE '' END
           || CASE WHEN p.proretset THEN 'r' ELSE '' END
           || CASE WHEN p.provariadic <> 0 THEN 'v' ELSE '' END
           || CASE WHEN p.pronargdefaults > 0 THEN p.pronargdefaults::text ELSE '' END
    FROM pg_proc p LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
    WHERE p.prorettype <> ALL ('{internal,fdw_handler,tsm_handler,index_am_handler}'::regtype[])
          AND NOT p.proargtypes::oid[] && '{internal,cstring}'::regtype[]::oid[]
    UNION ALL
    SELECT 'pg_operator'::regclass, o.oid, 'operator', o.oprname,
           concat_ws(',', CASE WHEN o.oprleft <> 0 THEN pg_temp.type_text(o.oprleft) END,
                     pg_temp.type_text(o.oprright)), pg_temp.type_text(o.oprresult), p.provolatile::text
    FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
    UNION ALL
    SELECT 'pg_opclass'::regclass, c.oid, 'opclass', c.opcname, '', '', '' FROM pg_opclass c
    UNION ALL
    SELECT 'pg_am'::regclass, oid, 'method', amname, '', '', '' FROM pg_am
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, oid, 'wrapper', fdwname, '', '', ''
    FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT 'pg_ts_dict'::regclass, oid, 'dictionary', dictname, '', '', '' FROM pg_ts_dict
) object USING (classid, objid);
