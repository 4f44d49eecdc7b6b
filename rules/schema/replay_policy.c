/*
 * rules/schema/replay_policy.c
 *     Policies of row-level security.
 */
#include <strings.h>

#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"
#include "rules/schema/replay_view.h"

/* A text that is put together. */
struct making {
    struct lk_buf sql;
    struct lk_text *text;
};

/* add_object writes an object's name, whatever it will be. */
static void
add_object(struct making *making, struct lk_object *object, enum lk_mention_form form)
{
    uint32_t at = (uint32_t)making->sql.len;

    lk_text_mention(making->text,
                    (struct lk_mention){.span = {at, at}, .object = object, .form = form});
}

/* add_text writes another text, with what it mentions. */
static void
add_text(struct making *making, const struct lk_text *text)
{
    uint32_t at = (uint32_t)making->sql.len;

    lk_buf_add(&making->sql, text->sql);
    lk_vec_foreach(mention, &text->mentions) {
        struct lk_mention moved = *mention;
        moved.span.start += at;
        moved.span.end += at;
        lk_text_mention(making->text, moved);
    }
}

/* define makes a policy's definition of what it consists of. */
static void
define(struct lk_catalog *catalog, struct lk_part *policy)
{
    struct making making = {lk_buf_init(catalog->objects), lk_text_plain(catalog->objects, "")};

    lk_buf_add(&making.sql, "CREATE POLICY ");
    add_object(&making, &policy->object, LK_MENTION_NAME);
    lk_buf_add(&making.sql, " ON ");
    add_object(&making, &policy->relation->object, LK_MENTION_QUALIFIED);
    if (policy->restrictive)
        lk_buf_add(&making.sql, " AS RESTRICTIVE");
    lk_buf_addf(&making.sql, " FOR %s", policy->command);
    if (policy->roles != NULL) {
        lk_buf_add(&making.sql, " TO ");
        add_text(&making, policy->roles);
    }
    if (policy->qual != NULL) {
        lk_buf_add(&making.sql, " USING (");
        add_text(&making, policy->qual);
        lk_buf_add(&making.sql, ")");
    }
    if (policy->with_check != NULL) {
        lk_buf_add(&making.sql, " WITH CHECK (");
        add_text(&making, policy->with_check);
        lk_buf_add(&making.sql, ")");
    }
    making.text->sql = making.sql.data;
    lk_part_define(catalog, policy, making.text);
}

/* find_word returns the token behind a word outside of parentheses, SIZE_MAX for none. */
static size_t
find_word(struct lk_catalog *catalog, const RangeVar *range, const char *word)
{
    size_t named = lk_token_index(catalog, range->location);
    int depth = 0;

    for (; named != SIZE_MAX && lk_token(catalog, named).kind != LK_TOKEN_END; named++) {
        struct lk_token token = lk_token(catalog, named);
        depth += lk_token_is_symbol(catalog->text, token, '(');
        depth -= lk_token_is_symbol(catalog->text, token, ')');
        if (depth == 0 && lk_token_is(catalog->text, token, word))
            return named + 1;
    }
    return SIZE_MAX;
}

/* expression_of returns the text in the parentheses behind a word. */
static struct lk_text *
expression_of(struct lk_catalog *catalog, const struct lk_relation *relation, const RangeVar *range,
              const char *word, Node *expression)
{
    size_t open = find_word(catalog, range, word), close;
    int depth = 0;

    if (expression == NULL || open == SIZE_MAX ||
        lk_refuse_inside(catalog, LK_IN_POLICY, expression))
        return NULL;
    for (close = open; lk_token(catalog, close).kind != LK_TOKEN_END; close++) {
        struct lk_token token = lk_token(catalog, close);
        depth += lk_token_is_symbol(catalog->text, token, '(');
        depth -= lk_token_is_symbol(catalog->text, token, ')');
        if (depth == 0)
            break;
    }
    struct lk_span span = {lk_token(catalog, open + 1).span.start,
                           lk_token(catalog, close - 1).span.end};
    struct lk_text *text = lk_replay_text(catalog, span);
    struct lk_mentions mentions = {text, span.start};
    lk_analyze_condition_of(catalog, relation, expression, mentions, "POLICY");
    return text;
}

/* roles_of returns the list behind TO. */
static struct lk_text *
roles_of(struct lk_catalog *catalog, const List *roles)
{
    struct making making = {lk_buf_init(catalog->objects), lk_text_plain(catalog->objects, "")};
    ListCell *cell;

    foreach(cell, roles) {
        const RoleSpec *role = lfirst_node(RoleSpec, cell);
        struct lk_object *known = role->rolename != NULL
                                      ? lk_entry_find(catalog, LK_CLASS_ROLE, "", role->rolename)
                                      : NULL;
        if (cell != list_head(roles))
            lk_buf_add(&making.sql, ", ");
        if (known != NULL)
            add_object(&making, known, LK_MENTION_NAME);
        else if (role->rolename != NULL)
            lk_buf_add(&making.sql, lk_quote_ident(catalog->statement_mem, role->rolename));
        else
            lk_buf_add(&making.sql, role->roletype == ROLESPEC_PUBLIC         ? "PUBLIC"
                                    : role->roletype == ROLESPEC_SESSION_USER ? "SESSION_USER"
                                                                              : "CURRENT_USER");
    }
    making.text->sql = making.sql.data != NULL ? making.sql.data : "";
    return making.text;
}

/* command_of returns what a policy is for, as SQL writes it. */
static const char *
command_of(const char *name)
{
    static const char *const commands[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};

    for (size_t i = 0; name != NULL && i < LK_ARRAY_SIZE(commands); i++)
        if (strcasecmp(commands[i], name) == 0)
            return commands[i];
    return "ALL";
}

/* refuse_clauses refuses the clause that rows of a command have no use for. */
static bool
refuse_clauses(struct lk_catalog *catalog, const CreatePolicyStmt *stmt)
{
    const char *command = command_of(stmt->cmd_name);
    bool no_check = strcmp(command, "SELECT") == 0 || strcmp(command, "DELETE") == 0;
    bool no_qual = strcmp(command, "INSERT") == 0;

    if (stmt->with_check != NULL && no_check)
        lk_refuse(catalog, "42601", -1, "WITH CHECK cannot be applied to SELECT or DELETE");
    else if (stmt->qual != NULL && no_qual)
        lk_refuse(catalog, "42601", -1, "only WITH CHECK expression allowed for INSERT");
    return lk_replay_refused(catalog);
}

/* refuse_kind refuses what is no table. */
static bool
refuse_kind(struct lk_catalog *catalog, const struct lk_relation *relation)
{
    if (relation == NULL || !lk_is_known(relation) || relation->kind == LK_RELATION_TABLE ||
        relation->kind == LK_RELATION_PARTITIONED)
        return false;
    lk_refuse(catalog, "42809", -1, "\"%s\" is not a table", relation->object.name)->object =
        &relation->object;
    return true;
}

/* Source: CreatePolicy(), src/backend/commands/policy.c. */
void
lk_replay_create_policy(struct lk_catalog *catalog, const CreatePolicyStmt *stmt)
{
    if (refuse_clauses(catalog, stmt) || lk_refuse_missing(catalog, stmt->table))
        return;
    struct lk_relation *relation = lk_part_relation(catalog, stmt->table);
    if (refuse_kind(catalog, relation))
        return;
    struct lk_text *qual = expression_of(catalog, relation, stmt->table, "using", stmt->qual);
    struct lk_text *check =
        expression_of(catalog, relation, stmt->table, "check", stmt->with_check);

    if (lk_replay_refused(catalog))
        return;
    struct lk_part *policy =
        lk_part_make(catalog, relation, LK_CLASS_POLICY, stmt->policy_name, false);
    if (policy == NULL)
        return;
    policy->command = command_of(stmt->cmd_name);
    policy->restrictive = !stmt->permissive;
    policy->roles = roles_of(catalog, stmt->roles);
    policy->qual = qual;
    policy->with_check = check;
    define(catalog, policy);
}

void
lk_replay_alter_policy(struct lk_catalog *catalog, const AlterPolicyStmt *stmt)
{
    struct lk_relation *relation =
        lk_catalog_relation(catalog, stmt->table->schemaname, stmt->table->relname);
    struct lk_part *policy = lk_part_find(relation, LK_CLASS_POLICY, stmt->policy_name);

    if (relation == NULL)
        return;
    if (policy == NULL) {
        if (!relation->partial && !relation->object.assumed)
            lk_refuse(catalog, "42704", -1, "policy \"%s\" for table \"%s\" does not exist",
                      stmt->policy_name, relation->object.name);
        return;
    }
    struct lk_text *qual = expression_of(catalog, relation, stmt->table, "using", stmt->qual);
    struct lk_text *check =
        expression_of(catalog, relation, stmt->table, "check", stmt->with_check);
    if (lk_replay_refused(catalog))
        return;
    lk_catalog_touch(catalog, policy);
    if (stmt->roles != NIL)
        policy->roles = roles_of(catalog, stmt->roles);
    if (qual != NULL)
        policy->qual = qual;
    if (check != NULL)
        policy->with_check = check;
    define(catalog, policy);
}
