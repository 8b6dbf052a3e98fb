#include "service/state.h"

int service_submit(struct service *service, struct post *post)
{
    return write_thread_submit(&service->writer, &post->job);
}
