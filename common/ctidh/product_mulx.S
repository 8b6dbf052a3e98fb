/* Products, Montgomery reduction, sums and differences of 1024-bit numbers with the instructions BMI2
 * and ADX. Declared in product_mulx.h.
 *
 * Numbers are multiplied in blocks of eight by eight words. A block adds a·b to a number of eight
 * words in r8 to r15, by a row for each word of a: MULX leaves the flags alone, ADCX and ADOX carry
 * in one flag each, so that the sums of low and of high words are two chains that run side by side.
 * After a row the lowest word is final and is stored, and its register takes the word that comes on
 * top; so after eight rows all names are as they were. A block is one routine that is called four
 * times: written out, the code would not fit into a processor's cache of decoded instructions.
 *
 * Straight-line code, on addresses that do not depend on values. */
#include <cet.h>

/* -1/p modulo 2^64, as in fp1024.h */
#define MINUS_PRIME_INVERSE 0xd2c2c24160038025

    .text

.macro STEP k, low, high
    mulx 8*\k(%rcx), %rax, %rbx
    adcx %rax, \low
    adox %rbx, \high
.endm

/* += rdx·b; the lowest word is r0, and the new one on top afterwards. rbp has b[7]. */
.macro ROW r0, r1, r2, r3, r4, r5, r6, r7, i, store
    xor %eax, %eax /* and both carries */
    STEP 0, \r0, \r1
.if \store
    mov \r0, 8*\i(%rdi)
.endif
    STEP 1, \r1, \r2
    STEP 2, \r2, \r3
    STEP 3, \r3, \r4
    STEP 4, \r4, \r5
    STEP 5, \r5, \r6
    STEP 6, \r6, \r7
    mulx %rbp, %rax, \r0
    adcx %rax, \r7
    mov $0, %eax
    adcx %rax, \r0
    adox %rax, \r0
.endm

.macro FACTOR_ROW i, r0, r1, r2, r3, r4, r5, r6, r7
    mov 8*\i(%rsi), %rdx
    ROW \r0, \r1, \r2, \r3, \r4, \r5, \r6, \r7, \i, 1
.endm

/* Adds the multiple of b that makes the lowest word zero, and stores what it is a multiple by. */
.macro QUOTIENT_ROW i, r0, r1, r2, r3, r4, r5, r6, r7
    mov minus_prime_inverse(%rip), %rdx
    imul \r0, %rdx
    mov %rdx, 8*\i(%rdi)
    ROW \r0, \r1, \r2, \r3, \r4, \r5, \r6, \r7, \i, 0
.endm

.macro EIGHT_ROWS row
    mov 56(%rcx), %rbp
    \row 0, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
    \row 1, %r9, %r10, %r11, %r12, %r13, %r14, %r15, %r8
    \row 2, %r10, %r11, %r12, %r13, %r14, %r15, %r8, %r9
    \row 3, %r11, %r12, %r13, %r14, %r15, %r8, %r9, %r10
    \row 4, %r12, %r13, %r14, %r15, %r8, %r9, %r10, %r11
    \row 5, %r13, %r14, %r15, %r8, %r9, %r10, %r11, %r12
    \row 6, %r14, %r15, %r8, %r9, %r10, %r11, %r12, %r13
    \row 7, %r15, %r8, %r9, %r10, %r11, %r12, %r13, %r14
    ret
.endm

/* (r8..r15) + rsi[0..7]·rcx[0..7]: the low half to rdi[0..7], the high half in r8..r15. */
    .p2align 6
    .type block, @function
block:
    .cfi_startproc
    EIGHT_ROWS FACTOR_ROW
    .cfi_endproc
    .size block, . - block

/* The same with the factor that makes the low half zero: it goes to rdi[0..7]. */
    .p2align 6
    .type quotient_block, @function
quotient_block:
    .cfi_startproc
    EIGHT_ROWS QUOTIENT_ROW
    .cfi_endproc
    .size quotient_block, . - quotient_block

/* Eight words in r8..r15, from memory, to memory, and added from memory. */
.macro LOAD at, base
    mov \at(\base), %r8
    mov \at+8(\base), %r9
    mov \at+16(\base), %r10
    mov \at+24(\base), %r11
    mov \at+32(\base), %r12
    mov \at+40(\base), %r13
    mov \at+48(\base), %r14
    mov \at+56(\base), %r15
.endm

.macro STORE at, base
    mov %r8, \at(\base)
    mov %r9, \at+8(\base)
    mov %r10, \at+16(\base)
    mov %r11, \at+24(\base)
    mov %r12, \at+32(\base)
    mov %r13, \at+40(\base)
    mov %r14, \at+48(\base)
    mov %r15, \at+56(\base)
.endm

/* With the carry that there is. */
.macro ADD_WORDS at, base
    adc \at(\base), %r8
    adc \at+8(\base), %r9
    adc \at+16(\base), %r10
    adc \at+24(\base), %r11
    adc \at+32(\base), %r12
    adc \at+40(\base), %r13
    adc \at+48(\base), %r14
    adc \at+56(\base), %r15
.endm

.macro ADD_CARRY
    adc $0, %r8
    adc $0, %r9
    adc $0, %r10
    adc $0, %r11
    adc $0, %r12
    adc $0, %r13
    adc $0, %r14
    adc $0, %r15
.endm

/* A carry is kept as 0 or -1. */
.macro CARRY_TO slot
    sbb %rax, %rax
    mov %rax, \slot(%rsp)
.endm

.macro CARRY_FROM slot
    mov \slot(%rsp), %rax
    add %rax, %rax
.endm

.macro SAVE register
    push \register
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset \register, 0
.endm

.macro RESTORE register
    pop \register
    .cfi_adjust_cfa_offset -8
    .cfi_restore \register
.endm

/* Registers that are the caller's, and three slots. */
.macro BEGIN name
    .globl \name
    .hidden \name
    .type \name, @function
    .p2align 4
\name:
    .cfi_startproc
    _CET_ENDBR
    SAVE %rbx
    SAVE %rbp
    SAVE %r12
    SAVE %r13
    SAVE %r14
    SAVE %r15
    sub $24, %rsp
    .cfi_adjust_cfa_offset 24
.endm

.macro FINISH name
    add $24, %rsp
    .cfi_adjust_cfa_offset -24
    RESTORE %r15
    RESTORE %r14
    RESTORE %r13
    RESTORE %r12
    RESTORE %rbp
    RESTORE %rbx
    ret
    .cfi_endproc
    .size \name, . - \name
.endm

/* void name(uint64_t sum[32], const uint64_t a[16], const uint64_t b[16]): sum = a·b, or += if there
 * is one. Slots: the carry into word 16, into word 24, and another into word 24. */
.macro PRODUCT name, is_sum
    BEGIN \name
    mov %rdx, %rcx
.if \is_sum
    LOAD 0, %rdi
.else
    xor %r8d, %r8d
    xor %r9d, %r9d
    xor %r10d, %r10d
    xor %r11d, %r11d
    xor %r12d, %r12d
    xor %r13d, %r13d
    xor %r14d, %r14d
    xor %r15d, %r15d
.endif
    call block
.if \is_sum
    clc
    ADD_WORDS 64, %rdi
    CARRY_TO 0
.endif
    add $64, %rcx
    add $64, %rdi
    call block
.if \is_sum
    CARRY_FROM 0
    ADD_WORDS 64, %rdi
    CARRY_TO 8
.endif
    STORE 64, %rdi
    sub $64, %rcx
    add $64, %rsi
    LOAD 0, %rdi
    call block
    clc
    ADD_WORDS 64, %rdi
    CARRY_TO 16
    add $64, %rcx
    add $64, %rdi
    call block
.if \is_sum
    CARRY_FROM 8
    ADD_WORDS 64, %rdi
.endif
    CARRY_FROM 16
    ADD_CARRY
    STORE 64, %rdi
    FINISH \name
.endm

PRODUCT fps_product, 0
PRODUCT fps_product_add, 1

/* void fps_montgomery_reduce(uint64_t out[16], uint64_t sum[32], const uint64_t prime[16]). The
 * quotient takes the place of the lower half of the sum. Slots: the carry into word 16 and, later, into word 24; another into word
 * 24; and where the result goes. */
    BEGIN fps_montgomery_reduce
    mov %rdi, 16(%rsp)
    mov %rsi, %rdi
    mov %rdx, %rcx
    LOAD 0, %rdi
    call quotient_block
    clc
    ADD_WORDS 64, %rdi
    CARRY_TO 0
    mov %rdi, %rsi
    add $64, %rdi
    add $64, %rcx
    call block
    CARRY_FROM 0
    ADD_WORDS 64, %rdi
    CARRY_TO 8
    STORE 64, %rdi
    sub $64, %rcx
    LOAD 0, %rdi
    call quotient_block
    clc
    ADD_WORDS 64, %rdi
    CARRY_TO 0
    mov %rdi, %rsi
    mov 16(%rsp), %rdi
    add $64, %rcx
    call block
    CARRY_FROM 8
    ADD_WORDS 128, %rsi
    CARRY_FROM 0
    ADD_CARRY
    STORE 64, %rdi
    FINISH fps_montgomery_reduce

/* Functions of sixteen words that call none and need three registers. */
.macro WORDS_BEGIN name
    .globl \name
    .hidden \name
    .type \name, @function
    .p2align 4
\name:
    .cfi_startproc
    _CET_ENDBR
.endm

.macro WORDS_FINISH name
    ret
    .cfi_endproc
    .size \name, . - \name
.endm

/* void fps_words_add(uint64_t out[16], const uint64_t a[16], const uint64_t b[16]) */
    WORDS_BEGIN fps_words_add
    clc
.irp k, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    mov 8*\k(%rsi), %rax
    adc 8*\k(%rdx), %rax
    mov %rax, 8*\k(%rdi)
.endr
    WORDS_FINISH fps_words_add

/* void fps_words_add_sub(uint64_t out[16], const uint64_t a[16], const uint64_t b[16],
 *                        const uint64_t c[16]): a + b - c, as a + b + not c + 1 with two carries. */
    WORDS_BEGIN fps_words_add_sub
    xor %eax, %eax
    stc
.irp k, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    mov 8*\k(%rcx), %rax
    not %rax
    adcx 8*\k(%rsi), %rax
    adox 8*\k(%rdx), %rax
    mov %rax, 8*\k(%rdi)
.endr
    WORDS_FINISH fps_words_add_sub

/* uint64_t fps_words_sub(uint64_t out[16], const uint64_t a[16], const uint64_t b[16]): a - b, and 1
 * if that is negative, else 0. */
    WORDS_BEGIN fps_words_sub
    clc
.irp k, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    mov 8*\k(%rsi), %rax
    sbb 8*\k(%rdx), %rax
    mov %rax, 8*\k(%rdi)
.endr
    sbb %rax, %rax
    neg %rax
    WORDS_FINISH fps_words_sub

    .section .rodata
    .p2align 3
minus_prime_inverse:
    .quad MINUS_PRIME_INVERSE

    .section .note.GNU-stack, "", @progbits
