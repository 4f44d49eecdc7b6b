/*
 * tests/property/prop_version.c
 *     parser/version: a total order, and Flyway's.
 */
#include "parser/version.h"

#include "parser/base/buf.h"
#include "tests/property/property.h"

#define MAX_PARTS 4

static int
sign(int order)
{
    return (order > 0) - (order < 0);
}

/* A version with the numbers it was made of; zeros after the last one do not count. */
struct made {
    struct lk_version version;
    uint64_t parts[MAX_PARTS];
};

/* make returns a version of small numbers, so that near ones meet; written with random zeros. */
static struct made
make(TALLOC_CTX *mem)
{
    static const uint64_t numbers[] = {0, 0, 1, 2, 9, 10, 11, 99, 100, 20240131120000u, UINT64_MAX};
    struct lk_buf text = lk_buf_init(mem);
    struct made made = {0};

    for (size_t i = 0, count = lk_below(MAX_PARTS) + 1; i < count; i++) {
        made.parts[i] = lk_pick(numbers);
        lk_buf_sep(&text, lk_chance(2) ? "." : "_");
        for (size_t zeros = lk_below(6) / 4; zeros > 0; zeros--)
            lk_buf_addc(&text, '0');
        lk_buf_addf(&text, "%llu", (unsigned long long)made.parts[i]);
    }
    made.version = lk_version_new(mem, text.data, text.len);
    return made;
}

static int
compare_parts(const struct made *a, const struct made *b)
{
    for (size_t i = 0; i < MAX_PARTS; i++)
        if (a->parts[i] != b->parts[i])
            return a->parts[i] < b->parts[i] ? -1 : 1;
    return 0;
}

static void
ordered_as_their_numbers(void **state)
{
    for (size_t i = 0; i < lk_rounds(20000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct made a = make(scratch), b = make(scratch);
        if (sign(lk_version_compare(a.version, b.version)) != compare_parts(&a, &b))
            lk_wrong(b.version.text, "%s is not %d to it", a.version.text, compare_parts(&a, &b));
        talloc_free(scratch);
    }
}

/* random_version returns a version of one sort, numbers or text; also none at all. */
static struct lk_version
random_version(TALLOC_CTX *mem, bool by_text)
{
    static const char *const names[] = {"1_a", "1_b", "10_a", "2_a", "2024_x", "a", "", "1"};

    if (lk_chance(12))
        return (struct lk_version){.by_text = by_text};
    if (by_text)
        return (struct lk_version){.text = lk_pick(names), .by_text = true};
    struct made made = make(mem);
    while (lk_chance(6)) /* longer than any machine's numbers */
        made.version.text = lk_fmt(mem, "%s0000000000000000000001", made.version.text);
    return made.version;
}

static void
the_order_is_total(void **state)
{
    for (size_t i = 0; i < lk_rounds(20000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        bool by_text = lk_chance(4);
        struct lk_version a = random_version(scratch, by_text);
        struct lk_version b = random_version(scratch, by_text);
        struct lk_version c = random_version(scratch, by_text);
        int ab = sign(lk_version_compare(a, b)), bc = sign(lk_version_compare(b, c));
        int ac = sign(lk_version_compare(a, c));
        const char *all = lk_fmt(scratch, "%s %s %s", a.text != NULL ? a.text : "-",
                                 b.text != NULL ? b.text : "-", c.text != NULL ? c.text : "-");

        if (lk_version_compare(a, a) != 0)
            lk_wrong(all, "the first is not itself");
        if (ab != -sign(lk_version_compare(b, a)))
            lk_wrong(all, "the first two differ by who is asked");
        if (ab == bc && ac != ab)
            lk_wrong(all, "not transitive: %d %d %d", ab, bc, ac);
        if (ab == 0 && ac != bc)
            lk_wrong(all, "equal ones differ to a third: %d %d", ac, bc);
        talloc_free(scratch);
    }
}

/* What follows is greater, and nothing is between. */
static void
followers_are_next(void **state)
{
    for (size_t i = 0; i < lk_rounds(20000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct made a = make(scratch), b = a, c = a;
        size_t last = lk_version_parts(a.version) - 1;
        struct lk_buf next = lk_buf_init(scratch), third = lk_buf_init(scratch);
        b.parts[last] += 1;
        c.parts[last] += 2;
        for (size_t part = 0; part <= last; part++) {
            lk_buf_sep(&next, ".");
            lk_buf_sep(&third, ".");
            lk_buf_addf(&next, "%llu", (unsigned long long)b.parts[part]);
            lk_buf_addf(&third, "%llu", (unsigned long long)c.parts[part]);
        }
        b.version.text = next.data;
        c.version.text = third.data;
        if (a.parts[last] < UINT64_MAX - 2) {
            if (!lk_version_follows(a.version, b.version) ||
                lk_version_compare(a.version, b.version) >= 0)
                lk_wrong(b.version.text, "it does not follow %s", a.version.text);
            if (lk_version_follows(a.version, c.version) ||
                lk_version_follows(b.version, a.version))
                lk_wrong(c.version.text, "it follows %s", a.version.text);
        }
        talloc_free(scratch);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        lk_property(ordered_as_their_numbers),
        lk_property(the_order_is_total),
        lk_property(followers_are_next),
    };

    return lk_property_main(tests, argc, argv);
}
