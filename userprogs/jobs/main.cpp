// SPDX-License-Identifier: MIT
// Job control, as a shell does it: gives the terminal to a child's group, takes it back, lets the child go on in the
// background and in the foreground.  Whoever types waits for the prompt "eldarin> ", and types "abc", ^Z, a line, and
// ^C.
// Expected: the last line says so, and status 0.  [POSIX.1-2017 XBD 11.1.4 "Terminal Access Control"]
#include "lib/check.h"
#include "lib/clock.h"
#include "lib/files.h"
#include "lib/pipe.h"
#include "lib/process.h"
#include "uapi/process.h"
#include "uapi/termios.h"

namespace {

using uapi::Error;
using uapi::IoRequest;
using uapi::Signal;
using user::check;
using user::minus;

constexpr std::uint32_t kUntraced = 2;

std::int64_t ask(IoRequest request, void* argument)
{
    return user::system_call(uapi::Syscall::Ioctl, uapi::kStandardInput, static_cast<std::uint64_t>(request),
                             reinterpret_cast<std::uint64_t>(argument));
}

std::int64_t ask(IoRequest request, std::int32_t argument)
{
    return ask(request, &argument);
}

/// 0: by default; 1: ignored.
void set_action(Signal signal, std::uint64_t handler)
{
    const std::uint64_t action[4] = {handler, 0, 0, 0};
    check(user::system_call(uapi::Syscall::RtSigaction, static_cast<std::uint64_t>(signal),
                            reinterpret_cast<std::uint64_t>(action), 0, sizeof action[3]) == 0,
          "a signal can be ignored\n");
}

std::int32_t own_number()
{
    return static_cast<std::int32_t>(user::system_call(uapi::Syscall::Getpid));
}

void prompt()
{
    user::print("\neldarin> "); // on a line of its own, whatever was echoed before
}

/// What wait4 tells of a stop, and of an end by a signal.
constexpr std::uint32_t stopped_by(Signal signal)
{
    return static_cast<std::uint32_t>(signal) << 8 | 0x7f;
}
constexpr std::uint32_t killed_by(Signal signal)
{
    return static_cast<std::uint32_t>(signal);
}

std::uint32_t wait_for(std::int64_t child)
{
    std::uint32_t status = 0;
    check(user::wait4(child, &status, kUntraced) == child, "the child is waited for\n");
    return status;
}

/// A child in a group of its own, which has the terminal if `foreground`.
template <typename Work> std::int64_t start(bool foreground, Work work)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::system_call(uapi::Syscall::Setpgid, 0, 0);
        if (foreground) {
            ask(IoRequest::Tiocspgrp, own_number()); // SIGTTOU is ignored still
        }
        set_action(Signal::Sigttou, 0);
        work();
        user::exit_group(0);
    }
    user::system_call(uapi::Syscall::Setpgid, static_cast<std::uint64_t>(child), static_cast<std::uint64_t>(child));
    return child;
}

void the_session_has_the_terminal()
{
    std::int32_t group = 0, session = 0;
    check(ask(IoRequest::Tiocgpgrp, &group) == 0 && group == own_number(), "the group has the terminal\n");
    check(ask(IoRequest::Tiocgsid, &session) == 0 && session == user::system_call(uapi::Syscall::Getsid),
          "the session, too\n");
    check(ask(IoRequest::Tiocsctty, nullptr) == 0, "its leader may ask for it again\n");
    check(ask(IoRequest::Tiocspgrp, -1) == minus(Error::Einval), "no group\n");
    check(ask(IoRequest::Tiocspgrp, 4'000'000) == minus(Error::Esrch), "a group that is not there\n");
    check(ask(IoRequest::Tiocspgrp, 1) == minus(Error::Eperm), "a group of another session\n");
}

std::int64_t switches()
{
    uapi::ResourceUsage usage{};
    user::system_call(uapi::Syscall::Getrusage, 0, reinterpret_cast<std::uint64_t>(&usage));
    return usage.voluntary_switches;
}

/// Who waits for more than is typed sleeps until its time is over, however many keys come.
void keys_wake_nobody_in_vain()
{
    constexpr std::int32_t kTyped = 4; // "abc" and Enter
    uapi::Termios modes{};
    ask(IoRequest::Tcgets, &modes);
    uapi::Termios before = modes;
    modes.local &= ~uapi::local_mode::kIcanon;
    modes.characters[uapi::control_character::kMin] = 200;
    modes.characters[uapi::control_character::kTime] = 0;
    ask(IoRequest::Tcsets, &modes);
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::sleep_until(user::now_in_milliseconds() + 50); // its parent sleeps by then
        prompt();
        user::exit_group(0);
    }
    std::int32_t there = 0;
    std::int64_t waits = 0;
    const std::int64_t begin = switches();
    do {
        uapi::PollFile files[] = {{uapi::kStandardInput, uapi::poll_event::kIn, 0}};
        check(user::poll(files, 200) == 0, "fewer bytes than VMIN are nothing to read\n");
        ++waits;
        ask(IoRequest::Fionread, &there);
    } while (there < kTyped);
    check(switches() - begin == waits, "each wait is one sleep\n");
    check(wait_for(child) == 0, "the child has asked for the keys\n");
    ask(IoRequest::Tcsetsf, &before);
}

void a_child_is_stopped_and_goes_on()
{
    char line[80];
    const std::int64_t child = start(true, [&line] {
        prompt();
        for (;;) {
            const std::int64_t count = user::read(0, line, sizeof line);
            check(count > 0, "a line can be read\n");
            if (count > 1) { // Enter behind ^Z may be anybody's
                user::write(1, line, static_cast<std::size_t>(count));
                prompt();
            }
        }
    });
    check(wait_for(child) == stopped_by(Signal::Sigtstp), "^Z stops the group in the foreground\n");
    ask(IoRequest::Tiocspgrp, own_number());
    user::kill(-child, Signal::Sigcont);
    check(wait_for(child) == stopped_by(Signal::Sigttin), "a reader in the background is stopped\n");
    check(ask(IoRequest::Tiocspgrp, static_cast<std::int32_t>(child)) == 0, "it gets the terminal back\n");
    prompt();
    user::kill(-child, Signal::Sigcont);
    check(wait_for(child) == killed_by(Signal::Sigint), "^C ends the group in the foreground\n");
    ask(IoRequest::Tiocspgrp, own_number());
}

void the_background_changes_nothing()
{
    std::int64_t child = start(false, [] {
        uapi::Termios modes{};
        ask(IoRequest::Tcgets, &modes);
        ask(IoRequest::Tcsets, &modes);
    });
    check(wait_for(child) == stopped_by(Signal::Sigttou), "modes are not for the background\n");
    user::kill(child, Signal::Sigkill);
    check(wait_for(child) == killed_by(Signal::Sigkill), "what is stopped can be ended\n");
    child = start(false, [] { user::print("output of the background\n"); });
    check(wait_for(child) == 0, "output is for all\n");
    uapi::Termios modes{};
    ask(IoRequest::Tcgets, &modes);
    modes.local |= uapi::local_mode::kTostop;
    ask(IoRequest::Tcsets, &modes);
    child = start(false, [] { user::print("under TOSTOP\n"); });
    check(wait_for(child) == stopped_by(Signal::Sigttou), "but not under TOSTOP\n");
    user::kill(child, Signal::Sigkill);
    wait_for(child);
    child = start(false, [] {
        set_action(Signal::Sigttin, 1);
        char byte = 0;
        check(user::read(0, &byte, 1) == minus(Error::Eio), "who ignores SIGTTIN gets EIO\n");
        check(ask(IoRequest::Tiocspgrp, own_number()) < 0, "never reached\n");
    });
    check(wait_for(child) == stopped_by(Signal::Sigttou), "the terminal cannot be taken\n");
    user::kill(child, Signal::Sigkill);
    wait_for(child);
}

/// Who waits for a line when the terminal is given up does so in vain.
void a_reader_learns_that_the_terminal_is_gone()
{
    set_action(Signal::Sighup, 1);
    const std::int64_t child = user::fork();
    if (child == 0) {
        char line[8];
        std::int64_t count = 1;
        while (count > 0) { // Enter behind ^C may be anybody's
            count = user::read(0, line, sizeof line);
        }
        check(count == minus(Error::Eio), "a reader learns that the terminal is gone\n");
        user::exit_group(0);
    }
    user::sleep_milliseconds(20); // it reads by then
    check(ask(IoRequest::Tiocnotty, nullptr) == 0, "the leader can give up the terminal\n");
    check(wait_for(child) == 0, "the reader has ended\n");
    check(ask(IoRequest::Tiocsctty, nullptr) == 0, "and the leader can take it again\n");
}

} // namespace

int main()
{
    the_session_has_the_terminal();
    keys_wake_nobody_in_vain();
    set_action(Signal::Sigttou, 1);
    a_child_is_stopped_and_goes_on();
    the_background_changes_nothing();
    a_reader_learns_that_the_terminal_is_gone();
    user::print("every job was as it should be\n");
    return 0;
}
