// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/apic_priority.h"

#include <bit>

namespace ringcheck {

namespace {
constexpr std::uint8_t kClass = 0xf0; ///< the upper half of a vector or a priority
} // namespace

std::optional<std::uint8_t> VectorSet::highest() const
{
    for (unsigned index = static_cast<unsigned>(words_.size()); index-- > 0;) {
        if (words_[index] != 0) {
            const auto bit = static_cast<unsigned>(std::bit_width(words_[index])) - 1;
            return static_cast<std::uint8_t>(index * 32 + bit);
        }
    }
    return std::nullopt;
}

void ApicPriority::request(std::uint8_t vector, bool level)
{
    requested_.insert(vector);
    if (level) {
        level_.insert(vector);
    } else {
        level_.erase(vector);
    }
}

std::uint8_t ApicPriority::processor_priority() const
{
    const auto service = static_cast<std::uint8_t>(in_service_.highest().value_or(0) & kClass);
    return (task_priority_ & kClass) >= service ? task_priority_ : service;
}

std::optional<std::uint8_t> ApicPriority::deliverable() const
{
    const auto best = requested_.highest();
    return best && (*best & kClass) > (processor_priority() & kClass) ? best : std::nullopt;
}

void ApicPriority::take(std::uint8_t vector)
{
    requested_.erase(vector);
    in_service_.insert(vector);
}

std::optional<std::uint8_t> ApicPriority::end_of_interrupt()
{
    const auto ended = in_service_.highest();
    if (!ended) {
        return std::nullopt;
    }
    in_service_.erase(*ended);
    return level_.contains(*ended) ? ended : std::nullopt;
}

} // namespace ringcheck
