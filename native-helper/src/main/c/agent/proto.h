/*
 * The binary protocol between a test JVM and a native helper: every number that both sides must know.
 * PROTOCOL.md explains it; ProtoTests compares this file with the Java side, so that the two can't drift apart.
 *
 * All integers are little-endian. A message is a u32 length followed by that many bytes of body, and every body
 * starts with a u32 type.
 */
#ifndef SHMKIT_PROTO_H
#define SHMKIT_PROTO_H

#define PROTO_MAGIC 0x4b4d4853u /* the bytes "SHMK" */
#define PROTO_VERSION 1
#define PROTO_MAX_BODY 4194304u /* neither side accepts a longer one */
#define PROTO_MAX_NAME 255u

/* Exit statuses of a helper that gives up: high ones, so that a test's own exit codes are not taken for them. */
#define PROTO_EXIT_MALFORMED 120
#define PROTO_EXIT_INTERNAL 121

/* Sizes in bytes of the fixed parts, type included. */
#define PROTO_HELLO_SIZE 16
#define PROTO_RUN_SIZE 16
#define PROTO_ACCESS_SIZE 40
#define PROTO_REPLY_SIZE 48
#define PROTO_RESULT_SIZE 24
#define PROTO_FAULT_SIZE 32
#define PROTO_CHILD_SIZE 16
#define PROTO_INSN_SIZE 32
#define PROTO_ARG_SIZE 16

/* Bounds of one request and of its reply; together they keep every reply below PROTO_MAX_BODY. */
#define PROTO_MAX_INSNS 65536u
#define PROTO_MAX_RESULTS 65536u
#define PROTO_MAX_REPLY_BYTES 2097152u
#define PROTO_MAX_DEPTH 16
#define PROTO_MAX_ARGS 6

#define PROTO_SLOTS 64    /* segments that one helper can have attached */
#define PROTO_SEG_RAW 255 /* instead of a slot: the offset is an address of the helper's own */
#define PROTO_REGS 16

/* Register fields: 0 means none. */
#define PROTO_REG_FIRST 1
#define PROTO_REG_LAST 17  /* read only: the value of the last operation that had one */
#define PROTO_REG_EXTRA 18 /* read only: compare-and-set's "swapped", or a call's errno */

/* Flags of an instruction. */
#define PROTO_FLAG_KEEP 1      /* put the value into the reply */
#define PROTO_FLAG_A_REG 2     /* a names a register */
#define PROTO_FLAG_B_REG 4     /* b names a register */
#define PROTO_FLAG_CHECKED 8   /* CALL: failing ends the script */
#define PROTO_FLAG_READONLY 16 /* ATTACH: map without PROT_WRITE, shmat with SHM_RDONLY */

#define PROTO_FOREVER 0xffffffffffffffffull /* LOOP count, AWAIT timeout */

/* clang-format off */
#define PROTO_TYPES(X) \
    X(HELLO, 1) \
    X(RUN, 2) \
    X(REPLY, 3) \
    X(FAULT, 4) \
    X(CHILD_EXIT, 5) \
    X(ACCESS, 6)

#define PROTO_STATUSES(X) \
    X(OK, 0) \
    X(ERRNO, 1)    /* a system call failed; err says how */ \
    X(USAGE, 2)    /* refused; the reply's bytes say why. Nothing ran, unless a register's value was at fault */ \
    X(TIMEOUT, 3)  /* AWAIT; last is the value seen last */ \
    X(MISMATCH, 4) /* CHECK; last is the value that was wrong */ \
    X(LIMIT, 5)    /* more results than a reply may have */

#define PROTO_ORDERS(X) \
    X(RELAXED, 0) \
    X(ACQUIRE, 1) \
    X(RELEASE, 2) \
    X(ACQ_REL, 3) \
    X(SEQ_CST, 4)

/* The operands are cut to the instruction's width first; U: compared as unsigned. */
#define PROTO_COMPARISONS(X) \
    X(EQ, 0) \
    X(NE, 1) \
    X(LT, 2) \
    X(LE, 3) \
    X(GT, 4) \
    X(GE, 5) \
    X(ULT, 6) \
    X(ULE, 7) \
    X(UGT, 8) \
    X(UGE, 9) \
    X(ALL_SET, 10) /* every bit of the operand is set in the value */ \
    X(ANY_SET, 11)

#define PROTO_ALU(X) \
    X(ADD, 0) \
    X(SUB, 1) \
    X(MUL, 2) \
    X(AND, 3) \
    X(OR, 4) \
    X(XOR, 5) \
    X(SHL, 6) \
    X(SHR, 7) \
    X(MOD, 8) /* unsigned; by zero gives zero */

/* How ATTACH finds its memory. */
#define PROTO_METHODS(X) \
    X(PATH, 0)    /* open and mmap; b = offset << 32 | length of the path in the data */ \
    X(SHMID, 1)   /* shmat; b = shmid */ \
    X(FD, 2)      /* mmap of b, a descriptor of the helper's own */ \
    X(ANON, 3)    /* anonymous and shared: for children by FORK */ \
    X(ADDRESS, 4) /* already mapped, at b: gives memory from calls a slot of its own */

#define PROTO_OPS(X) \
    X(NOP, 0) \
    X(GET, 1)        /* value at off */ \
    X(PUT, 2)        /* a to off */ \
    X(ADD, 3)        /* add a; the old value is the result, as for the next four */ \
    X(XCHG, 4) \
    X(AND, 5) \
    X(OR, 6) \
    X(XOR, 7) \
    X(CAS, 8)        /* a = expected, b = new; result: the value witnessed; extra: 1 if swapped */ \
    X(FILL, 9)       /* a = length, b = byte */ \
    X(PUT_BYTES, 10) /* a = length, b = offset in the data */ \
    X(GET_BYTES, 11) /* a = length; always kept */ \
    X(COPY, 12)      /* a = length, b = source offset, cmp = source slot */ \
    X(CRC32, 13)     /* a = length; the polynomial of zlib and java.util.zip.CRC32 */ \
    X(AWAIT, 14)     /* until value cmp a; b = nanoseconds */ \
    X(SLEEP, 15)     /* a = nanoseconds */ \
    X(FENCE, 16) \
    X(ECHO, 17)      /* a = length, b = offset in the data; to standard error */ \
    X(EXIT, 18)      /* a = code, by _exit */ \
    X(DIE, 19)       /* a = signal, sent to itself with the default disposition */ \
    X(LOOP, 20)      /* a = count */ \
    X(END, 21)       /* of LOOP and IF */ \
    X(BREAK, 22)     /* leaves the innermost loop */ \
    X(IF, 23)        /* register idx (default: last) cmp a */ \
    X(ELSE, 24) \
    X(CHECK, 25)     /* as IF; where it does not hold, the script ends as MISMATCH */ \
    X(SET, 26)       /* dst = a */ \
    X(ALU, 27)       /* dst = register idx (default: last), a; cmp says what to do */ \
    X(ATTACH, 28)    /* slot seg; cmp = method, off = offset in the object, a = size, b = by method */ \
    X(DETACH, 29)    /* slot seg */ \
    X(CALL, 30)      /* a = call, b = number of arguments, off = their offset in the data */ \
    X(FORK, 31)      /* the child serves the connection that came with this request; result: its pid */ \
    X(REACH, 32)     /* seg = slot of the page of checkpoints; a = length, b = offset of the data, as for the next two: \
                        u64 nanoseconds, u32 count, u32 number of names behind the first, names with their NULs */ \
    X(CHECKPOINT, 33) /* waits until it was reached count times */ \
    X(BARRIER, 34)   /* the second name is this helper's, the others are the parties */

/* What an argument of CALL is: u8 kind, u8 slot, u16 0, u32 length, u64 value. */
#define PROTO_ARGS(X) \
    X(IMM, 0)  /* value */ \
    X(REG, 1)  /* value names a register */ \
    X(SEG, 2)  /* address of offset value in the slot */ \
    X(DATA, 3) /* address of length bytes at offset value of the request's data */ \
    X(OUT, 4)  /* address of length zero bytes, which come back in the reply */

/*
 * Arguments by letter: i integer; p address (any kind); s NUL-terminated string in the data; r record of at least
 * PROTO_RECORD_SIZE bytes in the data or out; n length of the address just before it. In the place of a string or record
 * may stand an address, by a number, register or slot, which the function gets as it is.
 */
#define PROTO_RECORD_SIZE 128

/* What SIGACTION does at a signal; numbers 0 and 1 as SIG_DFL and SIG_IGN. */
#define PROTO_SIG_COUNT 2 /* counts it, for SIGNALS */

#define PROTO_CALLS(X) \
    X(GETPID, 1, "") \
    X(MMAP, 2, "piiiii") \
    X(MUNMAP, 3, "pi") \
    X(MPROTECT, 4, "pii") \
    X(MSYNC, 5, "pii") \
    X(MLOCK, 6, "pi") \
    X(MUNLOCK, 7, "pi") \
    X(MADVISE, 8, "pii") \
    X(MREMAP, 9, "piiip") \
    X(OPEN, 10, "sii") \
    X(CLOSE, 11, "i") \
    X(READ, 12, "ipn") \
    X(WRITE, 13, "ipn") \
    X(PREAD, 14, "ipni") \
    X(PWRITE, 15, "ipni") \
    X(LSEEK, 16, "iii") \
    X(FTRUNCATE, 17, "ii") \
    X(TRUNCATE, 18, "si") \
    X(FALLOCATE, 19, "iiii") \
    X(POSIX_FALLOCATE, 20, "iii") \
    X(UNLINK, 21, "s") \
    X(FSTAT, 22, "ir") \
    X(FCHMOD, 23, "ii") \
    X(SHM_OPEN, 24, "sii") \
    X(SHM_UNLINK, 25, "s") \
    X(MEMFD_CREATE, 26, "si") \
    X(SHMGET, 27, "iii") \
    X(SHMAT, 28, "ipi") \
    X(SHMDT, 29, "p") \
    X(SHMCTL, 30, "iir") \
    X(FTOK, 31, "si") \
    X(UMASK, 32, "i") \
    X(SETEUID, 33, "i") \
    X(SETEGID, 34, "i") \
    X(SETGROUPS, 35, "") \
    X(SETRLIMIT, 36, "iii") \
    X(UNSHARE, 37, "i") \
    X(MOUNT_SHM, 38, "i") \
    X(PIPE, 39, "r") \
    X(DUP2, 40, "ii") \
    X(KILL, 41, "ii") \
    X(WAITPID, 42, "iir") \
    X(INVOKE, 43, "p") \
    X(EXEC, 44, "sp") \
    X(ADDRESS, 45, "p") \
    X(MUTEX_INIT, 46, "p") \
    X(MUTEX_LOCK, 47, "pi") \
    X(MUTEX_UNLOCK, 48, "p") \
    X(MUTEX_CONSISTENT, 49, "p") \
    X(COND_INIT, 50, "p") \
    X(COND_WAIT, 51, "ppi") \
    X(COND_SIGNAL, 52, "p") \
    X(COND_BROADCAST, 53, "p") \
    X(FUTEX_WAIT, 54, "pii") \
    X(FUTEX_WAKE, 55, "pi") \
    X(SEM_OPEN, 56, "siii") \
    X(SEM_WAIT, 57, "pi") \
    X(SEM_POST, 58, "p") \
    X(SEM_GETVALUE, 59, "p") \
    X(SEM_CLOSE, 60, "p") \
    X(SEM_UNLINK, 61, "s") \
    X(SEMGET, 62, "iii") \
    X(SEMOP, 63, "iiiii") \
    X(SEMCTL, 64, "iiip") \
    X(MQ_OPEN, 65, "siiii") \
    X(MQ_SEND, 66, "ipnii") \
    X(MQ_RECEIVE, 67, "ipnir") \
    X(MQ_UNLINK, 68, "s") \
    X(MSGGET, 69, "ii") \
    X(MSGSND, 70, "iipni") \
    X(MSGRCV, 71, "iipnir") \
    X(MSGCTL, 72, "iir") \
    X(SOCKETPAIR, 73, "iiir") \
    X(MINCORE, 74, "pip") \
    X(MLOCKALL, 75, "i") \
    X(MUNLOCKALL, 76, "") \
    X(FCNTL, 77, "iii") \
    X(SETUID, 78, "i") \
    X(SETGID, 79, "i") \
    X(SEMTIMEDOP, 80, "ipii") \
    X(MQ_GETATTR, 81, "ir") \
    X(MQ_NOTIFY, 82, "iii") \
    X(SIGACTION, 83, "iii") \
    X(SIGNALS, 84, "i") \
    X(CONFSTR, 85, "ipn")
/* clang-format on */

#define PROTO_ENUM_TYPE(n, v) TYPE_##n = v,
#define PROTO_ENUM_STATUS(n, v) STATUS_##n = v,
#define PROTO_ENUM_ORDER(n, v) ORDER_##n = v,
#define PROTO_ENUM_CMP(n, v) CMP_##n = v,
#define PROTO_ENUM_ALU(n, v) ALU_##n = v,
#define PROTO_ENUM_METHOD(n, v) METHOD_##n = v,
#define PROTO_ENUM_OP(n, v) OP_##n = v,
#define PROTO_ENUM_ARG(n, v) ARG_##n = v,
#define PROTO_ENUM_CALL(n, v, s) CALL_##n = v,

enum proto_type { PROTO_TYPES(PROTO_ENUM_TYPE) };
enum proto_status { PROTO_STATUSES(PROTO_ENUM_STATUS) };
enum proto_order { PROTO_ORDERS(PROTO_ENUM_ORDER) PROTO_ORDER_COUNT };
enum proto_comparison { PROTO_COMPARISONS(PROTO_ENUM_CMP) PROTO_COMPARISON_COUNT };
enum proto_alu { PROTO_ALU(PROTO_ENUM_ALU) PROTO_ALU_COUNT };
enum proto_method { PROTO_METHODS(PROTO_ENUM_METHOD) PROTO_METHOD_COUNT };
enum proto_op { PROTO_OPS(PROTO_ENUM_OP) PROTO_OP_COUNT };
enum proto_arg { PROTO_ARGS(PROTO_ENUM_ARG) PROTO_ARG_COUNT };
enum proto_call { PROTO_CALLS(PROTO_ENUM_CALL) PROTO_CALL_COUNT };

#endif
