// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/syscall_parse.h"

#include "guest/address_text.h"
#include "guest/toml_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

constexpr std::size_t kMostArguments = 15; // every general-purpose register but RSP

/// "syscall", or "int 0x80" with any vector.
void read_instruction(TomlTable& table, SyscallConvention& convention)
{
    constexpr std::string_view kInterrupt = "int ";
    const std::string text = table.text("instruction").value_or("syscall");
    if (text == "syscall") {
        return;
    }
    const auto vector = text.starts_with(kInterrupt) ? parse_number(text.substr(kInterrupt.size())) : std::nullopt;
    if (!vector || *vector > 0xff) {
        table.refuse("instruction",
                     fmt::format("instruction in [syscall] is '{}'; it may be \"syscall\" or an INT like "
                                 "\"int 0x80\"",
                                 text));
        return;
    }
    convention.vector = static_cast<std::uint8_t>(*vector);
    convention.changes.clear(); // only SYSCALL has RCX and R11 to itself
}

SyscallDescription read_call(TomlTable& table, const std::string& name, const SyscallConvention& convention)
{
    constexpr std::string_view kSyscallWord = "syscall_";
    SyscallDescription call;
    call.name = name;
    table.require("number");
    call.number = table.number("number").value_or(0);
    call.returns = table.boolean("returns").value_or(true);
    call.restores = table.boolean("restores").value_or(false);
    call.sets_bases = table.boolean("sets_bases").value_or(false);
    call.result = static_cast<ResultKind>(table.word("result", {"number", "pid", "address"}).value_or(0));
    const auto kinds =
        table.words("arguments", {"int", "size", "address", "bytes_in", "pid", "text"}, convention.arguments.size());
    for (const std::size_t kind : kinds.value_or(std::vector<std::size_t>{})) {
        call.arguments.push_back(static_cast<ArgumentKind>(kind));
    }
    if (!call.arguments.empty() && call.arguments.back() == ArgumentKind::BytesIn) {
        table.refuse("arguments", fmt::format("the last argument of {} is bytes_in; their count must follow", name));
    }
    if (name.starts_with(kSyscallWord)) {
        table.refuse("number", fmt::format("'{}': traces call unknown calls syscall_NUMBER", name));
    }
    table.finish();
    return call;
}

bool is_word(const std::string& name)
{
    return !name.empty() && (name.front() < '0' || name.front() > '9') && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

} // namespace

void read_syscalls(TomlTable& table, SyscallConvention& convention)
{
    read_instruction(table, convention);
    convention.number = table.gpr("number").value_or(convention.number);
    convention.result = table.gpr("result").value_or(convention.result);
    convention.arguments = table.gprs("arguments", kMostArguments).value_or(convention.arguments);
    convention.changes = table.gprs("changes", kMostArguments).value_or(convention.changes);
    if (const auto errors = table.limits("errors")) {
        std::tie(convention.first_error, convention.last_error) = *errors;
        if (convention.last_error >= 0) {
            table.refuse("errors", "errors in [syscall] are results below 0, the number of the error negated");
        }
    }
    auto calls = table.table("calls");
    for (const std::string& name : calls ? calls->keys() : std::vector<std::string>{}) {
        auto one = calls->table(name);
        if (!one) {
            return;
        }
        if (!is_word(name)) {
            calls->refuse(name, fmt::format("'{}': a call's name is a word of letters, digits and _", name));
        }
        convention.calls.push_back(read_call(*one, name, convention));
        const SyscallDescription& call = convention.calls.back();
        const SyscallDescription* const first = convention.find(call.number);
        if (first != &call) {
            calls->refuse(name, fmt::format("{} and {} both have number {}", first->name, name, call.number));
        }
    }
}

} // namespace ringcheck
