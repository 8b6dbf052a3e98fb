#include "cli/complaint.h"

#include <stdarg.h>
#include <stdio.h>

int options_complain(char complaint[static OPTIONS_COMPLAINT_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint, OPTIONS_COMPLAINT_BYTES, format, arguments);
    va_end(arguments);
    return -EINVAL;
}
