// SPDX-License-Identifier: MIT
#include "editor/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace editor {
namespace {

// A handler has no other way to know where to write.
int pipe_ends[2] = {-1, -1};

void note(int signal)
{
    const int saved = errno;
    const char byte = static_cast<char>(signal);
    // A full pipe holds news already.
    static_cast<void>(!write(pipe_ends[1], &byte, 1));
    errno = saved;
}

constexpr int kNoted[] = {SIGWINCH, SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGCONT};
constexpr int kIgnored[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};

} // namespace

bool Signals::begin()
{
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    struct sigaction action{};
    sigemptyset(&action.sa_mask);
    action.sa_handler = note;
    for (const int signal : kNoted) {
        sigaction(signal, &action, nullptr);
    }
    action.sa_handler = SIG_IGN;
    for (const int signal : kIgnored) {
        sigaction(signal, &action, nullptr);
    }
    return true;
}

int Signals::fd() const
{
    return pipe_ends[0];
}

Signals::News Signals::take() const
{
    News news = News::None;
    char byte = 0;
    while (read(pipe_ends[0], &byte, 1) == 1) {
        const bool resized = byte == SIGWINCH || byte == SIGCONT;
        news = !resized || news == News::Leave ? News::Leave : News::Resized;
    }
    return news;
}

} // namespace editor
