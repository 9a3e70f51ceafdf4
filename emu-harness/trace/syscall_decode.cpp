// SPDX-License-Identifier: GPL-2.0-or-later
// Registers and memory at a SYSCALL, in the words of a trace.
#include "trace/recorder.h"
#include "trace/symbolise.h"

#include <algorithm>
#include <limits>

namespace ringcheck {
namespace {

/// The bytes that a pointer points to, or the pointer when not all of them are the user's to read.
Argument decode_bytes(std::uint64_t pointer, std::uint64_t count, const model::CpuState& state, GuestMemory& memory,
                      const Symbols& symbols, const Program& program)
{
    const std::uint64_t wanted = std::min<std::uint64_t>(count, kBufferLimit),
                        user_last = symbols.guest().user_range.last, user_begin = symbols.guest().user_range.begin;
    if (wanted == 0) {
        return Buffer{};
    }
    if (pointer < user_begin || pointer > user_last || wanted - 1 > user_last - pointer) {
        return name_pointer(symbols, program, pointer);
    }
    const std::vector<std::byte> bytes = memory.read(state, arch::VirtAddr{pointer}, wanted);
    if (bytes.size() != wanted) {
        return name_pointer(symbols, program, pointer);
    }
    Buffer buffer{.bytes = {}, .cut = count > kBufferLimit};
    std::ranges::transform(bytes, std::back_inserter(buffer.bytes), [](std::byte b) { return static_cast<char>(b); });
    return buffer;
}

/// The string that a pointer points to, or the pointer when the user's memory ends before the string.
Argument decode_text(std::uint64_t pointer, const model::CpuState& state, GuestMemory& memory, const Symbols& symbols,
                     const Program& program)
{
    const AddressRange& user = symbols.guest().user_range;
    Buffer buffer;
    for (std::uint64_t at = pointer; at >= user.begin && at <= user.last; ++at) {
        const std::vector<std::byte> byte = memory.read(state, arch::VirtAddr{at}, 1);
        if (byte.empty()) {
            break;
        }
        if (byte.front() == std::byte{0}) {
            return buffer;
        }
        if (buffer.bytes.size() == kBufferLimit) {
            buffer.cut = true;
            return buffer;
        }
        buffer.bytes += static_cast<char>(byte.front());
    }
    return name_pointer(symbols, program, pointer);
}

Integer signed_integer(std::uint64_t word)
{
    const auto value = static_cast<std::int32_t>(word); // int: the upper half of the register says nothing
    return {value < 0, value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value)};
}

} // namespace

SyscallEvent decode_syscall(const model::CpuState& state, GuestMemory& memory, const Symbols& symbols,
                            const Process& traced)
{
    const GuestDescription& guest = symbols.guest();
    const std::uint64_t number = state[guest.syscalls.number];
    const SyscallDescription* const call = guest.syscalls.find(number);
    if (call == nullptr) {
        SyscallEvent event{unknown_syscall(number), {}, UnknownResult{}};
        for (const model::Gpr reg : guest.syscalls.arguments) {
            event.arguments.push_back(name_word(symbols, traced.program, state[reg]));
        }
        return event;
    }
    SyscallEvent event{call->name, {}, UnknownResult{}};
    if (!call->returns || call->restores) {
        event.result = NoResult{};
    }
    for (std::size_t i = 0; i < call->arguments.size(); ++i) {
        const std::uint64_t word = state[guest.syscalls.arguments.at(i)];
        switch (call->arguments[i]) {
        case ArgumentKind::Integer: event.arguments.push_back(signed_integer(word)); break;
        case ArgumentKind::Pid:
            std::visit([&event](const auto& named) { event.arguments.push_back(named); },
                       name_process(static_cast<std::int32_t>(word), traced.id));
            break;
        case ArgumentKind::Size: event.arguments.push_back(Integer{false, word}); break;
        case ArgumentKind::Address: event.arguments.push_back(name_pointer(symbols, traced.program, word)); break;
        case ArgumentKind::Text:
            event.arguments.push_back(decode_text(word, state, memory, symbols, traced.program));
            break;
        case ArgumentKind::BytesIn:
            event.arguments.push_back(
                decode_bytes(word, state[guest.syscalls.arguments.at(i + 1)], state, memory, symbols, traced.program));
            break;
        }
    }
    return event;
}

SyscallResult decode_result(std::uint64_t value, const Symbols& symbols, const std::string& call, const Process& traced)
{
    const GuestDescription& guest = symbols.guest();
    if (guest.syscalls.is_error(value)) {
        return ErrorResult{error_word(guest, 0 - value)};
    }
    const SyscallDescription* const description = guest.syscalls.find(call);
    const ResultKind kind = description == nullptr ? ResultKind::Number : description->result;
    if (kind == ResultKind::Address) {
        return result_pointer(symbols, traced.program, value);
    }
    if (kind == ResultKind::Pid && value <= std::numeric_limits<std::int32_t>::max()) {
        return std::visit([](const auto& named) { return SyscallResult{named}; },
                          name_process(static_cast<std::int64_t>(value), traced.id));
    }
    return Integer{false, value};
}

} // namespace ringcheck
