/* Known answers: kat_datagrams [--part NAME] [FILE] runs a file of the form of datagrams.json, or
 * one part of it. What the file has and this program does not know is a failure, so that nothing
 * passes by not being looked at. */
#include "kat_datagrams.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"

static const struct kat_part *const parts[] = {&kat_box, &kat_mix, &kat_groups};

enum { PARTS = sizeof parts / sizeof *parts };

static const struct kat_part *part_named(const char *name)
{
    for (size_t i = 0; i < PARTS; i++)
        if (strcmp(parts[i]->name, name) == 0)
            return parts[i];
    return NULL;
}

static const struct kat_section *section_named(const struct kat_part *part, const char *name)
{
    for (size_t i = 0; i < part->count; i++)
        if (strcmp(part->sections[i].name, name) == 0)
            return &part->sections[i];
    return NULL;
}

static void run_section(struct kat_score *score, const struct kat_section *section,
                        const json_t *entries)
{
    size_t i;
    json_t *entry;
    if (!json_is_array(entries))
        kat_refuse(section->name, "list");
    json_array_foreach(entries, i, entry)
    {
        if (!json_is_object(entry))
            kat_refuse(section->name, "list of objects");
        section->check(score, entry, section->name, i);
    }
}

static void run_part(struct kat_score *score, const struct kat_part *part, json_t *lists)
{
    const char *name;
    json_t *entries;
    if (!json_is_object(lists))
        kat_refuse(part->name, "object");
    json_object_foreach(lists, name, entries)
    {
        const struct kat_section *section = section_named(part, name);
        if (section)
            run_section(score, section, entries);
        else
            kat_expect(score, false, name, 0, "is not known to this program");
    }
}

/* Every member of the file is a part, but what it tells about itself. */
static void run_file(struct kat_score *score, json_t *root, const char *only)
{
    const char *name;
    json_t *member;
    if (!json_is_object(root))
        kat_refuse("the file", "object");
    if (only && !json_object_get(root, only))
        kat_refuse(only, "part of the file");
    json_object_foreach(root, name, member)
    {
        const struct kat_part *part = part_named(name);
        if (strcmp(name, "about") == 0 || strcmp(name, "label") == 0)
            continue;
        if (only && strcmp(name, only) != 0)
            continue;
        if (part)
            run_part(score, part, member);
        else
            kat_expect(score, false, name, 0, "is not known to this program");
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: kat_datagrams [--part NAME] [FILE]\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    if (argc > 1 && strcmp(argv[1], "--part") == 0) {
        if (argc == 2)
            return usage();
        only = argv[2];
        argc -= 2;
        argv += 2;
    }
    if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
        return usage();
    const char *file = argc == 2 ? argv[1] : KAT_DEFAULT_FILE;
    if (secret_init())
        return 2;
    json_error_t error;
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        fprintf(stderr, "kat_datagrams: %s: line %d: %s\n", file, error.line, error.text);
        return 2;
    }
    struct kat_score score = {0, 0};
    run_file(&score, root, only);
    json_decref(root);
    printf("%u passed, %u failed\n", score.passed, score.failed);
    if (score.passed + score.failed == 0)
        fprintf(stderr, "kat_datagrams: %s: there is no known answer in it\n", file);
    return score.failed == 0 && score.passed > 0 ? 0 : 1;
}
