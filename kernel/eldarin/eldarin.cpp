// SPDX-License-Identifier: MIT
#include "eldarin/eldarin.h"

#include "base/static_vector.h"
#include "device/power.h"
#include "device/serial.h"
#include "eldarin/line_editor.h"
#include "eldarin/memory_commands.h"
#include "eldarin/process_commands.h"
#include "eldarin/wards.h"
#include "fs/path_walk.h"
#include "fs/terminal.h"
#include "fs/tmpfs.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/syscall_log.h"

namespace kernel {
namespace {

using base::left;
using base::print;
using base::StringView;

/// What is typed in one line.
constexpr std::size_t kMaximumWords = 17;
using Words = base::StaticVector<StringView, kMaximumWords>;

struct Command {
    StringView name;
    StringView arguments;
    StringView help;
    void (*perform)(const EldarinContext&, const Words&);
};

StringView explain(uapi::Error error)
{
    switch (error) {
    case uapi::Error::Enoent: return "no such program in the initrd";
    case uapi::Error::Enotdir:
    case uapi::Error::Eisdir: return "not a file of the initrd";
    case uapi::Error::Enoexec: return "not a static x86-64 ELF program, or a damaged one";
    case uapi::Error::Enomem: return "not enough memory";
    case uapi::Error::Eagain: return "too many processes";
    case uapi::Error::Enfile: return "too many open files";
    case uapi::Error::E2big: return "arguments too long";
    case uapi::Error::Eio: return "the initrd is damaged";
    default: return "failed";
    }
}

/// A Vessel that a fault has killed had its line when it happened.
void report_end(const Harbor::Ended& ended)
{
    if (ended.fault_reported) {
        return;
    }
    print(console, "[vessel ", static_cast<std::uint64_t>(ended.id), " ", ended.name, "] ");
    if (const std::uint32_t signal = killing_signal(ended.wait_status); signal != 0) {
        print(console, "killed by ");
        print_signal(console, signal);
        print(console, "\n");
    } else {
        print(console, "exited with status ", exit_status(ended.wait_status), "\n");
    }
}

/// Tells of the programs that have ended in the background.
void report_ends()
{
    for (;;) {
        const base::Result<Harbor::Ended> ended = harbor.wait(harbor.shell(), {}, {});
        if (!ended || ended->id == VesselId{}) {
            return;
        }
        report_end(*ended);
    }
}

base::Result<VesselId> spawn(base::Span<const StringView> arguments, base::Span<const StringView> environment)
{
    const Place place = TRY(walk(tmpfs::root(), tmpfs::root(), arguments[0], {}, path_buffers[0]));
    return place.inode->kind == FileKind::Regular ? harbor.spawn(*place.inode, arguments, environment)
                                                  : base::fail(uapi::Error::Eisdir);
}

/// "NAME=value", as shells have it.  [POSIX.1-2017 XCU 2.9.1 "Simple Commands"]
bool is_assignment(StringView word)
{
    const StringView name = word.before('=');
    if (name.empty() || name.size() == word.size() || (name[0] >= '0' && name[0] <= '9')) {
        return false;
    }
    for (const char c : name) {
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
            return false;
        }
    }
    return true;
}

/// @param words  assignments, which are the environment, then the program and its arguments
void run_program(base::Span<const StringView> words, bool in_background)
{
    std::size_t assignments = 0;
    while (assignments < words.size() && is_assignment(words[assignments])) {
        ++assignments;
    }
    if (assignments == words.size()) {
        print(console, "run: which program?\n");
        return;
    }
    const auto environment = words.subspan(0, assignments),
               arguments = words.subspan(assignments, words.size() - assignments);
    const base::Result<VesselId> id = spawn(arguments, environment);
    if (!id) {
        print(console, arguments[0], ": ", explain(id.error()), " (",
              uapi::error_name(static_cast<std::uint64_t>(id.error())), ")\n");
        return;
    }
    if (in_background) {
        print(console, "[vessel ", static_cast<std::uint64_t>(*id), " ", arguments[0], "] started\n");
        return;
    }
    terminal.give_to(*harbor.find(*id));
    const base::Result<Harbor::Ended> ended =
        harbor.wait(harbor.shell(), {Harbor::WaitTarget::One, *id}, {.block = true});
    terminal.take_back();
    loom.yield(); // whom Ctrl-C has ended beside it ends now, even where the next line has been typed already
    ASSERT(ended);
    report_end(*ended);
}

void command_run(const EldarinContext&, const Words& words)
{
    const bool in_background = words[words.size() - 1] == "&";
    const std::size_t count = words.size() - 1 - (in_background ? 1 : 0);
    run_program({words.begin() + 1, count}, in_background);
}

void command_test_user(const EldarinContext&, const Words&)
{
    const StringView arguments[] = {"hello"};
    run_program(arguments, false);
}

void command_ps(const EldarinContext&, const Words&)
{
    print_processes(console);
}

void command_jobs(const EldarinContext&, const Words&)
{
    print_jobs(console);
}

void command_kill(const EldarinContext&, const Words& words)
{
    kill_process(console, {words.begin() + 1, words.size() - 1});
}

void command_mem(const EldarinContext&, const Words&)
{
    print_memory(console);
}

void command_slots(const EldarinContext&, const Words&)
{
    print_slots(console);
}

void command_fail_frame(const EldarinContext&, const Words& words)
{
    fail_frames(console, {words.begin() + 1, words.size() - 1});
}

void command_wards(const EldarinContext& context, const Words&)
{
    print_wards(console, context.features, context.entropy);
}

void command_trace(const EldarinContext& context, const Words& words)
{
    if (context.log == nullptr) {
        print(console, "trace: no second serial port to write to\n");
    } else if (words.size() == 2 && words[1] == "on") {
        syscall_log.start(*context.log);
    } else if (words.size() == 2 && words[1] == "off") {
        syscall_log.stop();
    } else {
        print(console, "trace: on or off?\n");
    }
}

void command_reboot(const EldarinContext&, const Words&)
{
    power::reboot();
}

void command_poweroff(const EldarinContext&, const Words&)
{
    print(console, "Powering off.\n");
    power::off();
}

void command_help(const EldarinContext&, const Words&);

constexpr Command kCommands[] = {
    {"help", "", "this list", command_help},
    {"test-user", "", "run the test program, hello", command_test_user},
    {"run", "[N=V] PROGRAM [ARGS] [&]", "run a program of the initrd in ring 3, with N=V in its environment",
     command_run},
    {"ps", "", "processes, and what they have used", command_ps},
    {"jobs", "", "programs that run in the background", command_jobs},
    {"kill", "[-]PID [SIGNAL]", "send a signal to a process, with - to its group: SIGTERM", command_kill},
    {"mem", "", "physical memory", command_mem},
    {"slots", "", "how full the kernel's tables are", command_slots},
    {"fail-frame", "N [COUNT]", "let the N-th allocation of a frame fail; 0: none", command_fail_frame},
    {"wards", "", "which protections the CPU has and which are on", command_wards},
    {"trace", "on|off", "log system calls on the second serial port", command_trace},
    {"reboot", "", "reset the machine", command_reboot},
    {"poweroff", "", "switch the machine off", command_poweroff},
};

void command_help(const EldarinContext&, const Words&)
{
    for (const Command& command : kCommands) {
        print(console, "  ", left(command.name, 12), left(command.arguments, 26), command.help, "\n");
    }
}

/// Splits at each `separator`; words beyond the limit make the line invalid.
bool split(StringView line, char separator, Words& words)
{
    while (!line.empty()) {
        const StringView word = line.before(separator);
        line = line.after(separator);
        if (!word.empty() && !words.push_back(word)) {
            return false;
        }
    }
    return true;
}

void perform(const EldarinContext& context, StringView line)
{
    Words words;
    if (!split(line, ' ', words)) {
        print(console, "too many words\n");
        return;
    }
    if (words.empty()) {
        return;
    }
    for (const Command& command : kCommands) {
        if (command.name == words[0]) {
            command.perform(context, words);
            return;
        }
    }
    print(console, words[0], ": unknown command, try help\n");
}

[[noreturn]] void run_alone(StringView program)
{
    Words words;
    if (!split(program, ',', words)) {
        print(console, "run: too many arguments\n");
    } else {
        run_program(words.span(), false);
    }
    power::off();
}

} // namespace

void run_eldarin(const EldarinContext& context)
{
    if (!context.program.empty()) {
        run_alone(context.program);
    }
    LineEditor editor;
    for (;;) {
        report_ends();
        perform(context, editor.read("eldarin> "));
    }
}

} // namespace kernel
