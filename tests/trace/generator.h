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
    ringcheck::Argument argument()
    {
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
    ringcheck::Event event()
    {
        switch (below(3)) {
        case 0: return {ringcheck::EnterEvent{address()}, 0};
        case 1: {
            ringcheck::SyscallEvent call{word(), {}, result()};
            for (std::uint64_t count = below(7); call.arguments.size() < count;) {
                call.arguments.push_back(argument());
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
        ringcheck::Trace trace{name("abc/._-0123456789", 30), {}, below(100)};
        for (std::uint64_t count = below(12); trace.events.size() < count;) {
            trace.events.push_back(event());
        }
        const bool killed = below(2) == 0;
        trace.events.push_back({ringcheck::ExitEvent{killed ? word() : "", killed ? 0 : below(256)}, 0});
        return trace;
    }

private:
    std::mt19937_64 random_;
};

} // namespace trace_tests
