-- How the queries of this folder answer: bare rows, tab-separated.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset fieldsep '\t'

-- A type as the tables write it: arrays as element[], others by their name in pg_type.
CREATE TEMP TABLE type_name AS
SELECT t.oid AS id, CASE WHEN e.oid IS NOT NULL THEN e.typname || '[]' ELSE t.typname::text END AS text
FROM pg_type t LEFT JOIN pg_type e ON e.typarray = t.oid;
ALTER TABLE type_name ADD PRIMARY KEY (id);
ANALYZE type_name;
CREATE FUNCTION pg_temp.type_text(oid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT text FROM type_name WHERE id = $1);
END $$;
