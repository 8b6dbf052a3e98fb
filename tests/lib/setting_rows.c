/* Writes the table of a daemon's settings as JSON, for tests that hold its manual page against it.
 */
#include <jansson.h>
#include <stdio.h>

#include "option/setting.h"

extern const struct setting_table TABLE;

int main(void)
{
    json_t *all = json_array();
    struct setting_entry at;
    for (size_t i = 0; setting_at(&TABLE, i, &at); i++) {
        const struct setting *row = at.row;
        char variable[SETTING_VARIABLE_BYTES];
        setting_variable(&TABLE, row, variable);
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:s?, s:s?, s:s?}", "group", row->group, "name",
                                        row->name, "value", row->value, "preset", row->preset,
                                        "variable", row->from == ORIGIN_FLAG ? NULL : variable));
    }
    int err = json_dumpf(all, stdout, JSON_INDENT(1));
    json_decref(all);
    return err || fclose(stdout) ? 1 : 0;
}
