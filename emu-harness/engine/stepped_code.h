// SPDX-License-Identifier: GPL-2.0-or-later
// The pages that step mode has executed from, as they were then.  The engine keeps translations of code that a store
// through a page that is not executable has overwritten (of the store's own bytes alone it drops them), so somebody has
// to look when the page tables change.  In fast mode the gate does, block by block.
#pragma once

#include "arch/address.h"
#include "engine/interception.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <unordered_map>

namespace ringcheck {

class SteppedCode {
public:
    explicit SteppedCode(const Interception& interception) : interception_(interception) {}

    /// The instruction at `rip` is about to execute.
    void at(std::uint64_t rip)
    {
        const std::uint64_t page = rip / arch::kPageSize;
        if (page != page_ || interception_.generation() != generation_) {
            page_ = page;
            generation_ = interception_.generation();
            note(page * arch::kPageSize);
        }
    }
    /// A page is no longer what it was: the translations must go, all of them, for nothing is known of them any more.
    bool changed()
    {
        for (const auto& [host, copy] : pages_) {
            if (std::memcmp(host, copy.data(), copy.size()) != 0) {
                forget_all();
                return true;
            }
        }
        return false;
    }
    void forget_all()
    {
        pages_.clear();
        page_ = kNone;
    }

private:
    using Page = std::array<std::byte, arch::kPageSize>;
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};

    void note(std::uint64_t address)
    {
        std::byte first{};
        std::size_t read = 0;
        const std::byte* const host = interception_.read_code(address, std::span(&first, 1), read);
        if (host == nullptr) {
            return;
        }
        const auto [entry, is_new] = pages_.try_emplace(host);
        if (is_new) {
            std::memcpy(entry->second.data(), host, arch::kPageSize);
        }
    }

    const Interception& interception_;
    std::unordered_map<const std::byte*, Page> pages_;
    std::uint64_t page_ = kNone, generation_ = 0;
};

} // namespace ringcheck
