/*
 * rules/not_null.c
 *     NOT NULL in steps: see not_null.h.
 */
#include "rules/not_null.h"

#include "parser/pgparse.h"

struct lk_proof
lk_proof_of(const struct lk_check *check, const RangeVar *range, const char *column,
            const char *name)
{
    bool since_18 = check->settings->postgres_version >= 18;
    char *quoted = lk_quote_ident(check->mem, column);
    struct lk_proof proof = {.plain = name};

    if (name == NULL)
        proof.plain = lk_made_name(check, lk_qname_of_range(range), column,
                                   since_18 ? "not_null" : "not_null_check");
    char *constraint = lk_quote_ident(check->mem, proof.plain);
    proof.add = lk_fmt(check->mem,
                       since_18 ? "ADD CONSTRAINT %s NOT NULL %s NOT VALID"
                                : "ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID",
                       constraint, quoted);
    proof.validate = lk_fmt(check->mem, "VALIDATE CONSTRAINT %s", constraint);
    if (!since_18) {
        proof.set = lk_fmt(check->mem, "ALTER COLUMN %s SET NOT NULL", quoted);
        proof.drop = lk_fmt(check->mem, "DROP CONSTRAINT %s", constraint);
    }
    return proof;
}
