// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck step: shows a stretch of a run instruction by instruction.
#include "cli/commands.h"
#include "cli/end_report.h"
#include "cli/guest_place.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "explain/stepper.h"

#include <CLI/CLI.hpp>
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
    std::string at, log;
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

std::expected<GuestPlace, std::string> first_place(const StepOptions& options, const GuestFiles& files)
{
    if (!options.at.empty()) {
        return parse_place(options.at, files, options.script.program);
    }
    return options.script.program.empty() ? GuestPlace{0, 0, ""} : entry_of(options.script.program, files);
}

Status not_reached(const StepOptions& options, const RunEnd& end, Session& session)
{
    const std::string problem =
        fmt::format("{} was not reached{}; the run ended: {}", options.at.empty() ? "the program" : options.at,
                    options.hits == 1 ? "" : fmt::format(" {} times", options.hits), describe_end(end, session));
    if (options.json) {
        print_json("nothing", {{"problem", problem}});
    }
    return fail(problem);
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
    const auto place = first_place(options, *files);
    if (!place) {
        return refuse(place.error());
    }
    GuestOptions guest = options.guest;
    guest.step = true; // to stop behind each instruction is what step mode is quick at; the run is the same
    auto created = Session::create(*files, guest, options.script.program, LogFilter::Normal);
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
    session.ignore_rules();
    session.prepare(script_lines(options.script, files->guest, PowerOff::Always));
    session.watch().add(stepper);
    if (const auto end = run_to(*place, options.hits, session, options.guest.limit)) {
        return not_reached(options, *end, session);
    }
    output.write(options.json ? "" : StepText::heading());
    const std::uint64_t begin = session.machine().instruction_count();
    const std::uint64_t most = options.guest.limit - std::min(options.guest.limit, begin);
    std::optional<RunEnd> end;
    for (std::uint64_t left = options.all ? most : std::min(options.count, most); left != 0 && !end;) {
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
        print_error(fmt::format("ringcheck: {} instructions in {}\n", session.machine().instruction_count() - begin,
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

void add_step(CLI::App& program, Status& status)
{
    const auto options = std::make_shared<StepOptions>();
    CLI::App* const command = program.add_subcommand(
        "step", "Show a stretch of a run instruction by instruction: disassembly, what changed, transitions");
    add_guest_options(*command, options->guest);
    add_script_options(*command, options->script);
    command
        ->add_option("--at", options->at,
                     "Begin at #COUNT instructions, at an ADDRESS, a SYMBOL, or a PROGRAM:SYMBOL [--program's first "
                     "instruction, else the kernel's]")
        ->type_name("PLACE");
    command->add_option("--hits", options->hits, "Begin when the place is reached for the so-many-th time")
        ->check(refuse_count)
        ->type_name("TIMES")
        ->capture_default_str();
    auto* const count = command->add_option("--count", options->count, "Show so many instructions")
                            ->check(refuse_count)
                            ->type_name("COUNT")
                            ->capture_default_str();
    command->add_flag("--all", options->all, "Show all instructions to the end of the run")->excludes(count);
    command->add_option("--log", options->log, "Write the instructions to a file [stdout]")->type_name("FILE");
    add_json_option(*command, options->json);
    add_example(*command, "ringcheck step build/aethelos.elf --program hello --at syscall_entry --count 40");
    command->callback([options, &status] {
        options->script.continues = !options->guest.from.empty();
        status = step(*options);
    });
}

} // namespace ringcheck::cli
