// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/snapshot.h"

#include "machine/cpu_fields.h"
#include "machine/cpu_option.h"
#include "machine/machine.h"
#include "machine/machine_parts.h"
#include "machine/ram_pages.h"
#include "machine/saved_fields.h"
#include "machine/snapshot_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace ringcheck {
namespace {

std::vector<SnapshotSection> save_devices(const auto& parts)
{
    std::vector<SnapshotSection> saved;
    const auto save = [&](const char* name, const auto& part) { saved.push_back({name, to_bytes(part)}); };
    save("executor", parts.executor);
    parts.board.each_saved(save);
    return saved;
}

/// The name of the first part that cannot be what is saved, or nullptr: all are what was saved.
const char* put_back(auto& parts, std::span<const SnapshotSection> saved)
{
    const char* failed = nullptr;
    const auto put = [&](const char* name, auto& part) {
        const auto found = std::ranges::find(saved, name, &SnapshotSection::name);
        if (failed == nullptr && (found == saved.end() || !from_bytes(found->bytes, part))) {
            failed = name;
        }
    };
    put("executor", parts.executor);
    parts.board.each_saved(put);
    return failed;
}

std::unexpected<std::string> impossible(std::string_view section)
{
    return std::unexpected(
        fmt::format("this snapshot is damaged: no machine can be in the state that its section '{}' tells", section));
}

/// The configuration in the words of the command line.
std::string describe(const MachineConfig& config)
{
    return fmt::format("--ram {}M --cpu {}", config.ram_bytes >> 20, cpu_option(config.vendor, config.offered()));
}

} // namespace

/// What of the configuration a snapshot depends on: all but how it is executed.
template <typename T>
    requires std::same_as<std::remove_const_t<T>, MachineConfig>
auto saved_fields(T& config)
{
    auto& [ram_bytes, vendor, features, power_off_value, mode] = config;
    return std::tie(ram_bytes, vendor, features, power_off_value);
}

struct Snapshot::Parts {
    MachineConfig config;
    std::shared_ptr<const RamImage> ram;
    model::CpuState cpu;
    model::FloatState floats;
    model::LastX87 last_x87;
    Interception::Saved interception;
    std::vector<SnapshotSection> devices; ///< what save_devices() gave, and maybe others
    mutable bool proven = false;          ///< a machine has been in this state
};

Snapshot::Snapshot(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Snapshot::~Snapshot() = default;
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;

std::uint64_t Snapshot::instruction_count() const
{
    return parts_->interception.count;
}

void Snapshot::save_to(SnapshotFile& file) const
{
    file.add("config", to_bytes(parts_->config));
    file.add("cpu", to_bytes(parts_->cpu));
    file.add("floats", to_bytes(parts_->floats));
    file.add("x87", to_bytes(parts_->last_x87));
    file.add("retired", to_bytes(parts_->interception));
    for (const SnapshotSection& section : parts_->devices) {
        file.add(section.name, section.bytes);
    }
    file.add("ram", compress_pages(parts_->ram->bytes()));
}

std::expected<Snapshot, std::string> Snapshot::load_from(const SnapshotFile& file)
{
    auto parts = std::make_unique<Parts>();
    const auto get = [&file](const char* name, auto& object) {
        const std::vector<std::byte>* const bytes = file.find(name);
        return bytes != nullptr && from_bytes(*bytes, object);
    };
    if (!get("config", parts->config) || !check(parts->config)) {
        return impossible("config");
    }
    if (!get("cpu", parts->cpu) || !possible(parts->cpu)) {
        return impossible("cpu");
    }
    if (!get("floats", parts->floats)) {
        return impossible("floats");
    }
    if (!get("x87", parts->last_x87)) {
        return impossible("x87");
    }
    constexpr unsigned kCountBits = 62; // or the time would wrap
    if (!get("retired", parts->interception) || parts->interception.count >> kCountBits != 0) {
        return impossible("retired");
    }
    // The others are put into a machine before they are known to be right: Machine::restore().
    parts->devices = file.sections();
    std::erase_if(parts->devices, [](const SnapshotSection& section) { return section.name == "ram"; });
    const std::vector<std::byte>* const ram = file.find("ram");
    auto image = RamImage::create(parts->config.ram_bytes);
    if (!image) {
        return std::unexpected(image.error());
    }
    if (ram == nullptr || !decompress_pages(*ram, (*image)->bytes())) {
        return impossible("ram");
    }
    parts->ram = std::move(*image);
    return Snapshot(std::move(parts));
}

std::expected<Snapshot, std::string> Machine::snapshot()
{
    auto image = parts_->ram.image();
    if (!image) {
        return std::unexpected(image.error());
    }
    auto parts = std::make_unique<Snapshot::Parts>();
    Engine& engine = parts_->cpu.engine();
    *parts = {parts_->config,    std::move(*image),           engine.state(),        engine.floats(),
              engine.last_x87(), parts_->interception.save(), save_devices(*parts_), true};
    return Snapshot(std::move(parts));
}

std::expected<void, std::string> Machine::restore(const Snapshot& snapshot)
{
    const Snapshot::Parts& saved = *snapshot.parts_;
    if (fields_of(saved.config) != fields_of(parts_->config)) {
        return std::unexpected(fmt::format("this snapshot was made with {}, and this machine is one with {}: use the "
                                           "same",
                                           describe(saved.config), describe(parts_->config)));
    }
    // From a file, devices may be in a state that they cannot be in.  The time has to be right before they are.
    Interception& interception = parts_->interception;
    const Interception::Saved interception_before = interception.save();
    const std::vector<SnapshotSection> devices_before =
        saved.proven ? std::vector<SnapshotSection>() : save_devices(*parts_);
    interception.restore(saved.interception);
    if (const char* const failed = put_back(*parts_, saved.devices)) {
        interception.restore(interception_before);
        put_back(*parts_, devices_before);
        return impossible(failed);
    }
    saved.proven = true;

    Engine& engine = parts_->cpu.engine();
    engine.before_ram_becomes(saved.ram->bytes());
    if (auto reverted = parts_->ram.revert_to(saved.ram); !reverted) {
        return reverted;
    }
    engine.set_floats(saved.floats);
    engine.set_last_x87(saved.last_x87);
    engine.set_state(saved.cpu);
    engine.flush_tlb();
    parts_->cpu.restored();
    interception.restore(saved.interception); // the translation's change has forgotten what came last
    return {};
}

} // namespace ringcheck
