// SPDX-License-Identifier: GPL-2.0-or-later
// One function for each table of the text.  All keys have defaults, those of a kernel of which nothing is known.
#include "guest/description_parse.h"

#include "guest/description_text.h"
#include "guest/register_names.h"
#include "guest/syscall_parse.h"
#include "guest/toml_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

constexpr std::uint64_t kFormat = 1;

/// Reads the table of `key` with `read`, when there is one, and refuses what `read` did not ask for.
template <typename Read> void each_table(TomlTable& outer, std::string_view key, Read read)
{
    if (auto table = outer.table(key)) {
        read(*table);
        table->finish();
    }
}

void read_run(TomlTable& table, GuestDescription& guest)
{
    guest.prompt = table.text("prompt").value_or("");
    guest.run_command = table.text("program").value_or("");
    guest.power_off_command = table.text("power_off").value_or("");
    guest.longest_line = table.number("longest_line");
    guest.longest_input = table.number("longest_input");
    guest.most_arguments = table.number("most_arguments");
    guest.good_exit = table.number("debug_exit", 0xffff'ffff);
    if (!guest.run_command.empty() && guest.run_command.find("{program}") == std::string::npos) {
        table.refuse("program", "program in [run] must hold {program}, where the name of the program goes");
    }
    if ((!guest.run_command.empty() || !guest.power_off_command.empty()) && guest.prompt.empty()) {
        table.require("prompt"); // lines are typed when the prompt is there
    }
}

void read_landmarks(TomlTable& table, GuestDescription& guest)
{
    const auto begin_landmark = [&table](const char* key, std::optional<ProcessStartedLandmark>& landmark) {
        each_table(table, key, [&landmark](TomlTable& begun) {
            begun.require("at");
            ProcessStartedLandmark read;
            read.address = begun.address("at").value_or(0);
            read.id = begun.gpr("id").value_or(read.id);
            read.name = begun.gpr("name").value_or(read.name);
            read.page_tables = begun.gpr("page_tables").value_or(read.page_tables);
            read.places = begun.gpr("places");
            landmark = read;
        });
    };
    begin_landmark("process_started", guest.process_started);
    begin_landmark("process_forked", guest.process_forked);
    begin_landmark("process_executed", guest.process_executed);
    each_table(table, "signal_delivered", [&guest](TomlTable& delivered) {
        delivered.require("at");
        SignalDeliveredLandmark landmark;
        landmark.address = delivered.address("at").value_or(0);
        landmark.signal = delivered.gpr("signal").value_or(landmark.signal);
        landmark.result = delivered.gpr("result").value_or(landmark.result);
        landmark.handler = delivered.gpr("handler").value_or(landmark.handler);
        guest.signal_delivered = landmark;
    });
    each_table(table, "call_restarts", [&guest](TomlTable& restarts) {
        restarts.require("at");
        guest.call_restarts = CallRestartsLandmark{restarts.address("at").value_or(0)};
    });
    each_table(table, "process_ended", [&guest](TomlTable& ended) {
        ended.require("at");
        ProcessEndedLandmark landmark;
        landmark.address = ended.address("at").value_or(0);
        landmark.id = ended.gpr("id").value_or(landmark.id);
        landmark.status = ended.gpr("status").value_or(landmark.status);
        landmark.wait_encoding = ended.word("status_is", {"wait", "exit"}).value_or(0) == 0;
        guest.process_ended = landmark;
    });
    if ((guest.process_ended || guest.process_forked || guest.process_executed) && !guest.process_started) {
        table.require("process_started");
    }
    each_table(table, "thread_ended", [&guest](TomlTable& ended) {
        ended.require("at");
        guest.thread_ended =
            ThreadEndedLandmark{ended.address("at").value_or(0), ended.gpr("stack").value_or(model::Gpr::Rdi)};
    });
    each_table(table, "panic", [&guest](TomlTable& panic) {
        panic.require("at");
        PanicLandmark landmark;
        landmark.address = panic.address("at").value_or(0);
        landmark.message = panic.address("message");
        landmark.message_pointer = panic.gpr("message_in");
        if (landmark.message && landmark.message_pointer) {
            panic.refuse("message_in", "message and message_in in [landmarks.panic] exclude each other");
        }
        guest.panic = landmark;
    });
    each_table(table, "kernel_moves", [&guest](TomlTable& moves) {
        moves.require("at");
        guest.kernel_moves =
            KernelMovesLandmark{moves.address("at").value_or(0), moves.gpr("by").value_or(model::Gpr::Rdi)};
    });
    const auto frame_landmark = [&table](const char* key, std::optional<FrameLandmark>& landmark) {
        each_table(table, key, [&landmark](TomlTable& frame) {
            frame.require("at");
            landmark = FrameLandmark{frame.address("at").value_or(0), frame.gpr("frame").value_or(model::Gpr::Rdi)};
        });
    };
    frame_landmark("frame_allocated", guest.frame_allocated);
    frame_landmark("frame_freed", guest.frame_freed);
    if (guest.frame_freed && !guest.frame_allocated) {
        table.require("frame_allocated");
    }
    guest.lock_taken = table.addresses("lock_taken");
    guest.lock_released = table.addresses("lock_released");
    guest.not_under_lock = table.addresses("not_under_lock");
    if (!guest.lock_taken.empty() && guest.lock_released.empty()) {
        table.require("lock_released");
    }
    guest.dispatch = table.addresses("dispatch");
}

void read_kernel(TomlTable& table, GuestDescription& guest)
{
    guest.kernel_range = table.range("range");
    guest.kernel_entries = table.addresses("entries");
    guest.read_only = table.ranges("read_only");
    guest.user_copy = table.ranges("user_copy");
}

/// A number is an offset from the GS base, text an address.
std::optional<PerCpuWord> read_word(TomlTable& table, std::string_view key)
{
    if (table.is_text(key)) {
        const auto address = table.address(key);
        return address ? std::optional(PerCpuWord{*address, false}) : std::nullopt;
    }
    const auto offset = table.number(key, 0xffff'ffff);
    return offset ? std::optional(PerCpuWord{*offset, true}) : std::nullopt;
}

void read_per_cpu(TomlTable& table, GuestDescription& guest)
{
    guest.per_cpu_block = table.address("block");
    guest.per_cpu_self_offset = table.number("self", 0xffff'ffff);
    guest.kernel_stack_slot = read_word(table, "kernel_stack");
    guest.current_thread = read_word(table, "current_thread");
    const bool by_gs = guest.kernel_stack_slot.value_or(PerCpuWord{0, false}).from_gs ||
                       guest.current_thread.value_or(PerCpuWord{0, false}).from_gs;
    if (by_gs && !guest.per_cpu_block && !guest.per_cpu_self_offset) {
        table.refuse(table.has("kernel_stack") ? "kernel_stack" : "current_thread",
                     "an offset from the GS base needs block or self in [per_cpu], to know the base by");
    }
}

void read_stacks(TomlTable& table, GuestDescription& guest)
{
    table.require("range");
    table.require("size");
    const auto range = table.range("range");
    const auto size = table.number("size");
    const std::uint64_t stride = table.number("stride").value_or(size.value_or(0));
    if (!range || !size) {
        return;
    }
    if (*size == 0 || stride < *size || stride - 1 > range->last - range->begin) {
        table.refuse(table.has("stride") ? "stride" : "size",
                     fmt::format("a stack of {:#x} bytes every {:#x} does not fit [kernel_stacks]", *size, stride));
    }
    if (range->last + 1 == range->begin) {
        table.refuse("range", "[kernel_stacks] is not all of memory");
    }
    guest.kernel_stacks = {.begin = range->begin, .end = range->last + 1, .stride = stride, .size = *size};
}

void read_user(TomlTable& table, GuestDescription& guest)
{
    guest.user_range = table.range("range").value_or(guest.user_range);
    guest.program_base = table.number("program_base", Places::kMost - 1);
    constexpr std::uint64_t kGreatestSelector = 0xffff;
    guest.user_code_selector = static_cast<std::uint16_t>(table.number("code_selector", kGreatestSelector).value_or(0));
    guest.user_data_selector = static_cast<std::uint16_t>(table.number("data_selector", kGreatestSelector).value_or(0));
    for (const char* const key : {"code_selector", "data_selector"}) {
        const auto selector = table.number(key);
        if (selector && (*selector & 3) != 3) {
            table.refuse(key, fmt::format("{:#x} is no selector of ring 3: its RPL, bits 1:0, must be 3", *selector));
        }
    }
    if (table.has("code_selector") != table.has("data_selector")) {
        table.require("code_selector");
        table.require("data_selector");
    }
}

void read_names(TomlTable& table, NumberedNames& names)
{
    for (const std::string& name : table.keys()) {
        const auto number = table.number(name);
        if (number && !names.add(*number, name)) {
            table.refuse(name, fmt::format("{} and {} are both {}", names.find(*number), name, *number));
        }
    }
}

AddressLandmark read_address(TomlTable& table)
{
    table.require("name");
    AddressLandmark landmark;
    landmark.name = table.text("name").value_or("");
    const bool word = !landmark.name.empty() && std::ranges::all_of(landmark.name, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (table.has("name") && (!word || landmark.name.front() <= '9')) {
        table.refuse("name", "a named address is written in capitals, digits and _, like USER_STACK_TOP");
    }
    landmark.place = table.number("place", Places::kMost - 1);
    if (landmark.place && table.has("at")) {
        table.refuse("place", "at and place in [[address]] exclude each other");
    }
    if (!landmark.place) {
        table.require("at");
    }
    landmark.address = table.address("at").value_or(0);
    landmark.before = table.number("before").value_or(landmark.before);
    landmark.after = table.number("after").value_or(landmark.after);
    table.finish();
    return landmark;
}

void read_rules(TomlTable& table, GuestDescription& guest)
{
    guest.ignored_rules = table.texts("ignore");
}

GuestDescription read_description(TomlTable& top)
{
    GuestDescription guest = unknown_guest();
    const std::uint64_t format = top.number("format").value_or(kFormat);
    if (format != kFormat) {
        top.refuse("format", fmt::format("this ringcheck reads format {}, not {}", kFormat, format));
    }
    guest.name = top.text("name").value_or(guest.name);
    each_table(top, "recognise", [](TomlTable& recognise) { recognise.addresses("symbols"); });
    each_table(top, "run", [&guest](TomlTable& table) { read_run(table, guest); });
    each_table(top, "landmarks", [&guest](TomlTable& table) { read_landmarks(table, guest); });
    each_table(top, "kernel", [&guest](TomlTable& table) { read_kernel(table, guest); });
    each_table(top, "per_cpu", [&guest](TomlTable& table) { read_per_cpu(table, guest); });
    each_table(top, "kernel_stacks", [&guest](TomlTable& table) { read_stacks(table, guest); });
    each_table(top, "user", [&guest](TomlTable& table) { read_user(table, guest); });
    each_table(top, "syscall", [&guest](TomlTable& table) { read_syscalls(table, guest.syscalls); });
    each_table(top, "errors", [&guest](TomlTable& table) { read_names(table, guest.errors); });
    each_table(top, "signals", [&guest](TomlTable& table) { read_names(table, guest.signals); });
    each_table(top, "rules", [&guest](TomlTable& table) { read_rules(table, guest); });
    if (top.has("address")) {
        guest.addresses.clear();
    }
    for (TomlTable& table : top.tables("address")) {
        guest.addresses.push_back(read_address(table));
    }
    if (guest.place_count() != 0 && !(guest.process_started && guest.process_started->places)) {
        top.refuse("address", "a place is a word that places in [landmarks.process_started] points to; it has none");
    }
    top.finish();
    return guest;
}

} // namespace

std::string format_description_error(const std::string& path, const DescriptionError& error)
{
    return fmt::format("{}:{}:{}: error: {}", path, error.line, error.column, error.text);
}

std::expected<GuestDescription, DescriptionError> parse_description(std::string_view text, const SymbolLookup& symbols)
{
    TomlReading reading{symbols, {}};
    if (auto hostile = find_hostile_text(text)) {
        return std::unexpected(std::move(*hostile));
    }
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        reading.refuse(parsed.error().source(), parsed.error().description());
        return std::unexpected(*reading.error);
    }
    TomlTable top(parsed.table(), "the description", reading);
    GuestDescription guest = read_description(top);
    if (reading.error) {
        return std::unexpected(*reading.error);
    }
    return guest;
}

std::vector<std::string> recognised_by(std::string_view text)
{
    std::vector<std::string> names;
    if (find_hostile_text(text)) {
        return names;
    }
    const toml::parse_result parsed = toml::parse(text);
    if (const toml::array* const symbols = parsed ? parsed.table().at_path("recognise.symbols").as_array() : nullptr) {
        symbols->for_each([&names](const toml::value<std::string>& name) { names.push_back(name.get()); });
    }
    return names;
}

} // namespace ringcheck
