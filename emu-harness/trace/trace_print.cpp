// SPDX-License-Identifier: GPL-2.0-or-later
// One function for each kind of thing in a trace.
#include "trace/trace_print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ringcheck {
namespace {

template <typename... Functions> struct Overload : Functions... {
    using Functions::operator()...;
};

std::string print(const Integer& integer)
{
    return fmt::format("{}{}", integer.negative ? "-" : "", integer.magnitude);
}

std::string print(const RawAddress& address)
{
    return fmt::format("{:#x}", address.value);
}

std::string with_offset(const std::string& name, std::int64_t offset)
{
    if (offset == 0) {
        return name;
    }
    const auto magnitude = static_cast<std::uint64_t>(offset);
    return offset > 0 ? fmt::format("{}+{:#x}", name, magnitude) : fmt::format("{}-{:#x}", name, 0 - magnitude);
}

std::string print(const NamedAddress& address)
{
    return with_offset(address.name, address.offset);
}

std::string print(Anything)
{
    return "*";
}

std::string print(const Captured& captured)
{
    return "$" + with_offset(captured.name, captured.offset);
}

std::string print(const Structure& structure)
{
    std::string text;
    for (const StructureField& field : structure.fields) {
        text += fmt::format("{}{}={}", text.empty() ? "{" : ", ", field.name,
                            std::visit([](const auto& value) { return print(value); }, field.value));
    }
    return text + "}";
}

std::string print(const Flags& flags)
{
    return fmt::format("{}", fmt::join(flags.names, "|"));
}

std::string print(const Buffer& buffer)
{
    return escape_bytes(buffer.bytes) + (buffer.cut ? "..." : "");
}

const char* access_word(FaultAccess access)
{
    switch (access) {
    case FaultAccess::Read: return "read";
    case FaultAccess::Write: return "write";
    case FaultAccess::Execute: return "execute";
    }
    return "";
}

std::string body(const EnterEvent& event)
{
    return print_address(event.at);
}

std::string body(const SignalEvent& event)
{
    return event.name + " " + print_address(event.handler);
}

std::string body(const ExecuteEvent& event)
{
    return event.program + " " + print_address(event.at);
}

std::string body(const SyscallEvent& event)
{
    std::string text = event.name + "(";
    for (std::size_t i = 0; i < event.arguments.size(); ++i) {
        text += (i == 0 ? "" : ", ") + print_argument(event.arguments[i]);
    }
    return text + ")" + print_result(event.result);
}

std::string body(const FaultEvent& event)
{
    if (event.is_any()) {
        return event.exception;
    }
    const std::string access =
        event.access ? fmt::format(" {} {}", access_word(event.access->kind), print_address(event.access->address))
                     : "";
    return fmt::format("{}{} at {}", event.exception, access, print_address(event.at));
}

std::string body(const ExitEvent& event)
{
    return event.signal.empty() ? fmt::format("status {}", event.status) : "killed by " + event.signal;
}

template <typename Contents> std::string print_contents(const Contents& contents)
{
    return std::visit([](const auto& value) { return print(value); }, contents);
}

std::string body(const MemoryEvent& event)
{
    return fmt::format("{} {} {}", event.name, kMemoryPlaces[static_cast<unsigned>(event.place)],
                       print_contents(event.contents));
}

std::string body(const HoldsEvent& event)
{
    return fmt::format("{} {}", event.name, print_contents(event.contents));
}

std::string body(const ChildEvent& event)
{
    return with_offset("PID", event.number);
}

std::string body(const SwitchEvent& event)
{
    return print(event.to);
}

std::string body(const InjectEvent& event)
{
    const std::string vector =
        event.injection.kind == Injection::Kind::Interrupt ? fmt::format(" {}", event.injection.vector) : "";
    return fmt::format("{}{} at {}", injection_word(event.injection.kind), vector, print_address(event.at));
}

} // namespace

std::string_view injection_word(Injection::Kind kind)
{
    switch (kind) {
    case Injection::Kind::Interrupt: return "interrupt";
    case Injection::Kind::Nmi: return "nmi";
    case Injection::Kind::MachineCheck: return "machine_check";
    case Injection::Kind::Init:
    case Injection::Kind::Startup: break;
    }
    return "";
}

std::string escape_bytes(std::string_view bytes)
{
    std::string text = "\"";
    for (const char c : bytes) {
        switch (c) {
        case '\n': text += "\\n"; break;
        case '\t': text += "\\t"; break;
        case '\r': text += "\\r"; break;
        case '\\': text += "\\\\"; break;
        case '"': text += "\\\""; break;
        default:
            if (c >= ' ' && c < 0x7f) {
                text += c;
            } else {
                text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
            }
        }
    }
    return text + "\"";
}

std::string print_argument(const Argument& argument)
{
    return std::visit([](const auto& value) { return print(value); }, argument);
}

std::string print_address(const Address& address)
{
    return std::visit([](const auto& value) { return print(value); }, address);
}

std::string print_result(const SyscallResult& result)
{
    return std::visit(Overload{[](NoResult) { return std::string(); },
                               [](UnknownResult) { return std::string(" = ?"); },
                               [](const ErrorResult& error) { return " = -1 " + error.name; },
                               [](const auto& value) { return " = " + print(value); }},
                      result);
}

std::string_view event_word(const Event& event)
{
    return std::visit(Overload{[](const EnterEvent&) { return "enter"; }, [](const SyscallEvent&) { return "syscall"; },
                               [](const FaultEvent&) { return "fault"; }, [](const ExitEvent&) { return "exit"; },
                               [](const MemoryEvent&) { return "memory"; }, [](const HoldsEvent&) { return "holds"; },
                               [](const ChildEvent&) { return "child"; }, [](const InjectEvent&) { return "inject"; },
                               [](const SwitchEvent&) { return "switch"; },
                               [](const ExecuteEvent&) { return "execute"; },
                               [](const SignalEvent&) { return "signal"; }},
                      event.what);
}

std::string print_event_body(const Event& event)
{
    return std::visit([](const auto& what) { return body(what); }, event.what);
}

std::string print_event(const Event& event)
{
    return fmt::format("{:<8} {}", event_word(event), print_event_body(event));
}

std::string print_program_line(const Trace& trace)
{
    std::string text = fmt::format("{} {}", trace.injected ? "injected" : "program", trace.program);
    for (const std::string& argument : trace.arguments) {
        text += " " + escape_bytes(argument);
    }
    return text;
}

std::vector<std::string> print_header(const Trace& trace)
{
    std::vector<std::string> lines{print_program_line(trace)};
    const auto line = [&lines](std::string_view word, const std::string& text) {
        lines.push_back(fmt::format("{} {}", word, text));
    };
    for (const std::string& variable : trace.setting.environment) {
        line("environment", escape_bytes(variable));
    }
    for (const GivenFile& file : trace.setting.files) {
        line("file", escape_bytes(file.name) + " " + escape_bytes(file.contents));
    }
    for (const std::string& typed : trace.setting.input) {
        line("input", escape_bytes(typed));
    }
    if (trace.setting.children) {
        line("follow", trace.setting.switches ? "children switches" : "children");
    }
    return lines;
}

std::string print_trace(const Trace& trace)
{
    std::string text = fmt::format("# ringcheck trace {}\n", kTraceVersion);
    for (const std::string& line : print_header(trace)) {
        text += line + "\n";
    }
    for (const Event& event : trace.events) {
        text += print_event(event) + "\n";
    }
    return text;
}

} // namespace ringcheck
