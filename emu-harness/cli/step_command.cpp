// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck step: shows a stretch of a run instruction by instruction.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/guest_place.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "explain/stepper.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>

namespace ringcheck::cli {
namespace {

struct StepOptions {
    GuestOptions guest;
    ScriptOptions script;
    std::string at, before, log;
    std::uint64_t count = 40, hits = 1;
    bool all = false, json = false;
};

/// Where the steps go: stdout, or a file that is whole only after close().
class Output {
public:
    explicit Output(const std::string& path)
        : path_(path), file_(path.empty() ? stdout : std::fopen(path.c_str(), "we")), error_(file_ ? 0 : errno)
    {
    }
    ~Output()
    {
        if (file_ != nullptr && file_ != stdout) {
            std::fclose(file_);
        }
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void write(std::string_view text)
    {
        if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) {
            error_ = errno;
        }
    }
    /// What went wrong up to now, or nullopt.
    std::optional<std::string> problem()
    {
        if (error_ == 0 && std::fflush(file_) != 0) {
            error_ = errno;
        }
        return error_ == 0 ? std::nullopt
                           : std::optional{fmt::format("{}: cannot be written: {}", path_.empty() ? "stdout" : path_,
                                                       std::strerror(error_))};
    }

private:
    std::string path_;
    std::FILE* file_;
    int error_;
};

/// What --before calls the end of the run.
constexpr std::string_view kEnd = "end";

std::expected<GuestPlace, std::string> first_place(const StepOptions& options, const GuestFiles& files)
{
    const bool at = !options.at.empty();
    if (const std::string& text = at ? options.at : options.before; !text.empty() && text != kEnd) {
        auto place = parse_place(text, files, options.script.program);
        return place ? place : std::unexpected(fmt::format("{}: {}", at ? "--at" : "--before", place.error()));
    }
    return options.script.program.empty() ? GuestPlace{0, 0, ""} : entry_of(options.script.program, files);
}

Status not_reached(const StepOptions& options, const GuestPlace& place, const RunEnd& end, Session& session)
{
    const std::string& text = options.at.empty() ? options.before : options.at;
    const bool not_asked_for = place.program != options.script.program && options.script.typed.empty();
    const std::string next_step =
        !place.program.empty() && not_asked_for ? fmt::format("; --program {0} would run {0}", place.program) : "";
    const std::string problem = fmt::format(
        "{} was not reached{}; the run ended: {}{}", text.empty() ? "the program" : text,
        options.hits == 1 ? "" : fmt::format(" {} times", options.hits), describe_end(end, session), next_step);
    if (options.json) {
        print_json("nothing", {{"problem", problem}});
    }
    return fail(problem);
}

/// A session that is watched, at its first instruction.
std::expected<std::unique_ptr<Session>, std::string> begin(const StepOptions& options, const GuestFiles& files,
                                                           bool in_step_mode)
{
    GuestOptions guest = options.guest;
    guest.step = in_step_mode;
    auto session = Session::create(files, guest, options.script.program, LogFilter::Normal);
    if (session) {
        (*session)->ignore_rules();
        (*session)->prepare(script_lines(options.script, files.guest, PowerOff::Always));
    }
    return session;
}

/// The instructions to show: from a count on, so many.
struct Stretch {
    std::uint64_t first, count;
};

/// Those before the place, or before the end of the run.  What came before is known when the place is reached, so the
/// run is made twice.  nullopt: the place was not reached, and `status` says so.
std::optional<Stretch> stretch_before(const GuestPlace& place, const StepOptions& options, Session& session,
                                      Status& status)
{
    const std::uint64_t earliest = session.machine().instruction_count();
    const bool to_end = options.before == kEnd;
    if (to_end) {
        session.run_on(options.guest.limit);
    } else if (const auto end = run_to(place, options.hits, session, options.guest.limit)) {
        status = not_reached(options, place, *end, session);
        return std::nullopt;
    }
    const std::uint64_t last = session.machine().instruction_count();
    const std::uint64_t count = std::min(options.count, last - earliest);
    return Stretch{last - count, count + to_end}; // one that ends the run may not retire
}

Status step(const StepOptions& options)
{
    const auto files = GuestFiles::load(options.guest);
    if (!files) {
        return refuse(files.error());
    }
    if (!options.script.program.empty()) {
        if (const auto problem = files->refuse_program(options.script.program)) {
            return refuse(*problem);
        }
    }
    auto place = first_place(options, *files);
    if (!place) {
        return refuse(place.error());
    }
    std::uint64_t hits = options.hits, count = options.count;
    if (!options.before.empty()) {
        auto looked = begin(options, *files, options.guest.step);
        if (!looked) {
            return refuse(looked.error());
        }
        Status status = kPass;
        const auto stretch = stretch_before(*place, options, **looked, status);
        if (!stretch) {
            return status;
        }
        place = GuestPlace{stretch->first, 0, ""};
        count = stretch->count;
        hits = 1;
    }
    // To stop behind each instruction is what step mode is quick at; the run is the same.
    auto created = begin(options, *files, true);
    if (!created) {
        return refuse(created.error());
    }
    Session& session = **created;
    Output output(options.log);
    if (const auto problem = output.problem()) {
        return refuse(*problem);
    }
    StepText text(session.symbols());
    StepJson json(session.symbols());
    CodeLines code(session.symbols(), session.lines(), session.machine().memory());
    Stepper stepper(session.machine(), session.watch().processes(), code,
                    options.json ? static_cast<StepFormat&>(json) : text,
                    [&output](std::string_view lines) { output.write(lines); });
    session.watch().add(stepper);
    if (const auto end = run_to(*place, hits, session, options.guest.limit)) {
        return not_reached(options, *place, *end, session);
    }
    output.write(options.json ? "" : StepText::heading());
    const std::uint64_t first = session.machine().instruction_count();
    const std::uint64_t most = options.guest.limit - std::min(options.guest.limit, first);
    std::optional<RunEnd> end;
    for (std::uint64_t left = options.all ? most : std::min(count, most); left != 0 && !end;) {
        const std::uint64_t slice = std::min(left, session.progress().slice());
        end = stepper.run(slice);
        session.tell_progress(slice);
        left -= slice;
    }
    session.progress().hide();
    if (const auto problem = output.problem()) {
        return refuse(*problem);
    }
    if (!options.log.empty()) {
        print_error(fmt::format("ringcheck: {} instructions in {}\n", session.machine().instruction_count() - first,
                                options.log));
    }
    if (end && !ended_well(*end, session)) {
        print_error(fmt::format("\nringcheck: {} {}\n", on_stderr(Colour::Bad, "error:"), describe_end(*end, session)) +
                    report_end(*end, session));
        return kDifference;
    }
    if (end && !options.json) {
        output.write(fmt::format("the run ended: {}\n", describe_end(*end, session)));
    }
    return kPass;
}

} // namespace

void add_step(CommandLine& line)
{
    const auto options = std::make_shared<StepOptions>();
    Command command = line.command(
        "step", "Show a stretch of a run instruction by instruction: disassembly, what changed, transitions");
    add_guest_options(command, options->guest);
    add_script_options(command, options->script);
    const Option at =
        command
            .option("--at", options->at,
                    "Begin at #COUNT instructions, at an ADDRESS, a SYMBOL, or a PROGRAM:SYMBOL [--program's first "
                    "instruction, else the kernel's]")
            .value("PLACE");
    const Option before =
        command
            .option("--before", options->before,
                    "Show what came before such a place is reached, or before the 'end' of the run: a fault, a hang, a "
                    "power-off")
            .value("PLACE")
            .excludes(at);
    command.option("--hits", options->hits, "The place counts when it is reached for the so-many-th time")
        .check(refuse_count)
        .value("TIMES")
        .show_default();
    const Option count = command.option("--count", options->count, "Show so many instructions")
                             .check(refuse_count)
                             .value("COUNT")
                             .show_default();
    command.flag("--all", options->all, "Show all instructions to the end of the run").excludes(count).excludes(before);
    command.option("--log", options->log, "Write the instructions to a file [stdout]").value("FILE");
    add_json_option(command, options->json);
    command.example("ringcheck step build/aethelos.elf --program hello --at syscall_entry --count 40");
    command.action([options] {
        options->script.continues = !options->guest.from.empty();
        return step(*options);
    });
}

} // namespace ringcheck::cli
