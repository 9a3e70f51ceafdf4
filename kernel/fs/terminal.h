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
    /// @return EIO     the caller is in the background: what is typed is for others
    ///         EAGAIN  nothing to read, and not `block`
    ///         EFAULT  nothing could be stored
    ///         EINTR   the calling thread is to end, or a signal came
    base::Result<std::uint64_t> read(arch::VirtAddr buffer, std::uint64_t count, bool block);
    /// write(2): waits while output is stopped.  EAGAIN, EFAULT, EINTR.
    base::Result<std::uint64_t> write(arch::VirtAddr buffer, std::uint64_t count, bool block);
    /// ioctl(2).  ENOTTY: no request of a terminal's.  EFAULT.  EINVAL.
    base::Result<std::uint64_t> control(std::uint32_t request, std::uint64_t argument);
    /// Of uapi::poll_event.
    std::uint32_t poll() const;

    /// The group that signals are for and that may read; 0: the shell's.
    VesselId foreground() const { return foreground_; }
    /// The shell gives the terminal to the program that it waits for, and takes it back with sane modes.  What the
    /// program has left of a line goes with it; lines that nobody has begun to read are for the shell.
    void give_to(VesselId group);
    void take_back();

    /// How large the window is where the console is shown.
    void set_size(std::uint16_t rows, std::uint16_t columns) { size_ = {rows, columns, 0, 0}; }

    enum class ShellInput : std::uint8_t { Line, Interrupt };
    /// For the shell's thread: waits for a line, which `line` then holds without its newline, cut to fit, or for ^C.
    ShellInput read_line(base::Span<char> buffer, base::StringView& line);

    Readiness readiness;

private:
    bool shell_has_it() const { return foreground_ == VesselId{}; }
    bool takes_more() const { return line_.has_room() && !(shell_has_it() && (line_.readable() || interrupted_)); }
    base::Result<void> wait(WaitQueue& queue, std::uint64_t deadline);
    base::Result<std::uint64_t> take(arch::VirtAddr buffer, std::uint64_t count);
    base::Result<std::uint64_t> change_modes(const uapi::Termios& modes, bool flush_first);
    base::Result<std::uint64_t> change_size(arch::VirtAddr from);
    base::Result<std::uint64_t> flush(std::uint64_t queue);
    base::Result<std::uint64_t> flow(std::uint64_t action);
    void set_stopped(bool stopped);

    LineDiscipline line_;
    WaitQueue readers_;
    WaitQueue writers_;
    VesselId foreground_{};
    bool interrupted_ = false; ///< a ^C came for the shell
    uapi::WindowSize size_{.rows = 24, .columns = 80, .width = 0, .height = 0};
};

extern Terminal terminal;

} // namespace kernel
