// SPDX-License-Identifier: MIT
// Property: whatever name an address gets, the grammar has it: what is written down is read back, and is that address.
#include "trace/symbolise.h"
#include "trace/trace_parse.h"
#include "trace/trace_print.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

constexpr std::uint64_t kNonCanonical = 0x8000'0000'0000, kKernelHalf = 0xffff'8000'0000'0000;

std::uint64_t address_of(const NamedAddress& address)
{
    return kNonCanonical + static_cast<std::uint64_t>(address.offset);
}
std::uint64_t address_of(const RawAddress& address)
{
    return address.value;
}
std::uint64_t address_of(const auto&)
{
    return 0;
}

TEST(NamedAddresses, AreReadBackWhereverInALargeRangeTheyLie)
{
    GuestDescription guest;
    guest.addresses = {{"NON_CANONICAL", kNonCanonical, 0x1000, kKernelHalf - kNonCanonical}};
    const Symbols symbols(guest, nullptr, nullptr);
    constexpr std::uint64_t kLastOffset = INT64_MAX;
    for (const std::uint64_t address :
         {kNonCanonical - 0x1000, kNonCanonical - 1, kNonCanonical, kNonCanonical + 1, kNonCanonical + kLastOffset - 1,
          kNonCanonical + kLastOffset, kNonCanonical + kLastOffset + 1, kKernelHalf - 1}) {
        SCOPED_TRACE(testing::Message() << std::hex << address);
        const Address code = name_code(symbols, "program", address), data = name_data(symbols, "program", address);
        Trace trace;
        trace.program = "program";
        trace.events = {{SyscallEvent{"write",
                                      {Integer{false, 1}, name_pointer(symbols, "program", address), Integer{false, 8}},
                                      Integer{}}},
                        {FaultEvent{"#PF", FaultEvent::Access{FaultAccess::Read, data}, code}},
                        {ExitEvent{}}};
        const std::string text = print_trace(trace);
        const auto parsed = parse_trace(text);
        ASSERT_TRUE(parsed) << parsed.error().text << "\n" << text;
        EXPECT_EQ(*parsed, trace) << text;
        EXPECT_EQ(std::visit([](const auto& name) { return address_of(name); }, code), address);
        EXPECT_EQ(std::visit([](const auto& name) { return address_of(name); }, data), address);
        EXPECT_EQ(
            std::visit([](const auto& name) { return address_of(name); }, name_pointer(symbols, "program", address)),
            address);
    }
}

/// "STACK-0x10", or a number.
std::string text_of(const Argument& argument)
{
    return print_argument(argument);
}

TEST(NamedAddresses, AreThoseOfTheProcessWhereEachHasItsOwn)
{
    GuestDescription guest;
    guest.addresses = {{"STACK", 0, 0x1000, 1, 0}, {"BASE", 0, 0, 0x1000, 1}};
    guest.program_base = 1;
    const Symbols symbols(guest, nullptr, nullptr);
    const Program one = guest.program("one", {{0x7000'0000, 0x5000'0000}}),
                  other = guest.program("other", {{0x7100'0000}});
    EXPECT_EQ(text_of(name_pointer(symbols, one, 0x6fff'fff0)), "STACK-0x10");
    EXPECT_EQ(text_of(name_pointer(symbols, other, 0x6fff'fff0)), "0x6ffffff0");
    EXPECT_EQ(text_of(name_pointer(symbols, other, 0x70ff'fff0)), "STACK-0x10");
    EXPECT_EQ(text_of(name_pointer(symbols, one, 0x5000'0123)), "BASE+0x123");
    EXPECT_EQ(text_of(name_pointer(symbols, other, 0x123)), "0x123") << "a place of 0 is none";
    EXPECT_EQ(text_of(name_pointer(symbols, {}, 0x70ff'fff0)), "0x70fffff0") << "the kernel's own";
}

TEST(NamedAddresses, AreKnownOfAnUnknownCallsArgumentsOnlyWhereTheyMove)
{
    GuestDescription guest;
    guest.addresses = {{"STACK", 0, 0x1000, 1, 0}, {"LOW", 0, 0, 0x1000}};
    const Symbols symbols(guest, nullptr, nullptr);
    const Program program = guest.program("p", {{0x7000'0000}});
    EXPECT_EQ(text_of(name_word(symbols, program, 0x6fff'fff0)), "STACK-0x10");
    EXPECT_EQ(text_of(name_word(symbols, program, 0x10)), "0x10");
    EXPECT_EQ(text_of(name_pointer(symbols, program, 0x10)), "LOW+0x10");
}

} // namespace
