#include "cli/inputs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/standard_streams.h"

int inputs_descriptor(int descriptor)
{
    struct stat about;
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fstat(descriptor, &about))
        return -errno;
    if (standard_streams_was_closed(descriptor) || (flags & O_ACCMODE) == O_WRONLY ||
        (flags & O_PATH))
        return -EBADF;
    return S_ISDIR(about.st_mode) ? -EISDIR : 0;
}

int inputs_file(const char *path)
{
    struct stat about;
    if (strcmp(path, "-") == 0)
        return inputs_descriptor(STDIN_FILENO);
    if (stat(path, &about) || access(path, R_OK))
        return -errno;
    return S_ISDIR(about.st_mode) ? -EISDIR : 0;
}

/* Why a descriptor cannot be read, in words that fit better than the system's. */
static const char *descriptor_reason(int descriptor, int err)
{
    if (err != -EBADF)
        return err_reason(err);
    bool open = fcntl(descriptor, F_GETFD) >= 0 && !standard_streams_was_closed(descriptor);
    return open ? "it is not open for reading" : "it is not open";
}

static int check_descriptor(const struct setting *row, int64_t number,
                            char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    int descriptor = (int)number, err = number < 0 ? 0 : inputs_descriptor(descriptor);
    return err ? options_complain(complaint, "cannot read descriptor %d, which --%s names: %s",
                                  descriptor, row->name, descriptor_reason(descriptor, err))
               : 0;
}

static int check_file(const struct setting *row, const char *path,
                      char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    int err = path ? inputs_file(path) : 0;
    if (!err)
        return 0;
    if (strcmp(path, "-") == 0)
        return options_complain(complaint, "cannot read standard input, which --%s names: %s",
                                row->name, descriptor_reason(STDIN_FILENO, err));
    return options_complain(complaint, "cannot read the file of --%s, %s: %s", row->name, path,
                            err_reason(err));
}

int inputs_check(const struct program *program, const struct options *options,
                 char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct setting_entry at;
    int err = 0;
    for (size_t i = 0; !err && setting_at(&program->table, i, &at); i++) {
        const void *member = (const char *)options + at.row->offset;
        if (at.row->is_input && at.row->form == FORM_NUMBER)
            err = check_descriptor(at.row, *(const int64_t *)member, complaint);
        else if (at.row->is_input)
            err = check_file(at.row, *(const char *const *)member, complaint);
    }
    return err;
}
