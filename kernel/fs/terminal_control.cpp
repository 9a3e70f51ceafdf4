// SPDX-License-Identifier: MIT
// What programs ask of the terminal, and change about it.  [ioctl_tty(2), TCSETS(2const), TIOCGWINSZ(2const)]
#include "fs/terminal.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
using uapi::IoRequest;

Result<std::uint64_t> Terminal::control(std::uint32_t request, std::uint64_t argument)
{
    const VirtAddr place{argument};
    switch (static_cast<IoRequest>(request)) {
    case IoRequest::Tcgets: TRY(write_user(place, line_.modes())); return 0;
    case IoRequest::Tcgets2:
        TRY(write_user(place, uapi::Termios2{line_.modes(), uapi::kSaneSpeed, uapi::kSaneSpeed}));
        return 0;
    // All output has gone out when a write returns: nothing has to be waited for.
    case IoRequest::Tcsets:
    case IoRequest::Tcsetsw:
    case IoRequest::Tcsetsf: {
        const auto modes = TRY(read_user<uapi::Termios>(place));
        return change_modes(modes, static_cast<IoRequest>(request) == IoRequest::Tcsetsf);
    }
    case IoRequest::Tcsets2:
    case IoRequest::Tcsetsw2:
    case IoRequest::Tcsetsf2: {
        const auto modes = TRY(read_user<uapi::Termios2>(place));
        return change_modes(modes.modes, static_cast<IoRequest>(request) == IoRequest::Tcsetsf2);
    }
    case IoRequest::Tiocgpgrp:
    case IoRequest::Tiocgsid: {
        if (!controls(*loom.current().vessel)) {
            return fail(Error::Enotty);
        }
        const VesselId id = static_cast<IoRequest>(request) == IoRequest::Tiocgpgrp ? foreground_ : session_;
        TRY(write_user(place, static_cast<std::uint32_t>(id)));
        return 0;
    }
    case IoRequest::Tiocspgrp: return set_foreground(place);
    case IoRequest::Tiocsctty: return take_as_controlling(argument);
    case IoRequest::Tiocnotty: return give_up_as_controlling();
    case IoRequest::Tiocgwinsz: TRY(write_user(place, size_)); return 0;
    case IoRequest::Tiocswinsz: return change_size(place);
    case IoRequest::Fionread: TRY(write_user(place, static_cast<std::uint32_t>(line_.unread()))); return 0;
    case IoRequest::Tiocoutq: TRY(write_user(place, std::uint32_t{0})); return 0;
    case IoRequest::Tcflsh: return flush(argument);
    case IoRequest::Tcxonc: return flow(argument);
    case IoRequest::Tcsbrk:
    case IoRequest::Tcsbrkp: TRY(check_right_to_change()); return 0; // tcdrain: as above; a break does nothing here
    default: return fail(Error::Enotty);
    }
}

Result<std::uint64_t> Terminal::change_modes(const uapi::Termios& modes, bool flush_first)
{
    TRY(check_right_to_change());
    if (flush_first) {
        line_.flush_input();
    }
    line_.set_modes(modes);
    receive();
    return 0;
}

Result<std::uint64_t> Terminal::change_size(VirtAddr from)
{
    const auto size = TRY(read_user<uapi::WindowSize>(from));
    if (size != size_) {
        size_ = size;
        if (foreground_ != VesselId{}) {
            harbor.send_to_group(foreground_, uapi::Signal::Sigwinch);
        }
    }
    return 0;
}

Result<std::uint64_t> Terminal::flush(std::uint64_t queue)
{
    TRY(check_right_to_change());
    switch (static_cast<uapi::FlushQueue>(static_cast<std::uint32_t>(queue))) {
    case uapi::FlushQueue::Input:
    case uapi::FlushQueue::Both: line_.flush_input(); return 0;
    case uapi::FlushQueue::Output: return 0;
    }
    return fail(Error::Einval);
}

Result<std::uint64_t> Terminal::flow(std::uint64_t action)
{
    TRY(check_right_to_change());
    switch (static_cast<uapi::FlowAction>(static_cast<std::uint32_t>(action))) {
    case uapi::FlowAction::OutputOff: set_stopped(true); return 0;
    case uapi::FlowAction::OutputOn: set_stopped(false); return 0;
    case uapi::FlowAction::InputOff:
    case uapi::FlowAction::InputOn: return 0; // nobody on the other side would understand
    }
    return fail(Error::Einval);
}

void Terminal::set_stopped(bool stopped)
{
    told_ &= poll();
    line_.set_stopped(stopped);
    tell();
}

} // namespace kernel
