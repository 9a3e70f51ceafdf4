// SPDX-License-Identifier: MIT
// Runs the command lines of a list one after the other, each in a folder of its own, and tells of each how it ended,
// what it printed and which files it left.  The same binary runs on Linux and on AethelOS; compare.awk holds one's
// words against the other's.
//
//   driver LIST SECONDS     LIST: what to run; SECONDS: how long each may take
//
// A line of the list is a command line: words between blanks, '...' as it stands, $'...' with \n \t \\ \' and \xHH.
// Lines that begin with # say nothing.  "link NAME TARGET" makes a symbolic link, once, before what follows it.
//
// Each line of a record begins with "abi: " and comes in one write with the others of its record, so that what a kernel
// says in between does not hide it.  Bytes outside printable ASCII stand as \xHH, a backslash as \\.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    kWords = 32,           // of a command line
    kLine = 4096,          // bytes of one
    kRecord = 1 << 18,     // bytes of a record
    kShown = 1 << 15,      // bytes of what was printed that are shown
    kShownOfFile = 1 << 9, // likewise of a file; the hash is of all
    kEntries = 256,        // of a folder
    kPath = 512,
};

static char record[kRecord];
static size_t recorded;

__attribute__((format(printf, 1, 2))) static void say(const char* format, ...)
{
    va_list values;
    va_start(values, format);
    const int size = vsnprintf(record + recorded, sizeof record - recorded, format, values);
    va_end(values);
    if (size > 0) {
        recorded += (size_t)size < sizeof record - recorded ? (size_t)size : sizeof record - recorded - 1;
    }
}

static void write_record(void)
{
    for (size_t done = 0; done < recorded;) {
        const ssize_t written = write(1, record + done, recorded - done);
        if (written < 0 && errno != EINTR) {
            _exit(3);
        }
        done += written > 0 ? (size_t)written : 0;
    }
    recorded = 0;
}

/// Bytes as lines, each "abi: WORD| text"; one without an end of line ends in a lone backslash.
static void say_bytes(const char* word, const char* bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        say("abi: %s| ", word);
        for (; i < size && bytes[i] != '\n'; ++i) {
            const unsigned char c = (unsigned char)bytes[i];
            if (c == '\\') {
                say("\\\\");
            } else if (c < ' ' || c >= 0x7f) {
                say("\\x%02x", c);
            } else {
                say("%c", c);
            }
        }
        say("%s\n", i == size ? "\\" : "");
        ++i;
    }
}

/// FNV-1a of 64 bits.
static uint64_t hash(uint64_t sum, const char* bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3ULL;
    }
    return sum;
}

/// The file's first `shown` bytes, and the hash of all when there are more.
static void say_file(const char* word, const char* path, size_t shown)
{
    static char first[kShown], block[8192];
    const int file = open(path, O_RDONLY);
    if (file < 0) {
        say("abi: %s cannot be opened: %s\n", word, strerror(errno));
        return;
    }
    uint64_t sum = 0xcbf29ce484222325ULL;
    size_t kept = 0, all = 0;
    ssize_t size = 0;
    while ((size = read(file, block, sizeof block)) > 0) {
        const size_t wanted = kept + (size_t)size < shown ? (size_t)size : shown - kept;
        memcpy(first + kept, block, wanted);
        kept += wanted;
        all += (size_t)size;
        sum = hash(sum, block, (size_t)size);
    }
    close(file);
    say_bytes(word, first, kept);
    if (size < 0) {
        say("abi: %s cannot be read\n", word);
    }
    if (all > kept) {
        say("abi: %s: %zu bytes, hash %016llx\n", word, all, (unsigned long long)sum);
    }
}

static int by_name(const void* one, const void* other)
{
    return strcmp(*(char* const*)one, *(char* const*)other);
}

/// The names in a folder but . and .., in their order; each is to be freed.
static size_t names_in(const char* path, char** names)
{
    DIR* const folder = opendir(path);
    size_t count = 0;
    for (const struct dirent* entry = NULL; folder != NULL && count < kEntries && (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            names[count++] = strdup(entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    } else {
        say("abi: folder %s cannot be opened: %s\n", path, strerror(errno));
    }
    qsort(names, count, sizeof *names, by_name);
    return count;
}

/// All that is in the folder, each with its kind, rights, size, links and contents.
/// @param shown  how the folder is called in the record, "" for the working folder itself
static void say_tree(const char* path, const char* shown)
{
    char* names[kEntries];
    const size_t count = names_in(path, names);
    for (size_t i = 0; i < count; ++i) {
        char inner[kPath], inner_shown[kPath];
        snprintf(inner, sizeof inner, "%s/%s", path, names[i]);
        snprintf(inner_shown, sizeof inner_shown, "%s%s%s", shown, *shown == '\0' ? "" : "/", names[i]);
        struct stat status;
        if (lstat(inner, &status) != 0) {
            say("abi: file %s: lstat: %s\n", inner_shown, strerror(errno));
        } else if (S_ISDIR(status.st_mode)) {
            say("abi: folder %s mode %o\n", inner_shown, (unsigned)(status.st_mode & 07777));
            say_tree(inner, inner_shown);
        } else if (S_ISLNK(status.st_mode)) {
            char target[kPath] = "";
            const ssize_t size = readlink(inner, target, sizeof target - 1);
            say("abi: link %s to %.*s\n", inner_shown, size < 0 ? 0 : (int)size, target);
        } else if (S_ISREG(status.st_mode)) {
            say("abi: file %s mode %o size %lld links %lu\n", inner_shown, (unsigned)(status.st_mode & 07777),
                (long long)status.st_size, (unsigned long)status.st_nlink);
            say_file("in", inner, kShownOfFile);
        } else {
            say("abi: other %s mode %o\n", inner_shown, (unsigned)status.st_mode);
        }
        free(names[i]);
    }
}

static void remove_tree(const char* path)
{
    char* names[kEntries];
    struct stat status;
    if (lstat(path, &status) != 0) {
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        unlink(path);
        return;
    }
    chmod(path, 0700);
    const size_t count = names_in(path, names);
    for (size_t i = 0; i < count; ++i) {
        char inner[kPath];
        snprintf(inner, sizeof inner, "%s/%s", path, names[i]);
        remove_tree(inner);
        free(names[i]);
    }
    rmdir(path);
}

/// The character of an escape sequence, of which `at` points behind the backslash, and then behind all of it.
static char escaped(const char** at)
{
    const char c = *(*at)++;
    if (c == 'x' && (*at)[0] != '\0' && (*at)[1] != '\0') {
        const char digits[3] = {(*at)[0], (*at)[1], '\0'};
        *at += 2;
        return (char)strtoul(digits, NULL, 16);
    }
    return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/// Cuts a line into words, in place of their own; false when it has no word, too many, or an open quote.
static bool cut(const char* line, char* space, char** words)
{
    size_t count = 0;
    while (*line != '\0') {
        if (*line == ' ') {
            ++line;
            continue;
        }
        if (count + 1 == kWords) {
            return false;
        }
        words[count++] = space;
        while (*line != '\0' && *line != ' ') {
            const bool escapes = line[0] == '$' && line[1] == '\'';
            if (!escapes && *line != '\'') {
                *space++ = *line++;
                continue;
            }
            for (line += escapes ? 2 : 1; *line != '\''; ++space) {
                if (*line == '\0') {
                    return false;
                }
                if (escapes && *line == '\\') {
                    ++line;
                    *space = escaped(&line);
                } else {
                    *space = *line++;
                }
            }
            ++line;
        }
        *space++ = '\0';
    }
    words[count] = NULL;
    return count > 0;
}

static void redirect(const char* path, int descriptor, int flags)
{
    const int file = open(path, flags, 0600);
    if (file < 0 || dup2(file, descriptor) < 0) {
        _exit(125);
    }
    if (file != descriptor) {
        close(file);
    }
}

static void run_child(char** words, const char* folder)
{
    static char* const environment[] = {"PATH=/bin", "HOME=/", "LC_ALL=C", "TZ=UTC0", "TERM=dumb", NULL};
    setpgid(0, 0);
    redirect("/dev/null", 0, O_RDONLY);
    redirect("/abi/out", 1, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
    redirect("/abi/err", 2, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
    if (chdir(folder) != 0) {
        _exit(124);
    }
    char path[kPath];
    snprintf(path, sizeof path, "%s%s", *words[0] == '/' ? "" : "/bin/", words[0]);
    execve(path, words, environment);
    _exit(errno == ENOENT ? 127 : 126);
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/// Waits for the child, and kills it and its group when the time is over.
/// @return its status, or -1 after a kill
static int wait_for(pid_t child, long long limit_ms)
{
    const struct timespec nap = {0, 2000000};
    const long long end = now_ms() + limit_ms;
    int status = 0;
    for (;;) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child) {
            kill(-child, SIGKILL); // what it left running
            return status;
        }
        if (ended < 0 || now_ms() > end) {
            kill(-child, SIGKILL);
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        nanosleep(&nap, NULL);
    }
}

static void run(unsigned number, const char* line, long long limit_ms)
{
    static char space[kLine];
    static const char folder[] = "/abi/work";
    char* words[kWords];
    say("\nabi: begin %u\nabi: command %s\n", number, line); // a kernel may have left a line open
    write_record();                                          // who runs when a machine ends is known
    if (!cut(line, space, words)) {
        say("abi: this is no command line\nabi: end %u\n", number);
        write_record();
        return;
    }
    remove_tree(folder);
    if (mkdir(folder, 0755) != 0) {
        say("abi: no working folder: %s\n", strerror(errno));
    }
    unlink("/abi/out");
    unlink("/abi/err");
    const pid_t child = fork();
    if (child == 0) {
        run_child(words, folder);
    }
    const int status = child < 0 ? -1 : wait_for(child, limit_ms);
    if (child < 0) {
        say("abi: status fork: %s\n", strerror(errno));
    } else if (status < 0) {
        say("abi: status did not end in %lld s\n", limit_ms / 1000);
    } else if (WIFEXITED(status)) {
        say("abi: status %d\n", WEXITSTATUS(status));
    } else {
        say("abi: status killed by %d\n", WTERMSIG(status));
    }
    say_file("out", "/abi/out", kShown);
    say_file("err", "/abi/err", kShown);
    say_tree(folder, "");
    say("abi: end %u\n", number);
    write_record();
}

int main(int argc, char** argv)
{
    const long long seconds = argc == 3 ? strtoll(argv[2], NULL, 10) : 0;
    FILE* const list = argc == 3 ? fopen(argv[1], "re") : NULL;
    if (list == NULL || seconds <= 0) {
        say("abi: usage: driver LIST SECONDS\n");
        write_record();
        return 2;
    }
    umask(022);
    static char line[kLine], space[kLine];
    char* words[kWords];
    unsigned number = 0;
    while (fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == '\0' || *line == '#') {
            continue;
        }
        if (strncmp(line, "link ", 5) == 0 && cut(line, space, words) && words[1] != NULL && words[2] != NULL) {
            if (symlink(words[2], words[1]) != 0 && link(words[2], words[1]) != 0) {
                say("abi: no link %s: %s\n", words[1], strerror(errno));
            }
            continue;
        }
        run(++number, line, seconds * 1000);
    }
    say("abi: done %u\n", number);
    write_record();
    return 0;
}
