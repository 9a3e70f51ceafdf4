// SPDX-License-Identifier: MIT
// Signals as something to read (signalfd4): what a record says, several in one read, waiting in read and in poll, and
// whose signals they are.  Everything is checked; what is written is the same every time.
#include "lib/check.h"
#include "lib/pipe.h"
#include "lib/signals.h"
#include "uapi/signal_file.h"

namespace {

using namespace user;
using uapi::Signal;
using uapi::SignalFileRecord;

constexpr std::int64_t kRecord = sizeof(SignalFileRecord);
constexpr Signal kRealTime{40};

std::int64_t signal_file(std::uint64_t set, std::uint64_t flags = 0, std::int64_t descriptor = -1)
{
    return system_call(uapi::Syscall::Signalfd4, static_cast<std::uint64_t>(descriptor),
                       reinterpret_cast<std::uint64_t>(&set), std::uint64_t{8}, flags);
}

template <std::size_t N> std::int64_t read_records(std::int64_t file, SignalFileRecord (&records)[N])
{
    return read(file, records, sizeof records);
}

std::int64_t queue(std::uint64_t value)
{
    uapi::SigInfo info{};
    info.code = uapi::signal_code::kQueue;
    info.words[0] = static_cast<std::uint64_t>(own_id());
    info.words[1] = value;
    return system_call(uapi::Syscall::RtSigqueueinfo, static_cast<std::uint64_t>(own_id()),
                       static_cast<std::uint64_t>(kRealTime), reinterpret_cast<std::uint64_t>(&info));
}

bool is_ready(std::int64_t file)
{
    uapi::PollFile files[]{{static_cast<std::int32_t>(file), uapi::poll_event::kIn, 0}};
    return poll(files, 0) == 1 && files[0].returned == uapi::poll_event::kIn;
}

void records_tell_who_and_why(std::int64_t file)
{
    SignalFileRecord one[1]{}, two[2]{};
    check(!is_ready(file) && read_records(file, one) == minus(uapi::Error::Eagain), "nothing is there at first\n");
    raise(Signal::Sigusr1);
    check(is_ready(file) && read_records(file, one) == kRecord, "what was sent can be read\n");
    check(one[0].number == 10 && one[0].code == 0 && one[0].sender == own_id(), "and says who has sent it\n");
    check(!is_ready(file), "once\n");
    for (std::uint64_t value = 1; value <= 3; ++value) {
        queue(0x1'0000'0000 + value);
    }
    check(read_records(file, two) == 2 * kRecord && two[0].value == 1 && two[1].pointer == 0x1'0000'0002,
          "two of three in one read\n");
    check(read_records(file, two) == kRecord && two[0].value == 3 && two[0].number == 40, "and the last one\n");
    print("records\n");
}

void the_set_can_change(std::int64_t file)
{
    SignalFileRecord one[1]{};
    raise(Signal::Sigusr2);
    check(signal_file(bit_of(Signal::Sigusr1), 0, file) == file && !is_ready(file), "not of the set any more\n");
    check(signal_file(~std::uint64_t{0}, 0, file) == file && is_ready(file), "again of the set\n");
    check(read_records(file, one) == kRecord && one[0].number == 12, "it has waited\n");
    print("another set\n");
}

void note(int, uapi::SigInfo*, uapi::UserContext*) {}

void waiting_ends()
{
    const std::int64_t file = signal_file(bit_of(Signal::Sigchld) | bit_of(Signal::Sigusr1));
    SignalFileRecord one[1]{};
    const std::int64_t parent = own_id();
    std::int64_t child = fork();
    if (child == 0) {
        check(!is_ready(file), "a child has signals of its own\n");
        exit_group(7);
    }
    check(read_records(file, one) == kRecord && one[0].number == 17 && one[0].sender == child && one[0].status == 7 &&
              one[0].code == uapi::signal_code::child::kExited,
          "a read waits for a child's end\n");
    wait4(child, nullptr);
    child = fork();
    if (child == 0) {
        kill(parent, Signal::Sigusr1);
        exit_group(0);
    }
    uapi::PollFile files[]{{static_cast<std::int32_t>(file), uapi::poll_event::kIn, 0}};
    check(poll(files, -1) == 1, "so does poll\n");
    wait4(child, nullptr);
    check(read_records(file, one) == kRecord && one[0].number == 10 && one[0].sender == child, "a child's signal\n");
    check(read_records(file, one) == kRecord && one[0].number == 17, "and its end\n");
    handle(Signal::Sigusr2, note);
    change_mask(uapi::MaskChange::Unblock, bit_of(Signal::Sigusr2));
    child = fork();
    if (child == 0) {
        sleep_milliseconds(2);
        kill(parent, Signal::Sigusr2);
        sleep_milliseconds(20); // its end is not what ends the wait
        exit_group(0);
    }
    check(read_records(file, one) == minus(uapi::Error::Eintr), "a handler ends the wait\n");
    wait4(child, nullptr);
    print("waiting\n");
}

} // namespace

int main()
{
    const std::uint64_t all =
        bit_of(Signal::Sigusr1) | bit_of(Signal::Sigusr2) | bit_of(Signal::Sigchld) | bit_of(kRealTime);
    check(change_mask(uapi::MaskChange::Block, all) == 0, "signals can be blocked\n");
    const std::int64_t file = signal_file(~std::uint64_t{0}, uapi::open_flag::kNonblock);
    check(file >= 3, "there is such a file\n");
    records_tell_who_and_why(file);
    the_set_can_change(file);
    waiting_ends();
    return 0;
}
