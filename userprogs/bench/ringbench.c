// SPDX-License-Identifier: MIT
/*
 * ringbench - operating-system primitive costs, for any kernel with the
 * Linux x86-64 system call ABI.
 *
 * One freestanding C file: no libc, no TLS, no vDSO, no /proc, no SSE, no
 * auxv. Needs only: a stack holding argc/argv as the SysV ABI says, fd 1 for
 * output, and an unprivileged rdtsc. Whatever a kernel refuses is "n/a".
 *
 *   gcc -O2 -static -nostdlib -ffreestanding -fno-pie -no-pie \
 *       -fno-stack-protector -fcf-protection=none -mgeneral-regs-only \
 *       -fno-asynchronous-unwind-tables -Wl,--build-id=none \
 *       -o ringbench ringbench.c
 *   gcc ... -DTINY -o ringtiny ringbench.c     (the target of fork_exec_wait)
 *
 * Usage: ringbench [batch [prefix]]
 *   batch   operations between two rdtsc for the cheap operations
 *           (default 1: right when the TSC counts instructions, as in
 *           qemu -icount shift=0; use 100 on real time counters)
 *   prefix  run only the tests whose name starts so
 *
 * Output: "name median min" per line, in TSC ticks per operation, the cost of
 * an empty operation subtracted; "name n/a errno"; lines with # are comments.
 * The exit status is 0. As pid 1 it powers off at the end. The tests that could
 * hang a kernel with half an implementation (threads) come last.
 */
#ifdef TINY /* which makes one call */
#pragma GCC diagnostic ignored "-Wunused-function"
#endif

typedef unsigned long u64;
typedef long i64;
typedef unsigned int u32;

enum {
    SYS_read = 0,
    SYS_write = 1,
    SYS_open = 2,
    SYS_close = 3,
    SYS_stat = 4,
    SYS_lseek = 8,
    SYS_mmap = 9,
    SYS_munmap = 11,
    SYS_brk = 12,
    SYS_rt_sigaction = 13,
    SYS_pread64 = 17,
    SYS_pipe = 22,
    SYS_sched_yield = 24,
    SYS_nanosleep = 35,
    SYS_getpid = 39,
    SYS_clone = 56,
    SYS_fork = 57,
    SYS_execve = 59,
    SYS_exit = 60,
    SYS_wait4 = 61,
    SYS_kill = 62,
    SYS_getppid = 110,
    SYS_sched_setscheduler = 144,
    SYS_reboot = 169,
    SYS_futex = 202,
    SYS_exit_group = 231,
    SYS_pipe2 = 293,
    SYS_bogus = 9999
};

static inline i64 sys6(i64 n, i64 a, i64 b, i64 c, i64 d, i64 e, i64 f)
{
    i64 r;
    register i64 r10 __asm__("r10") = d;
    register i64 r8 __asm__("r8") = e;
    register i64 r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return r;
}
static inline i64 sys4(i64 n, i64 a, i64 b, i64 c, i64 d)
{
    i64 r;
    register i64 r10 __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return r;
}
static inline i64 sys3(i64 n, i64 a, i64 b, i64 c)
{
    i64 r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r;
}
static inline i64 sys0(i64 n)
{
    i64 r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n) : "rcx", "r11", "memory");
    return r;
}
static inline u64 tsc(void)
{
    u32 lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return ((u64)hi << 32) | lo;
}
static void __attribute__((noreturn)) die(int code)
{
    sys3(SYS_exit_group, code, 0, 0);
    for (;;) {
        sys3(SYS_exit, code, 0, 0);
    }
}

#ifdef TINY
void start_c(u64* sp)
{
    (void)sp;
    die(0);
}
#else

/* ---- freestanding support ------------------------------------------- */

void* memset(void* p, int c, u64 n)
{
    char* q = p;
    while (n--) {
        *q++ = (char)c;
        __asm__ volatile("" ::: "memory");
    }
    return p;
}
void* memcpy(void* d, const void* s, u64 n)
{
    char* q = d;
    const char* r = s;
    while (n--) {
        *q++ = *r++;
        __asm__ volatile("" ::: "memory");
    }
    return d;
}
static char obuf[128];
static u32 olen;
static void flush(void)
{
    sys3(SYS_write, 1, (i64)obuf, olen);
    olen = 0;
}
static void putch(char c)
{
    if (olen < sizeof obuf) {
        obuf[olen++] = c;
    }
    if (c == '\n') {
        flush();
    }
}
static void puts_(const char* s)
{
    while (*s) {
        putch(*s++);
    }
}
static void putn(i64 v)
{
    char t[24];
    int i = 0;
    u64 u = v < 0 ? -(u64)v : (u64)v;
    if (v < 0) {
        putch('-');
    }
    do {
        t[i++] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    while (i) {
        putch(t[--i]);
    }
}
static int starts(const char* s, const char* p)
{
    while (*p) {
        if (*s++ != *p++) {
            return 0;
        }
    }
    return 1;
}

/* ---- sampling -------------------------------------------------------- */

#define MAXN 2000
static i64 samp[MAXN];
static u32 nsamp;
static u32 batch = 1;
static i64 empty1; /* cost of an empty sample of one operation */
static const char* only = "";

static void sort(void)
{
    for (u32 gap = nsamp / 2; gap; gap /= 2) {
        for (u32 i = gap; i < nsamp; i++) {
            i64 v = samp[i];
            u32 j = i;
            for (; j >= gap && samp[j - gap] > v; j -= gap) {
                samp[j] = samp[j - gap];
            }
            samp[j] = v;
        }
    }
}
static void add(i64 ticks)
{
    if (nsamp < MAXN) {
        samp[nsamp++] = ticks;
    }
}
static void na(const char* name, i64 err)
{
    puts_(name);
    puts_(" n/a ");
    putn(-err);
    putch('\n');
    nsamp = 0;
}
static void report(const char* name)
{
    if (!nsamp) {
        na(name, 0);
        return;
    }
    sort();
    puts_(name);
    putch(' ');
    putn(samp[nsamp / 2]);
    putch(' ');
    putn(samp[0]);
    putch('\n');
    nsamp = 0;
}
static int want(const char* name)
{
    nsamp = 0;
    return starts(name, only);
}

typedef i64 op_t(void);
static i64 __attribute__((noinline)) op_empty(void)
{
    __asm__ volatile("" ::: "memory");
    return 0;
}
/* ticks of `count` calls of op; the last result in *r */
static i64 __attribute__((noinline)) timed(op_t* op, u32 count, i64* r)
{
    i64 v = 0;
    u64 t0 = tsc();
    for (u32 i = 0; i < count; i++) {
        v = op();
    }
    u64 t1 = tsc();
    *r = v;
    return (i64)(t1 - t0);
}
static i64 empty_cost(u32 count)
{
    i64 best = 1L << 62, r;
    for (int i = 0; i < 200; i++) {
        i64 t = timed(op_empty, count, &r);
        if (t < best) {
            best = t;
        }
    }
    return best;
}
/* the ordinary test: op is run in batches, and must not return -errno other
 * than `okerr` */
static void bench(const char* name, op_t* op, u32 samples, u32 b, i64 okerr)
{
    if (!want(name)) {
        return;
    }
    i64 e = empty_cost(b), r;
    for (u32 i = 0; i < 8; i++) {
        (void)timed(op, 1, &r);
        if (r < 0 && r > -4096 && r != okerr) {
            na(name, r);
            return;
        }
    }
    for (u32 i = 0; i < samples; i++) {
        add((timed(op, b, &r) - e + (i64)b / 2) / (i64)b);
    }
    report(name);
}

/* ---- calibration ----------------------------------------------------- */

static i64 __attribute__((noinline)) op_loop1000(void)
{ /* 1 + 2*1000 instructions */
    u64 n = 1000;
    __asm__ volatile("1: dec %0; jnz 1b" : "+r"(n) : : "cc");
    return 0;
}
static i64 __attribute__((noinline)) op_nop100(void)
{
    __asm__ volatile(".rept 100; nop; .endr");
    return 0;
}
static char repbuf[4096];
static i64 __attribute__((noinline)) op_rep4096(void)
{ /* 4 instructions in silicon; TCG counts every iteration */
    void* p = repbuf;
    u64 n = sizeof repbuf;
    __asm__ volatile("rep stosb" : "+D"(p), "+c"(n) : "a"(0) : "memory");
    return 0;
}
static i64 __attribute__((noinline)) op_rep512(void)
{
    void* p = repbuf;
    u64 n = sizeof repbuf / 8;
    __asm__ volatile("rep stosq" : "+D"(p), "+c"(n) : "a"(0) : "memory");
    return 0;
}

/* ---- plain system calls ---------------------------------------------- */

static int fdnull = -1, pfd[2] = {-1, -1}, fdfile = -1;
static char byte_[8];
static char page[4096] __attribute__((aligned(4096)));
static const char* fpath;
static char stbuf[256];
static int have_pread;

static i64 op_getppid(void)
{
    return sys0(SYS_getppid);
}
static i64 op_getpid(void)
{
    return sys0(SYS_getpid);
}
static i64 op_bogus(void)
{
    return sys0(SYS_bogus);
}
static i64 op_wnull(void)
{
    return sys3(SYS_write, fdnull, (i64)byte_, 1);
}
static i64 op_pread(void)
{
    if (have_pread) {
        return sys4(SYS_pread64, fdfile, (i64)page, 4096, 0);
    }
    sys3(SYS_lseek, fdfile, 0, 0);
    return sys3(SYS_read, fdfile, (i64)page, 4096);
}
static i64 op_openclose(void)
{
    i64 f = sys3(SYS_open, (i64)fpath, 0, 0);
    return f < 0 ? f : sys3(SYS_close, f, 0, 0);
}
static i64 op_stat(void)
{
    return sys3(SYS_stat, (i64)fpath, (i64)stbuf, 0);
}
static i64 op_yield(void)
{
    return sys0(SYS_sched_yield);
}

static i64 mkpipe(int* p)
{
    i64 r = sys3(SYS_pipe, (i64)p, 0, 0);
    return r < 0 ? sys3(SYS_pipe2, (i64)p, 0, 0) : r;
}
static i64 do_fork(void)
{
    i64 r = sys0(SYS_fork);
    return r == -38 ? sys6(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0, 0) : r;
}
static i64 reap(i64 pid, int* st)
{
    return sys4(SYS_wait4, pid, (i64)st, 0, 0);
}

static void t_pipe_rw(void)
{
    int wr = starts("pipe_write1", only), rd = starts("pipe_read1", only);
    i64 r, e = empty1;
    if (pfd[0] < 0) {
        if (wr) {
            na("pipe_write1", -38);
        }
        if (rd) {
            na("pipe_read1", -38);
        }
        return;
    }
    for (int pass = 0; pass < 2; pass++) {
        if (!(pass ? rd : wr)) {
            continue;
        }
        nsamp = 0;
        for (u32 i = 0; i < 1000; i++) {
            u64 t0 = tsc();
            for (u32 k = 0; k < batch; k++) {
                r = sys3(SYS_write, pfd[1], (i64)byte_, 1);
            }
            u64 t1 = tsc();
            for (u32 k = 0; k < batch; k++) {
                r = sys3(SYS_read, pfd[0], (i64)byte_, 1);
            }
            u64 t2 = tsc();
            (void)r;
            add(((i64)(pass ? t2 - t1 : t1 - t0) - e) / (i64)batch);
        }
        report(pass ? "pipe_read1" : "pipe_write1");
    }
}

/* ---- two processes --------------------------------------------------- */

static void t_pingpong(void)
{
    int a[2], b[2], st;
    if (!want("pipe_pingpong")) {
        return;
    }
    i64 r = mkpipe(a);
    if (r >= 0) {
        r = mkpipe(b);
    }
    if (r < 0) {
        na("pipe_pingpong", r);
        return;
    }
    i64 pid = do_fork();
    if (pid < 0) {
        na("pipe_pingpong", pid);
        return;
    }
    if (pid == 0) {
        sys3(SYS_close, a[1], 0, 0);
        sys3(SYS_close, b[0], 0, 0);
        while (sys3(SYS_read, a[0], (i64)byte_, 1) == 1) {
            sys3(SYS_write, b[1], (i64)byte_, 1);
        }
        die(0);
    }
    sys3(SYS_close, a[0], 0, 0);
    sys3(SYS_close, b[1], 0, 0);
    for (u32 i = 0; i < 1020; i++) {
        u64 t0 = tsc();
        sys3(SYS_write, a[1], (i64)byte_, 1);
        sys3(SYS_read, b[0], (i64)byte_, 1);
        u64 t1 = tsc();
        if (i >= 20) {
            add((i64)(t1 - t0) - empty1);
        }
    }
    sys3(SYS_close, a[1], 0, 0);
    sys3(SYS_close, b[0], 0, 0);
    reap(pid, &st);
    report("pipe_pingpong");
}
/* parent's yield to its return, a second process yielding all the time:
 * two switches and two calls when the scheduler alternates. Linux' ordinary
 * class does not, so SCHED_FIFO is asked for; a refusal is no matter. */
static void t_yield2(void)
{
    int st, prio = 1;
    if (!want("yield_pair")) {
        return;
    }
    sys3(SYS_sched_setscheduler, 0, 1, (i64)&prio);
    i64 r = sys0(SYS_sched_yield);
    if (r < 0) {
        na("yield_pair", r);
        return;
    }
    volatile u64* sh = (void*)sys6(SYS_mmap, 0, 4096, 3, 0x21, -1, 0);
    int shared = (u64)sh < (u64)-4096;
    u64 priv = 0;
    if (!shared) {
        sh = &priv;
    } else {
        *sh = 0;
    }
    i64 pid = do_fork();
    if (pid < 0) {
        na("yield_pair", pid);
        return;
    }
    if (pid == 0) {
        for (u32 i = 0; i < 200000; i++) {
            ++*sh;
            sys0(SYS_sched_yield);
        }
        die(0);
    }
    for (u32 i = 0; i < 50; i++) {
        sys0(SYS_sched_yield);
    }
    u64 c0 = *sh;
    for (u32 i = 0; i < 1000; i++) {
        u64 t0 = tsc();
        sys0(SYS_sched_yield);
        u64 t1 = tsc();
        add((i64)(t1 - t0) - empty1);
    }
    u64 c1 = *sh;
    sys3(SYS_kill, pid, 9, 0);
    reap(pid, &st);
    prio = 0;
    sys3(SYS_sched_setscheduler, 0, 0, (i64)&prio);
    report("yield_pair");
    if (shared) {
        puts_("# yield_pair: the other process ran ");
        putn((i64)(c1 - c0));
        puts_(" times in 1000 yields\n");
        sys3(SYS_munmap, (i64)sh, 4096, 0);
    }
}

/* ---- processes ------------------------------------------------------- */

static const char* tiny;
static int got_st;
static i64 op_forkwait(void)
{
    int st = -1;
    i64 pid = do_fork();
    if (pid == 0) {
        die(0);
    }
    if (pid < 0) {
        return pid;
    }
    i64 r = reap(pid, &st);
    got_st = st;
    return r < 0 ? r : 0;
}
static i64 op_forkexec(void)
{
    int st = -1;
    i64 pid = do_fork();
    if (pid == 0) {
        const char *av[2] = {tiny, 0}, *ev[1] = {0};
        sys3(SYS_execve, (i64)tiny, (i64)av, (i64)ev);
        die(127);
    }
    if (pid < 0) {
        return pid;
    }
    i64 r = reap(pid, &st);
    got_st = st;
    return r < 0 ? r : st == 0 ? 0 : -8;
}
static i64 op_segv(void)
{
    int st = -1;
    i64 pid = do_fork();
    if (pid == 0) {
        __asm__ volatile("movl $1, 8" : : : "memory");
        die(0);
    }
    if (pid < 0) {
        return pid;
    }
    i64 r = reap(pid, &st);
    got_st = st;
    return r < 0 ? r : (st & 0x7f) == 11 ? 0 : -22;
}
static i64 op_forkonly(void) /* parent's side of fork; child reaped untimed */
{
    return do_fork();
}
static void t_forkonly(void)
{
    int st;
    if (!want("fork_return")) {
        return;
    }
    for (u32 i = 0; i < 300; i++) {
        u64 t0 = tsc();
        i64 pid = op_forkonly();
        u64 t1 = tsc();
        if (pid == 0) {
            die(0);
        }
        if (pid < 0) {
            na("fork_return", pid);
            return;
        }
        reap(pid, &st);
        add((i64)(t1 - t0) - empty1);
    }
    report("fork_return");
}

/* ---- memory ---------------------------------------------------------- */

#define PROT_RW 3
#define MAP_PA 0x22
static u64 anon(u64 pages)
{
    return (u64)sys6(SYS_mmap, 0, (i64)(pages * 4096), PROT_RW, MAP_PA, -1, 0);
}
static int bad(u64 p)
{
    return p >= (u64)-4096;
}
static i64 mapn(u64 pages, int touch)
{
    u64 p = anon(pages);
    if (bad(p)) {
        return (i64)p;
    }
    if (touch) {
        for (u64 i = 0; i < pages; i++) {
            *(volatile char*)(p + i * 4096) = 1;
        }
    }
    return sys3(SYS_munmap, (i64)p, (i64)(pages * 4096), 0);
}
static i64 op_map1(void)
{
    return mapn(1, 0);
}
static i64 op_map64(void)
{
    return mapn(64, 0);
}
static i64 op_map1t(void)
{
    return mapn(1, 1);
}
static i64 op_map64t(void)
{
    return mapn(64, 1);
}

static void t_fault(const char* name, int write)
{
    if (!want(name)) {
        return;
    }
    for (int rep = 0; rep < 16; rep++) {
        u64 p = anon(64);
        if (bad(p)) {
            na(name, (i64)p);
            return;
        }
        for (u64 i = 0; i < 64; i++) {
            volatile char* q = (char*)(p + i * 4096);
            u64 t0, t1;
            if (write) {
                t0 = tsc();
                *q = 1;
                t1 = tsc();
            } else {
                t0 = tsc();
                (void)*q;
                t1 = tsc();
            }
            if (rep) {
                add((i64)(t1 - t0) - empty1);
            }
        }
        sys3(SYS_munmap, (i64)p, 64 * 4096, 0);
    }
    report(name);
}
/* the parent's write to a page that a live child shares; where there are no
 * pipes to hold the child, it sleeps until it is killed */
static void t_cow(void)
{
    static const i64 hour[2] = {3600, 0};
    int a[2], st;
    if (!want("fault_cow")) {
        return;
    }
    u64 p = anon(64);
    if (bad(p)) {
        na("fault_cow", (i64)p);
        return;
    }
    for (u64 i = 0; i < 64; i++) {
        *(volatile char*)(p + i * 4096) = 1;
    }
    for (int rep = 0; rep < 8; rep++) {
        int piped = mkpipe(a) >= 0;
        i64 pid = do_fork();
        if (pid < 0) {
            na("fault_cow", pid);
            return;
        }
        if (pid == 0) {
            if (piped) {
                sys3(SYS_close, a[1], 0, 0);
                sys3(SYS_read, a[0], (i64)byte_, 1);
            } else {
                sys3(SYS_nanosleep, (i64)hour, 0, 0);
            }
            die(0);
        }
        if (piped) {
            sys3(SYS_close, a[0], 0, 0);
        } else {
            sys0(SYS_sched_yield); /* the child writes its stack before we look */
        }
        for (u64 i = 0; i < 64; i++) {
            volatile char* q = (char*)(p + i * 4096);
            u64 t0 = tsc();
            *q = 2;
            u64 t1 = tsc();
            add((i64)(t1 - t0) - empty1);
        }
        if (piped) {
            sys3(SYS_close, a[1], 0, 0);
        } else {
            sys3(SYS_kill, pid, 9, 0);
        }
        reap(pid, &st);
    }
    sys3(SYS_munmap, (i64)p, 64 * 4096, 0);
    report("fault_cow");
}
static void t_brk(void)
{
    if (!want("brk_grow")) {
        return;
    }
    i64 b = sys3(SYS_brk, 0, 0, 0);
    if (b <= 0) {
        na("brk_grow", b ? b : -12);
        return;
    }
    b = (b + 4095) & -4096L;
    for (i64 i = 1; i <= 500; i++) {
        u64 t0 = tsc();
        i64 r = sys3(SYS_brk, b + i * 4096, 0, 0);
        u64 t1 = tsc();
        if (r < b + i * 4096) {
            na("brk_grow", -12);
            return;
        }
        add((i64)(t1 - t0) - empty1);
    }
    sys3(SYS_brk, b, 0, 0);
    report("brk_grow");
}

/* ---- signals --------------------------------------------------------- */

struct ksigaction {
    void* handler;
    u64 flags;
    void* restorer;
    u64 mask;
};
static volatile int hits;
static i64 mypid;
static void handler(int sig)
{
    (void)sig;
    hits++;
}
void restorer(void);
__asm__(".text\n.globl restorer\nrestorer: mov $15,%eax\nsyscall\n");
static struct ksigaction sa = {handler, 0x04000000, restorer, 0};
static i64 op_sigaction(void)
{
    return sys4(SYS_rt_sigaction, 10, (i64)&sa, 0, 8);
}
static i64 op_sigself(void)
{
    int h = hits;
    i64 r = sys3(SYS_kill, mypid, 10, 0);
    return r < 0 ? r : hits == h + 1 ? 0 : -22;
}

/* ---- threads --------------------------------------------------------- */

static char tstack[8192] __attribute__((aligned(16)));
static volatile int tid_word;
/* clone() whose child, on its own stack, only exits */
static i64 __attribute__((noinline)) clone_exit(u64 flags, void* stack, volatile int* ptid, volatile int* ctid)
{
    i64 r;
    register i64 r10 __asm__("r10") = (i64)ctid;
    register i64 r8 __asm__("r8") = 0;
    __asm__ volatile("syscall\n\t"
                     "test %%rax,%%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%edi,%%edi\n\t"
                     "mov $60,%%eax\n\t"
                     "syscall\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(r)
                     : "a"((i64)SYS_clone), "D"(flags), "S"(stack), "d"(ptid), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory", "cc");
    return r;
}
static i64 op_thread(void)
{
    /* VM FS FILES SIGHAND THREAD SYSVSEM PARENT_SETTID CHILD_CLEARTID */
    u64 fl = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x100000 | 0x200000;
    i64 r = clone_exit(fl, tstack + sizeof tstack, &tid_word, &tid_word);
    if (r < 0) {
        return r;
    }
    for (int v; (v = tid_word) != 0;) {
        i64 w = sys6(SYS_futex, (i64)&tid_word, 0, v, 0, 0, 0);
        if (w < 0 && w != -11 && w != -4) {
            return w;
        }
    }
    return 0;
}

/* ---- main ------------------------------------------------------------ */

static void setup(const char* argv0)
{
    static const char* const files[] = {"/tmp/rb.dat", "/rb.dat", 0};
    static const char* const tinies[] = {"/bin/ringtiny", "/ringtiny", "./ringtiny", 0};
    fdnull = (int)sys3(SYS_open, (i64) "/dev/null", 2, 0);
    if (mkpipe(pfd) < 0) {
        pfd[0] = pfd[1] = -1;
    }
    for (int i = 0; files[i] && fdfile < 0; i++) {
        fpath = files[i];
        fdfile = (int)sys3(SYS_open, (i64)fpath, 0102 /* CREAT|RDWR */, 0600);
        if (fdfile >= 0 && sys3(SYS_write, fdfile, (i64)page, 4096) != 4096) {
            sys3(SYS_close, fdfile, 0, 0);
            fdfile = -1;
        }
    }
    if (fdfile < 0 && argv0) {
        fpath = argv0;
        fdfile = (int)sys3(SYS_open, (i64)fpath, 0, 0);
    }
    have_pread = fdfile >= 0 && sys4(SYS_pread64, fdfile, (i64)page, 4096, 0) > 0;
    for (int i = 0; tinies[i]; i++) {
        i64 f = sys3(SYS_open, (i64)tinies[i], 0, 0);
        if (f < 0) {
            continue;
        }
        sys3(SYS_close, f, 0, 0);
        tiny = tinies[i];
        break;
    }
    mypid = sys0(SYS_getpid);
}

void start_c(u64* sp)
{
    u64 t_start = tsc();
    int argc = (int)sp[0];
    char** argv = (char**)(sp + 1);
    if (argc > 1) {
        batch = 0;
        for (const char* s = argv[1]; *s >= '0' && *s <= '9'; s++) {
            batch = batch * 10 + (u32)(*s - '0');
        }
        if (!batch) {
            batch = 1;
        }
        if (batch > 1000) {
            batch = 1000;
        }
    }
    if (argc > 2) {
        only = argv[2];
    }
    setup(argc > 0 ? argv[0] : 0);
    empty1 = 1L << 62;
    for (int i = 0; i < 200; i++) {
        u64 a = tsc(), b = tsc();
        if ((i64)(b - a) < empty1) {
            empty1 = (i64)(b - a);
        }
    }
    puts_("# ringbench 1 batch ");
    putn(batch);
    puts_(" empty_tsc_pair ");
    putn(empty1);
    puts_(" empty_op ");
    putn(empty_cost(1));
    putch('\n');
    puts_("start_tsc ");
    putn((i64)t_start);
    putch(' ');
    putn((i64)t_start);
    putch('\n');

    bench("cal_nop100", op_nop100, 1000, batch, 0);
    bench("cal_loop2001", op_loop1000, 1000, 1, 0);
    bench("cal_rep_stosb_4096", op_rep4096, 200, 1, 0);
    bench("cal_rep_stosq_512", op_rep512, 200, 1, 0);

    bench("getppid", op_getppid, 2000, batch, 0);
    bench("getpid", op_getpid, 2000, batch, 0);
    bench("bad_syscall", op_bogus, 2000, batch, -38);
    if (fdnull >= 0) {
        bench("write1_devnull", op_wnull, 2000, batch, 0);
    } else if (want("write1_devnull")) {
        na("write1_devnull", fdnull);
    }
    t_pipe_rw();
    t_pingpong();
    bench("yield_alone", op_yield, 1000, batch, 0);
    t_yield2();
    t_forkonly();
    bench("fork_exit_wait", op_forkwait, 300, 1, 0);
    if (tiny) {
        bench("fork_exec_wait", op_forkexec, 300, 1, 0);
    } else if (want("fork_exec_wait")) {
        na("fork_exec_wait", -2);
    }
    bench("segv_kill_wait", op_segv, 200, 1, 0);
    t_fault("fault_anon_write", 1);
    t_fault("fault_anon_read", 0);
    t_cow();
    bench("mmap_munmap_1", op_map1, 1000, 1, 0);
    bench("mmap_munmap_64", op_map64, 1000, 1, 0);
    bench("mmap_touch_munmap_1", op_map1t, 1000, 1, 0);
    bench("mmap_touch_munmap_64", op_map64t, 300, 1, 0);
    t_brk();
    if (fdfile >= 0) {
        bench("pread_4k", op_pread, 1000, batch, 0);
        bench("open_close", op_openclose, 1000, batch, 0);
        bench("stat", op_stat, 1000, batch, 0);
    } else {
        if (want("pread_4k")) {
            na("pread_4k", fdfile);
        }
        if (want("open_close")) {
            na("open_close", fdfile);
        }
        if (want("stat")) {
            na("stat", fdfile);
        }
    }
    bench("sigaction", op_sigaction, 1000, batch, 0);
    if (op_sigaction() == 0) {
        bench("signal_self", op_sigself, 1000, batch, 0);
    } else if (want("signal_self")) {
        na("signal_self", -38);
    }
    bench("thread_create_join", op_thread, 300, 1, 0);
    puts_("# end\n");
    if (mypid == 1) {
        sys4(SYS_reboot, (i64)0xfee1dead, 672274793, 0x4321fedc, 0);
    }
    die(0);
}
#endif

__asm__(".text\n.globl _start\n_start:\n"
        "xor %ebp,%ebp\n"
        "mov %rsp,%rdi\n"
        "and $-16,%rsp\n"
        "call start_c\n"
        "hlt\n");
