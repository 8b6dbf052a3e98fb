/* The page that meets in a browser, as web/embed_page.py embeds it in the program. */
#ifndef REUNION_API_PAGE_PARTS_H
#define REUNION_API_PAGE_PARTS_H

#include <stddef.h>
#include <stdint.h>

struct page_part {
    const char *path; /* "/" of the document */
    const char *content_type;
    const char *etag; /* with its quotation marks */
    const uint8_t *bytes;
    size_t length;
};

/* None where the program was built without the page. */
extern const struct page_part page_parts[];
extern const size_t page_part_count;

/* SHA-256 of each, and of the page as one file, one a line, as sha256sum prints them; "" without
 * the page. */
extern const char page_hashes[];

#endif
