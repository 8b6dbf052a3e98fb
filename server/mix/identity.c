#include "mix/identity.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/key_file.h"
#include "mix/tag_log.h"

void identity_boot_id(char boot_id[static BOOT_ID_BYTES])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t bytes = fd < 0 ? 0 : read(fd, boot_id, BOOT_ID_BYTES - 1);
    if (fd >= 0)
        close(fd);
    boot_id[bytes > 0 ? bytes : 0] = '\0';
    boot_id[strcspn(boot_id, "\n")] = '\0';
}

int identity_take(struct box_identity *identity, const struct mix_config *config,
                  const struct random_source *random, bool *made)
{
    char boot_id[BOOT_ID_BYTES];
    int err = key_file_read(identity, config->key_file.text);
    *made = err == -ENOENT;
    if (err != -ENOENT)
        return err;
    err = key_file_make(identity, config->key_file.text, random);
    if (err)
        return err;
    identity_boot_id(boot_id);
    err = tag_log_begin(config->state.text, boot_id);
    return err == -EEXIST ? 0 : err;
}

const char *identity_advice(int err)
{
    switch (err) {
    case -EKEYREJECTED:
        return "take the rights of others away (chmod 600); if they may have read it, make a new "
               "one, and change the net file";
    case -EBADMSG:
        return "put the right file back, or move this one away: then a new one is made, for which "
               "the net file has to be changed";
    case -EINVAL:
    case -EEXIST:
        return "name a file with --key";
    case -ENOENT:
    case -ENOTDIR:
        return "make its folder first, or name another with --state";
    case -EACCES:
    case -EROFS:
        return "see its owner and mode, or name another with --state or --key";
    default:
        return "see the system's log";
    }
}
