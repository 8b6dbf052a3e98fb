/* Writes the tables of the clients as JSON, for tests that hold documents against them. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/program_table.h"
#include "ethernet/program.h"
#include "group/program.h"
#include "links/program.h"
#include "rendezvous/program.h"

static const struct program *const programs[] = {&reunion_client, &reunion_group, &reunion_link,
                                                 &reunion_on_an_ethernet};

static const char *kind_of(const struct setting *row)
{
    if (!row->value)
        return "switch";
    return strcmp(row->value, "FILE") == 0 ? "file" : "value";
}

/* The names of the commands that an option goes with; "" is what is done without one. */
static json_t *commands_of(const struct program *program, unsigned commands)
{
    json_t *names = json_array();
    for (size_t i = 0; i < program->command_count; i++)
        if (commands == 0 || commands & 1u << i) {
            const char *name = program->commands[i].name;
            json_array_append_new(names, json_string(name ? name : ""));
        }
    return names;
}

static json_t *options_of(const struct program *program)
{
    json_t *options = json_array();
    struct setting_entry at;
    for (size_t i = 0; setting_at(&program->table, i, &at); i++) {
        const struct setting *row = at.row;
        const char letter[2] = {row->letter, '\0'};
        json_array_append_new(
            options,
            json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s, s:s?, s:s, s:b, s:o}", "group", row->group,
                      "name", row->name, "alias", row->alias, "preset", row->preset, "letter",
                      letter, "kind", kind_of(row), "value", row->value, "brief", row->help,
                      "always", at.commands == 0, "commands", commands_of(program, at.commands)));
    }
    return options;
}

static json_t *outcomes_of(const struct program *program)
{
    json_t *outcomes = json_array();
    for (size_t i = 0; i < program->outcome_count; i++)
        json_array_append_new(outcomes,
                              json_pack("{s:i, s:s, s:s}", "code", (int)program->outcomes[i].code,
                                        "name", program->outcomes[i].name, "meaning",
                                        program->outcomes[i].meaning));
    return outcomes;
}

static json_t *briefs_of(const struct program *program)
{
    json_t *briefs = json_object();
    for (size_t i = 0; i < program->command_count; i++)
        if (program->commands[i].name)
            json_object_set_new(briefs, program->commands[i].name,
                                json_string(program->commands[i].brief));
    return briefs;
}

int main(void)
{
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        json_object_set_new(all, programs[i]->name,
                            json_pack("{s:o, s:o, s:o}", "options", options_of(programs[i]),
                                      "outcomes", outcomes_of(programs[i]), "commands",
                                      briefs_of(programs[i])));
    int err = json_dumpf(all, stdout, JSON_INDENT(1));
    json_decref(all);
    return err || fclose(stdout) ? 1 : 0;
}
