// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/guest.h"

#include "cli/guest_files.h"
#include "cli/guest_place.h"
#include "cli/guest_snapshot.h"
#include "explain/stepper.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace ringcheck::testing {
namespace {

std::expected<cli::GuestOptions, std::string> options_of(const Boot& boot)
{
    auto cpu = parse_cpu(boot.cpu);
    if (!cpu) {
        return std::unexpected(cpu.error());
    }
    cli::GuestOptions options;
    options.kernel = boot.kernel;
    options.description = boot.description;
    options.initrd = boot.initrd;
    options.append = boot.command_line;
    options.cpu = *cpu;
    options.ram_bytes = boot.ram_mib << 20;
    return options;
}

/// Who looks at one run.
struct Watchers {
    Watchers(GuestDescription& guest, Machine& machine, const ElfImage& kernel, const Symbols& symbols,
             RunLog::SymbolLookup lookup, GuestKnowledge known)
        : memory(machine), watch(guest, memory), log(memory, watch.processes(), symbols, std::move(lookup)),
          rules({guest, memory, watch.processes(), symbols, &kernel, [&machine] { return machine.floats(); }})
    {
        watch.add(log);
        watch.add(rules);
        watch.set_known(std::move(known));
        watch.attach(machine);
    }
    MachineMemory memory;
    GuestWatch watch;
    RunLog log;
    RuleChecker rules;
};

} // namespace

struct Guest::Parts {
    Parts(cli::GuestOptions given, cli::GuestFiles read) : options(std::move(given)), files(std::move(read)) {}

    cli::GuestOptions options;
    cli::GuestFiles files;
    GuestDescription guest = files.guest; ///< as it holds for the machine now
    Symbols symbols{guest, &files.kernel, &files.initrd};
    std::unique_ptr<Machine> machine;
    std::optional<Watchers> watchers;
    std::optional<Snapshot> start, marked; ///< `marked` is empty while it is the same as `start`
    GuestKnowledge known_at_start, known_when_marked;
    std::map<std::string, std::optional<cli::GuestPlace>> places; ///< those that were asked for

    void watch_anew(const GuestKnowledge& known)
    {
        watchers.reset();
        watchers.emplace(
            guest, *machine, files.kernel, symbols, [this](const std::string& symbol) { return place_of(symbol); },
            known);
    }
    /// A program's file is parsed for each symbol of its own, and a pattern asks at each transition.
    std::optional<RunLog::Place> place_of(const std::string& symbol)
    {
        const auto [entry, is_new] = places.try_emplace(symbol);
        const auto place = is_new ? cli::parse_place(symbol, files, "") : std::unexpected(std::string());
        if (place && !place->count) {
            entry->second = *place;
        }
        if (!entry->second) {
            return std::nullopt;
        }
        const cli::GuestPlace& known = *entry->second;
        return RunLog::Place{known.linked ? guest.here(known.address) : known.address, known.program};
    }
    std::string place() const
    {
        const model::CpuState state = machine->state();
        return symbols.code(state.rip, state.cpl, watchers->watch.processes().program_with_cr3(state.cr3));
    }
    /// Runs, and writes down how it ended.
    RunEnd run(std::uint64_t instructions)
    {
        RunEnd end = machine->run({.instructions = machine->instruction_count() + instructions});
        if (end.text.empty()) {
            end.text = "it ran on";
        }
        if (watchers->watch.panic()) {
            end.text = fmt::format("panic: {}; {}", *watchers->watch.panic(), end.text);
        }
        watchers->log.set_end(
            fmt::format("{}, at {} after {} instructions", end.text, place(), machine->instruction_count()));
        return end;
    }
};

Guest::Guest(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Guest::~Guest() = default;

std::expected<std::unique_ptr<Guest>, std::string> Guest::boot(const Boot& boot)
{
    auto options = options_of(boot);
    if (!options) {
        return std::unexpected(options.error());
    }
    auto files = cli::GuestFiles::load(*options);
    if (!files) {
        return std::unexpected(files.error());
    }
    auto parts = std::make_unique<Parts>(*std::move(options), *std::move(files));
    auto machine = Machine::create({.ram_bytes = parts->options.ram_bytes,
                                    .vendor = parts->options.cpu.vendor,
                                    .features = parts->options.cpu.features});
    if (!machine) {
        return std::unexpected(machine.error());
    }
    parts->machine = std::move(*machine);
    if (auto loaded = parts->machine->load(parts->files.kernel, parts->files.boot_request(parts->options)); !loaded) {
        return std::unexpected(fmt::format("{}: {}", boot.kernel, loaded.error()));
    }
    parts->machine->set_console_script({parts->files.guest.prompt, boot.typed});
    parts->watch_anew({});
    std::unique_ptr<Guest> guest(new Guest(std::move(parts)));
    if (!boot.until.empty()) {
        const RunEnd end = guest->run_to(boot.until);
        if (end.kind != EndKind::WatchedAddress) {
            return std::unexpected(fmt::format("{}: {}", boot.kernel, end.text));
        }
    }
    auto start = guest->machine().snapshot();
    if (!start) {
        return std::unexpected(start.error());
    }
    guest->parts_->start = std::move(*start);
    guest->parts_->known_at_start = guest->parts_->watchers->watch.known();
    if (auto restarted = guest->restart(); !restarted) {
        return std::unexpected(restarted.error());
    }
    return guest;
}

std::expected<void, std::string> Guest::restart()
{
    Parts& parts = *parts_;
    parts.machine->clear_stops();
    if (auto restored = parts.machine->restore(*parts.start); !restored) {
        return restored;
    }
    parts.marked.reset();
    parts.watch_anew(parts.known_at_start);
    return {};
}

RunEnd Guest::run(std::uint64_t instructions)
{
    return parts_->run(instructions);
}

RunEnd Guest::run_to(const std::string& symbol)
{
    Parts& parts = *parts_;
    const auto place = cli::parse_place(symbol, parts.files, "");
    if (!place) {
        return {EndKind::Unmodelled, 0, place.error(), {}};
    }
    const std::uint64_t last = parts.machine->instruction_count() + kLimit;
    RunEnd end = cli::run_to_address(*place, 1, *parts.machine, parts.watchers->watch.processes(), parts.guest,
                                     [&parts, last](std::uint64_t until) {
                                         return parts.run(std::min(until, last) - parts.machine->instruction_count());
                                     });
    if (end.kind != EndKind::WatchedAddress) {
        end.text = fmt::format("{} was not reached: {}", symbol, parts.watchers->log.end());
    }
    return end;
}

RunEnd Guest::run_to_ring(unsigned cpl)
{
    Parts& parts = *parts_;
    const std::uint64_t last = parts.machine->instruction_count() + kLimit;
    while (parts.machine->state().cpl != cpl) {
        const RunEnd end = parts.run(1);
        const bool goes_on = end.kind == EndKind::InstructionLimit && parts.machine->instruction_count() < last;
        if (!goes_on) {
            return end;
        }
    }
    return {EndKind::WatchedAddress, 0, fmt::format("ring {}", cpl), {}};
}

Machine& Guest::machine()
{
    return *parts_->machine;
}

const RunLog& Guest::log() const
{
    return parts_->watchers->log;
}

const RuleReport& Guest::rules() const
{
    return parts_->watchers->rules.report();
}

std::optional<std::uint64_t> Guest::address_of(const std::string& symbol) const
{
    const auto place = parts_->place_of(symbol);
    return place ? std::optional(place->address) : std::nullopt;
}

void Guest::mark()
{
    Parts& parts = *parts_;
    if (parts.machine->instruction_count() == parts.start->instruction_count()) {
        parts.marked.reset();
        return;
    }
    if (auto taken = parts.machine->snapshot()) {
        parts.marked = std::move(*taken);
        parts.known_when_marked = parts.watchers->watch.known();
    }
}

std::expected<std::string, std::string> Guest::keep(const std::string& folder)
{
    Parts& parts = *parts_;
    constexpr std::uint64_t kMostSteps = 1'000'000;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) {
        return std::unexpected(fmt::format("{}: {}", folder, failed.message()));
    }
    const std::uint64_t last = parts.machine->instruction_count();
    if (auto restored = parts.machine->restore(parts.marked ? *parts.marked : *parts.start); !restored) {
        return std::unexpected(restored.error());
    }
    parts.watch_anew(parts.marked ? parts.known_when_marked : parts.known_at_start);
    const std::string snapshot = folder + "/snapshot", steps = folder + "/steps.txt";
    if (auto written = cli::write_snapshot(snapshot, parts.files, *parts.machine, parts.watchers->watch); !written) {
        return std::unexpected(written.error());
    }
    std::ofstream file(steps, std::ios::binary);
    file << StepText::heading();
    StepText format(parts.symbols);
    const SourceLines lines(&parts.files.kernel, &parts.files.initrd, &parts.guest);
    CodeLines code(parts.symbols, lines, parts.machine->memory());
    Stepper stepper(*parts.machine, parts.watchers->watch.processes(), code, format,
                    [&file](std::string_view text) { file << text; });
    parts.watchers->watch.add(stepper);
    stepper.run(std::min(last - parts.machine->instruction_count(), kMostSteps));
    file.close();
    if (!file) {
        return std::unexpected(steps + ": cannot be written");
    }
    return fmt::format("ringcheck run {} --from {} --all\nless {}\n", parts.options.kernel, snapshot, steps);
}

} // namespace ringcheck::testing
