// SPDX-License-Identifier: MIT
#include "fs/terminal.h"

#include "base/min_max.h"
#include "cpu/user_chunks.h"
#include "device/serial.h"
#include "process/clock.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "uapi/files.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

constinit Terminal terminal;

namespace {

/// The UART as it is, behind the line discipline.
class Line final : public base::Writer {
public:
    void write(base::StringView bytes) override { console.send(bytes); }
};

constexpr std::uint64_t kNever = Loom::kNever;

/// Bytes of one write: the UART is slow, and no key is looked at meanwhile.
constexpr std::uint64_t kMostAtOnce = 65536;

/// VTIME counts tenths of a second.
constexpr std::uint64_t ticks_of_tenths(std::uint8_t tenths)
{
    return tenths * (kTicksPerSecond / 10);
}

} // namespace

bool Terminal::has_more()
{
    return console.has_received();
}

void Terminal::receive()
{
    Line out;
    std::uint8_t byte = 0;
    told_ &= poll();
    console.receive();
    while (takes_more() && console.read(byte)) {
        if (const std::optional<uapi::Signal> signal = line_.receive(byte, out)) {
            interrupted_ = shell_has_it_;
            if (!interrupted_) {
                harbor.send_to_group(foreground_, *signal);
            }
        }
        console.receive();
    }
    if (line_.readable() || interrupted_) {
        loom.wake_all(readers_);
    }
    tell();
}

/// Wakes those who wait for what has become possible: a key that ends no line is nobody's business.
void Terminal::tell()
{
    const std::uint32_t now = poll(), news = now & ~told_;
    told_ = now;
    if ((news & uapi::poll_event::kOut) != 0) {
        loom.wake_all(writers_);
    }
    if (news != 0) {
        readiness.tell();
    }
}

/// What one read gives of what is there.
Result<std::uint64_t> Terminal::take(VirtAddr buffer, std::uint64_t count)
{
    std::uint64_t done = 0;
    bool line_is_over = false;
    while (done < count && !line_is_over && line_.readable()) {
        std::uint8_t bytes[256];
        const std::size_t taken = line_.peek({bytes, base::min<std::uint64_t>(sizeof bytes, count - done)});
        const std::uint64_t copied = copy_to_user(buffer + done, {bytes, taken});
        if (copied == 0 && taken > 0) {
            return done > 0 ? Result<std::uint64_t>(done) : fail(Error::Efault);
        }
        line_is_over = line_.consume(copied);
        done += copied;
    }
    receive(); // there may be room again
    return done;
}

Result<std::uint64_t> Terminal::read(VirtAddr buffer, std::uint64_t count, bool block)
{
    const std::uint64_t begin = loom.now();
    std::uint64_t done = 0;
    bool interrupted = false;
    while (count > 0) {
        const Result<void> allowed =
            controls(*loom.current().vessel) ? check_foreground(uapi::Signal::Sigttin) : Result<void>(fail(Error::Eio));
        if (!allowed) {
            return done > 0 ? Result<std::uint64_t>(done) : fail(allowed.error());
        }
        receive();
        if (line_.readable()) {
            const Result<std::uint64_t> taken = take(buffer + done, count - done);
            if (!taken) {
                return done > 0 ? Result<std::uint64_t>(done) : taken;
            }
            done += *taken;
            if (line_.canonical() || done >= base::min<std::uint64_t>(count, line_.least_bytes())) {
                break;
            }
            continue;
        }
        // VTIME is the patience for the first byte when VMIN is 0, else for the time between two.
        const bool is_timed = !line_.canonical() && (line_.least_bytes() == 0 || line_.patience() > 0);
        const std::uint64_t from = line_.least_bytes() == 0 ? begin : loom.now();
        const std::uint64_t deadline =
            is_timed && (done > 0 || line_.least_bytes() == 0) ? from + ticks_of_tenths(line_.patience()) : kNever;
        if (deadline <= loom.now() && line_.least_bytes() == 0) {
            break;
        }
        if (!block || interrupted) {
            return done > 0 ? Result<std::uint64_t>(done) : fail(interrupted ? Error::Erestart : Error::Eagain);
        }
        interrupted = ends_call(loom.block(readers_, deadline));
        if (deadline <= loom.now() && !line_.readable()) {
            break;
        }
    }
    return done;
}

Result<std::uint64_t> Terminal::write(VirtAddr buffer, std::uint64_t count, bool block)
{
    if ((line_.modes().local & uapi::local_mode::kTostop) != 0) {
        TRY(check_right_to_change());
    }
    for (bool interrupted = false; line_.stopped();) {
        if (!block || interrupted) {
            return fail(interrupted ? Error::Erestart : Error::Eagain);
        }
        interrupted = ends_call(loom.block(writers_));
    }
    Line out;
    const Result<std::uint64_t> written =
        move_in_chunks(buffer, count, kMostAtOnce, [&](base::Span<std::uint8_t> chunk, VirtAddr from) {
            const std::uint64_t copied = copy_from_user(chunk, from);
            line_.write({reinterpret_cast<const char*>(chunk.data()), copied}, out);
            return copied;
        });
    if (has_more()) {
        receive(); // what arrived meanwhile had no interrupt
    }
    return written;
}

std::uint32_t Terminal::poll() const
{
    const std::size_t least = line_.least_bytes() > 0 && line_.patience() == 0 ? line_.least_bytes() : 1;
    return (line_.readable(least) ? uapi::poll_event::kIn : 0U) | (line_.stopped() ? 0U : uapi::poll_event::kOut);
}

void Terminal::give_to(const Vessel& program)
{
    shell_has_it_ = false;
    session_ = program.session;
    foreground_ = program.group;
    receive();
}

void Terminal::take_back()
{
    line_.set_modes(uapi::kSaneTermios);
    set_stopped(false);
    line_.drop_begun_line();
    session_ = {};
    foreground_ = {};
    shell_has_it_ = true;
}

Terminal::ShellInput Terminal::read_line(base::Span<char> buffer, base::StringView& line)
{
    for (;;) {
        receive();
        if (interrupted_) {
            interrupted_ = false;
            return ShellInput::Interrupt;
        }
        if (line_.readable()) {
            const std::size_t count = line_.peek({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()});
            line_.consume(count);
            line_.drop_begun_line();
            line = base::StringView(buffer.data(), count).before('\n');
            if (count > 0) { // the shell has no end
                return ShellInput::Line;
            }
            continue;
        }
        loom.block(readers_);
    }
}

} // namespace kernel
