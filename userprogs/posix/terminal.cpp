// SPDX-License-Identifier: MIT
#include "posix/terminal.h"

#include <errno.h>
#include <sys/ioctl.h>

namespace posix {
namespace {

/// A signal must not leave the terminal half changed.
bool set_modes(int fd, const termios& modes)
{
    int result = 0;
    do {
        result = tcsetattr(fd, TCSADRAIN, &modes);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

constexpr unsigned kSizeLimit = 1000;

unsigned size_or(unsigned size, unsigned otherwise)
{
    return size == 0 ? otherwise : size < kSizeLimit ? size : kSizeLimit;
}

} // namespace

bool RawTerminal::enter()
{
    if (entered_) {
        return true;
    }
    if (tcgetattr(fd_, &before_) != 0) {
        return false;
    }
    termios raw = before_;
    raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    raw.c_cflag = (raw.c_cflag & ~static_cast<tcflag_t>(CSIZE | PARENB)) | CS8;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    entered_ = set_modes(fd_, raw);
    return entered_;
}

void RawTerminal::leave()
{
    if (entered_) {
        entered_ = false;
        set_modes(fd_, before_);
    }
}

WindowSize window_size(int fd)
{
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) {
        size = {};
    }
    return {size_or(size.ws_row, 24), size_or(size.ws_col, 80)};
}

} // namespace posix
