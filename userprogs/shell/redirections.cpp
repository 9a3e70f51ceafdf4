// SPDX-License-Identifier: MIT
#include "shell/redirections.h"

#include "shell/expansion.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

namespace shell {

using posix::View;

bool Redirections::fail(View what) const
{
    const char* const why = strerror(errno);
    state_.report(what, ": ", why);
    return false;
}

bool Redirections::save(int fd)
{
    for (const Saved& saved : saved_) {
        if (saved.fd == fd) {
            return true;
        }
    }
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, kOwn);
    if (copy < 0 && errno != EBADF) {
        return fail("a descriptor cannot be kept");
    }
    saved_.append({fd, copy});
    return true;
}

void Redirections::undo()
{
    while (!saved_.empty()) {
        const Saved saved = saved_.take_last();
        if (saved.copy < 0) {
            close(saved.fd);
        } else {
            dup2(saved.copy, saved.fd);
            close(saved.copy);
        }
    }
}

void Redirections::keep()
{
    while (!saved_.empty()) {
        const Saved saved = saved_.take_last();
        if (saved.copy >= 0) {
            close(saved.copy);
        }
    }
}

bool Redirections::apply(const Redirection* list)
{
    for (; list != nullptr; list = list->next) {
        if (!apply_one(*list)) {
            return false;
        }
    }
    return true;
}

bool Redirections::apply_one(const Redirection& redirection)
{
    posix::String target;
    if (!expand_text(state_, redirection.target, target)) {
        return false;
    }
    if (redirection.kind == Redirection::Kind::Duplicate) {
        return duplicate(redirection, target);
    }
    const bool is_document = redirection.kind == Redirection::Kind::HereDocument;
    const int fd = is_document ? open_document(target) : open_target(redirection, target);
    if (fd < 0) {
        return is_document ? fail("a here-document") : fail(target);
    }
    if (fd == redirection.fd) {
        // It was closed, and open(2) takes the lowest: it is to be closed again.
        fcntl(fd, F_SETFD, 0);
        saved_.append({fd, -1});
        return true;
    }
    const bool good = save(redirection.fd) && (dup2(fd, redirection.fd) >= 0 || fail(target));
    close(fd);
    return good;
}

bool Redirections::duplicate(const Redirection& redirection, View target)
{
    if (target == "-") {
        if (!save(redirection.fd)) {
            return false;
        }
        close(redirection.fd);
        return true;
    }
    int from = 0;
    for (const char c : target) {
        if (!posix::is_digit(c) || from > 1000) {
            from = -1;
            break;
        }
        from = from * 10 + (c - '0');
    }
    if (target.empty() || from < 0) {
        state_.report(target, ": this is no descriptor");
        return false;
    }
    // The copies that the shell keeps are nobody's to use.
    for (const Saved& saved : saved_) {
        if (saved.copy == from) {
            errno = EBADF;
            return fail(target);
        }
    }
    if (from == redirection.fd) {
        return fcntl(from, F_GETFD) >= 0 || fail(target);
    }
    return save(redirection.fd) && (dup2(from, redirection.fd) >= 0 || fail(target));
}

int Redirections::open_target(const Redirection& redirection, View target)
{
    const posix::String path{target};
    int flags = O_CLOEXEC;
    switch (redirection.kind) {
    case Redirection::Kind::Read: flags |= O_RDONLY; break;
    case Redirection::Kind::Append: flags |= O_WRONLY | O_CREAT | O_APPEND; break;
    case Redirection::Kind::ReadWrite: flags |= O_RDWR | O_CREAT; break;
    default: {
        flags |= O_WRONLY | O_CREAT | O_TRUNC;
        struct stat found{};
        if (redirection.kind == Redirection::Kind::Write && state_.options.no_clobber &&
            stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode)) {
            errno = EEXIST;
            return -1;
        }
        break;
    }
    }
    return open(path.c_str(), flags, 0666);
}

/// A pipe that holds `text`; a long one is written by a process, as the pipe may be full before anybody reads.
int Redirections::open_document(View text)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    if (text.size() <= PIPE_BUF) {
        const bool written = posix::write_all(ends[1], text);
        close(ends[1]);
        if (!written) {
            close(ends[0]);
        }
        return written ? ends[0] : -1;
    }
    const pid_t writer = fork();
    if (writer == 0) {
        close(ends[0]);
        signal(SIGPIPE, SIG_DFL);
        _exit(posix::write_all(ends[1], text) ? 0 : 1);
    }
    close(ends[1]);
    if (writer < 0) {
        const int why = errno;
        close(ends[0]);
        errno = why;
        return -1;
    }
    return ends[0];
}

} // namespace shell
