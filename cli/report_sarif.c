/*
 * cli/report_sarif.c
 *     SARIF 2.1.0, as GitHub code scanning and others take it. Source: OASIS, Static Analysis
 *     Results Interchange Format Version 2.1.0.
 */
#include "cli/finding_text.h"
#include "cli/json_text.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/version.h"
#include "rules/fix.h"
#include "rules/registry.h"

#define ROOT "%SRCROOT%"

struct sarif {
    TALLOC_CTX *mem;
    const struct lk_lint_report *report;
    int *indexes; /* of the rules in the report, by their place in the registry; -1: not there */
};

static const char *
level_of(enum lk_severity severity)
{
    static const char *const levels[LK_SEVERITY_COUNT] = {
        [LK_SEVERITY_OFF] = "none",
        [LK_SEVERITY_INFO] = "note",
        [LK_SEVERITY_WARNING] = "warning",
        [LK_SEVERITY_ERROR] = "error",
    };

    return levels[severity];
}

/* message_of returns a message; section 3.11.6: "](" would make a link of what stands around it. */
static json_t *
message_of(struct sarif *sarif, const char *text)
{
    struct lk_buf plain = lk_buf_init(sarif->mem);

    for (; *text != '\0'; text++) {
        lk_buf_addc(&plain, *text);
        if (text[0] == ']' && text[1] == '(')
            lk_buf_add(&plain, "\xE2\x81\xA0"); /* word joiner */
    }
    return json_pack("{s:o}", "text", lk_json_text(plain.data));
}

/* ---- rules ---- */

static json_t *
rule_of(const struct lk_rule *rule)
{
    const char *page = lk_rule_page(rule);

    return json_pack("{s:s,s:{s:s},s:{s:s},s:{s:s,s:s},s:{s:b,s:s},s:{s:[s]}}", "id", rule->name,
                     "shortDescription", "text", rule->summary, "fullDescription", "text",
                     rule->summary, "help", "text", page, "markdown", page, "defaultConfiguration",
                     "enabled", rule->severity != LK_SEVERITY_OFF, "level",
                     level_of(rule->severity), "properties", "tags", lk_group_word(rule->group));
}

/* rules_of returns the rules that findings are of, sorted by name, and numbers them. */
static json_t *
rules_of(struct sarif *sarif)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);
    json_t *list = json_array();

    sarif->indexes = lk_new_array(sarif->mem, int, count);
    lk_vec_foreach(finding, &sarif->report->findings.items)
        sarif->indexes[lk_rule_index(finding->rule)] = 1;
    for (size_t i = 0; i < count; i++) {
        bool there = sarif->indexes[i] == 1;
        sarif->indexes[i] = there ? (int)json_array_size(list) : -1;
        if (there)
            json_array_append_new(list, rule_of(rules[i]));
    }
    return list;
}

/* ---- results ---- */

static json_t *
artifact_of(struct sarif *sarif, const char *path)
{
    const char *shown = lk_root_path(sarif->mem, sarif->report->root, path);
    const char *uri = lk_uri_path(sarif->mem, shown);

    if (shown[0] == '/')
        return json_pack("{s:s}", "uri", lk_fmt(sarif->mem, "file://%s", uri));
    return json_pack("{s:s,s:s}", "uri", uri, "uriBaseId", ROOT);
}

static json_t *
location_of(struct sarif *sarif, const struct lk_finding *finding)
{
    json_t *objects = json_array();
    json_t *region = json_pack("{s:i}", "startLine", (int)LK_MAX(finding->start.line, 1u));

    if (!lk_finding_is_whole(finding)) { /* the end is behind the last character */
        json_object_set_new(region, "startColumn", json_integer(finding->start.column));
        json_object_set_new(region, "endLine", json_integer(finding->end.line));
        json_object_set_new(region, "endColumn", json_integer(finding->end.column + 1));
    }
    lk_vec_foreach(object, &finding->objects)
        json_array_append_new(objects,
                              json_pack("{s:o}", "fullyQualifiedName", lk_json_text(*object)));
    json_t *location = json_pack("{s:{s:o,s:o}}", "physicalLocation", "artifactLocation",
                                 artifact_of(sarif, finding->path), "region", region);
    if (json_array_size(objects) > 0)
        json_object_set(location, "logicalLocations", objects);
    json_decref(objects);
    return location;
}

/* fixes_of returns the fix, or NULL: SARIF has nothing for files that are made or renamed. */
static json_t *
fixes_of(struct sarif *sarif, const struct lk_finding *finding)
{
    const struct lk_fix *fix = lk_finding_fix_shown(finding);

    if (fix == NULL || fix->files.count > 0 || fix->rename != NULL || fix->edits.count == 0)
        return NULL;
    json_t *replacements = json_array();
    lk_vec_foreach(edit, &fix->edits)
        json_array_append_new(replacements,
                              json_pack("{s:{s:i,s:i,s:i,s:i},s:{s:o}}", "deletedRegion",
                                        "startLine", (int)edit->start.line, "startColumn",
                                        (int)edit->start.column, "endLine", (int)edit->end.line,
                                        "endColumn", (int)edit->end.column, "insertedContent",
                                        "text", lk_json_text(edit->text)));
    return json_pack("[{s:{s:s},s:[{s:o,s:o}]}]", "description", "text",
                     fix->safe ? "what `lockkeeper fix` does"
                               : "what `lockkeeper fix --unsafe` does: it needs a look",
                     "artifactChanges", "artifactLocation", artifact_of(sarif, finding->path),
                     "replacements", replacements);
}

static json_t *
suppression_of(const struct lk_finding *finding)
{
    json_t *suppression = json_pack("{s:s,s:s}", "kind", finding->known ? "external" : "inSource",
                                    "status", "accepted");

    if (finding->reason != NULL && finding->reason[0] != '\0')
        json_object_set_new(suppression, "justification", lk_json_text(finding->reason));
    return suppression;
}

static json_t *
result_of(struct sarif *sarif, const struct lk_finding *finding)
{
    json_t *fixes = fixes_of(sarif, finding);
    json_t *result = json_pack(
        "{s:s,s:i,s:s,s:o,s:[o],s:{s:s}}", "ruleId", finding->rule->name, "ruleIndex",
        sarif->indexes[lk_rule_index(finding->rule)], "level", level_of(finding->severity),
        "message", message_of(sarif, lk_finding_text(sarif->mem, finding, LK_CLEAN_UTF8)),
        "locations", location_of(sarif, finding), "partialFingerprints", "lockkeeper/v1",
        finding->fingerprint);

    if (fixes != NULL)
        json_object_set_new(result, "fixes", fixes);
    /* where one result has suppressions, all have to say that they have none */
    json_t *suppressions = json_array();
    if (finding->suppressed)
        json_array_append_new(suppressions, suppression_of(finding));
    json_object_set_new(result, "suppressions", suppressions);
    return result;
}

static void
report_lint(FILE *stream, const struct lk_lint_report *report)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct sarif sarif = {.mem = scratch, .report = report};
    const char *before = "\n";
    json_t *driver = json_pack("{s:s,s:s,s:s,s:o}", "name", "lockkeeper", "version", LK_VERSION,
                               "semanticVersion", LK_VERSION, "rules", rules_of(&sarif));

    fputs("{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
          " \"version\": \"2.1.0\",\n \"runs\": [{\n",
          stream);
    lk_json_put(stream, "\"tool\": ", json_pack("{s:o}", "driver", driver));
    lk_json_put(stream, ",\n\"automationDetails\": ", json_pack("{s:s}", "id", "lockkeeper/lint/"));
    lk_json_put(stream, ",\n\"invocations\": ", json_pack("[{s:b}]", "executionSuccessful", 1));
    lk_json_put(
        stream, ",\n\"originalUriBaseIds\": ",
        json_pack("{s:{s:{s:s}}}", ROOT, "description", "text", "the root of the repository"));
    lk_json_put(stream, ",\n\"columnKind\": ", json_string("unicodeCodePoints"));
    fputs(",\n\"results\": [", stream);
    lk_vec_foreach(finding, &report->findings.items) {
        sarif.mem = lk_mem_new(scratch);
        lk_json_put(stream, before, result_of(&sarif, finding));
        talloc_free(sarif.mem);
        before = ",\n";
    }
    fputs("]}]}\n", stream);
}

const struct lk_reporter lk_reporter_sarif = {
    .name = "sarif",
    .summary = "SARIF 2.1.0, for code scanning and editors",
    .wants = LK_WANTS_ROOT | LK_WANTS_QUOTES,
    .lint = report_lint,
};
