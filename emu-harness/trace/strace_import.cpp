// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/strace_import.h"

#include "trace/linux_constants.h"
#include "trace/strace_line.h"
#include "trace/symbolise.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace ringcheck {
namespace {

using Kind = StraceLine::Kind;

constexpr std::size_t kShown = 60; ///< characters of a line that was left out

std::optional<std::uint64_t> number_of(std::string_view text)
{
    const bool hexadecimal = text.starts_with("0x");
    text.remove_prefix(hexadecimal ? 2 : 0);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// "PROT_READ|0x40": the sum; nullopt when a part has no number.
std::optional<std::uint64_t> flags_of(std::string_view text)
{
    std::uint64_t sum = 0;
    for (;;) {
        const std::size_t bar = text.find('|');
        const std::string_view part = text.substr(0, bar);
        const auto number = number_of(part);
        const auto value = number ? number : linux_constant(part);
        if (!value) {
            return std::nullopt;
        }
        sum |= *value;
        if (bar == std::string_view::npos) {
            return sum;
        }
        text.remove_prefix(bar + 1);
    }
}

/// The bytes of "a\n\33\x7f"; nullopt when strace has cut it or when it is none.
std::optional<std::string> bytes_of(std::string_view text)
{
    if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) {
        return std::nullopt;
    }
    text = text.substr(1, text.size() - 2);
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\\') {
            bytes += text[at++];
            continue;
        }
        if (++at == text.size()) {
            return std::nullopt;
        }
        constexpr std::string_view kLetters = "ntrvfab\\\"", kMeanings = "\n\t\r\v\f\a\b\\\"";
        const std::size_t letter = kLetters.find(text[at]);
        if (letter != std::string_view::npos) {
            bytes += kMeanings[letter];
            ++at;
            continue;
        }
        const bool hexadecimal = text[at] == 'x';
        at += hexadecimal ? 1 : 0;
        const std::size_t most = hexadecimal ? 2 : 3;
        unsigned value = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + std::min(at + most, text.size()),
                                                  value, hexadecimal ? 16 : 8);
        const auto digits = static_cast<std::size_t>(end - (text.data() + at));
        if (error != std::errc{} || digits == 0 || value > 0xff) {
            return std::nullopt;
        }
        bytes += static_cast<char>(value);
        at += digits;
    }
    return bytes;
}

class Importer {
public:
    Importer(const SyscallConvention& convention, const NameAddress& name, StraceImport& result)
        : convention_(convention), name_(name), result_(result)
    {
    }

    void read(std::string_view text, unsigned number)
    {
        line_ = number;
        const std::string begun = std::exchange(interrupted_, "");
        if (note_process(text) && !text.starts_with(kNote)) {
            interrupted_ = begun + std::string(text.substr(0, text.find(kNote)));
            return;
        }
        const std::string whole = begun + std::string(text);
        text_ = whole;
        read_whole(whole);
    }
    bool ended() const { return ended_; }
    bool called() const { return called_; }

private:
    static constexpr std::uint64_t kFirst = 0; ///< stands for the first process
    static constexpr std::string_view kNote = "strace: Process ";

    /// On the terminal this may stand in the middle of a line, which goes on in the next one.
    bool note_process(std::string_view text)
    {
        const std::size_t note = text.find(kNote);
        if (note == std::string_view::npos) {
            return false;
        }
        constexpr std::string_view kEnd = " attached";
        std::string_view rest = text.substr(note + kNote.size());
        if (!rest.ends_with(kEnd)) { // it shares its blank with the note's
            return false;
        }
        rest.remove_suffix(kEnd.size());
        const auto number = number_of(rest);
        if (number) {
            others_.insert(*number);
        }
        return number.has_value();
    }

    void read_whole(std::string_view text)
    {
        StraceLine line = read_strace_line(text);
        const std::uint64_t process = owner(line);
        if (line.kind == Kind::Unfinished) {
            unfinished_[process] = line.text;
            return;
        }
        if (line.kind == Kind::Resumed) {
            const auto begun = unfinished_.find(process);
            if (begun == unfinished_.end()) {
                return skip("the beginning of this call is missing");
            }
            const std::string whole = begun->second + line.text;
            unfinished_.erase(begun);
            line = read_strace_line(whole);
        }
        if (process != kFirst) {
            return skip("another process or thread");
        }
        take(line);
    }

    /// The first process's number shows in front of its lines only while it has company.
    std::uint64_t owner(const StraceLine& line)
    {
        if (!line.process) {
            return kFirst;
        }
        if (!first_ && !others_.contains(*line.process)) {
            first_ = line.process;
        }
        return line.process == first_ ? kFirst : *line.process;
    }

    void take(const StraceLine& line)
    {
        switch (line.kind) {
        case Kind::Call: return call(line);
        case Kind::Exited:
            ended_ = true;
            skip_fault();
            result_.trace.events.push_back({ExitEvent{"", line.status}, 0});
            return;
        case Kind::Killed:
            ended_ = true;
            if (fault_ && fault_->signal == line.name) {
                result_.trace.events.push_back({FaultEvent{"*", {}, {}}, 0});
                fault_.reset();
            }
            skip_fault();
            result_.trace.events.push_back({ExitEvent{line.name, 0}, 0});
            return;
        case Kind::Signal: return signal(line);
        case Kind::Note: return skip("said by strace");
        default: return skip("no line that strace is known to write");
        }
    }

    /// One that the process's own instruction raised stands for the fault, if it is the end.
    void signal(const StraceLine& line)
    {
        skip_fault();
        StraceSkip skipped{line_, "a signal: a trace has the fault behind it, or the end",
                           std::string(text_.substr(0, kShown))};
        if (line.text.find("si_pid=") != std::string::npos) {
            result_.skipped.push_back(std::move(skipped));
        } else {
            fault_ = Fault{line.name, std::move(skipped)};
        }
    }
    /// It was not the end.
    void skip_fault()
    {
        if (fault_) {
            result_.skipped.push_back(std::move(fault_->skipped));
            fault_.reset();
        }
    }

    /// "syscall_0x270f": a number that Linux does not know either.
    bool unknown_call(const StraceLine& line)
    {
        constexpr std::string_view kPrefix = "syscall_";
        constexpr std::size_t kArguments = 6;
        const auto number = line.name.starts_with(kPrefix)
                                ? number_of(std::string_view(line.name).substr(kPrefix.size()))
                                : std::nullopt;
        if (!number || !line.result.starts_with("-1 ")) {
            return false;
        }
        SyscallEvent event{.name = unknown_syscall(*number), .arguments = {}, .result = error(line)};
        for (std::size_t i = 0; i < kArguments; ++i) {
            const auto word = i < line.arguments.size() ? number_of(line.arguments[i]) : std::nullopt;
            event.arguments.push_back(word ? bare(*word) : Argument{Anything{}});
        }
        result_.trace.events.push_back({std::move(event), 0});
        return true;
    }
    static ErrorResult error(const StraceLine& line) { return {line.result.substr(3)}; }

    void call(const StraceLine& line)
    {
        skip_fault();
        if (line.name == "execve" && !called_) {
            called_ = true;
            return skip("what comes before the program's first instruction");
        }
        called_ = true;
        const SyscallDescription* const description = convention_.find(line.name);
        if (description == nullptr && unknown_call(line)) {
            return;
        }
        if (description == nullptr) {
            return skip("the kernel's description has no such call");
        }
        if (line.result == "?" && description->returns) {
            return skip("the process ended inside this call, which strace may have made up");
        }
        SyscallEvent event{.name = line.name, .arguments = {}, .result = NoResult{}};
        const bool renamed = std::ranges::any_of(line.arguments, [](const std::string& argument) {
            return argument.find('=') != std::string::npos && argument.find('"') == std::string::npos &&
                   !argument.starts_with('{') && !argument.starts_with('[');
        });
        for (std::size_t i = 0; i < description->arguments.size(); ++i) {
            // clone's are printed by name, in an order of their own.
            const bool known = i < line.arguments.size() && !renamed;
            event.arguments.push_back(known ? argument(line.arguments[i], description->arguments[i])
                                            : Argument{Anything{}});
        }
        if (description->returns) {
            event.result = result(line, *description);
        }
        result_.trace.events.push_back({std::move(event), 0});
    }

    Argument argument(std::string_view text, ArgumentKind kind)
    {
        if ((kind == ArgumentKind::BytesIn || kind == ArgumentKind::Text) && text.starts_with('"')) {
            const auto bytes = bytes_of(text);
            return bytes && bytes->size() <= kBufferLimit ? Argument{Buffer{*bytes, false}} : Argument{Anything{}};
        }
        if (kind == ArgumentKind::BytesIn || kind == ArgumentKind::Text || kind == ArgumentKind::Address) {
            if (text == "NULL") {
                return NamedAddress{"NULL", 0};
            }
            const auto address = number_of(text);
            return address ? pointer(*address) : Argument{Anything{}};
        }
        const bool negative = text.starts_with('-');
        text = text.substr(negative ? 1 : 0, text.find('<') - (negative ? 1 : 0)); // -y: 1</dev/tty>
        const auto number = flags_of(text);
        if (!number) {
            return Anything{};
        }
        if (kind == ArgumentKind::Pid && !negative && *number > 1) {
            return process(*number);
        }
        // strace shows what is an int to the kernel as unsigned where it is made of flags.
        const std::uint64_t low = *number & 0xffff'ffff;
        const bool is_negative_int = !negative && kind != ArgumentKind::Size && low >> 31 != 0;
        return is_negative_int ? Integer{true, (std::uint64_t{1} << 32) - low}
                               : Integer{negative && *number != 0, *number};
    }

    /// As the program has it, or from the begin of what mmap or brk gave it.
    Argument pointer(std::uint64_t address) const
    {
        const auto above = given_.upper_bound(address);
        if (above != given_.begin()) {
            const auto& [begin, area] = *std::prev(above);
            if (address - begin < area.size) {
                return Captured{area.name, static_cast<std::int64_t>(address - begin)};
            }
        }
        return is_chosen(address) ? Argument{Anything{}} : name_(address);
    }
    /// A word of which nobody knows whether it is a pointer.
    static Argument bare(std::uint64_t word)
    {
        return is_chosen(word) ? Argument{Anything{}} : Argument{RawAddress{word}};
    }
    /// It lies where Linux puts what it chooses the place of.
    static bool is_chosen(std::uint64_t address)
    {
        constexpr std::uint64_t kLowest = std::uint64_t{0x7000} << 32, kLast = (std::uint64_t{1} << 47) - (1 << 20);
        return address >= kLowest && address < kLast;
    }

    Captured process(std::uint64_t number)
    {
        const auto [entry, is_new] = processes_.try_emplace(number, fmt::format("pid{}", processes_.size() + 1));
        return {entry->second, 0};
    }

    SyscallResult result(const StraceLine& line, const SyscallDescription& description)
    {
        std::string_view text = line.result;
        if (text.starts_with("-1 ")) {
            return error(line);
        }
        const auto number = number_of(text);
        if (!number) {
            return Anything{};
        }
        if (description.result == ResultKind::Pid) {
            if (makes_a_task(line.name)) {
                others_.insert(*number);
            }
            return *number > 1 ? SyscallResult{process(*number)} : SyscallResult{Integer{false, *number}};
        }
        if (!text.starts_with("0x")) {
            return Integer{false, *number};
        }
        const bool asked_for = !line.arguments.empty() && number_of(line.arguments[0]) == number;
        const auto known = pointer(*number);
        if (const auto* const captured = std::get_if<Captured>(&known)) {
            return *captured;
        }
        if (asked_for) {
            if (const auto* const named = std::get_if<NamedAddress>(&known)) {
                return *named;
            }
            return RawAddress{*number};
        }
        constexpr std::uint64_t kHeap = 64 << 20;
        const std::size_t length_at = line.name == "mremap" ? 2 : 1;
        const auto length =
            line.arguments.size() > length_at ? number_of(line.arguments[length_at]) : std::optional(kHeap);
        const std::string name = fmt::format("map{}", given_.size() + 1);
        given_[*number] = {name, length.value_or(1)};
        return Captured{name, 0};
    }

    void skip(std::string why)
    {
        result_.skipped.push_back({line_, std::move(why), std::string(text_.substr(0, kShown))});
    }

    struct Area {
        std::string name;
        std::uint64_t size = 0; ///< bytes
    };
    const SyscallConvention& convention_;
    const NameAddress& name_;
    StraceImport& result_;
    struct Fault {
        std::string signal;
        StraceSkip skipped; ///< its line, should it be none
    };
    std::optional<Fault> fault_; ///< what came last, if nobody sent it
    std::string interrupted_;    ///< the beginning of a line that a note has cut
    unsigned line_ = 0;
    std::string_view text_;
    std::optional<std::uint64_t> first_;
    std::set<std::uint64_t> others_;
    std::map<std::uint64_t, std::string> unfinished_; ///< by process
    std::map<std::uint64_t, Area> given_;             ///< by begin
    std::map<std::uint64_t, std::string> processes_;
    bool called_ = false, ended_ = false;
};

} // namespace

std::expected<StraceImport, ParseError> import_strace(std::string_view text, const SyscallConvention& convention,
                                                      const NameAddress& name, const std::string& program,
                                                      const Address& entry)
{
    StraceImport result;
    result.trace.program = program;
    result.trace.events.push_back({EnterEvent{entry}, 0});
    Importer importer(convention, name, result);
    unsigned number = 0;
    if (text.size() > kStraceLimit) {
        return std::unexpected(
            ParseError{1, 1, fmt::format("strace's output has more than {} MiB", kStraceLimit >> 20)});
    }
    while (!text.empty() && !importer.ended()) {
        ++number;
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (end == std::string_view::npos) {
            return std::unexpected(ParseError{number, static_cast<unsigned>(line.size() + 1),
                                              "the file ends inside this line: is it cut off?"});
        }
        text.remove_prefix(end + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.size() > kStraceLineLimit) {
            return std::unexpected(ParseError{number, static_cast<unsigned>(kStraceLineLimit + 1),
                                              fmt::format("the line has more than {} bytes", kStraceLineLimit)});
        }
        if (const std::size_t nul = line.find('\0'); nul != std::string_view::npos) {
            return std::unexpected(
                ParseError{number, static_cast<unsigned>(nul + 1), "a NUL byte: this is not a text file"});
        }
        if (!line.empty()) {
            importer.read(line, number);
        }
    }
    if (!importer.called()) {
        return std::unexpected(ParseError{1, 1, "there is no system call in it: is this what strace printed?"});
    }
    if (!importer.ended()) {
        return std::unexpected(ParseError{
            number, 1,
            "no line '+++ exited with N +++' or '+++ killed by NAME +++' tells how it ended: is it cut off?"});
    }
    return result;
}

} // namespace ringcheck
