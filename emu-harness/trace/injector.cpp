// SPDX-License-Identifier: GPL-2.0-or-later
// What a call has changed is told by the lines behind it: one that is missing there is made up, and differs.
#include "trace/injector.h"

#include "trace/linux_constants.h"
#include "trace/symbolise.h"
#include "trace/trace_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

namespace ringcheck {
namespace {

/// Memory for what stands in the calls themselves; no trace can have that name for its own.
constexpr const char* kScratch = "(arguments)";

std::vector<std::byte> to_bytes(std::string_view text)
{
    std::vector<std::byte> bytes;
    std::ranges::transform(text, std::back_inserter(bytes), [](char c) { return static_cast<std::byte>(c); });
    return bytes;
}

Buffer to_buffer(std::span<const std::byte> bytes)
{
    Buffer buffer{.bytes = {}, .cut = bytes.size() > kBufferLimit};
    std::ranges::transform(bytes.first(std::min(bytes.size(), kBufferLimit)), std::back_inserter(buffer.bytes),
                           [](std::byte byte) { return static_cast<char>(byte); });
    return buffer;
}

Integer to_integer(std::uint64_t word, bool is_signed)
{
    const bool negative = is_signed && word >> 63 != 0;
    return {negative, negative ? 0 - word : word};
}

bool points_into_the_call(const Argument& argument)
{
    return std::holds_alternative<Buffer>(argument) || std::holds_alternative<Structure>(argument);
}

bool points_into_the_call(const Event& event)
{
    const auto* const call = std::get_if<SyscallEvent>(&event.what);
    return call != nullptr && std::ranges::any_of(call->arguments, [](const Argument& argument) {
               return points_into_the_call(argument);
           });
}

} // namespace

Injector::Injector(const Trace& trace, Stub& stub, GuestMemory& memory, const Symbols& symbols,
                   const Recorder& recorder)
    : trace_(trace), stub_(stub), symbols_(symbols), recorder_(recorder),
      memory_(stub, memory, symbols.guest().syscalls)
{
    actual_.program = trace.program;
    actual_.injected = true;
}

void Injector::run()
{
    for (const Event& event : trace_.events) {
        if (!take(event)) {
            return;
        }
        if (recorder_.complete()) {
            tell_changes();
            return append_rest();
        }
    }
    tell_changes();
}

bool Injector::take(const Event& event)
{
    if (const auto* const holds = std::get_if<HoldsEvent>(&event.what)) {
        return hold(event, *holds);
    }
    tell_changes();
    if (const auto* const memory = std::get_if<MemoryEvent>(&event.what)) {
        return place(event, *memory);
    }
    const auto* const made = std::get_if<SyscallEvent>(&event.what);
    return made == nullptr || call(event, *made); // faults and the end come of a call
}

bool Injector::fail(const Event& event, std::string summary, std::string actual)
{
    problem_ = Difference{.line = event.line,
                          .summary = std::move(summary),
                          .expected = print_event(event),
                          .actual = std::move(actual),
                          .caret = {},
                          .part = "",
                          .before = {},
                          .expected_then = {},
                          .actual_then = {},
                          .count = {}};
    return false;
}

bool Injector::place(const Event& event, const MemoryEvent& memory)
{
    if (symbols_.guest().find_address(memory.name) != nullptr || memory.name == "PID" || memory.name == "NULL" ||
        linux_constant(memory.name)) {
        return fail(event, "memory cannot be placed", fmt::format("'{}' is the name of something else", memory.name));
    }
    const auto contents = contents_of(memory);
    if (!contents) {
        return fail(event, "memory cannot be placed", contents.error());
    }
    if (const auto placed = memory_.place(memory.name, memory.place, *contents); !placed) {
        return fail(event, "memory cannot be placed", placed.error());
    }
    actual_.events.push_back({memory, 0});
    return true;
}

std::expected<std::vector<std::byte>, std::string> Injector::contents_of(const MemoryEvent& memory)
{
    if (const auto* const text = std::get_if<Buffer>(&memory.contents)) {
        return to_bytes(text->bytes);
    }
    if (const auto* const structure = std::get_if<Structure>(&memory.contents)) {
        return bytes_of(*structure);
    }
    return std::vector(std::get<Integer>(memory.contents).magnitude, static_cast<std::byte>(kUnwritten));
}

std::expected<std::vector<std::byte>, std::string> Injector::bytes_of(const Structure& structure)
{
    const StructureLayout* const layout = find_layout(structure);
    if (layout == nullptr) {
        return std::unexpected("no structure has these fields, all of them and in this order");
    }
    std::vector<std::byte> bytes(layout->bytes);
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
        const Word number = std::visit([this](const auto& value) { return word(value); }, structure.fields[i].value);
        if (!number) {
            return std::unexpected(number.error());
        }
        layout->fields[i].write(bytes, *number);
    }
    return bytes;
}

Injector::Word Injector::word(const Integer& integer) const
{
    return integer.negative ? 0 - integer.magnitude : integer.magnitude;
}

Injector::Word Injector::word(const RawAddress& address) const
{
    return address.value;
}

Injector::Word Injector::word(const NamedAddress& named) const
{
    const auto offset = static_cast<std::uint64_t>(named.offset);
    const Process& process = *recorder_.process();
    if (const PlacedMemory::Area* const area = memory_.find(named.name)) {
        return area->address + offset;
    }
    if (named.name == "PID") {
        return process.id + offset;
    }
    if (const AddressLandmark* const landmark = symbols_.guest().find_address(named.name)) {
        if (const auto address = landmark->address_in(process.program.places)) {
            return *address + offset;
        }
        return std::unexpected(fmt::format("this process has no {}", named.name));
    }
    if (named.name == "NULL") {
        return offset;
    }
    if (const auto constant = linux_constant(named.name)) {
        return *constant + offset;
    }
    if (const auto symbol = symbols_.address_of(named.name, process.program)) {
        return *symbol + offset;
    }
    return std::unexpected(fmt::format("nothing is named '{}'", named.name));
}

Injector::Word Injector::word(const Captured& captured) const
{
    const auto found = captured_.find(captured.name);
    if (found == captured_.end()) {
        return std::unexpected(fmt::format("no result before this line is named '${}'", captured.name));
    }
    return found->second + static_cast<std::uint64_t>(captured.offset);
}

Injector::Word Injector::word(const Flags& flags) const
{
    std::uint64_t bits = 0;
    for (const std::string& name : flags.names) {
        const auto constant = linux_constant(name);
        if (!constant) {
            return std::unexpected(fmt::format("there is no constant '{}'", name));
        }
        bits |= *constant;
    }
    return bits;
}

Injector::Word Injector::word(const Anything&) const
{
    return std::unexpected("'*' says nothing of what is to be given to the kernel");
}

Injector::Word Injector::word(const Buffer& buffer)
{
    if (buffer.cut) {
        return std::unexpected("a string that ends in '...' does not say all that is to be given to the kernel");
    }
    return put(to_bytes(buffer.bytes));
}

Injector::Word Injector::word(const Structure& structure)
{
    const auto bytes = bytes_of(structure);
    return bytes ? put(*bytes) : std::unexpected(bytes.error());
}

/// Behind what the call points to already.
Injector::Word Injector::put(std::span<const std::byte> bytes)
{
    constexpr std::size_t kAlignment = 16;
    scratch_.resize((scratch_.size() + kAlignment - 1) / kAlignment * kAlignment);
    const std::uint64_t address = memory_.find(kScratch)->address + scratch_.size();
    scratch_.insert(scratch_.end(), bytes.begin(), bytes.end());
    return address;
}

std::expected<void, std::string> Injector::place_scratch()
{
    if (memory_.find(kScratch) != nullptr ||
        std::ranges::none_of(trace_.events, [](const Event& event) { return points_into_the_call(event); })) {
        return {};
    }
    constexpr std::size_t kBytes = 2048; // six arguments of kBufferLimit
    const bool can_map = symbols_.guest().syscalls.find("mmap") != nullptr;
    return memory_.place(kScratch, can_map ? MemoryPlace::Valid : MemoryPlace::Stack, std::vector<std::byte>(kBytes));
}

std::expected<std::uint64_t, std::string> Injector::number_of(const SyscallEvent& call) const
{
    constexpr std::string_view kUnknown = "syscall_";
    if (const SyscallDescription* const description = symbols_.guest().syscalls.find(call.name)) {
        return description->number;
    }
    std::uint64_t number = 0;
    const std::string_view digits = std::string_view(call.name).substr(std::min(call.name.size(), kUnknown.size()));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (!call.name.starts_with(kUnknown) || error != std::errc{} || end != digits.data() + digits.size()) {
        return std::unexpected(fmt::format("the guest's description has no call '{}'", call.name));
    }
    return number;
}

std::expected<std::vector<std::uint64_t>, std::string> Injector::arguments_of(const SyscallEvent& call)
{
    const std::size_t most = symbols_.guest().syscalls.arguments.size();
    if (call.arguments.size() > most) {
        return std::unexpected(fmt::format("a call of this guest has at most {} arguments", most));
    }
    if (auto placed = place_scratch(); !placed) {
        return std::unexpected(placed.error());
    }
    scratch_.clear();
    std::vector<std::uint64_t> words;
    for (const Argument& argument : call.arguments) {
        const Word number = std::visit([this](const auto& value) { return word(value); }, argument);
        if (std::holds_alternative<Buffer>(argument)) {
            scratch_.push_back(std::byte{0}); // for calls that take strings
        }
        if (!number) {
            return std::unexpected(fmt::format("argument {}: {}", words.size() + 1, number.error()));
        }
        words.push_back(*number);
    }
    if (!scratch_.empty()) {
        memory_.write(kScratch, scratch_);
    }
    return words;
}

bool Injector::call(const Event& event, const SyscallEvent& call)
{
    const auto number = number_of(call);
    const auto arguments = number ? arguments_of(call) : std::unexpected(number.error());
    if (!arguments) {
        return fail(event, "the call cannot be made", arguments.error());
    }
    const std::size_t before = recorder_.trace().events.size();
    const auto result = stub_.call(*number, *arguments);
    SyscallEvent made = call;
    if (!result) {
        made.result = UnknownResult{};
        return fail(event, "the call " + result.error(), print_event({made, 0}));
    }
    if (*result) {
        made.result = result_of(call, **result);
    } else if (before < recorder_.trace().events.size()) {
        const auto* const seen = std::get_if<SyscallEvent>(&recorder_.trace().events[before].what);
        made.result = seen != nullptr ? seen->result : UnknownResult{};
    }
    actual_.events.push_back({std::move(made), 0});
    if (*result) {
        look_at_memory(event);
    }
    return !problem_;
}

void Injector::look_at_memory(const Event& event)
{
    for (const PlacedMemory::Change& change : memory_.changes()) {
        if (change.outside || change.name == kScratch) {
            fail(event, "the call wrote where it was not asked to",
                 fmt::format("byte {} of '{}' changed, {}", change.first, change.name,
                             change.outside ? "which is outside of it" : "which the kernel was to read"));
        } else if (std::ranges::find(changed_, change.name) == changed_.end()) {
            changed_.push_back(change.name);
        }
    }
}

/// Of memory that has changed and of which the trace says nothing.
void Injector::tell_changes()
{
    for (const std::string& name : changed_) {
        if (const auto bytes = memory_.read(name); bytes && !recorder_.complete()) {
            actual_.events.push_back({HoldsEvent{name, to_buffer(*bytes)}, 0});
        }
    }
    changed_.clear();
}

/// What came behind the last call: a fault, the end.
void Injector::append_rest()
{
    const std::vector<Event>& seen = recorder_.trace().events;
    const auto last = std::ranges::find_if(seen.rbegin(), seen.rend(), [](const Event& event) {
        return std::holds_alternative<SyscallEvent>(event.what);
    });
    actual_.events.insert(actual_.events.end(), last.base(), seen.end());
}

template <typename Value, typename Decode>
Value Injector::in_words_of(const Value& expected, std::uint64_t word, Decode decoded)
{
    if (const auto* const name = std::get_if<Captured>(&expected)) {
        const std::uint64_t base = word - static_cast<std::uint64_t>(name->offset);
        const auto [known, is_new] = captured_.try_emplace(name->name, base);
        return is_new || known->second != base ? decoded() : expected;
    }
    const Word stands_for = std::visit(
        [this](const auto& value) -> Word {
            using Kind = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Kind, Integer> || std::is_same_v<Kind, RawAddress> ||
                          std::is_same_v<Kind, NamedAddress>) {
                return this->word(value);
            }
            return std::unexpected("");
        },
        expected);
    return stands_for && *stands_for == word ? expected : decoded();
}

SyscallResult Injector::result_of(const SyscallEvent& expected, std::uint64_t value)
{
    const auto decoded = [&] { return decode_result(value, symbols_, expected.name, *recorder_.process()); };
    return symbols_.guest().syscalls.is_error(value) ? decoded() : in_words_of(expected.result, value, decoded);
}

StructureField Injector::field_of(const StructureField& expected, const FieldLayout& layout,
                                  std::span<const std::byte> bytes)
{
    const std::uint64_t number = layout.read(bytes);
    const auto decoded = [&]() -> StructureField::Value {
        switch (layout.kind) {
        case FieldKind::Signed: return to_integer(number, true);
        case FieldKind::Unsigned: return to_integer(number, false);
        case FieldKind::Bits: return RawAddress{number};
        case FieldKind::Address:
            return std::visit([](const auto& address) { return StructureField::Value{address}; },
                              name_data(symbols_, recorder_.process()->program, number));
        case FieldKind::Pid:
            return std::visit([](const auto& named) { return StructureField::Value{named}; },
                              name_process(static_cast<std::int64_t>(number), recorder_.process()->id));
        }
        return Anything{};
    };
    return {expected.name, in_words_of(expected.value, number, decoded)};
}

bool Injector::hold(const Event& event, const HoldsEvent& holds)
{
    std::erase(changed_, holds.name);
    const PlacedMemory::Area* const area = memory_.find(holds.name);
    if (area == nullptr) {
        return fail(event, "the memory is not there", fmt::format("'{}' is placed later", holds.name));
    }
    const auto bytes = memory_.read(holds.name);
    if (!bytes) {
        return fail(event, "the memory cannot be looked at", bytes.error());
    }
    const auto* const structure = std::get_if<Structure>(&holds.contents);
    if (structure == nullptr) {
        actual_.events.push_back({HoldsEvent{holds.name, to_buffer(*bytes)}, 0});
        return true;
    }
    const StructureLayout* const layout = find_layout(*structure);
    if (layout == nullptr || layout->bytes != area->bytes) {
        return fail(event, "the memory cannot be looked at",
                    layout == nullptr ? "no structure has these fields, all of them and in this order"
                                      : fmt::format("a {} has {} bytes, '{}' has {}", layout->name, layout->bytes,
                                                    holds.name, area->bytes));
    }
    Structure found;
    for (std::size_t i = 0; i < layout->fields.size(); ++i) {
        found.fields.push_back(field_of(structure->fields[i], layout->fields[i], *bytes));
    }
    actual_.events.push_back({HoldsEvent{holds.name, std::move(found)}, 0});
    return true;
}

} // namespace ringcheck
