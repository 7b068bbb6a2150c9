/*
 * Loads, stores and atomic changes of memory, one for each width and order. Each works on u->addr with u->a and u->b, and
 * leaves last and extra, which are the names of variables where it stands.
 */
#ifndef SHMKIT_MEMORY_ACCESS_H
#define SHMKIT_MEMORY_ACCESS_H

#include <stdint.h>

#define FOR_ORDERS(X, name, bits) \
    X(name, bits, RELAXED) X(name, bits, ACQUIRE) X(name, bits, RELEASE) X(name, bits, ACQ_REL) X(name, bits, SEQ_CST)
#define FOR_WIDTHS(X, name) \
    FOR_ORDERS(X, name, 8) FOR_ORDERS(X, name, 16) FOR_ORDERS(X, name, 32) FOR_ORDERS(X, name, 64)
/* clang-format off */
#define FOR_MEMORY(X) \
    FOR_WIDTHS(X, GET) FOR_WIDTHS(X, PUT) FOR_WIDTHS(X, ADD) FOR_WIDTHS(X, XCHG) \
    FOR_WIDTHS(X, AND) FOR_WIDTHS(X, OR) FOR_WIDTHS(X, XOR) FOR_WIDTHS(X, CAS)
/* clang-format on */

/* Orders that the decoder refuses for loads and stores have a label all the same; they are mapped to a legal one. */
#define LOAD_ORDER_RELAXED __ATOMIC_RELAXED
#define LOAD_ORDER_ACQUIRE __ATOMIC_ACQUIRE
#define LOAD_ORDER_RELEASE __ATOMIC_SEQ_CST
#define LOAD_ORDER_ACQ_REL __ATOMIC_SEQ_CST
#define LOAD_ORDER_SEQ_CST __ATOMIC_SEQ_CST
/* Of a compare-and-set that fails: what remains of its order for a load. */
#define FAILURE_ORDER_RELAXED __ATOMIC_RELAXED
#define FAILURE_ORDER_ACQUIRE __ATOMIC_ACQUIRE
#define FAILURE_ORDER_RELEASE __ATOMIC_RELAXED
#define FAILURE_ORDER_ACQ_REL __ATOMIC_ACQUIRE
#define FAILURE_ORDER_SEQ_CST __ATOMIC_SEQ_CST
#define STORE_ORDER_RELAXED __ATOMIC_RELAXED
#define STORE_ORDER_ACQUIRE __ATOMIC_SEQ_CST
#define STORE_ORDER_RELEASE __ATOMIC_RELEASE
#define STORE_ORDER_ACQ_REL __ATOMIC_SEQ_CST
#define STORE_ORDER_SEQ_CST __ATOMIC_SEQ_CST

#define DO_GET(bits, order) last = __atomic_load_n((uint##bits##_t *)u->addr, LOAD_ORDER_##order)
#define DO_PUT(bits, order) __atomic_store_n((uint##bits##_t *)u->addr, (uint##bits##_t)u->a, STORE_ORDER_##order)
#define MODIFY(how, bits, order) last = how((uint##bits##_t *)u->addr, (uint##bits##_t)u->a, __ATOMIC_##order)
#define DO_ADD(bits, order) MODIFY(__atomic_fetch_add, bits, order)
#define DO_XCHG(bits, order) MODIFY(__atomic_exchange_n, bits, order)
#define DO_AND(bits, order) MODIFY(__atomic_fetch_and, bits, order)
#define DO_OR(bits, order) MODIFY(__atomic_fetch_or, bits, order)
#define DO_XOR(bits, order) MODIFY(__atomic_fetch_xor, bits, order)
#define DO_CAS(bits, order) \
    do { \
        uint##bits##_t witness = (uint##bits##_t)u->a; \
        extra = __atomic_compare_exchange_n((uint##bits##_t *)u->addr, &witness, (uint##bits##_t)u->b, false, \
            __ATOMIC_##order, FAILURE_ORDER_##order); \
        last = witness; \
    } while (0)

#endif
