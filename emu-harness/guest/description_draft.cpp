// SPDX-License-Identifier: GPL-2.0-or-later
// Guesses that could make a right kernel fail a rule are written as comments; only what cannot stands as a key.
#include "guest/description_draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

namespace ringcheck {
namespace {

std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

template <std::size_t kSize>
bool contains_any(const std::string& text, const std::array<std::string_view, kSize>& parts)
{
    return std::ranges::any_of(parts, [&text](std::string_view part) { return text.contains(part); });
}

/// A name that stands in TOML text as it is.
bool plain(const std::string& name)
{
    return std::ranges::all_of(
        name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == ':' || c == '.'; });
}

constexpr std::array<std::string_view, 8> kEntryWords{"trap",      "interrupt", "isr",         "irq",
                                                      "exception", "syscall",   "system_call", "fault"};
constexpr std::array<std::string_view, 4> kHandlerWords{"dispatch", "handle", "on_", "do_"};
constexpr std::array<std::string_view, 3> kStubWords{"entry", "stub", "asm"};

std::vector<std::string> names_where(const ElfImage& kernel, bool (*wanted)(const ElfSymbol&, const std::string& lower))
{
    std::vector<std::string> names;
    for (const auto& [address, symbol] : kernel.symbols()) {
        if (plain(symbol.name) && wanted(symbol, lower(symbol.name)) && kernel.symbol(symbol.name) == address) {
            names.push_back(symbol.name);
        }
    }
    return names;
}

bool is_handler(const ElfSymbol& symbol, const std::string& name)
{
    return symbol.is_function && contains_any(name, kEntryWords) && contains_any(name, kHandlerWords) &&
           !contains_any(name, kStubWords);
}

bool is_stub(const ElfSymbol&, const std::string& name)
{
    return contains_any(name, kEntryWords) && contains_any(name, kStubWords);
}

bool is_per_cpu(const ElfSymbol& symbol, const std::string& name)
{
    constexpr std::array<std::string_view, 4> kWords{"per_cpu", "percpu", "cpu_local", "boot_cpu"};
    return !symbol.is_function && contains_any(name, kWords);
}

bool is_stack(const ElfSymbol& symbol, const std::string& name)
{
    constexpr std::uint64_t kSmallest = 0x1000;
    return !symbol.is_function && symbol.size >= kSmallest && name.contains("stack");
}

/// `["a", "b"]`
std::string list(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names) {
        text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", name);
    }
    return "[" + text + "]";
}

bool executes(const ElfImage& kernel, const std::vector<std::uint8_t>& code)
{
    return std::ranges::any_of(kernel.segments(), [&code](const ElfSegment& segment) {
        const auto same = [](std::byte byte, std::uint8_t wanted) {
            return std::to_integer<std::uint8_t>(byte) == wanted;
        };
        return segment.executable && !std::ranges::search(segment.file_bytes, code, same).empty();
    });
}

constexpr std::string_view kHead =
    R"(# What ringcheck knows about {0}.  Made by 'ringcheck describe': what the ELF file shows, and guesses by name.
# Every key may be left out, and is explained in emu-harness/README.md.  Take the # away where you know better.
format = 1
name = "{0}"

[run]
# The serial console's prompt, and the lines that run a program and end the machine:
# prompt = "> "
# program = "run {{program}}"
# power_off = "poweroff"
# A good run may also end with this value at the isa-debug-exit port, 0xf4:
# debug_exit = 0x10

[landmarks]
)";

constexpr std::string_view kProcesses =
    R"(# Functions that are called when a program is ready for ring 3, with these registers, and when it has ended:
# process_started = { at = "FUNCTION", id = "rdi", name = "rsi", page_tables = "rdx", places = "rcx" }
# signal_delivered = { at = "FUNCTION", signal = "rdi", result = "rsi", handler = "rdx" }
# call_restarts = { at = "FUNCTION" }
# process_executed = { at = "FUNCTION", id = "rdi", name = "rsi", page_tables = "rdx" }
# process_forked = { at = "FUNCTION", id = "rdi", name = "rsi", page_tables = "rdx" }
# process_ended = { at = "FUNCTION", id = "rdi", status = "rsi", status_is = "exit" }
# A function that is called right before the kernel goes on so far from where it was linked (KASLR):
# kernel_moves = { at = "FUNCTION", by = "rdi" }
)";

std::string landmarks(const ElfImage& kernel)
{
    const std::vector<std::string> handlers = names_where(kernel, is_handler);
    std::string text = "# The first function in C that each entry to ring 0 calls";
    text += handlers.empty() ? ":\n# dispatch = [\"FUNCTION\"]\n"
                             : fmt::format(" (guessed by name):\ndispatch = {}\n", list(handlers));
    const std::vector<std::string> panics = names_where(kernel, [](const ElfSymbol& symbol, const std::string& name) {
        return symbol.is_function && (name == "panic" || name == "kpanic" || name == "kernel_panic");
    });
    if (!panics.empty()) {
        text += fmt::format("# Called with a text in RDI before the kernel gives up (guessed by name):\n"
                            "panic = {{ at = \"{}\", message_in = \"rdi\" }}\n",
                            panics.front());
    }
    return text + std::string(kProcesses);
}

std::string kernel_table(const ElfImage& kernel)
{
    std::vector<std::string> read_only;
    std::optional<std::uint64_t> low_begin;
    std::uint64_t low_end = 0;
    bool upper = false;
    for (const ElfSegment& segment : kernel.segments()) {
        const std::uint64_t begin = segment.virtual_address.value, end = begin + segment.memory_size;
        upper |= begin >> 63 != 0;
        if (begin <= kernel.entry() || (low_begin && begin >= *low_begin)) {
            low_begin = std::min(low_begin.value_or(begin), begin);
            low_end = std::max(low_end, end);
        }
        if (!segment.writable && segment.memory_size != 0) {
            read_only.push_back(fmt::format("[\"{:#x}\", \"{:#x}\"]", begin, end));
        }
    }
    std::string text = "\n[kernel]\n";
    text += upper ? "range = [\"0xffff800000000000\", 0] # the upper half, to its end\n"
                  : fmt::format("# Addresses of which ring 3 may use none:\n# range = [\"{:#x}\", \"{:#x}\"]\n",
                                low_begin.value_or(0), low_end);
    if (!read_only.empty()) {
        text += fmt::format("# What the kernel never writes, by the rights of the ELF segments:\nread_only = [{}]\n",
                            fmt::join(read_only, ", "));
    }
    const std::vector<std::string> stubs = names_where(kernel, is_stub);
    return text + fmt::format("# Where ring 3 enters ring 0, all of it:\n# entries = {}\n",
                              stubs.empty() ? "[\"SYMBOL\"]" : list(stubs));
}

std::string cpu_tables(const ElfImage& kernel)
{
    const std::vector<std::string> blocks = names_where(kernel, is_per_cpu), stacks = names_where(kernel, is_stack);
    std::string text =
        fmt::format("\n[per_cpu]\n"
                    "# What the GS base is in ring 0, or the offset at which the block holds its own "
                    "address:\n# block = \"{}\"\n# self = 0\n"
                    "# The stack pointer that SYSCALL's entry loads, and a word that tells the threads "
                    "apart: an offset from GS, or a symbol:\n# kernel_stack = 8\n# current_thread = 24\n",
                    blocks.empty() ? "SYMBOL" : blocks.front());
    text += "\n# Kernel stacks in a row, each the upper \"size\" bytes of its \"stride\":\n";
    const auto size_of = [&kernel](const std::string& name) {
        return kernel.symbols().at(kernel.symbol(name).value_or(0)).size;
    };
    const auto kernels =
        std::ranges::find_if(stacks, [](const std::string& one) { return lower(one).contains("kernel"); });
    const std::string stack = kernels != stacks.end() ? *kernels : stacks.empty() ? "SYMBOL" : stacks.front();
    const std::uint64_t bytes = stacks.empty() ? 0x4000 : size_of(stack);
    return text + fmt::format("# [kernel_stacks]\n# range = [\"{0}\", \"{0}+{1:#x}\"]\n# stride = {1:#x}\n# size = "
                              "{1:#x}\n",
                              stack, bytes);
}

std::string user_tables(const ElfImage& kernel)
{
    const std::vector<std::uint8_t> sysretq{0x48, 0x0f, 0x07};
    const bool sysret = executes(kernel, sysretq);
    return fmt::format(R"(
# [user]
# range = [0x1000, 0x800000000000]
# code_selector = 0x23
# data_selector = 0x1b

[syscall]
instruction = "{0}" # there is {1} SYSRETQ in the code
number = "rax"
result = "rax"
arguments = {2}
# Registers that a call may change beside the result, and the results that are errors:
changes = {3}
errors = [-4095, -1]

[syscall.calls]
# Arguments: int, pid, size, address, text (a pointer to a string), bytes_in (a pointer to so many bytes as the next argument says)
# write = {{ number = 1, arguments = ["int", "bytes_in", "size"] }}
# exit = {{ number = 60, arguments = ["int"], returns = false }}

[errors]
# EFAULT = 14

# Names for addresses in logs and traces:
# [[address]]
# name = "USER_STACK_TOP"
# at = 0x7ffffffff000
# before = 0x10000
# (or, where each process has it elsewhere, place = 0: the first word that "places" in process_started points to)
)",
                       sysret ? "syscall" : "int 0x80", sysret ? "a" : "no",
                       sysret ? R"(["rdi", "rsi", "rdx", "r10", "r8", "r9"])"
                              : R"(["rbx", "rcx", "rdx", "rsi", "rdi", "rbp"])",
                       sysret ? R"(["rcx", "r11"])" : "[]");
}

} // namespace

std::string draft_description(const std::string& name, const ElfImage& kernel)
{
    std::string clean = name;
    std::erase_if(clean, [](unsigned char c) { return c < ' ' || c == '"' || c == '\\'; });
    return fmt::format(kHead, clean) + landmarks(kernel) + kernel_table(kernel) + cpu_tables(kernel) +
           user_tables(kernel);
}

} // namespace ringcheck
