// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/session.h"

#include "cli/boot_point.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck::cli {

Session::Session(const GuestFiles& files, const GuestOptions& options, const std::string& program,
                 std::unique_ptr<Machine> machine, LogFilter filter)
    : files_(files), guest_(files.guest), options_(options), program_(program),
      prompt_(options.prompt.empty() ? files.guest.prompt : options.prompt), machine_(std::move(machine)),
      memory_(*machine_), symbols_(guest_, &files.kernel, &files.initrd), watch_(guest_, memory_),
      log_(filter, watch_.processes()),
      rules_({guest_, memory_, watch_.processes(), symbols_, &files.kernel, [this] { return machine_->floats(); }}),
      recorder_(program, memory_, symbols_), lines_(&files.kernel, &files.initrd, &guest_),
      explainer_(symbols_, machine_->memory(), machine_->config()), faults_(explainer_, watch_.processes()),
      progress_(options.progress)
{
}

namespace {

/// What is typed behind the line that runs the program, up to the last Enter, which whoever types adds.
std::string typed_ahead(const Setting& setting)
{
    std::string keys;
    for (const std::string& text : setting.input) {
        keys += text;
    }
    if (keys.empty()) {
        return keys;
    }
    std::ranges::replace(keys, '\n', '\r'); // what the Enter key sends
    if (keys.ends_with('\r')) {
        keys.pop_back();
    }
    return '\r' + keys;
}

} // namespace

Session::~Session()
{
    if (boot_ != nullptr) {
        boot_->give_back(release_machine());
    }
}

std::unique_ptr<Machine> Session::release_machine()
{
    machine_->set_observer(nullptr);
    return std::move(machine_);
}

std::expected<std::unique_ptr<Machine>, std::string> Session::boot_machine(const GuestFiles& files,
                                                                           const GuestOptions& options)
{
    auto machine = Machine::create({.ram_bytes = options.ram_bytes,
                                    .vendor = options.cpu.vendor,
                                    .features = options.cpu.features,
                                    .mode = options.step ? ExecutionMode::Step : ExecutionMode::Fast});
    if (machine && options.from.empty()) {
        if (auto loaded = (*machine)->load(files.kernel, files.boot_request(options)); !loaded) {
            return std::unexpected(fmt::format("{}: {}", options.kernel, loaded.error()));
        }
    }
    return machine;
}

std::expected<std::unique_ptr<Session>, std::string> Session::create(const GuestFiles& files,
                                                                     const GuestOptions& options,
                                                                     const std::string& program, LogFilter filter,
                                                                     BootPoint* boot)
{
    GuestKnowledge known;
    auto machine = boot == nullptr ? boot_machine(files, options) : boot->take(known);
    if (!machine) {
        return std::unexpected(machine.error());
    }
    std::unique_ptr<Session> session(new Session(files, options, program, std::move(*machine), filter));
    if (boot != nullptr) {
        session->boot_ = boot;
        session->watch_.set_known(std::move(known));
        session->from_snapshot_ = true;
    } else if (!options.from.empty()) {
        if (auto loaded = load_snapshot(options, files, *session->machine_, session->watch_); !loaded) {
            return std::unexpected(loaded.error());
        }
        session->machine_->offer_initrd(files.initrd_bytes);
        session->from_snapshot_ = true;
    }
    return session;
}

std::vector<std::string> Session::script_for(const Trace& trace) const
{
    std::vector<std::string> lines{files_.guest.run_line(trace.program, trace.arguments, trace.setting.environment) +
                                       typed_ahead(trace.setting),
                                   files_.guest.power_off_command};
    std::erase(lines, ""); // a kernel that does so by itself has no line for it
    return lines;
}

std::size_t Session::rule_count() const
{
    return check_rules_ ? rules_.rule_count() : 0;
}

void Session::prepare(std::vector<std::string> lines)
{
    watch_.add(log_);
    if (check_rules_) {
        watch_.add(rules_);
    }
    watch_.add(recorder_);
    watch_.add(faults_);
    watch_.attach(*machine_);
    script_ = std::move(lines);
    if (!from_snapshot_ || !script_.empty()) {
        machine_->set_console_script({prompt_, script_});
    }
}

RunEnd Session::run(std::vector<std::string> lines, std::uint64_t instructions)
{
    prepare(std::move(lines));
    return run_and_save(instructions);
}

Progress::Now Session::now()
{
    const model::CpuState state = machine_->state();
    const std::string place = symbols_.code(state.rip, state.cpl, watch_.processes().program_with_cr3(state.cr3));
    return {machine_->instruction_count(), machine_->now(), place.substr(0, place.find('+'))};
}

void Session::tell_progress(std::uint64_t ran)
{
    progress_.tell(ran, [this] { return now(); });
}

RunEnd Session::run_on(std::uint64_t instructions)
{
    while (progress_.enabled() && machine_->instruction_count() + progress_.slice() < instructions) {
        const std::uint64_t begin = machine_->instruction_count();
        RunEnd end = machine_->run({.instructions = begin + progress_.slice()});
        tell_progress(machine_->instruction_count() - begin);
        if (end.kind != EndKind::InstructionLimit) {
            progress_.hide();
            return end;
        }
    }
    RunEnd end = machine_->run({.instructions = instructions});
    progress_.hide();
    return end;
}

std::unique_ptr<Session> Session::repeat(std::uint64_t instructions, FaultWatch::Wish wish) const
{
    auto again = create(files_, options_, program_, LogFilter::Normal, boot_);
    if (!again) {
        return nullptr;
    }
    (*again)->ignore_rules();
    (*again)->faults().wish_for(wish);
    (*again)->run(script_, instructions);
    return std::move(*again);
}

void Session::stop_at_save_points()
{
    machine_->clear_stops();
    if (const auto moves_at = guest_.moves_at(); moves_at && !save_points_.empty()) {
        machine_->stop_at(arch::VirtAddr{*moves_at});
    }
    for (const SavePoint& point : save_points_) {
        if (point.address) {
            machine_->stop_at(arch::VirtAddr{guest_.here(*point.address)});
        }
    }
}

RunEnd Session::run_and_save(std::uint64_t instructions)
{
    for (;;) {
        stop_at_save_points();
        std::uint64_t next = instructions;
        for (const SavePoint& point : save_points_) {
            next = std::min(next, point.count.value_or(next));
        }
        const auto moves_at = guest_.moves_at();
        RunEnd end = run_on(next);
        const std::uint64_t count = machine_->instruction_count(), rip = machine_->state().rip;
        const bool moves = end.kind == EndKind::WatchedAddress && moves_at == rip;
        const auto linked = moves ? std::optional(rip) : guest_.linked(rip);
        const auto is_here = [&](const SavePoint& point) {
            return point.address ? end.kind == EndKind::WatchedAddress && point.address == linked
                                 : end.kind == EndKind::InstructionLimit && *point.count == count;
        };
        for (const SavePoint& point : save_points_) {
            if (!is_here(point)) {
                continue;
            }
            if (auto written = write_snapshot(point.file, files_, *machine_, watch_); !written) {
                save_error_ = written.error();
                return end;
            }
        }
        const bool saved = std::erase_if(save_points_, is_here) != 0;
        if (!moves && (!saved || count >= instructions)) {
            return end;
        }
    }
}

} // namespace ringcheck::cli
