// SPDX-License-Identifier: MIT
// Whose terminal it is: sessions, the foreground group, and what others may not do.
// [POSIX.1-2017 XBD 11.1.3 "The Controlling Terminal", 11.1.4 "Terminal Access Control"; ioctl_tty(2)]
#include "fs/terminal.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
using uapi::Signal;

/// The caller's group gets `signal` when it is in the background.
/// @return Erestart: it got it.  EIO: nobody could let it go on, or a reader does not want the signal; a writer that
///         does not want it may go on.
Result<void> Terminal::check_foreground(Signal signal) const
{
    const VesselId group = caller().group;
    if (group == foreground_ || foreground_ == VesselId{}) {
        return {};
    }
    if (Harbor::current_disregards(signal)) {
        return signal == Signal::Sigttin ? Result<void>(fail(Error::Eio)) : Result<void>();
    }
    if (harbor.is_orphaned(group)) {
        return fail(Error::Eio);
    }
    harbor.send_to_group(group, signal);
    return fail(Error::Erestart);
}

/// For whoever writes under TOSTOP, or changes something about the terminal; not of a terminal that is not its own.
Result<void> Terminal::check_right_to_change() const
{
    return controls(caller()) ? check_foreground(Signal::Sigttou) : Result<void>();
}

void Terminal::forget_session()
{
    if (foreground_ != VesselId{}) {
        harbor.send_to_group(foreground_, Signal::Sighup);
        harbor.send_to_group(foreground_, Signal::Sigcont);
    }
    session_ = {};
    foreground_ = {};
    loom.wake_all(readers_); // it is not theirs any more
}

void Terminal::leader_ended(const Vessel& vessel)
{
    if (session_ != VesselId{} && vessel.id == session_) {
        forget_session();
    }
}

/// TIOCSPGRP.
Result<std::uint64_t> Terminal::set_foreground(VirtAddr from)
{
    const Vessel& self = caller();
    if (!controls(self)) {
        return fail(Error::Enotty);
    }
    TRY(check_right_to_change());
    const auto number = TRY(read_user<std::int32_t>(from));
    if (number < 0) {
        return fail(Error::Einval);
    }
    const VesselId group{static_cast<std::uint64_t>(number)};
    const Vessel* const member = number == 0 ? nullptr : harbor.member_of(group);
    if (member == nullptr) {
        return fail(Error::Esrch);
    }
    if (member->session != self.session) {
        return fail(Error::Eperm);
    }
    foreground_ = group;
    return 0;
}

/// TIOCSCTTY.
/// @param force  1: take it from another session
Result<std::uint64_t> Terminal::take_as_controlling(std::uint64_t force)
{
    const Vessel& self = caller();
    const bool leads = self.session == self.id;
    if (leads && controls(self)) {
        return 0;
    }
    if (!leads || shell_has_it_ || (session_ != VesselId{} && force != 1)) {
        return fail(Error::Eperm);
    }
    session_ = self.session;
    foreground_ = self.group;
    return 0;
}

/// TIOCNOTTY, for the leader of a session alone: nobody else can leave it without the others.
Result<std::uint64_t> Terminal::give_up_as_controlling()
{
    const Vessel& self = caller();
    if (!controls(self)) {
        return fail(Error::Enotty);
    }
    if (self.session != self.id) {
        return fail(Error::Eperm);
    }
    forget_session();
    return 0;
}

} // namespace kernel
