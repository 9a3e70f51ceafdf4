// SPDX-License-Identifier: MIT
// The terminal on the serial console: a line discipline between the UART and whoever reads and writes, and the process
// group that it belongs to.  The kernel's shell has it while it waits for no program.
// [POSIX.1-2017 XBD 11 "General Terminal Interface"; termios(3), ioctl_tty(2)]
#pragma once

#include "base/result.h"
#include "base/string_view.h"
#include "cpu/user_copy.h"
#include "device/line_discipline.h"
#include "fs/readiness.h"
#include "process/vessel.h"
#include "uapi/termios.h"

namespace kernel {

class Terminal {
public:
    /// Lets the line discipline work on what has arrived: echo, signals, and readers that go on.  Called when something
    /// arrives, and whenever there may be room again.
    void receive();
    /// Whether bytes have arrived for which there was no interrupt, or no room.
    static bool has_more();

    /// read(2): a line, or the end of one, in canonical mode; else as VMIN and VTIME say.
    /// @param block  false: O_NONBLOCK
    /// @return EIO       it is not the caller's terminal, or the caller is in the background and nobody could stop it
    ///         Erestart  the calling thread is to end, a signal came, or the caller's group got SIGTTIN
    ///         EAGAIN    nothing to read, and not `block`
    ///         EFAULT    nothing could be stored
    base::Result<std::uint64_t> read(arch::VirtAddr buffer, std::uint64_t count, bool block);
    /// write(2): waits while output is stopped.  EAGAIN, EFAULT, Erestart; under TOSTOP as read(), with SIGTTOU.
    base::Result<std::uint64_t> write(arch::VirtAddr buffer, std::uint64_t count, bool block);
    /// ioctl(2).  ENOTTY: no request of a terminal's, or it is not the caller's.  EFAULT.  EINVAL.  ESRCH, EPERM: of a
    /// group or a session.  Erestart: the caller is in the background, and its group got SIGTTOU.
    base::Result<std::uint64_t> control(std::uint32_t request, std::uint64_t argument);
    /// Of uapi::poll_event.
    std::uint32_t poll() const;

    /// It is the controlling terminal of that Vessel's session.
    bool controls(const Vessel& vessel) const { return session_ != VesselId{} && vessel.session == session_; }
    /// The leader of a session has ended: its terminal is nobody's, and the foreground group is told.
    void leader_ended(const Vessel& vessel);

    /// The shell gives the terminal to the program that it waits for, which leads a session of its own, and takes it
    /// back with sane modes.  What the program has left of a line goes with it; lines that nobody has begun to read are
    /// for the shell.
    void give_to(const Vessel& program);
    void take_back();

    /// How large the window is where the console is shown.
    void set_size(std::uint16_t rows, std::uint16_t columns) { size_ = {rows, columns, 0, 0}; }

    enum class ShellInput : std::uint8_t { Line, Interrupt };
    /// For the shell's thread: waits for a line, which `line` then holds without its newline, cut to fit, or for ^C.
    ShellInput read_line(base::Span<char> buffer, base::StringView& line);

    Readiness readiness;

private:
    bool takes_more() const { return line_.has_room() && !(shell_has_it_ && (line_.readable() || interrupted_)); }
    base::Result<void> check_foreground(uapi::Signal signal) const;
    base::Result<void> check_right_to_change() const;
    void forget_session();
    base::Result<std::uint64_t> set_foreground(arch::VirtAddr from);
    base::Result<std::uint64_t> take_as_controlling(std::uint64_t force);
    base::Result<std::uint64_t> give_up_as_controlling();
    base::Result<std::uint64_t> take(arch::VirtAddr buffer, std::uint64_t count);
    base::Result<std::uint64_t> change_modes(const uapi::Termios& modes, bool flush_first);
    base::Result<std::uint64_t> change_size(arch::VirtAddr from);
    base::Result<std::uint64_t> flush(std::uint64_t queue);
    base::Result<std::uint64_t> flow(std::uint64_t action);
    void set_stopped(bool stopped);
    void tell();

    LineDiscipline line_;
    WaitQueue readers_;
    WaitQueue writers_;
    std::uint32_t told_ = 0; ///< of poll(): what those who wait know, or would have seen
    bool shell_has_it_ = true;
    VesselId session_{};       ///< whose controlling terminal it is; 0: nobody's
    VesselId foreground_{};    ///< the group that signals are for and that may read; 0: there is none
    bool interrupted_ = false; ///< a ^C came for the shell
    uapi::WindowSize size_{.rows = 24, .columns = 80, .width = 0, .height = 0};
};

extern Terminal terminal;

} // namespace kernel
