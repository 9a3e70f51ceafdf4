// SPDX-License-Identifier: MIT
// Random traces from a seed: every kind of event and value, with the extremes more often than chance gives them.
#pragma once

#include "trace/trace.h"

#include <random>
#include <string>

namespace trace_tests {

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    std::uint64_t word64()
    {
        switch (below(4)) {
        case 0: return below(3);
        case 1: return ~below(3);
        case 2: return random_() >> below(64);
        default: return random_();
        }
    }
    std::string name(const char* alphabet, std::size_t longest)
    {
        const std::string letters = alphabet;
        std::string text(1, "abcXYZ_"[below(7)]);
        while (below(4) != 0 && text.size() < longest) {
            text += letters[below(letters.size())];
        }
        return text;
    }
    std::string word() { return name("abcdefXYZ_0123456789", 40); }
    std::int64_t offset()
    {
        return below(2) == 0 ? 0 : static_cast<std::int64_t>(random_() >> (1 + below(62))) * (below(2) == 0 ? 1 : -1);
    }

    ringcheck::NamedAddress symbol(const std::string& text)
    {
        return {ringcheck::is_symbol_name(text) ? text : "main", offset()};
    }
    ringcheck::Address address()
    {
        if (below(2) == 0) {
            return ringcheck::RawAddress{word64()};
        }
        return symbol(name("abc_0123:.<>()~$*&,+-=x\"'[]{}#@", 60));
    }
    ringcheck::Buffer buffer()
    {
        const bool cut = below(8) == 0;
        const std::size_t size =
            cut ? ringcheck::kBufferLimit : below(below(4) == 0 ? ringcheck::kBufferLimit + 1 : 12);
        std::string bytes;
        while (bytes.size() < size) {
            bytes +=
                static_cast<char>(below(3) == 0 ? "\n\t\r\\\"\0\x7f\xff"[below(8)] : static_cast<char>(below(256)));
        }
        return {bytes, cut};
    }
    ringcheck::Integer integer()
    {
        const std::uint64_t magnitude = word64();
        return {magnitude != 0 && below(2) == 0, magnitude};
    }
    ringcheck::Captured captured() { return {word(), offset()}; }
    std::string field_name()
    {
        std::string text = word();
        while (below(4) == 0) {
            text += "." + word();
        }
        return text;
    }
    ringcheck::Structure structure(bool with_patterns = true)
    {
        ringcheck::Structure made;
        do {
            ringcheck::StructureField field{field_name(), ringcheck::RawAddress{word64()}};
            switch (below(with_patterns ? 5 : 3)) {
            case 0: field.value = integer(); break;
            case 1: field.value = symbol(word()); break;
            case 3: field.value = ringcheck::Anything{}; break;
            case 4: field.value = captured(); break;
            default: break;
            }
            made.fields.push_back(field);
        } while (below(3) != 0);
        return made;
    }
    ringcheck::Flags flags()
    {
        ringcheck::Flags made{{word(), word()}};
        while (below(3) == 0) {
            made.names.push_back(word());
        }
        return made;
    }
    ringcheck::Event memory(const std::string& name)
    {
        const auto place = static_cast<ringcheck::MemoryPlace>(below(std::size(ringcheck::kMemoryPlaces)));
        ringcheck::MemoryEvent made{name, place, ringcheck::Integer{false, 1 + below(ringcheck::kMemoryLimit)}};
        if (place != ringcheck::MemoryPlace::Unmapped && place != ringcheck::MemoryPlace::Untouched) {
            if (ringcheck::Buffer text = buffer(); below(3) == 0 && !text.bytes.empty()) {
                made.contents = ringcheck::Buffer{text.bytes, false};
            } else if (below(2) == 0) {
                made.contents = structure(false);
            }
        }
        return {made, 0};
    }
    ringcheck::Event holds(const std::string& name)
    {
        switch (below(3)) {
        case 0: return {ringcheck::HoldsEvent{name, buffer()}, 0};
        case 1: return {ringcheck::HoldsEvent{name, structure()}, 0};
        default: return {ringcheck::HoldsEvent{name, ringcheck::Anything{}}, 0};
        }
    }
    ringcheck::Argument argument(bool injected = false)
    {
        if (injected && below(4) == 0) {
            return below(2) == 0 ? ringcheck::Argument{structure()} : flags();
        }
        switch (below(6)) {
        case 4: return ringcheck::Anything{};
        case 5: return captured();
        case 0: return integer();
        case 1: return ringcheck::RawAddress{word64()};
        case 2: return symbol(word());
        default: return buffer();
        }
    }
    ringcheck::SyscallResult result()
    {
        switch (below(8)) {
        case 6: return ringcheck::Anything{};
        case 7: return captured();
        case 0: return ringcheck::NoResult{};
        case 4: return symbol(word());
        case 1: return ringcheck::UnknownResult{};
        case 2: return ringcheck::ErrorResult{word()};
        case 3: return ringcheck::Integer{false, word64()};
        default: return ringcheck::RawAddress{word64()};
        }
    }
    ringcheck::Event injection()
    {
        using ringcheck::Injection;
        switch (below(3)) {
        case 0: return {ringcheck::InjectEvent{{Injection::Kind::Nmi, 0}, address()}, 0};
        case 1: return {ringcheck::InjectEvent{{Injection::Kind::MachineCheck, 0}, address()}, 0};
        default: {
            const auto vector = static_cast<std::uint8_t>(32 + below(224));
            return {ringcheck::InjectEvent{{Injection::Kind::Interrupt, vector}, address()}, 0};
        }
        }
    }
    ringcheck::NamedAddress place_of_cpu()
    {
        switch (below(3)) {
        case 0: return {"kernel", 0};
        case 1: return {"other", 0};
        default: return {"PID", static_cast<std::int64_t>(below(9)) - 4};
        }
    }
    ringcheck::Event exit()
    {
        const bool killed = below(2) == 0;
        return {ringcheck::ExitEvent{killed ? word() : "", killed ? 0 : below(256)}, 0};
    }
    void add_child(ringcheck::Trace& trace, std::int64_t number)
    {
        trace.events.push_back({ringcheck::ChildEvent{number}, 0});
        while (below(3) != 0) {
            if (trace.setting.switches && below(3) == 0) {
                trace.events.push_back({ringcheck::SwitchEvent{place_of_cpu()}, 0});
            }
            ringcheck::Event made = event();
            const bool is_parents = std::holds_alternative<ringcheck::EnterEvent>(made.what) ||
                                    std::holds_alternative<ringcheck::InjectEvent>(made.what);
            if (!is_parents) {
                trace.events.push_back(std::move(made));
            }
        }
        trace.events.push_back(exit());
    }
    ringcheck::Event event(bool injected = false)
    {
        if (!injected && below(6) == 0) {
            return injection();
        }
        switch (injected ? 1 + below(2) : below(3)) {
        case 0:
            switch (below(4)) {
            case 0: return {ringcheck::ExecuteEvent{name("abc/._-0123456789", 30), address()}, 0};
            case 1: return {ringcheck::SignalEvent{word(), address()}, 0};
            default: return {ringcheck::EnterEvent{address()}, 0};
            }
        case 1: {
            ringcheck::SyscallEvent call{word(), {}, result()};
            for (std::uint64_t count = below(7); call.arguments.size() < count;) {
                call.arguments.push_back(argument(injected));
            }
            return {call, 0};
        }
        default: {
            if (below(8) == 0) {
                return {ringcheck::FaultEvent{"*", {}, {}}, 0};
            }
            ringcheck::FaultEvent fault{(below(2) == 0 ? "#" : "") + word(), {}, address()};
            if (below(2) == 0) {
                fault.access = ringcheck::FaultEvent::Access{static_cast<ringcheck::FaultAccess>(below(3)), address()};
            }
            return {fault, 0};
        }
        }
    }
    ringcheck::Trace trace()
    {
        ringcheck::Trace trace;
        trace.program = name("abc/._-0123456789", 30);
        trace.process = below(100);
        trace.injected = below(2) == 0;
        while (!trace.injected && below(2) == 0) {
            trace.arguments.push_back(buffer().bytes);
        }
        std::string placed;
        for (std::uint64_t count = below(12); trace.events.size() < count;) {
            if (trace.injected && below(4) == 0) {
                placed = word() + std::to_string(trace.events.size());
                trace.events.push_back(memory(placed));
            } else if (!placed.empty() && below(4) == 0) {
                trace.events.push_back(holds(placed));
            } else {
                trace.events.push_back(event(trace.injected));
            }
        }
        trace.events.push_back(exit());
        trace.setting.children = !trace.injected && below(2) == 0;
        trace.setting.switches = trace.setting.children && below(2) == 0;
        for (std::int64_t number = -3; trace.setting.children && below(4) != 0;
             number += 1 + static_cast<int>(below(9))) {
            if (number != 0) {
                add_child(trace, number);
            }
        }
        return trace;
    }

private:
    std::mt19937_64 random_;
};

} // namespace trace_tests
