#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/socket.h"
#include "fuzz/target.h"

/* Addresses to listen on, as text. They are read and checked; the linker's --wrap has every socket
 * fail for want of descriptors, so that nothing is listened on. */

int __wrap_socket(int domain, int type, int protocol);

int __wrap_socket(int domain, int type, int protocol)
{
    INVARIANT(domain > 0 && type > 0 && protocol >= 0);
    errno = EMFILE;
    return -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct listening listening;
    char address[ADDRESS_BYTES];
    char *text = malloc(size + 1);
    INVARIANT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    int err = socket_listen(text, 0600, &listening, address);
    INVARIANT(err < 0); /* there are no sockets here */
    free(text);
    return 0;
}
