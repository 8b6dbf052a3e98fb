#include "wire/op_form.h"

void op_form_bytes(struct op_form *form, const uint8_t **field, size_t bytes)
{
    if (form->reads)
        *field = cursor_take(&form->from, bytes);
    else
        writer_put(&form->to, *field, bytes);
}

void op_form_u8(struct op_form *form, uint8_t *field)
{
    if (form->reads)
        *field = cursor_u8(&form->from);
    else
        writer_u8(&form->to, *field);
}

void op_form_be16(struct op_form *form, uint16_t *field)
{
    if (form->reads)
        *field = cursor_be16(&form->from);
    else
        writer_be16(&form->to, *field);
}

void op_form_be32(struct op_form *form, uint32_t *field)
{
    if (form->reads)
        *field = cursor_be32(&form->from);
    else
        writer_be32(&form->to, *field);
}

void op_form_be64(struct op_form *form, uint64_t *field)
{
    if (form->reads)
        *field = cursor_be64(&form->from);
    else
        writer_be64(&form->to, *field);
}

void op_form_flag(struct op_form *form, bool *field)
{
    if (!form->reads) {
        writer_u8(&form->to, *field);
        return;
    }
    uint8_t byte = cursor_u8(&form->from);
    if (byte > 1)
        form->from.failed = true;
    *field = byte == 1;
}

void op_form_items(struct op_form *form, struct op_items *items, size_t item_bytes)
{
    op_form_bytes(form, &items->bytes, items->count * item_bytes);
}

void op_form_rest(struct op_form *form, struct op_items *items, size_t item_bytes)
{
    if (form->reads) {
        if (form->from.left % item_bytes != 0)
            form->from.failed = true;
        items->count = form->from.left / item_bytes;
    }
    op_form_items(form, items, item_bytes);
}
