// SPDX-License-Identifier: GPL-2.0-or-later
// Booted twice: the first time tells at which instruction the prompt is there, the second stops behind it.  A machine
// that runs a little further has waited for a key, and is another one.
#include "cli/boot_point.h"

#include "cli/session.h"

#include <optional>

namespace ringcheck::cli {
namespace {

/// When the prompt is there the first time.
class PromptWatch final : public GuestObserver {
public:
    PromptWatch(const Machine& machine, std::string prompt) : machine_(machine), prompt_(std::move(prompt)) {}
    void on_console(char) override
    {
        if (!count_ && machine_.console().ends_with(prompt_)) {
            count_ = machine_.instruction_count();
        }
    }
    std::optional<std::uint64_t> count() const { return count_; }

private:
    const Machine& machine_;
    std::string prompt_;
    std::optional<std::uint64_t> count_;
};

std::optional<std::uint64_t> find_prompt(Session& session, const std::string& prompt, std::uint64_t limit)
{
    constexpr std::uint64_t kSlice = 100'000; // instructions
    PromptWatch watch(session.machine(), prompt);
    session.prepare({});
    session.watch().add(watch);
    while (!watch.count() && session.machine().instruction_count() < limit) {
        const RunEnd end = session.run_on(session.machine().instruction_count() + kSlice);
        if (end.kind != EndKind::InstructionLimit) {
            break;
        }
    }
    session.machine().set_observer(nullptr);
    return watch.count();
}

} // namespace

BootPoint::BootPoint(std::unique_ptr<Machine> machine, Snapshot snapshot, GuestKnowledge known, SharedBytes initrd)
    : snapshot_(std::move(snapshot)), known_(std::move(known)), initrd_(std::move(initrd)), config_(machine->config()),
      idle_(std::move(machine))
{
}

std::unique_ptr<BootPoint> BootPoint::boot(const GuestFiles& files, const GuestOptions& options, bool strict)
{
    const std::string& prompt = options.prompt.empty() ? files.guest.prompt : options.prompt;
    if (prompt.empty() || files.guest.run_command.empty() || !options.from.empty()) {
        return nullptr;
    }
    const auto first = Session::create(files, options, "", LogFilter::Normal);
    const auto count = first ? find_prompt(**first, prompt, options.limit) : std::nullopt;
    auto second = Session::create(files, options, "", LogFilter::Normal);
    if (!count || !second) {
        return nullptr;
    }
    Session& session = **second;
    if (strict) {
        session.check_strictly();
    }
    session.prepare({});
    for (std::uint64_t until = *count; !session.machine().console().ends_with(prompt); ++until) {
        if (session.run_on(until).kind != EndKind::InstructionLimit) {
            return nullptr;
        }
    }
    auto snapshot = session.machine().snapshot();
    if (!snapshot || session.rules().total() != 0) {
        return nullptr;
    }
    GuestKnowledge known = session.watch().known();
    return std::unique_ptr<BootPoint>(
        new BootPoint(session.release_machine(), *std::move(snapshot), std::move(known), files.initrd_bytes));
}

std::expected<std::unique_ptr<Machine>, std::string> BootPoint::take(GuestKnowledge& known)
{
    std::unique_ptr<Machine> machine = std::move(idle_);
    if (!machine) {
        auto created = Machine::create(config_);
        if (!created) {
            return std::unexpected(created.error());
        }
        machine = *std::move(created);
    }
    if (auto restored = machine->restore(snapshot_); !restored) {
        return std::unexpected(restored.error());
    }
    machine->offer_initrd(initrd_);
    machine->clear_stops();
    known = known_;
    return machine;
}

} // namespace ringcheck::cli
