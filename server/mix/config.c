#include "mix/config.h"

#include <stdlib.h>
#include <string.h>

/* Where the system says that state goes, or here. */
static int default_state(struct mix_config *config, FILE *complaints)
{
    const char *folder = getenv("STATE_DIRECTORY");
    int length = folder ? snprintf(config->state.text, SETTING_TEXT_BYTES, "%.*s",
                                   (int)strcspn(folder, ":"), folder)
                        : snprintf(config->state.text, SETTING_TEXT_BYTES, ".");
    if (length < SETTING_TEXT_BYTES)
        return 0;
    fputs("STATE_DIRECTORY in the environment is too long\n", complaints);
    return -EINVAL;
}

static int default_key(struct mix_config *config, FILE *complaints)
{
    int length = snprintf(config->key_file.text, SETTING_TEXT_BYTES, "%s/reunion-mix.key",
                          config->state.text);
    if (length < SETTING_TEXT_BYTES)
        return 0;
    fputs("the name of the folder is too long to have --key in it\n", complaints);
    return -EINVAL;
}

/* What no single setting can say, and what is set by nothing else. */
static int complete(struct mix_config *config, FILE *complaints)
{
    if (config->state.text[0] == '\0' && default_state(config, complaints))
        return -EINVAL;
    if (config->key_file.text[0] == '\0' && default_key(config, complaints))
        return -EINVAL;
    if (config->minimum <= config->batch)
        return 0;
    fprintf(complaints, "--minimum is %llu, above --batch, which is %llu\n",
            (unsigned long long)config->minimum, (unsigned long long)config->batch);
    return -EINVAL;
}

int mix_config_read(struct mix_config *config, const struct settings_sources *sources,
                    FILE *complaints)
{
    memset(config, 0, sizeof *config);
    const struct settings settings = {&mix_settings, config, config->origins, 0, NULL};
    settings_defaults(&settings);
    int err = settings_read(&settings, sources, &config->file, complaints);
    return err ? err : complete(config, complaints);
}

bool mix_config_is_default(const struct mix_config *config, const char *name)
{
    return settings_is_default(&mix_settings, config->origins, name);
}
