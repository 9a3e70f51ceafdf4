// SPDX-License-Identifier: MIT
#include "process/syscall_log.h"

#include "arch/exception.h"
#include "cpu/user_copy.h"
#include "cpu/user_string.h"
#include "process/loom.h"
#include "uapi/errno.h"
#include "uapi/syscalls.h"

namespace kernel {

constinit SyscallLog syscall_log;

namespace {

using base::hex;
using base::print;

/// Longer buffers are cut, and marked with dots.
constexpr std::uint64_t kLongestText = 256;

void print_escaped(base::Writer& out, std::uint8_t byte)
{
    constexpr const char* kDigits = "0123456789abcdef";
    switch (byte) {
    case '\n': print(out, "\\n"); return;
    case '\t': print(out, "\\t"); return;
    case '\r': print(out, "\\r"); return;
    case '"': print(out, "\\\""); return;
    case '\\': print(out, "\\\\"); return;
    default: break;
    }
    if (byte >= ' ' && byte < 0x7f) {
        print(out, static_cast<char>(byte));
    } else {
        print(out, "\\x", kDigits[byte >> 4], kDigits[byte & 0xf]);
    }
}

void print_quoted(base::Writer& out, base::StringView bytes, bool cut)
{
    print(out, '"');
    for (const char byte : bytes) {
        print_escaped(out, static_cast<std::uint8_t>(byte));
    }
    print(out, cut ? "\"..." : "\"");
}

/// The bytes that a call reads, or their address when they cannot be read.
void print_bytes(base::Writer& out, std::uint64_t address, std::uint64_t count)
{
    std::uint8_t bytes[kLongestText];
    const std::uint64_t shown = count < kLongestText ? count : kLongestText;
    if (copy_from_user({bytes, shown}, arch::VirtAddr{address}) < shown) {
        print(out, hex(address));
        return;
    }
    print_quoted(out, {reinterpret_cast<const char*>(bytes), shown}, shown < count);
}

/// A string that a NUL ends, or its address when memory ends before it does.
void print_text(base::Writer& out, std::uint64_t address)
{
    char bytes[kLongestText + 1];
    const base::Result<base::StringView> text = read_user_string(bytes, arch::VirtAddr{address});
    if (!text && text.error() == uapi::Error::Efault) {
        print(out, hex(address));
        return;
    }
    print_quoted(out, text ? *text : base::StringView(bytes, kLongestText), !text);
}

/// Arguments that are an int in the C prototype are printed as one.
void print_argument(base::Writer& out, uapi::Arg kind, std::uint64_t value, std::uint64_t next)
{
    switch (kind) {
    case uapi::Arg::Int:
    case uapi::Arg::Pid:
    case uapi::Arg::Fd:
    case uapi::Arg::Status: print(out, static_cast<std::int32_t>(value)); break;
    case uapi::Arg::Address: print(out, hex(value)); break;
    case uapi::Arg::BytesIn: print_bytes(out, value, next); break;
    case uapi::Arg::Text: print_text(out, value); break;
    case uapi::Arg::Size: print(out, value); break;
    case uapi::Arg::None: break;
    }
}

} // namespace

/// Begins a line about the thread or Vessel `number`; a line whose result has not come yet ends in dots.
base::Writer& SyscallLog::line(std::uint64_t number)
{
    if (open_ != 0) {
        print(*out_, " ...\n");
        open_ = 0;
    }
    print(*out_, number, " ");
    return *out_;
}

void SyscallLog::begin(const Vessel& vessel, const char* word, std::uint64_t entry)
{
    if (out_ == nullptr) {
        return;
    }
    const layout::ProcessPlaces& places = vessel.places;
    const auto number = static_cast<std::uint64_t>(vessel.id);
    print(line(number), "places ", hex(places.stack_top), " ", hex(places.map_top), " ", hex(places.heap), " ",
          hex(places.program_base), " ", hex(places.vdso), "\n");
    print(line(number), word, " ", vessel.name, " ", hex(entry), "\n");
}

void SyscallLog::enter(const Vessel& vessel, std::uint64_t entry)
{
    begin(vessel, "enter", entry);
}

void SyscallLog::execute(const Vessel& vessel, std::uint64_t entry)
{
    begin(vessel, "execute", entry);
}

void SyscallLog::start_thread(const Thread& thread)
{
    if (out_ != nullptr) {
        print(line(static_cast<std::uint64_t>(thread.id)), "start ", thread.vessel->name, "\n");
    }
}

bool SyscallLog::call(const layout::TrapFrame& frame)
{
    if (out_ == nullptr) {
        return false;
    }
    const std::uint64_t arguments[uapi::kMaximumArguments + 1] = {frame.rdi, frame.rsi, frame.rdx, frame.r10,
                                                                  frame.r8,  frame.r9,  0};
    const auto caller = static_cast<std::uint64_t>(loom.current().id);
    base::Writer& out = line(caller);
    const uapi::SyscallSpec* const spec = uapi::find_syscall(frame.rax);
    if (spec == nullptr) {
        print(out, "syscall syscall_", frame.rax, "(");
        for (unsigned i = 0; i < uapi::kMaximumArguments; ++i) {
            print(out, i == 0 ? "" : ", ", hex(arguments[i]));
        }
        print(out, ")");
        open_ = caller;
        return true;
    }
    print(out, "syscall ", spec->name, "(");
    for (unsigned i = 0; i < uapi::kMaximumArguments && spec->arguments[i] != uapi::Arg::None; ++i) {
        print(out, i == 0 ? "" : ", ");
        print_argument(out, spec->arguments[i], arguments[i], arguments[i + 1]);
    }
    const bool has_result = spec->returns != uapi::Returns::Never && spec->returns != uapi::Returns::Elsewhere;
    print(out, has_result ? ")" : ")\n");
    open_ = has_result ? caller : 0;
    return has_result;
}

void SyscallLog::result(std::uint64_t rax)
{
    if (out_ == nullptr) {
        return;
    }
    const auto caller = static_cast<std::uint64_t>(loom.current().id);
    if (open_ == caller) {
        open_ = 0;
    } else {
        print(line(caller), "resumed");
    }
    if (uapi::is_error(rax)) {
        print(*out_, " = -1 ", uapi::error_name(~rax + 1), "\n");
    } else {
        print(*out_, " = ", rax, "\n");
    }
}

void SyscallLog::restart()
{
    if (out_ == nullptr) {
        return;
    }
    const auto caller = static_cast<std::uint64_t>(loom.current().id);
    if (open_ == caller) {
        open_ = 0;
    } else {
        print(line(caller), "resumed");
    }
    print(*out_, " = ?\n");
}

void SyscallLog::signal(const uapi::SignalInfo& info, std::uint64_t handler)
{
    if (out_ == nullptr) {
        return;
    }
    const auto number = static_cast<std::uint64_t>(info.number);
    base::Writer& out = line(static_cast<std::uint64_t>(loom.current().id));
    print(out, "signal ");
    if (number > uapi::kLastNamedSignal) {
        print(out, "signal_", number);
    } else {
        print(out, uapi::signal_name(number));
    }
    print(out, " ", hex(handler), "\n");
}

void SyscallLog::fault(const FaultReport& report)
{
    if (out_ == nullptr) {
        return;
    }
    print(line(static_cast<std::uint64_t>(loom.current().id)), "fault ", arch::mnemonic(report.vector));
    if (report.vector == static_cast<unsigned>(arch::Vector::PageFault)) {
        print(*out_, " ", access_word(report.error_code), " ", hex(report.address));
    }
    print(*out_, " at ", hex(report.rip), "\n");
}

void SyscallLog::exit(const Vessel& vessel)
{
    if (out_ == nullptr) {
        return;
    }
    print(line(static_cast<std::uint64_t>(vessel.id)), "exit ", vessel.name);
    if (const std::uint32_t signal = killing_signal(vessel.wait_status); signal > uapi::kLastNamedSignal) {
        print(*out_, " killed by signal_", signal, "\n");
    } else if (signal != 0) {
        print(*out_, " killed by ", uapi::signal_name(signal), "\n");
    } else {
        print(*out_, " status ", exit_status(vessel.wait_status), "\n");
    }
}

} // namespace kernel
