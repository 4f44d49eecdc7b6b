-- What a server's own catalog holds, one tab-separated row per line, for scripts/builtin/generate.
-- Run by psql with -v kind=types|functions|operators|casts|relations|opclasses|
-- settings.
\ir common.sql

SELECT :'kind' = 'types' AS types, :'kind' = 'functions' AS functions,
       :'kind' = 'operators' AS operators, :'kind' = 'casts' AS casts,
       :'kind' = 'relations' AS relations, :'kind' = 'opclasses' AS opclasses,
       :'kind' = 'settings' AS settings \gset

-- A function's volatility. Four functions are no more than something done with their argument as
-- text; the planner puts that in their place, so that they are what the cast to text is: t.
CREATE FUNCTION pg_temp.volatility(pg_proc) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN l.lanname = 'sql' AND $1.prosrc ~* '^select .*\$\d::pg_catalog\.text'
                     AND $1.proargtypes::oid[] && '{anyelement,anynonarray}'::regtype[]::oid[]
                THEN 't' ELSE $1.provolatile::text END
    FROM pg_language l WHERE l.oid = $1.prolang
$$;

\if :types
SELECT t.typname, n.nspname, t.typtype, t.typcategory, t.typispreferred,
       -- 12 bytes and aligned to 4 before 16; the one thing about types that versions differ in
       CASE t.typname WHEN 'aclitem' THEN 16 ELSE t.typlen END,
       CASE t.typname WHEN 'aclitem' THEN 'd' ELSE t.typalign END,
       t.typstorage, i.provolatile::text || o.provolatile::text,
       coalesce(pg_temp.type_text(CASE t.typtype
           WHEN 'd' THEN t.typbasetype
           WHEN 'r' THEN (SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid)
           WHEN 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)
           ELSE CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc
                     THEN t.typelem END END), ''),
       t.typarray <> 0,
       CASE WHEN t.typmodin <> 0 THEN replace(t.typmodin::text, 'typmodin', '') ELSE '' END,
       coalesce((SELECT collname FROM pg_collation WHERE oid = t.typcollation), '')
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
     LEFT JOIN pg_proc i ON i.oid = t.typinput LEFT JOIN pg_proc o ON o.oid = t.typoutput
WHERE n.nspname IN ('pg_catalog', 'information_schema') AND t.typrelid = 0
      AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid);
\endif

\if :functions
-- The arguments that a call passes, then the columns that the result has.
SELECT p.proname,
       (SELECT coalesce(string_agg(concat_ws(' ', nullif(a.name, ''), pg_temp.type_text(a.type)), ','
                                   ORDER BY a.place), '')
        FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes::text[],
                    p.proargnames) WITH ORDINALITY AS a (type, mode, name, place)
        WHERE coalesce(a.mode, 'i') IN ('i', 'b', 'v')),
       pg_temp.type_text(p.prorettype),
       coalesce(nullif(g.aggkind, 'n'), p.prokind)::text || pg_temp.volatility(p)
       || CASE WHEN p.proisstrict THEN 's' ELSE '' END || CASE WHEN p.proretset THEN 'r' ELSE '' END
       || CASE WHEN p.provariadic <> 0 THEN 'v' ELSE '' END
       || CASE WHEN p.pronargdefaults > 0 THEN p.pronargdefaults::text ELSE '' END,
       (SELECT coalesce(string_agg(concat_ws(' ', nullif(a.name, ''), pg_temp.type_text(a.type)), ','
                                   ORDER BY a.place), '')
        FROM unnest(p.proallargtypes, p.proargmodes::text[], p.proargnames)
             WITH ORDINALITY AS a (type, mode, name, place)
        WHERE a.mode IN ('o', 'b', 't'))
FROM pg_proc p LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
WHERE p.pronamespace = 'pg_catalog'::regnamespace;
\endif

\if :operators
SELECT o.oprname, coalesce(l.typname, 'NONE'), r.typname, t.typname, pg_temp.volatility(p)
FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode JOIN pg_type r ON r.oid = o.oprright
     JOIN pg_type t ON t.oid = o.oprresult LEFT JOIN pg_type l ON l.oid = o.oprleft
WHERE o.oprnamespace = 'pg_catalog'::regnamespace;
\endif

\if :casts
SELECT s.typname, t.typname,
       c.castcontext::text || c.castmethod::text || coalesce(p.provolatile::text, '')
FROM pg_cast c JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
     LEFT JOIN pg_proc p ON p.oid = c.castfunc;
\endif

\if :relations
SELECT c.relname, n.nspname, c.relkind,
       (SELECT string_agg(concat_ws(' ', a.attname, pg_temp.type_text(a.atttypid)), ','
                          ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v');
\endif

\if :opclasses
SELECT pg_temp.type_text(o.opcintype), m.amname, o.opcname,
       CASE WHEN o.opcdefault THEN 'd' ELSE '' END
FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
WHERE o.opcnamespace = 'pg_catalog'::regnamespace;
\endif

-- What is set as text is no matter. Some are never shown, and some have had another name.
\if :settings
SELECT lower(name),
       CASE context WHEN 'postmaster' THEN 'P' WHEN 'sighup' THEN 'H' WHEN 'internal' THEN 'I'
                    WHEN 'user' THEN kind WHEN 'superuser' THEN kind ELSE 'B' END,
       CASE WHEN kind IN ('i', 'r') THEN unit END
FROM pg_settings, LATERAL (SELECT CASE vartype WHEN 'integer' THEN 'i' WHEN 'real' THEN 'r'
                                               WHEN 'bool' THEN 'b' ELSE '' END) AS k(kind)
UNION ALL
SELECT name, '', ''
FROM unnest('{default_with_oids,is_superuser,role,seed,session_authorization,ssl_ecdh_curve,
              ssl_renegotiation_limit,sort_mem,vacuum_mem,force_parallel_mode}'::text[]) n(name)
WHERE current_setting(name, true) IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_settings s WHERE lower(s.name) = n.name);
\endif
