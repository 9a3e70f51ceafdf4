// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/snapshot.h"

#include "machine/machine.h"
#include "machine/machine_parts.h"

#include <tuple>
#include <utility>

namespace ringcheck {
namespace {

template <typename... Parts> std::tuple<Parts...> copy_of(const std::tuple<Parts&...>& parts)
{
    return parts;
}

} // namespace

struct Snapshot::Parts {
    std::shared_ptr<const RamImage> ram;
    Engine::SavedState engine;
    Interception::Saved interception;
    std::uint64_t random;
    decltype(copy_of(std::declval<Machine::Parts&>().restorable())) rest;
};

Snapshot::Snapshot(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Snapshot::~Snapshot() = default;
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;

std::uint64_t Snapshot::instruction_count() const
{
    return parts_->interception.count;
}

std::expected<Snapshot, std::string> Machine::snapshot()
{
    auto image = parts_->ram.image();
    if (!image) {
        return std::unexpected(image.error());
    }
    return Snapshot(
        std::make_unique<Snapshot::Parts>(std::move(*image), parts_->cpu.engine().save(), parts_->interception.save(),
                                          parts_->executor.processor().random_state(), copy_of(parts_->restorable())));
}

std::expected<void, std::string> Machine::restore(const Snapshot& snapshot)
{
    const Snapshot::Parts& saved = *snapshot.parts_;
    Engine& engine = parts_->cpu.engine();
    engine.before_ram_becomes(saved.ram->bytes());
    if (auto reverted = parts_->ram.revert_to(saved.ram); !reverted) {
        return reverted;
    }
    engine.restore(*saved.engine);
    parts_->restorable() = saved.rest;
    parts_->cpu.restored();
    parts_->interception.restore(saved.interception);
    parts_->executor.processor().set_random_state(saved.random);
    return {};
}

} // namespace ringcheck
