// SPDX-License-Identifier: GPL-2.0-or-later
// The order of the sources of names decides what a trace says; it is the same everywhere.
#include "trace/symbolise.h"

#include "arch/exception.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

namespace ringcheck {
namespace {

/// nullopt: there is none, or it is 2^63 or more away, and the grammar has no such offset.
std::optional<NamedAddress> landmark(const Symbols& symbols, const Program& program, std::uint64_t address)
{
    const auto found = symbols.guest().find_address(address, program.places);
    if (!found) {
        return std::nullopt;
    }
    const std::uint64_t above = address - found->address, below = found->address - address;
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    return (address >= found->address ? above : below) <= kMost
               ? std::optional{NamedAddress{found->landmark->name, static_cast<std::int64_t>(above)}}
               : std::nullopt;
}

std::optional<NamedAddress> symbol(const Symbols& symbols, const Program& program, std::uint64_t address)
{
    const auto text = symbols.in_program(program, address);
    return text ? std::optional{split_offset(*text)} : std::nullopt;
}

/// The first that there is, or the bare number.
Address first_name(std::optional<NamedAddress> first, std::optional<NamedAddress> second, std::uint64_t address)
{
    if (!first) {
        first = std::move(second);
    }
    return first ? Address{*std::move(first)} : RawAddress{address};
}

void replace(Address& address, const Symbols& symbols, const Program& program,
             Address (*name)(const Symbols&, const Program&, std::uint64_t))
{
    if (const auto* const raw = std::get_if<RawAddress>(&address)) {
        address = name(symbols, program, raw->value);
    }
}

Integer to_integer(std::int64_t value)
{
    const auto word = static_cast<std::uint64_t>(value);
    return {value < 0, value < 0 ? 0 - word : word};
}

/// The number that an Integer stands for, when it fits an int.
std::optional<std::int64_t> to_number(const Integer& integer)
{
    if (integer.magnitude > std::numeric_limits<std::int32_t>::max()) {
        return std::nullopt;
    }
    const auto value = static_cast<std::int64_t>(integer.magnitude);
    return integer.negative ? -value : value;
}

/// In place, when the value is an Integer.
template <typename Value> void name_number(Value& value, std::uint64_t traced)
{
    const auto* const integer = std::get_if<Integer>(&value);
    const auto number = integer == nullptr ? std::nullopt : to_number(*integer);
    if (number) {
        std::visit([&value](const auto& named) { value = named; }, name_process(*number, traced));
    }
}

void symbolise_call(SyscallEvent& event, const Trace& trace, const Program& program, const Symbols& symbols)
{
    const SyscallDescription* const call = symbols.guest().syscalls.find(event.name);
    if (call == nullptr) {
        for (Argument& argument : event.arguments) {
            if (const auto* const raw = std::get_if<RawAddress>(&argument)) {
                argument = name_word(symbols, program, raw->value);
            }
        }
        return;
    }
    for (std::size_t i = 0; i < event.arguments.size(); ++i) {
        Argument& argument = event.arguments[i];
        if (const auto* const raw = std::get_if<RawAddress>(&argument)) {
            argument = name_pointer(symbols, program, raw->value);
        } else if (i < call->arguments.size() && call->arguments[i] == ArgumentKind::Pid) {
            name_number(argument, trace.process);
        }
    }
    if (call->result == ResultKind::Pid) {
        name_number(event.result, trace.process);
    } else if (const auto* const word = std::get_if<Integer>(&event.result);
               word != nullptr && call->result == ResultKind::Address) {
        event.result = result_pointer(symbols, program, word->magnitude);
    }
}

} // namespace

Address name_code(const Symbols& symbols, const Program& program, std::uint64_t address)
{
    return first_name(symbol(symbols, program, address), landmark(symbols, program, address), address);
}

Address name_data(const Symbols& symbols, const Program& program, std::uint64_t address)
{
    return first_name(landmark(symbols, program, address), symbol(symbols, program, address), address);
}

Argument name_pointer(const Symbols& symbols, const Program& program, std::uint64_t address)
{
    auto name = landmark(symbols, program, address);
    return name ? Argument{*std::move(name)} : RawAddress{address};
}

Argument name_word(const Symbols& symbols, const Program& program, std::uint64_t word)
{
    const auto found = symbols.guest().find_address(word, program.places);
    return found && found->landmark->place ? name_pointer(symbols, program, word) : RawAddress{word};
}

SyscallResult result_pointer(const Symbols& symbols, const Program& program, std::uint64_t address)
{
    auto name = landmark(symbols, program, address);
    return name ? SyscallResult{*std::move(name)} : RawAddress{address};
}

std::variant<Integer, NamedAddress> name_process(std::int64_t number, std::uint64_t traced)
{
    constexpr std::int64_t kFirstProcess = 1, kReach = 0x1000;
    const std::int64_t distance = number - static_cast<std::int64_t>(traced);
    if (traced == 0 || number <= kFirstProcess || distance <= -kReach || distance >= kReach) {
        return to_integer(number);
    }
    return NamedAddress{"PID", distance};
}

std::string unknown_syscall(std::uint64_t number)
{
    return fmt::format("syscall_{}", number);
}

std::string exception_word(unsigned vector)
{
    const std::string name = arch::mnemonic(vector);
    return name.empty() ? fmt::format("vector_{}", vector) : name;
}

std::string error_word(const GuestDescription& guest, std::uint64_t number)
{
    const std::string name = guest.errors.find(number);
    return name.empty() ? fmt::format("errno_{}", number) : name;
}

std::string signal_word(const GuestDescription& guest, std::uint64_t number)
{
    const std::string name = guest.signals.find(number);
    return name.empty() ? fmt::format("signal_{}", number) : name;
}

ExitEvent exit_event(const GuestDescription& guest, std::uint64_t wait_status)
{
    const std::uint64_t signal = wait_status & 0x7f; // 0: it ended by itself
    if (signal == 0) {
        return {"", wait_status >> 8 & 0xff};
    }
    return {signal_word(guest, signal), 0};
}

void symbolise(Trace& trace, const Symbols& symbols)
{
    const Program own = symbols.guest().program(trace.program, trace.places);
    Program program = own;
    for (Event& event : trace.events) {
        if (auto* const enter = std::get_if<EnterEvent>(&event.what)) {
            replace(enter->at, symbols, program, name_code);
        } else if (auto* const execute = std::get_if<ExecuteEvent>(&event.what)) {
            program = symbols.guest().program(execute->program, execute->places);
            replace(execute->at, symbols, program, name_code);
        } else if (auto* const signal = std::get_if<SignalEvent>(&event.what)) {
            replace(signal->handler, symbols, program, name_code);
        } else if (const auto* const child = std::get_if<ChildEvent>(&event.what)) {
            program = child->program.empty() ? own : symbols.guest().program(child->program, child->places);
        } else if (auto* const fault = std::get_if<FaultEvent>(&event.what)) {
            replace(fault->at, symbols, program, name_code);
            if (fault->access) {
                replace(fault->access->address, symbols, program, name_data);
            }
        } else if (auto* const call = std::get_if<SyscallEvent>(&event.what)) {
            symbolise_call(*call, trace, program, symbols);
        }
    }
}

} // namespace ringcheck
