/*
 * tests/differential/test_builtin.c
 *     What rules/schema/builtin.h says calls, operators, casts and common types come to, against
 * what a real server says of the same expressions of NULLs.
 */
#include "rules/schema/builtin.h"
#include "tests/integration/site.h"

#define CALLS 20000
#define MAX_OIDS 1024
#define MAX_PASSED 8
#define MAX_OPERATORS 256

/* The user's own types, as the server has them and as we number them. */
#define MOOD LK_BT_ENUM(7)
#define PAIR LK_BT_COMPOSITE(9)

struct tally {
    size_t tried, found, refused, unknown, other, wrong;
};

static struct {
    unsigned version;
    unsigned long oid[MAX_OIDS];
    uint16_t type[MAX_OIDS];
    size_t count;
    uint64_t random;
} world;

/* pick returns a number below `limit`; the row of numbers is the same in every run. */
static size_t
pick(size_t limit)
{
    world.random = world.random * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(world.random >> 33) % limit;
}

/* ---- the server's types ---- */

static uint16_t
own_type(const char *name)
{
    uint16_t array = strchr(name, '[') != NULL ? LK_BT_ARRAY : 0;

    if (strncmp(name, "mood", 4) == 0)
        return MOOD | array;
    return strncmp(name, "pair", 4) == 0 ? PAIR | array : LK_BT_OPAQUE;
}

static void
read_types(const struct lk_site *site)
{
    PGresult *result = PQexec(
        site->pg,
        "SELECT t.oid, coalesce(e.typname || '[]', t.typname), n.nspname,"
        "       coalesce('_' || e.typname, t.typname)"
        "FROM pg_type t LEFT JOIN pg_type e ON e.typarray = t.oid"
        "     JOIN pg_namespace n ON n.oid = t.typnamespace "
        "WHERE coalesce(e.typrelid, t.typrelid) = 0 OR coalesce(e.typname, t.typname) = 'pair'");

    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    world.count = 0;
    for (int i = 0; i < PQntuples(result); i++) {
        assert_true(world.count < MAX_OIDS);
        uint16_t type = lk_builtin_type(PQgetvalue(result, i, 2), PQgetvalue(result, i, 3));
        if (type == LK_BT_NONE)
            type = own_type(PQgetvalue(result, i, 1));
        world.oid[world.count] = strtoul(PQgetvalue(result, i, 0), NULL, 10);
        world.type[world.count++] = type;
    }
    PQclear(result);
}

static void
prepare_world(const struct lk_site *site)
{
    const char *seed = getenv("LK_SEED"); /* for other expressions than the usual ones */

    world.version = (unsigned)PQserverVersion(site->pg) / 10000;
    world.random = seed == NULL ? 1 : strtoul(seed, NULL, 10);
    lk_site_exec(site,
                 "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text)");
    read_types(site);
}

static uint16_t
type_of_oid(unsigned long oid)
{
    for (size_t i = 0; i < world.count; i++)
        if (world.oid[i] == oid)
            return world.type[i];
    return LK_BT_OPAQUE;
}

/* null_of writes a NULL of a type, or one without. */
static char *
null_of(TALLOC_CTX *mem, uint16_t type)
{
    const char *brackets = type & LK_BT_ARRAY ? "[]" : "";
    uint16_t element = type & (uint16_t)~LK_BT_ARRAY;
    const struct lk_builtin_type *info = lk_builtin_type_info(element);

    if (type == LK_BT_unknown)
        return lk_strdup(mem, "NULL");
    if (info == NULL)
        return lk_fmt(mem, "NULL::public.%s%s", element == MOOD ? "mood" : "pair", brackets);
    return lk_fmt(mem, "NULL::%s.\"%s\"%s", info->schema, info->name, brackets);
}

/* any_type returns a type that values can have. */
static uint16_t
any_type(void)
{
    for (;;) {
        uint16_t type = (uint16_t)(1 + pick(LK_BT_COUNT + 4));
        if (type == LK_BT_COUNT)
            return MOOD;
        if (type == LK_BT_COUNT + 1)
            return PAIR;
        if (type == LK_BT_COUNT + 2)
            return MOOD | LK_BT_ARRAY;
        if (type == LK_BT_COUNT + 3)
            return LK_BT_record;
        const struct lk_builtin_type *info = lk_builtin_type_info(type);
        if (info == NULL || info->typtype == 'p')
            continue;
        return info->has_array && pick(5) == 0 ? type | LK_BT_ARRAY : type;
    }
}

/* near returns what may be passed as a declared type: itself, one of its kind, a literal, or any.
 */
static uint16_t
near(uint16_t declared)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(declared & (uint16_t)~LK_BT_ARRAY);
    size_t what = pick(10);

    if (what < 2)
        return LK_BT_unknown;
    if (what < 6 && info != NULL && info->typtype != 'p')
        return declared;
    for (size_t i = 0; what < 9 && i < 300; i++) {
        uint16_t type = any_type();
        if (lk_builtin_category(type) == lk_builtin_category(declared))
            return type;
    }
    return any_type();
}

/* ---- comparing ---- */

struct verdict {
    enum lk_builtin_outcome outcome; /* unknown: an error of another kind */
    uint16_t type;
    char state[6];
};

static struct verdict
refusal(const PGresult *result)
{
    struct verdict ret = {.outcome = LK_BUILTIN_UNKNOWN};
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    snprintf(ret.state, sizeof(ret.state), "%s", state == NULL ? "" : state);
    if (strcmp(ret.state, "42883") == 0)
        ret.outcome = LK_BUILTIN_NONE;
    else if (strcmp(ret.state, "42725") == 0)
        ret.outcome = LK_BUILTIN_AMBIGUOUS;
    else if (strcmp(ret.state, "42804") == 0 || strcmp(ret.state, "42P18") == 0)
        ret.outcome = LK_BUILTIN_MISMATCH;
    return ret;
}

/* ask_parser asks for the type without carrying anything out; domains arrive as their base. */
static struct verdict
ask_parser(const struct lk_site *site, const char *sql)
{
    struct verdict ret;
    PGresult *result = PQprepare(site->pg, "", sql, 0, NULL);

    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        PQclear(result);
        result = PQdescribePrepared(site->pg, "");
        assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
        ret =
            (struct verdict){.outcome = LK_BUILTIN_FOUND, .type = type_of_oid(PQftype(result, 0))};
    } else {
        ret = refusal(result);
    }
    PQclear(result);
    return ret;
}

/* ask_value carries an expression out, which tells of domains as well. */
static struct verdict
ask_value(TALLOC_CTX *mem, const struct lk_site *site, const char *expression)
{
    struct verdict ret;
    PGresult *result =
        PQexec(site->pg, lk_fmt(mem, "SELECT pg_catalog.pg_typeof(%s)::oid", expression));

    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        ret = (struct verdict){.outcome = LK_BUILTIN_FOUND,
                               .type = type_of_oid(strtoul(PQgetvalue(result, 0, 0), NULL, 10))};
    else
        ret = refusal(result);
    PQclear(result);
    return ret;
}

/* as_described returns a resolution with the base type of a domain. */
static struct lk_builtin_resolution
as_described(struct lk_builtin_resolution ours)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(ours.type);

    if (info != NULL && info->typtype == 'd')
        ours.type = lk_builtin_related(ours.type);
    return ours;
}

/* compare counts, and shows what is wrong. */
static void
compare(struct tally *tally, const char *sql, struct lk_builtin_resolution ours,
        struct verdict server)
{
    tally->tried++;
    if (server.outcome == LK_BUILTIN_UNKNOWN) {
        tally->other++;
    } else if (ours.outcome == LK_BUILTIN_UNKNOWN) {
        tally->unknown++;
    } else if (!ours.sure && ours.outcome == LK_BUILTIN_FOUND &&
               server.outcome != LK_BUILTIN_FOUND) {
        tally->unknown++;
    } else if (ours.outcome != server.outcome ||
               (ours.outcome == LK_BUILTIN_FOUND && ours.type != server.type)) {
        if (tally->wrong++ < 40)
            fprintf(stderr, "%s: we say %d, type %x, the server %d %s, type %x\n", sql,
                    (int)ours.outcome, ours.type, (int)server.outcome, server.state, server.type);
    } else if (ours.outcome == LK_BUILTIN_FOUND) {
        tally->found++;
    } else {
        tally->refused++;
    }
}

static void
report(const char *what, const struct tally *tally)
{
    fprintf(stderr,
            "%s: %zu tried, %zu found, %zu refused, %zu not told, %zu errors of another kind, %zu "
            "wrong\n",
            what, tally->tried, tally->found, tally->refused, tally->unknown, tally->other,
            tally->wrong);
    assert_int_equal(tally->wrong, 0);
    assert_true(tally->found > tally->tried / 10);
    assert_true(tally->other < tally->tried / 5);
}

/* ---- functions ---- */

/* random_function returns one of a kind that a SELECT calls, of this server. */
static struct lk_builtin_function
random_function(char **names, size_t count, char **ret_name)
{
    for (;;) {
        struct lk_builtin_function it = {0}, found = {0};
        size_t seen = 0;
        *ret_name = names[pick(count)];
        while (lk_builtin_function_next(*ret_name, &it))
            if (lk_builtin_has(it.since, it.until, world.version) && pick(++seen) == 0)
                found = it;
        if (seen > 0 && strchr("faw", found.kind) != NULL)
            return found;
    }
}

static char **
function_names(TALLOC_CTX *mem, const struct lk_site *site, size_t *ret_count)
{
    char *rest = lk_site_value(site, "SELECT DISTINCT proname FROM pg_proc p "
                                     "WHERE pronamespace = 'pg_catalog'::regnamespace AND NOT "
                                     "proargtypes::oid[] && '{internal}'::regtype[]::oid[] "
                                     "ORDER BY 1");
    char **names = talloc_array(mem, char *, 4096);

    *ret_count = 0;
    for (char *name = strtok_r(rest, "\n", &rest); name != NULL; name = strtok_r(NULL, "\n", &rest))
        names[(*ret_count)++] = lk_strdup(mem, name);
    assert_true(*ret_count > 1000 && *ret_count < 4096);
    return names;
}

/* random_args fills in what is passed to a function and returns how many. */
static size_t
random_args(const struct lk_builtin_function *function, uint16_t *args)
{
    size_t count = function->count;

    if (count > MAX_PASSED)
        count = MAX_PASSED;
    if (function->variadic)
        count += pick(3);
    else if (function->defaults > 0)
        count -= pick(function->defaults + 1u) < count ? pick(function->defaults + 1u) : 0;
    if (pick(40) == 0)
        count++;
    for (size_t i = 0; i < count; i++) {
        uint16_t declared = i < function->count ? function->args[i] : (uint16_t)LK_BT_any;
        if (function->variadic && i + 1 >= function->count &&
            function->args[function->count - 1] != LK_BT_any)
            declared = lk_builtin_element(function->args[function->count - 1]);
        args[i] = near(declared);
    }
    return count;
}

static char *
call_sql(TALLOC_CTX *mem, const char *name, char kind, const uint16_t *args, size_t count)
{
    char *sql = lk_fmt(mem, "SELECT pg_catalog.\"%s\"(", name);

    for (size_t i = 0; i < count; i++)
        sql = lk_fmt(mem, "%s%s%s", sql, i > 0 ? ", " : "", null_of(mem, args[i]));
    return lk_fmt(mem, "%s)%s", sql, kind == 'w' ? " OVER ()" : "");
}

static void
test_functions(void **state)
{
    struct lk_site *site = *state;
    struct tally all = {0}, blind = {0}, any_version = {0};
    size_t count;

    prepare_world(site);
    char **names = function_names(site->mem, site, &count);
    for (size_t i = 0; i < CALLS; i++) {
        TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        char *name;
        struct lk_builtin_function function = random_function(names, count, &name);
        uint16_t args[MAX_PASSED + 4];
        struct lk_builtin_call call = {.name = name, .types = args, .version = world.version};
        call.count = random_args(&function, args);
        char *sql = call_sql(mem, name, function.kind, args, call.count);
        struct verdict server = ask_parser(site, sql);
        compare(&all, sql, as_described(lk_builtin_resolve_function(&call)), server);
        call.version = 0;
        compare(&any_version, sql, as_described(lk_builtin_resolve_function(&call)), server);
        call.version = world.version;
        if (call.count > 0) {
            args[pick(call.count)] = LK_BT_OPAQUE;
            compare(&blind, sql, as_described(lk_builtin_resolve_function(&call)), server);
        }
    }
    report("functions", &all);
    report("functions, the version not known", &any_version);
    report("functions, an argument not known", &blind);
    assert_int_equal(all.unknown, 0);
}

/* ---- operators ---- */

static size_t
operator_names(const struct lk_site *site, char **names)
{
    char *rest = lk_site_value(site, "SELECT DISTINCT oprname FROM pg_operator ORDER BY 1");
    size_t count = 0;

    for (char *name = strtok_r(rest, "\n", &rest); name != NULL;
         name = strtok_r(NULL, "\n", &rest)) {
        assert_true(count < MAX_OPERATORS);
        names[count++] = name;
    }
    return count;
}

static char *
random_operator(char **names, size_t count, struct lk_builtin_operator *ret)
{
    struct lk_builtin_operator it = {0};
    size_t seen = 0;
    char *name = names[pick(count)];

    while (lk_builtin_operator_next(name, &it))
        if (pick(++seen) == 0)
            *ret = it;
    assert_true(seen > 0);
    return name;
}

static void
test_operators(void **state)
{
    struct lk_site *site = *state;
    struct tally all = {0}, blind = {0};
    char *names[MAX_OPERATORS];

    prepare_world(site);
    size_t count = operator_names(site, names);
    for (size_t i = 0; i < CALLS; i++) {
        TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        struct lk_builtin_operator one;
        char *name = random_operator(names, count, &one);
        bool prefix = one.left == LK_BT_NONE;
        uint16_t left = prefix ? (uint16_t)LK_BT_NONE : near(one.left), right = near(one.right);
        char *sql = lk_fmt(mem, "SELECT %s OPERATOR(pg_catalog.%s) %s",
                           prefix ? "" : lk_fmt(mem, "(%s)", null_of(mem, left)), name,
                           lk_fmt(mem, "(%s)", null_of(mem, right)));
        struct verdict server = ask_parser(site, sql);
        compare(&all, sql,
                as_described(lk_builtin_resolve_operator(name, left, right, world.version)),
                server);
        if (prefix || pick(2) == 0)
            right = LK_BT_OPAQUE;
        else
            left = LK_BT_OPAQUE;
        compare(&blind, sql,
                as_described(lk_builtin_resolve_operator(name, left, right, world.version)),
                server);
    }
    report("operators", &all);
    report("operators, an argument not known", &blind);
    assert_int_equal(all.unknown, 0);
}

/* ---- casts and common types ---- */

static void
test_common_types(void **state)
{
    struct lk_site *site = *state;
    struct tally tally = {0};

    prepare_world(site);
    for (size_t i = 0; i < CALLS / 2; i++) {
        TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        uint16_t types[4] = {any_type()};
        size_t count = 2 + pick(3);
        char *sql = lk_fmt(mem, "COALESCE(%s", null_of(mem, types[0]));
        for (size_t k = 1; k < count; k++) {
            types[k] = near(types[0]);
            sql = lk_fmt(mem, "%s, %s", sql, null_of(mem, types[k]));
        }
        sql = lk_fmt(mem, "%s)", sql);
        struct verdict server = ask_value(mem, site, sql);
        /* a type that the others cannot be cast to is refused by another error */
        if (strcmp(server.state, "42846") == 0)
            server.outcome = LK_BUILTIN_MISMATCH;
        uint16_t type = lk_builtin_common_type(types, count, world.version);
        struct lk_builtin_resolution ours = {.outcome = type == LK_BT_NONE ? LK_BUILTIN_MISMATCH
                                                                           : LK_BUILTIN_FOUND,
                                             .type = type,
                                             .sure = true};
        compare(&tally, sql, ours, server);
    }
    report("common types", &tally);
}

/* target_name returns how a cast writes a type: what stands behind NULL::. */
static const char *
target_name(TALLOC_CTX *mem, uint16_t type)
{
    return null_of(mem, type) + strlen("NULL::");
}

static void
test_casts(void **state)
{
    struct lk_site *site = *state;
    struct tally tally = {0};

    prepare_world(site);
    for (size_t i = 0; i < CALLS / 2; i++) {
        TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        uint16_t from = any_type(), to = pick(2) == 0 ? near(from) : any_type();
        if (to == LK_BT_unknown)
            continue;
        char *sql = lk_fmt(mem, "CAST(%s AS %s)", null_of(mem, from), target_name(mem, to));
        struct verdict server = ask_value(mem, site, sql);
        struct lk_builtin_cast cast = lk_builtin_cast(from, to, world.version);
        if (from == PAIR && to == LK_BT_record)
            to = from; /* as the header says */
        /* "cannot cast" */
        if (strcmp(server.state, "42846") == 0)
            server.outcome = LK_BUILTIN_NONE;
        struct lk_builtin_resolution ours = {
            .outcome = cast.method == LK_BUILTIN_UNKNOWN_CAST ? LK_BUILTIN_UNKNOWN
                       : cast.method == LK_BUILTIN_NO_CAST    ? LK_BUILTIN_NONE
                                                              : LK_BUILTIN_FOUND,
            .type = cast.method == LK_BUILTIN_NO_CAST ? (uint16_t)LK_BT_NONE : to,
            .sure = true};
        compare(&tally, sql, ours, server);
    }
    report("casts", &tally);
}

/* ---- volatility ---- */

/*
 * is_immutable asks whether the server takes an expression of columns a0, a1, ... for a generated
 * column, which wants it immutable, its arguments' casts included. False where it says neither.
 */
static bool
is_immutable(TALLOC_CTX *mem, const struct lk_site *site, const char *expression,
             const uint16_t *args, size_t count, uint16_t type, bool *ret)
{
    char *sql = lk_fmt(mem, "BEGIN; CREATE TEMP TABLE g (");

    for (size_t i = 0; i < count; i++)
        sql = lk_fmt(mem, "%sa%zu %s, ", sql, i, target_name(mem, args[i]));
    sql = lk_fmt(mem, "%sg %s GENERATED ALWAYS AS (%s) STORED)", sql, target_name(mem, type),
                 expression);
    PGresult *result = PQexec(site->pg, sql);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    bool refused = message != NULL && strstr(message, "is not immutable") != NULL;
    *ret = !refused;
    bool answered = refused || PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    PQclear(PQexec(site->pg, "ROLLBACK"));
    return answered;
}

/* has_literal returns whether there is one: with a NULL the planner leaves nothing to call. */
static bool
has_literal(const uint16_t *args, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (args[i] == LK_BT_unknown)
            return true;
    return false;
}

static void
compare_volatility(const struct lk_site *site, struct tally *tally, const char *expression,
                   const uint16_t *args, size_t count, struct lk_builtin_resolution ours)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    bool immutable;

    if (ours.outcome != LK_BUILTIN_FOUND || has_literal(args, count))
        return;
    tally->tried++;
    if (!is_immutable(mem, site, expression, args, count, ours.type, &immutable)) {
        tally->other++;
    } else if (immutable != (ours.volatility == 'i')) {
        tally->wrong++;
        fprintf(stderr, "%s of %s, %s: we say %c, the server %s\n", expression,
                count > 0 ? target_name(mem, args[0]) : "",
                count > 1 ? target_name(mem, args[1]) : "", ours.volatility,
                immutable ? "immutable" : "not immutable");
    } else {
        tally->found += immutable;
        tally->refused += !immutable;
    }
}

static void
volatility_of_function(const struct lk_site *site, struct tally *tally, char **names, size_t count)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    uint16_t args[MAX_PASSED + 4];
    char *name;
    struct lk_builtin_function function = random_function(names, count, &name);
    size_t passed = random_args(&function, args);
    char *sql = lk_fmt(mem, "pg_catalog.\"%s\"(", name);

    if (function.kind != 'f' || function.set_returning)
        return;
    for (size_t i = 0; i < passed; i++)
        sql = lk_fmt(mem, "%s%sa%zu", sql, i > 0 ? ", " : "", i);
    struct lk_builtin_call call = {
        .name = name, .types = args, .count = passed, .version = world.version};
    compare_volatility(site, tally, lk_fmt(mem, "%s)", sql), args, passed,
                       lk_builtin_resolve_function(&call));
}

static void
test_volatility(void **state)
{
    struct lk_site *site = *state;
    struct tally functions = {0}, operators = {0};
    char *names[MAX_OPERATORS];
    size_t count;

    prepare_world(site);
    char **all = function_names(site->mem, site, &count);
    for (size_t i = 0; i < CALLS / 2; i++)
        volatility_of_function(site, &functions, all, count);
    count = operator_names(site, names);
    for (size_t i = 0; i < CALLS / 10; i++) {
        TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        struct lk_builtin_operator one;
        char *name = random_operator(names, count, &one);
        uint16_t args[2] = {near(one.left), near(one.right)};
        if (one.left == LK_BT_NONE)
            continue;
        compare_volatility(site, &operators, lk_fmt(mem, "a0 OPERATOR(pg_catalog.%s) a1", name),
                           args, 2,
                           lk_builtin_resolve_operator(name, args[0], args[1], world.version));
    }
    report("volatility of functions", &functions);
    report("volatility of operators", &operators);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_functions),    lk_site_test(test_operators),
        lk_site_test(test_common_types), lk_site_test(test_casts),
        lk_site_test(test_volatility),
    };

    return lk_site_main("builtin", tests, LK_ARRAY_SIZE(tests));
}
