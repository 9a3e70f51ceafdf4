// SPDX-License-Identifier: MIT
// The text of a guest description: what each key becomes, and what is said about each mistake and where.
#include "guest/description_parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;

std::optional<std::uint64_t> symbol(const std::string& name)
{
    if (name == "entry") {
        return 0xffff'ffff'8000'1000;
    }
    if (name == "table") {
        return 0x5000;
    }
    return name == "kernel::operator-" ? std::optional<std::uint64_t>{0x6000} : std::nullopt;
}

GuestDescription parsed(const std::string& text)
{
    auto guest = parse_description(text, symbol);
    EXPECT_TRUE(guest) << format_description_error("text", guest.error());
    return guest ? std::move(*guest) : GuestDescription{};
}

TEST(Description, OfNothingIsAnUnknownKernel)
{
    const GuestDescription guest = parsed("");
    EXPECT_EQ(guest.name, "unknown kernel");
    EXPECT_FALSE(guest.has_landmarks());
    EXPECT_FALSE(guest.has_per_cpu_block());
    EXPECT_TRUE(guest.is_kernel_address(0x8000'0000'0000'0000));
    EXPECT_FALSE(guest.is_kernel_address(0x7fff'ffff'ffff'ffff));
    EXPECT_TRUE(guest.find_address(0, {}));
    EXPECT_EQ(guest.place_count(), 0u);
    EXPECT_EQ(guest.syscalls.vector, std::nullopt);
    EXPECT_TRUE(guest.syscalls.may_change(Gpr::R11));
}

TEST(Description, TakesAddressesAsNumbersTextsAndSymbols)
{
    const GuestDescription guest = parsed(R"(
[kernel]
range = ["0xffff_8000_0000_0000", 0]
entries = ["entry", "entry+0x10", "entry - 8", 4096, "0x2000", "kernel::operator-", "kernel::operator-+1"]
)");
    EXPECT_EQ(guest.kernel_range, (AddressRange{0xffff'8000'0000'0000, 0xffff'ffff'ffff'ffff}));
    EXPECT_THAT(guest.kernel_entries, testing::ElementsAre(0xffff'ffff'8000'1000, 0xffff'ffff'8000'1010,
                                                           0xffff'ffff'8000'0ff8, 0x1000, 0x2000, 0x6000, 0x6001));
}

TEST(Description, TakesEachKeyOfTheConsoleAndTheLandmarks)
{
    const GuestDescription guest = parsed(R"(
format = 1
name = "Other"
[run]
prompt = "> "
program = "exec {program} now"
power_off = "halt"
longest_line = 80
longest_input = 900
most_arguments = 4
debug_exit = 0x31
[landmarks]
process_started = { at = "entry", id = "rcx", name = "rdx", page_tables = "r8", places = "rbp" }
process_ended = { at = "entry+1", id = "r9", status = "rax", status_is = "exit" }
process_forked = { at = "entry+9", id = "rsi" }
thread_ended = { at = "entry+10", stack = "rcx" }
panic = { at = "entry+2", message_in = "rbx" }
dispatch = ["entry+3"]
frame_allocated = { at = "entry+4", frame = "rsi" }
frame_freed = { at = "entry+5" }
kernel_moves = { at = "entry+11", by = "r12" }
lock_taken = ["entry+6"]
lock_released = ["entry+7"]
not_under_lock = ["entry+8"]
)");
    EXPECT_EQ(guest.name, "Other");
    EXPECT_EQ(guest.run_line("hello"), "exec hello now");
    EXPECT_EQ(guest.power_off_command, "halt");
    EXPECT_EQ(guest.longest_line, 80u);
    EXPECT_EQ(guest.longest_input, 900u);
    EXPECT_EQ(guest.most_arguments, 4u);
    EXPECT_EQ(guest.run_line("hello", {"a", "b"}), "exec hello a b now");
    EXPECT_EQ(guest.run_line("hello", {"a"}, {"X=1", "Y=2"}), "exec X=1 Y=2 hello a now");
    EXPECT_EQ(guest.good_exit, 0x31u);
    ASSERT_TRUE(guest.process_started && guest.process_ended && guest.panic);
    EXPECT_EQ(guest.process_started->id, Gpr::Rcx);
    EXPECT_EQ(guest.process_started->name, Gpr::Rdx);
    EXPECT_EQ(guest.process_started->page_tables, Gpr::R8);
    EXPECT_EQ(guest.process_started->places, Gpr::Rbp);
    EXPECT_EQ(guest.process_ended->id, Gpr::R9);
    EXPECT_EQ(guest.process_ended->status, Gpr::Rax);
    EXPECT_FALSE(guest.process_ended->wait_encoding);
    ASSERT_TRUE(guest.process_forked && guest.thread_ended);
    EXPECT_EQ(guest.process_forked->address, 0xffff'ffff'8000'1009);
    EXPECT_EQ(guest.process_forked->id, Gpr::Rsi);
    EXPECT_EQ(guest.process_forked->page_tables, Gpr::Rdx);
    EXPECT_EQ(guest.process_forked->places, std::nullopt);
    EXPECT_EQ(guest.thread_ended->address, 0xffff'ffff'8000'100a);
    EXPECT_EQ(guest.thread_ended->stack, Gpr::Rcx);
    EXPECT_EQ(guest.panic->message_pointer, Gpr::Rbx);
    EXPECT_THAT(guest.dispatch, testing::ElementsAre(0xffff'ffff'8000'1003));
    ASSERT_TRUE(guest.frame_allocated && guest.frame_freed);
    EXPECT_EQ(guest.frame_allocated->frame, Gpr::Rsi);
    EXPECT_EQ(guest.frame_freed->frame, Gpr::Rdi);
    ASSERT_TRUE(guest.kernel_moves);
    EXPECT_EQ(guest.kernel_moves->address, 0xffff'ffff'8000'100b);
    EXPECT_EQ(guest.kernel_moves->by, Gpr::R12);
    EXPECT_THAT(guest.lock_taken, testing::ElementsAre(0xffff'ffff'8000'1006));
    EXPECT_THAT(guest.lock_released, testing::ElementsAre(0xffff'ffff'8000'1007));
    EXPECT_THAT(guest.not_under_lock, testing::ElementsAre(0xffff'ffff'8000'1008));
}

TEST(Description, TakesTheCpusWordsFromGsOrFromAnAddress)
{
    const GuestDescription guest =
        parsed("[per_cpu]\nblock = 'table'\nkernel_stack = 'table+8'\ncurrent_thread = 16\n");
    EXPECT_EQ(guest.per_cpu_block, 0x5000u);
    EXPECT_EQ(guest.kernel_stack_slot, (PerCpuWord{0x5008, false}));
    EXPECT_EQ(guest.current_thread, (PerCpuWord{16, true}));
}

TEST(Description, TakesASystemCallConvention)
{
    const GuestDescription guest = parsed(R"(
[syscall]
instruction = "int 0x80"
number = "rdi"
result = "rbx"
arguments = ["rax", "r15"]
errors = [-10, -2]
[syscall.calls]
put = { number = 7, arguments = ["bytes_in", "size"] }
map = { number = 8, result = "address" }
leave = { number = 0, returns = false }
)");
    EXPECT_EQ(guest.syscalls.vector, 0x80);
    EXPECT_EQ(guest.syscalls.number, Gpr::Rdi);
    EXPECT_EQ(guest.syscalls.result, Gpr::Rbx);
    EXPECT_THAT(guest.syscalls.arguments, testing::ElementsAre(Gpr::Rax, Gpr::R15));
    EXPECT_FALSE(guest.syscalls.may_change(Gpr::Rcx));
    EXPECT_TRUE(guest.syscalls.is_error(0 - std::uint64_t{10}));
    EXPECT_FALSE(guest.syscalls.is_error(0 - std::uint64_t{1}));
    ASSERT_NE(guest.syscalls.find(7), nullptr);
    EXPECT_EQ(*guest.syscalls.find(7),
              (SyscallDescription{7, "put", {ArgumentKind::BytesIn, ArgumentKind::Size}, true}));
    EXPECT_FALSE(guest.syscalls.find("leave")->returns);
    EXPECT_EQ(guest.syscalls.find("map")->result, ResultKind::Address);
}

TEST(Description, TakesAddressesThatEachProcessHasElsewhere)
{
    const GuestDescription guest = parsed(R"(
[landmarks]
process_started = { at = "entry", places = "r9" }
[user]
program_base = 2
[[address]]
name = "STACK"
place = 0
before = 0x1000
[[address]]
name = "BASE"
place = 2
after = 0x1000
[[address]]
name = "LOW"
at = 0
after = 0x10000
)");
    EXPECT_EQ(guest.place_count(), 3u);
    const Places one{{0x7000'0000, 0, 0x5000'0000}}, other{{0x7100'0000, 0, 0}};
    const auto name_of = [&guest](std::uint64_t address, const Places& places) -> std::string {
        const auto found = guest.find_address(address, places);
        return found ? found->landmark->name : "";
    };
    EXPECT_EQ(name_of(0x6fff'f000, one), "STACK");
    EXPECT_EQ(name_of(0x6fff'f000, other), "");
    EXPECT_EQ(name_of(0x70ff'f000, other), "STACK");
    EXPECT_EQ(name_of(0x5000'0fff, one), "BASE");
    EXPECT_EQ(name_of(0xfff, other), "LOW") << "a place of 0 is none";
    EXPECT_EQ(guest.program("p", one).base, 0x5000'0000u);
    EXPECT_EQ(guest.program("p", other).base, 0u);
}

/// A kernel whose image is one page around its symbol `entry`, and which has not moved.
GuestDescription at_its_first_place()
{
    GuestDescription guest = parsed(R"(
[landmarks]
process_started = { at = "entry" }
process_ended = { at = "entry+1" }
process_forked = { at = "entry+2" }
thread_ended = { at = "entry+3" }
panic = { at = "entry+4", message = "entry+0x80" }
kernel_moves = { at = "entry+5" }
frame_allocated = { at = "entry+6" }
frame_freed = { at = "entry+7" }
lock_taken = ["entry+8"]
lock_released = ["entry+9"]
not_under_lock = ["entry+10"]
dispatch = ["entry+11", "table"]
[kernel]
range = ["0xffff_8000_0000_0000", 0]
entries = ["entry+12"]
read_only = [["entry", "entry+0x1000"], ["table", "table+8"]]
user_copy = [["entry+16", "entry+17"]]
[per_cpu]
block = "entry+0x100"
kernel_stack = "entry+0x108"
current_thread = 8
[kernel_stacks]
range = ["entry+0x200", "entry+0x300"]
size = 0x10
[[address]]
name = "KERNEL"
at = "entry"
)");
    guest.image = AddressRange{0xffff'ffff'8000'1000, 0xffff'ffff'8000'1fff};
    return guest;
}

TEST(Description, MovesWhatLiesInTheImageAndNothingElse)
{
    constexpr std::uint64_t kLinked = 0xffff'ffff'8000'1000, kDistance = 0x60'0000, kHere = kLinked + kDistance;
    GuestDescription guest = at_its_first_place();
    EXPECT_EQ(guest.moves_at(), kLinked + 5);
    guest.move_kernel(kDistance);
    EXPECT_EQ(guest.moves_at(), std::nullopt);
    const std::vector<std::uint64_t> landmarks{
        guest.process_started->address, guest.process_ended->address, guest.process_forked->address,
        guest.thread_ended->address,    guest.panic->address,         guest.kernel_moves->address,
        guest.frame_allocated->address, guest.frame_freed->address,   guest.lock_taken.at(0),
        guest.lock_released.at(0),      guest.not_under_lock.at(0),   guest.dispatch.at(0),
        guest.kernel_entries.at(0)};
    for (std::size_t i = 0; i < landmarks.size(); ++i) {
        EXPECT_EQ(landmarks[i], kHere + i) << i;
    }
    EXPECT_EQ(guest.panic->message, kHere + 0x80);
    EXPECT_EQ(guest.dispatch.at(1), 0x5000u);
    EXPECT_THAT(guest.read_only,
                testing::ElementsAre(AddressRange{kHere, kHere + 0xfff}, AddressRange{0x5000, 0x5007}));
    EXPECT_THAT(guest.user_copy, testing::ElementsAre(AddressRange{kHere + 16, kHere + 16}));
    EXPECT_EQ(guest.per_cpu_block, kHere + 0x100);
    EXPECT_EQ(guest.kernel_stack_slot, (PerCpuWord{kHere + 0x108, false}));
    EXPECT_EQ(guest.current_thread, (PerCpuWord{8, true}));
    EXPECT_EQ(guest.kernel_stacks, (StackRegion{kHere + 0x200, kHere + 0x300, 0x10, 0x10}));
    EXPECT_EQ(guest.kernel_range, (AddressRange{0xffff'8000'0000'0000, 0xffff'ffff'ffff'ffff}));
    EXPECT_EQ(guest.find_address("KERNEL")->address, kLinked);
}

TEST(Description, FindsTheAddressInTheFileOfWhatHasMoved)
{
    constexpr std::uint64_t kLinked = 0xffff'ffff'8000'1000, kDistance = 0x60'0000;
    GuestDescription guest = at_its_first_place();
    EXPECT_EQ(guest.linked(kLinked), kLinked);
    EXPECT_EQ(guest.here(kLinked), kLinked);
    guest.move_kernel(kDistance);
    EXPECT_EQ(guest.linked(kLinked + kDistance + 0xfff), kLinked + 0xfff);
    EXPECT_EQ(guest.linked(kLinked + kDistance + 0x1000), kLinked + kDistance + 0x1000) << "behind the image";
    EXPECT_EQ(guest.linked(kLinked), std::nullopt) << "where nothing is any more";
    EXPECT_EQ(guest.linked(0x5000), 0x5000u);
    EXPECT_EQ(guest.here(kLinked + 1), kLinked + kDistance + 1);
    EXPECT_EQ(guest.here(0x5000), 0x5000u);
    guest.move_kernel(2 * kDistance);
    EXPECT_EQ(guest.linked(kLinked + 2 * kDistance), kLinked);
    EXPECT_EQ(guest.dispatch.at(0), kLinked + 2 * kDistance + 11);
    guest.move_kernel(std::nullopt);
    EXPECT_EQ(guest.dispatch.at(0), kLinked + 11) << "as a snapshot from before has it";
    EXPECT_EQ(guest.moves_at(), kLinked + 5);
}

struct Mistake {
    const char *text, *message;
};

constexpr Mistake kMistakes[] = {
    {"name = \n", "1:8: error: Error while parsing key-value pair: expected value, saw '\\n'"},
    {"prompt = '> '\n",
     "1:1: error: there is no key 'prompt' in the description; it may have address, errors, format, "
     "kernel, kernel_stacks, landmarks, name, per_cpu, recognise, rules, run, signals, syscall, user"},
    {"[run]\nz = 1\npromt = '> '\n", "2:1: error: there is no key 'z' in [run]; it may have debug_exit, longest_input, "
                                     "longest_line, most_arguments, power_off, "
                                     "program, prompt"},
    {"format = 2\n", "1:10: error: this ringcheck reads format 1, not 2"},
    {"name = 3\n", "1:8: error: name in the description must be text, not a whole number"},
    {"name = \"a\\nb\"\n", "1:8: error: name in the description must be one line of printable characters"},
    {"run = 3\n", "1:7: error: run in the description must be a table, not a whole number"},
    {"[recognise]\nsymbols = ['nothing']\n",
     "2:12: error: the kernel has no symbol 'nothing', for symbols in [recognise]"},
    {"[run]\nprompt = '>'\nprogram = 'run'\n",
     "3:11: error: program in [run] must hold {program}, where the name of the program goes"},
    {"[run]\npower_off = 'halt'\n", "1:1: error: [run] needs a key 'prompt'"},
    {"[run]\ndebug_exit = -1\n", "2:14: error: debug_exit in [run] must be from 0 to 0xffffffff, not -1"},
    {"[run]\ndebug_exit = 1.5\n",
     "2:14: error: debug_exit in [run] must be a whole number, not a number with a fraction"},
    {"[run]\ndebug_exit = 'x'\n",
     "2:14: error: debug_exit in [run] must be a number, or text like \"0xffff800000000000\""},
    {"[landmarks]\nprocess_started = { id = 'rdi' }\n", "2:19: error: [landmarks.process_started] needs a key 'at'"},
    {"[landmarks]\nprocess_started = { at = 'entri' }\n",
     "2:26: error: the kernel has no symbol 'entri', for at in [landmarks.process_started]"},
    {"[landmarks]\nprocess_started = { at = 'entry', id = 'edi' }\n",
     "2:40: error: id in [landmarks.process_started] is 'edi'; it may be rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, "
     "r9, "
     "r10, r11, r12, r13, r14, r15"},
    {"[landmarks]\nprocess_ended = { at = 'entry' }\n", "1:1: error: [landmarks] needs a key 'process_started'"},
    {"[landmarks]\nprocess_forked = { at = 'entry' }\n", "1:1: error: [landmarks] needs a key 'process_started'"},
    {"[landmarks]\npanic = { at = 'entry', message = 'table', message_in = 'rdi' }\n",
     "2:57: error: message and message_in in [landmarks.panic] exclude each other"},
    {"[landmarks]\nkernel_moves = { by = 'rdi' }\n", "2:16: error: [landmarks.kernel_moves] needs a key 'at'"},
    {"[landmarks]\ndispatch = 'entry'\n", "2:12: error: dispatch in [landmarks] must be an array of symbols, not text"},
    {"[landmarks]\ndispatch = [true]\n",
     "2:13: error: dispatch in [landmarks] must be an address, a symbol or a symbol "
     "with an offset, not true or false"},
    {"[kernel]\nrange = [1]\n", "2:9: error: range in [kernel] must be two addresses, [first, end]"},
    {"[kernel]\nrange = [8, 8]\n", "2:9: error: range in [kernel] ends at 0x8, before it begins at 0x8"},
    {"[kernel]\nread_only = [[1, 2], 3]\n", "2:22: error: read_only in [kernel] must be two addresses, [first, end]"},
    {"[per_cpu]\nkernel_stack = 8\n",
     "2:16: error: an offset from the GS base needs block or self in [per_cpu], to know the base by"},
    {"[kernel_stacks]\nrange = [0, 0]\nsize = 0x1000\n", "2:9: error: [kernel_stacks] is not all of memory"},
    {"[kernel_stacks]\nrange = [0, 0x8000]\n", "1:1: error: [kernel_stacks] needs a key 'size'"},
    {"[kernel_stacks]\nrange = [0, 0x8000]\nsize = 0x4000\nstride = 0x3000\n",
     "4:10: error: a stack of 0x4000 bytes every 0x3000 does not fit [kernel_stacks]"},
    {"[kernel_stacks]\nrange = [0, 0x8000]\nsize = 0x9000\n",
     "3:8: error: a stack of 0x9000 bytes every 0x9000 does not fit [kernel_stacks]"},
    {"[user]\ncode_selector = 0x20\ndata_selector = 0x1b\n",
     "2:17: error: 0x20 is no selector of ring 3: its RPL, bits 1:0, must be 3"},
    {"[user]\ncode_selector = 0x23\n", "1:1: error: [user] needs a key 'data_selector'"},
    {"[syscall]\ninstruction = 'int 256'\n",
     "2:15: error: instruction in [syscall] is 'int 256'; it may be \"syscall\" or an INT like \"int 0x80\""},
    {"[syscall]\nerrors = [0, -1]\n", "2:10: error: errors in [syscall] ends at -1, before it begins at 0"},
    {"[syscall]\nerrors = [-1, 1]\n",
     "2:10: error: errors in [syscall] are results below 0, the number of the error negated"},
    {"[syscall]\nerrors = 1\n", "2:10: error: errors in [syscall] must be two whole numbers, [first, last]"},
    {"[syscall.calls]\nput = { arguments = [] }\n", "2:7: error: [syscall.calls.put] needs a key 'number'"},
    {"[syscall.calls]\nput = { number = 1, arguments = ['bytes_in'] }\n",
     "2:33: error: the last argument of put is bytes_in; their count must follow"},
    {"[syscall]\narguments = ['rdi']\n[syscall.calls]\nput = { number = 1, arguments = ['int', 'int'] }\n",
     "4:33: error: arguments in [syscall.calls.put] has 2 words; it may have 1"},
    {"[syscall.calls]\nput = { number = 1, returns = 0 }\n",
     "2:31: error: returns in [syscall.calls.put] must be true or false, not a whole number"},
    {"[syscall.calls]\nput = { number = 1 }\nset = { number = 1 }\n", "3:7: error: put and set both have number 1"},
    {"[syscall.calls]\n'a b' = { number = 1 }\n",
     "2:9: error: 'a b': a call's name is a word of letters, digits and _"},
    {"[syscall.calls]\nsyscall_3 = { number = 1 }\n",
     "2:24: error: 'syscall_3': traces call unknown calls syscall_NUMBER"},
    {"[errors]\nEA = 1\nEB = 1\n", "3:6: error: EA and EB are both 1"},
    {"[[address]]\nname = 'low'\nat = 0\n",
     "2:8: error: a named address is written in capitals, digits and _, like USER_STACK_TOP"},
    {"[[address]]\nname = 'LOW'\n", "1:1: error: [[address]] needs a key 'at'"},
    {"[[address]]\nname = 'LOW'\nat = 0\nplace = 0\n", "4:9: error: at and place in [[address]] exclude each other"},
    {"[[address]]\nname = 'LOW'\nplace = 6\n", "3:9: error: place in [[address]] must be from 0 to 0x5, not 6"},
    {"[[address]]\nname = 'LOW'\nplace = 0\n",
     "1:1: error: a place is a word that places in [landmarks.process_started] points to; it has none"},
    {"[user]\nprogram_base = 0\n",
     "1:1: error: a place is a word that places in [landmarks.process_started] points to; it has none"},
    {"\"a\\n\\u007f\" = 3\n",
     "1:1: error: there is no key 'a\\x0a\\x7f' in the description; it may have address, errors, format, kernel, "
     "kernel_stacks, landmarks, name, per_cpu, recognise, rules, run, signals, syscall, user"},
    {"[syscall]\nnumber = \"r\\tx\"\n", "2:10: error: number in [syscall] is 'r\\x09x'; it may be rax, rcx, rdx, rbx, "
                                        "rsp, rbp, rsi, rdi, r8, r9, r10, r11, "
                                        "r12, r13, r14, r15"},
    {"address = 3\n", "1:11: error: address in the description must be an array of tables, not a whole number"},
};

TEST(Description, TellsEachMistakeWithItsPlace)
{
    for (const Mistake& mistake : kMistakes) {
        SCOPED_TRACE(mistake.text);
        const auto guest = parse_description(mistake.text, symbol);
        ASSERT_FALSE(guest);
        EXPECT_EQ(format_description_error("k.toml", guest.error()), std::string("k.toml:") + mistake.message);
    }
}

TEST(Description, RefusesKeysThatAreNestedWithoutEnd)
{
    std::string key = "a";
    for (unsigned i = 0; i != 100'000; ++i) {
        key += ".a";
    }
    const std::string text = "# a comment\n" + key + " = 1\n";
    const auto guest = parse_description(text, symbol);
    ASSERT_FALSE(guest);
    EXPECT_EQ(format_description_error("k.toml", guest.error()),
              "k.toml:2:4002: error: more than 2000 dots: no description nests its keys so deep");
    EXPECT_TRUE(recognised_by(text).empty());
}

TEST(Description, TakesOtherAlphabetsInCommentsAndTextsOfOneLine)
{
    constexpr const char* kRefused =
        "error: a character that is not ASCII may stand in a comment or in a text of one line only";
    const auto told = [](const std::string& text) {
        const auto guest = parse_description(text, symbol);
        return guest ? guest->name : format_description_error("k", guest.error());
    };
    EXPECT_EQ(told("name = 'caf\u00e9' # \u00e9\n"), "caf\u00e9");
    EXPECT_EQ(told("name = \"\\\\ \\\" \u00e9\"\n"), "\\ \" \u00e9");
    EXPECT_EQ(told("name = 'x'\n\u00e9 = 3\n"), std::string("k:2:1: ") + kRefused);
    EXPECT_EQ(told("name = '' \u00e9\n"), std::string("k:1:11: ") + kRefused);
    EXPECT_EQ(told("name='\u00e9'\n"), "\u00e9");
    EXPECT_EQ(told("name = 7'\u00e9'\n"), std::string("k:1:10: ") + kRefused); // no text begins behind a number
    EXPECT_EQ(told("name = \"\"\"x\\\n  \u00e9\"\"\"\n"), std::string("k:2:3: ") + kRefused);
    EXPECT_EQ(told("name = \"\"\"x\"\"\"\"\" # \u00e9\n"), "x\"\"");
}

TEST(Description, TakesKernelStacksUpToTheLastAddress)
{
    const auto guest =
        parse_description("[kernel_stacks]\nrange = [\"0xffffffffffff0000\", 0]\nsize = 0x1000\n", symbol);
    ASSERT_TRUE(guest);
    const auto last = guest->kernel_stacks.locate(0xffff'ffff'ffff'fff8);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->slot, 15u);
    EXPECT_EQ(last->below_top, 8u);
    EXPECT_FALSE(guest->kernel_stacks.locate(0xffff'ffff'ffff'0000));
    EXPECT_FALSE(guest->kernel_stacks.locate(0xffff'ffff'fffe'fff8));
    EXPECT_FALSE(guest->kernel_stacks.locate(8));
}

} // namespace
