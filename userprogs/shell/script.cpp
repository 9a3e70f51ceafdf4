// SPDX-License-Identifier: MIT
#include "shell/script.h"

#include "shell/executor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace shell {

using posix::String;

namespace {

/// Descriptors below are a script's to use.
constexpr int kOwnDescriptor = 10;

struct File {
    State& state;
    int fd;
    bool is_shared; ///< commands read from it too
};

/// Reads what others shall not miss: byte by byte, or a block and back to the end of the line where that is possible.
bool next_line(void* context, bool, String& text)
{
    File& file = *static_cast<File*>(context);
    const size_t before = text.size();
    const bool seekable = !file.is_shared || lseek(file.fd, 0, SEEK_CUR) >= 0;
    char bytes[1024];
    for (;;) {
        const ssize_t count = read(file.fd, bytes, seekable ? sizeof bytes : 1);
        if (count < 0 && errno == EINTR) {
            run_traps(file.state);
            continue;
        }
        if (count <= 0) {
            break;
        }
        const posix::View part{bytes, static_cast<size_t>(count)};
        const size_t newline = part.find('\n');
        const size_t used = newline == posix::kNowhere ? part.size() : file.is_shared ? newline + 1 : part.size();
        text.append(part.first(used));
        if (used < part.size()) {
            lseek(file.fd, -static_cast<off_t>(part.size() - used), SEEK_CUR);
        }
        if (newline != posix::kNowhere) {
            break;
        }
    }
    if (file.state.options.verbose) {
        posix::write_all(STDERR_FILENO, text.view().from(before));
    }
    return text.size() > before;
}

} // namespace

void run_file(State& state, int fd)
{
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, kOwnDescriptor);
    close(fd);
    if (own < 0) {
        state.report("a script cannot be read");
        state.abort(2);
        return;
    }
    File file{state, own, false};
    Source source{LineSupply{&file, next_line}};
    run_source(state, source);
    close(own);
}

void run_standard_input(State& state)
{
    File file{state, STDIN_FILENO, true};
    Source source{LineSupply{&file, next_line}};
    run_source(state, source);
}

bool source_file(State& state, posix::View path)
{
    const int fd = open(String{path}.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    String place{posix::move(state.place)};
    const unsigned line = state.line;
    state.place = String{path};
    run_file(state, fd);
    state.place = posix::move(place);
    state.line = line;
    return true;
}

} // namespace shell
