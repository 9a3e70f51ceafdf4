// SPDX-License-Identifier: MIT
// Pipes between processes: what goes in comes out, in order and whole; both ends wait, end and break as pipe(7) says;
// poll and select tell when.  `pipes unnamed` makes no FIFO, which would stay where it ended in the middle.
// Expected: the last line says so, and status 0; on Linux too.
#include "lib/arguments.h"
#include "lib/check.h"
#include "lib/pipe.h"
#include "lib/process.h"
#include "lib/random.h"
#include "uapi/termios.h"

namespace {

using uapi::Error;
using user::check;
using user::Ends;
using user::minus;
namespace flag = uapi::open_flag;
namespace event = uapi::poll_event;

constexpr std::int64_t kCapacity = 65536, kAtomic = 4096;

std::uint8_t out[2 * kCapacity], in[2 * kCapacity];

/// What stands at place `place` of everything that is ever written.
std::uint8_t byte_at(std::uint64_t place)
{
    return static_cast<std::uint8_t>(place * 7 + (place >> 8) * 13);
}

void fill(std::uint64_t place, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; ++i) {
        out[i] = byte_at(place + static_cast<std::uint64_t>(i));
    }
}

bool is(std::uint64_t place, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; ++i) {
        if (in[i] != byte_at(place + static_cast<std::uint64_t>(i))) {
            return false;
        }
    }
    return true;
}

Ends open_pipe(std::uint32_t flags = 0)
{
    Ends ends{};
    check(user::pipe2(ends, flags) == 0, "a pipe can be made\n");
    return ends;
}

void close_pipe(const Ends& ends)
{
    check(user::close(ends.read) == 0 && user::close(ends.write) == 0, "both ends can be closed\n");
}

std::int32_t held(const Ends& ends)
{
    std::int32_t count = -1;
    user::system_call(uapi::Syscall::Ioctl, static_cast<std::uint64_t>(ends.read),
                      static_cast<std::uint64_t>(uapi::IoRequest::Fionread), reinterpret_cast<std::uint64_t>(&count));
    return count;
}

void ends_are_what_they_should_be()
{
    Ends ends = open_pipe(flag::kCloseOnExec | flag::kNonblock);
    check(ends.read == 3 && ends.write == 4, "the lowest descriptors are taken, the read end's first\n");
    check(user::fcntl(3, uapi::FileControl::GetDescriptorFlags) == uapi::kDescriptorCloseOnExec, "O_CLOEXEC\n");
    check((user::fcntl(4, uapi::FileControl::GetStatusFlags) & flag::kNonblock) != 0, "O_NONBLOCK\n");
    check(user::write(3, out, 1) == minus(Error::Ebadf) && user::read(4, in, 1) == minus(Error::Ebadf),
          "each end goes one way\n");
    check(user::seek(3, 0, uapi::Seek::Current) == minus(Error::Espipe), "a pipe has no places\n");
    check(user::fcntl(3, uapi::FileControl::GetPipeSize) == kCapacity, "its capacity\n");
    uapi::Stat stat{};
    check(user::fstat(3, stat) == 0 && (stat.mode & uapi::file_mode::kType) == uapi::file_mode::kFifo, "its kind\n");
    check(user::read(3, in, 1) == minus(Error::Eagain), "nothing is there\n");
    check(user::read(3, in, 0) == 0 && user::write(4, out, 0) == 0, "nothing is asked for\n");
    close_pipe(ends);
    check(user::pipe2(ends, flag::kAppend) == minus(Error::Einval), "unknown flags\n");
}

/// Random writes and reads of a pipe that does not block, against what must be in it.
void bytes_come_out_as_they_went_in()
{
    const Ends ends = open_pipe(flag::kNonblock);
    user::Random random(1);
    std::uint64_t written = 0, read = 0;
    for (unsigned i = 0; i < 600; ++i) {
        const auto kind = random.below(4);
        const auto count = static_cast<std::int64_t>(1 + random.below(kind == 0 ? 40000 : kind == 1 ? 5000 : 60));
        if (random.below(2) == 0) {
            fill(written, count);
            const std::int64_t done =
                user::write(static_cast<std::uint64_t>(ends.write), out, static_cast<std::size_t>(count));
            check(done == minus(Error::Eagain) || (done > 0 && done <= count), "a write takes something or nothing\n");
            check(done == count || done == minus(Error::Eagain) || count > kAtomic, "PIPE_BUF bytes go in one go\n");
            written += done > 0 ? static_cast<std::uint64_t>(done) : 0;
        } else {
            const std::int64_t done = user::read(ends.read, in, static_cast<std::size_t>(count));
            const auto there = static_cast<std::int64_t>(written - read);
            check(there == 0 ? done == minus(Error::Eagain) : done == (count < there ? count : there),
                  "a read gives what is there\n");
            check(done < 0 || is(read, done), "bytes come out as they went in\n");
            read += done > 0 ? static_cast<std::uint64_t>(done) : 0;
        }
        check(held(ends) == static_cast<std::int32_t>(written - read), "FIONREAD tells what is there\n");
    }
    close_pipe(ends);
}

/// A child that gets more than a pipe holds, in pieces that do not fit pages.
void both_sides_wait_for_each_other()
{
    constexpr std::int64_t kTotal = 300'000;
    const Ends ends = open_pipe();
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::close(ends.read);
        for (std::uint64_t place = 0; place < kTotal;) {
            const std::int64_t left = kTotal - static_cast<std::int64_t>(place), count = left < 99'999 ? left : 99'999;
            fill(place, count);
            check(user::write(static_cast<std::uint64_t>(ends.write), out, static_cast<std::size_t>(count)) == count,
                  "a write that blocks takes everything\n");
            place += static_cast<std::uint64_t>(count);
        }
        user::exit_group(0);
    }
    user::close(ends.write);
    std::uint64_t place = 0;
    for (;;) {
        const std::int64_t done = user::read(ends.read, in, 7001);
        if (done == 0) {
            break; // nobody can write any more
        }
        check(done > 0 && is(place, done), "a reader that waits gets everything in order\n");
        place += static_cast<std::uint64_t>(done);
    }
    check(place == kTotal, "the end comes behind the last byte\n");
    std::uint32_t status = 1;
    check(user::wait4(child, &status) == child && status == 0, "the writer ends well\n");
    user::close(ends.read);
}

void writing_to_nobody_breaks()
{
    const Ends ends = open_pipe();
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::close(ends.read);
        user::sleep_milliseconds(5); // until nobody can read
        user::write(static_cast<std::uint64_t>(ends.write), out, 1);
        user::exit_group(0);
    }
    user::close(ends.read);
    std::uint32_t status = 0;
    check(user::wait4(child, &status) == child && status == static_cast<std::uint32_t>(uapi::Signal::Sigpipe),
          "SIGPIPE ends a writer\n");
    user::close(ends.write);
}

/// One that reads nothing and one that writes without room, ended while they wait.
void those_who_wait_can_be_ended()
{
    const Ends empty = open_pipe(), full = open_pipe(flag::kNonblock);
    while (user::write(static_cast<std::uint64_t>(full.write), out, kAtomic) == kAtomic) {
    }
    user::fcntl(full.write, uapi::FileControl::SetStatusFlags, 0);
    for (unsigned i = 0; i < 3; ++i) {
        const std::int64_t child = user::fork();
        if (child == 0) {
            uapi::PollFile files[] = {{empty.read, event::kIn, 0}, {full.write, event::kOut, 0}};
            if (i == 0) {
                user::read(empty.read, in, 1);
            } else if (i == 1) {
                user::write(static_cast<std::uint64_t>(full.write), out, 1);
            } else {
                user::poll(files, -1);
            }
            user::exit_group(0);
        }
        user::sleep_milliseconds(5);
        user::kill(child, uapi::Signal::Sigkill);
        std::uint32_t status = 0;
        check(user::wait4(child, &status) == child && status == static_cast<std::uint32_t>(uapi::Signal::Sigkill),
              "whoever waits at a pipe can be ended\n");
    }
    close_pipe(empty);
    close_pipe(full);
}

void poll_tells_what_is_ready()
{
    const Ends ends = open_pipe(flag::kNonblock);
    const auto write_end = static_cast<std::uint64_t>(ends.write);
    uapi::PollFile files[] = {{ends.read, event::kIn | event::kReadNormal, 0},
                              {ends.write, event::kOut, 0},
                              {-1, event::kIn, 0xffff},
                              {99, event::kIn, 0}};
    check(user::poll(files, 0) == 2, "a pipe with room can be written\n");
    check(files[0].returned == 0 && files[1].returned == event::kOut && files[2].returned == 0 &&
              files[3].returned == event::kInvalid,
          "and nothing else\n");
    uapi::PollFile one[] = {{ends.read, event::kIn | event::kReadNormal, 0}};
    check(user::poll(one, 3) == 0 && one[0].returned == 0, "nothing comes\n");
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::sleep_milliseconds(3);
        user::write(write_end, out, 1);
        user::exit_group(0);
    }
    check(user::poll(one, -1) == 1 && one[0].returned == (event::kIn | event::kReadNormal), "a byte wakes who waits\n");
    check(user::wait4(child, nullptr) == child, "its writer ends\n");
    while (user::write(write_end, out, kAtomic) == kAtomic) {
    }
    uapi::PollFile full[] = {{ends.write, event::kOut, 0}};
    check(user::poll(full, 0) == 0, "a full pipe cannot be written\n");
    user::close(ends.read);
    check(user::poll(full, -1) == 1 && (full[0].returned & event::kError) != 0, "nobody can read any more\n");
    user::close(ends.write);
    const Ends other = open_pipe();
    user::close(other.write);
    uapi::PollFile ended[] = {{other.read, event::kIn, 0}};
    check(user::poll(ended, -1) == 1 && ended[0].returned == event::kHangUp, "nobody can write any more\n");
    user::close(other.read);
}

void select_tells_what_is_ready()
{
    const Ends ends = open_pipe();
    const std::uint64_t read_bit = std::uint64_t{1} << ends.read, write_bit = std::uint64_t{1} << ends.write;
    std::uint64_t readable = read_bit, writable = write_bit;
    const uapi::TimeValue now{0, 0}, soon{0, 3000};
    check(user::select(64, &readable, &writable, nullptr) == 1 && readable == 0 && writable == write_bit,
          "a pipe with room can be written\n");
    readable = read_bit;
    check(user::select(64, &readable, nullptr, &soon) == 0 && readable == 0, "nothing comes\n");
    user::write(static_cast<std::uint64_t>(ends.write), out, 1);
    readable = read_bit;
    writable = write_bit;
    check(user::select(64, &readable, &writable, &now) == 2, "both ends are ready\n");
    readable = read_bit | std::uint64_t{1} << 40;
    check(user::select(64, &readable, nullptr, nullptr) == minus(Error::Ebadf), "a descriptor that is not open\n");
    readable = std::uint64_t{1} << 40;
    check(user::select(40, &readable, nullptr, &now) == 0, "and one that is not asked about\n");
    close_pipe(ends);
}

void a_pipe_may_have_a_name()
{
    const char* const path = "a_fifo";
    const auto address = reinterpret_cast<std::uint64_t>(path);
    check(user::system_call(uapi::Syscall::Mknod, address, uapi::file_mode::kFifo | 0600, 0) == 0, "a FIFO is made\n");
    check(user::open(path, flag::kWriteOnly | flag::kNonblock) == minus(Error::Enxio), "nobody reads it\n");
    const std::int64_t child = user::fork();
    if (child == 0) {
        const std::int64_t end = user::open(path, flag::kWriteOnly); // until somebody reads
        check(end >= 0 && user::write(static_cast<std::uint64_t>(end), "hello", 5) == 5, "it can be written\n");
        user::exit_group(0);
    }
    const std::int64_t end = user::open(path); // until somebody writes
    uapi::Stat stat{};
    check(user::fstat(end, stat) == 0 && stat.mode == (uapi::file_mode::kFifo | 0600), "its kind\n");
    check(user::read(end, in, 80) == 5 && in[4] == 'o', "it can be read\n");
    check(user::read(end, in, 80) == 0, "and ends\n");
    check(user::wait4(child, nullptr) == child, "its writer ends\n");
    check(user::system_call(uapi::Syscall::Unlink, address) == 0, "a FIFO is removed\n");
    check(user::close(end) == 0 && user::open(path) == minus(Error::Enoent), "and gone\n");
}

/// Until a limit is reached; then everything is as before.
void there_are_only_so_many()
{
    Ends ends[600];
    unsigned count = 0;
    std::int64_t result = 0;
    while (count < 600 && (result = user::pipe2(ends[count])) == 0) {
        ++count;
    }
    check(count == 600 || result == minus(Error::Emfile) || result == minus(Error::Enfile), "a limit says its name\n");
    check(count > 100, "there are enough of them\n");
    for (unsigned i = 0; i < count; ++i) {
        close_pipe(ends[i]);
    }
}

} // namespace

int main()
{
    ends_are_what_they_should_be();
    bytes_come_out_as_they_went_in();
    both_sides_wait_for_each_other();
    writing_to_nobody_breaks();
    those_who_wait_can_be_ended();
    poll_tells_what_is_ready();
    select_tells_what_is_ready();
    if (!user::equal(user::arguments[1], "unnamed")) {
        a_pipe_may_have_a_name();
    }
    there_are_only_so_many();
    user::print("every pipe was as it should be\n");
    return 0;
}
